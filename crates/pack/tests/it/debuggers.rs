//! gdb attached to a packed program that runs finds the debug file that slim wrote.

use crate::programs::{build, folder, skipped, told, write};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn gdb_attaches_and_shows_functions_and_lines() {
    for mode in ["-buildmode=exe", "-buildmode=pie"] {
        let environment = [("CGO_ENABLED", "0")];
        let Some(plain) = build("gauntlet", &["-gcflags=main=-l", mode], &environment) else {
            return;
        };
        let name = format!("debugged{mode}");
        let debug = format!("{name}.debug");
        let options = elfin_shrink::Options { debug_file: Some(&debug), ..Default::default() };
        let plain = std::fs::read(&plain).unwrap();
        let slimmed = elfin_shrink::slim(&plain, &options).unwrap();
        let program = elfin_pack::pack(&slimmed.program.to_vec(), elfin_pack::Effort::Fast);
        let path = folder().join(&name);
        write(&path, &program.unwrap());
        std::fs::write(folder().join(&debug), slimmed.debug.unwrap().to_vec()).unwrap();
        let mut child = Command::new(&path);
        let mut child = child.arg("wait").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let mut gdb = Command::new("gdb");
        gdb.args(["-nx", "-batch", "-ex", "set debuginfod enabled off"]);
        gdb.args(["-ex", &format!("attach {}", child.id())]);
        gdb.args(["-ex", "backtrace 3", "-ex", "info line main.burn", "-ex", "x/i &'main.burn'"]);
        let said = gdb.stdin(Stdio::null()).output().map(|it| told(&it));
        child.kill().unwrap();
        child.wait().unwrap();
        let Ok((said, error, _)) = said else { return skipped("gdb is not on this machine") };
        if error.contains("ptrace: Operation not permitted") {
            return skipped("attaching is not permitted");
        }
        assert!(said.contains("in runtime.") && said.contains(".go:"), "{mode} {said} {error}");
        assert!(said.contains("gauntlet.go\" starts at address"), "{mode} {said} {error}");
        assert!(said.contains("<main.burn>:"), "{mode} {said} {error}");
    }
}
