//! What the tests run: small programs made on the spot, and what is asked about processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use elfin_process::{Cancel, Program, Tool, find};

/// Longer than anything here takes, on the busiest machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Compiles a C program of `tests/programs` into `folder`.
pub(crate) fn compile(name: &str, options: &[&str], folder: &Path) -> PathBuf {
    let program = folder.join(name);
    let source = sources().join(name).with_extension("c");
    let tool = Tool::new("cc").args(options).arg("-o").arg(&program).arg(source);
    run(&tool);
    program
}

/// Builds a Go program of `tests/programs` into `folder`; `None`, loudly, where there is no Go.
pub(crate) fn go_build(name: &str, options: &[&str], folder: &Path) -> Option<PathBuf> {
    if find("go").is_none() {
        eprintln!("skipped: no Go on this machine");
        return None;
    }
    let program = folder.join(name);
    let source = sources().join(name).with_extension("go");
    let tool = Tool::new("go").arg("build").args(options).arg("-o").arg(&program).arg(source);
    run(&tool.env("CGO_ENABLED", "0").env("GO111MODULE", "off"));
    Some(program)
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

fn run(tool: &Tool) {
    let output = tool.run(&Cancel::new()).unwrap();
    assert!(output.exit.success(), "{}: {}", tool.line(), String::from_utf8_lossy(&output.stderr));
}

/// A shell that runs `script`.
pub(crate) fn shell(script: &str) -> Program {
    let arguments = vec!["-c".into(), script.into()];
    Program { path: "/bin/sh".into(), arguments, ..Program::default() }
}

/// Waits until no such process runs; one that has ended and that nobody reaps does not run.
pub(crate) fn assert_gone(pid: &str) {
    for _ in 0..1000 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(')').map(|(_, fields)| fields.trim_start());
        if state.is_none_or(|state| state.starts_with('Z')) {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("process {pid} is still there");
}
