//! Real debuggers, the slim program and its debug file.

use crate::programs::{Folder, build};
use crate::slims::{moving, packed, static_pie};
use elfin_shrink::{Options, slim};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Writes program and debug file as the command would.
fn folder((arguments, options): (&[&str], Options<'_>)) -> Option<Folder> {
    let data = build("locals", arguments, &["CGO_ENABLED=0"])?;
    let slimmed = slim(&data, &options).unwrap();
    let folder = Folder::new();
    folder.write("program", &slimmed.program.to_vec());
    folder.write("program.debug", &slimmed.debug.unwrap().to_vec());
    Some(folder)
}

/// Each way of building, and of slimming.
fn modes() -> [(&'static [&'static str], Options<'static>); 3] {
    const EXE: &[&str] = &["-gcflags=all=-N -l"];
    const PIE: &[&str] = &["-gcflags=all=-N -l", "-buildmode=pie"];
    [(EXE, packed()), (PIE, packed()), (PIE, static_pie())]
}

#[test]
fn gdb_breaks_by_name_and_by_line_and_prints_locals() {
    for mode in modes() {
        let Some(folder) = folder(mode) else { return };
        let symbol = "print &'runtime.m0'";
        let orders =
            ["break main.main", "run", "break locals.go:8", "continue", "info locals", symbol];
        let orders = orders.iter().flat_map(|order| ["-ex", order]);
        let call: Vec<&str> =
            ["-nx", "-batch"].into_iter().chain(orders).chain(["program"]).collect();
        let Some(output) = folder.run("gdb", &call) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("word = \"forty-two\"") || said.contains("forty-two"), "{said}");
        assert!(said.contains("Breakpoint 2, main.main"), "{said}");
        assert!(said.contains("<runtime.m0>"), "an address of data has no name: {said}");
        let warned = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!warned.contains("not found in"), "a section is missed: {warned}");
    }
}

#[test]
fn delve_breaks_by_line_and_prints_locals() {
    for mode in modes() {
        let Some(folder) = folder(mode) else { return };
        folder.write("orders", b"break locals.go:8\ncontinue\nlocals\nexit\n");
        let call =
            ["exec", "--allow-non-terminal-interactive=true", "--init", "orders", "./program"];
        let Some(output) = folder.run("dlv", &call) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("word = \"forty-two\""), "{said}\n{output:?}");
    }
}

/// A debugger finds a program that moved itself, and one that did not.
#[test]
fn gdb_attaches_to_what_runs_and_prints_locals() {
    const FLAGS: &[&str] = &["-gcflags=all=-N -l", "-buildmode=pie"];
    let Some(data) = build("waits", FLAGS, &["CGO_ENABLED=0"]) else { return };
    for options in [packed(), static_pie(), moving()] {
        let folder = Folder::new();
        let slimmed = slim(&data, &options).unwrap();
        let path = folder.write("program", &slimmed.program.to_vec());
        folder.write("program.debug", &slimmed.debug.unwrap().to_vec());
        let mut child = Command::new(path).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let id = child.id().to_string();
        let orders = ["-ex", "set print frame-arguments all", "-ex", "thread apply all bt"];
        let call = [&["-nx", "-batch", "-p", &id], &orders[..]].concat();
        let said = folder.run("gdb", &call);
        child.kill().unwrap();
        child.wait().unwrap();
        let Some(said) = said else { return };
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            said.contains("main.wait (word=") && said.contains("forty-two"),
            "{options:?} {said}"
        );
    }
}

#[test]
fn readers_of_elf_have_nothing_to_complain_of() {
    for mode in modes() {
        let Some(folder) = folder(mode) else { return };
        for file in ["program", "program.debug"] {
            let Some(output) = folder.run("readelf", &["-aW", file]) else { return };
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.is_empty(), "{file}: {said}");
        }
        // Go's reader of ELF, which Delve has, is stricter.
        let listed = folder.run("go", &["tool", "nm", "program.debug"]).unwrap();
        assert!(String::from_utf8_lossy(&listed.stdout).contains("main.main"), "{listed:?}");
        let version = folder.run("go", &["version", "-m", "program"]).unwrap();
        assert!(String::from_utf8_lossy(&version.stdout).contains("-gcflags"), "{version:?}");
    }
}
