//! Real programs for the tests, built once per run by the tools of this machine.
//!
//! A tool that is missing makes its test say so and pass; nothing is committed as a binary.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// The C program: small enough to be damaged at every bit.
const C: &str = "#include <stdio.h>\n#include <pthread.h>\n\
    static void *run(void *it) { return it; }\n\
    int main(void) { pthread_t t; return pthread_create(&t, 0, run, stdout); }\n";

/// Builds the corpus's hello with `go build` and these arguments and environment.
pub(crate) fn hello(environment: &[(&str, &str)], arguments: &[&str]) -> Option<Vec<u8>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/hello");
    let mut go = Command::new("go");
    go.current_dir(package).envs(environment.iter().copied()).arg("build").args(arguments);
    built("go build", go)
}

/// Builds a C program that needs a library with versions.
pub(crate) fn c_program(arguments: &[&str]) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let source = scratch.path().join("program.c");
    std::fs::write(&source, C).unwrap();
    let mut cc = Command::new("cc");
    cc.args(arguments).arg(&source).arg("-pthread");
    built("cc", cc)
}

/// Packs a program with UPX.
pub(crate) fn packed(program: &[u8]) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("unpacked");
    std::fs::write(&path, program).unwrap();
    // UPX takes only what could be started.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut upx = Command::new("upx");
    upx.arg("-1").arg(path);
    built("upx", upx)
}

/// What a tool prints about a file.
pub(crate) fn says(tool: &str, arguments: &[&str], file: &[u8]) -> Option<String> {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("file");
    std::fs::write(&path, file).unwrap();
    let output = run(tool, Command::new(tool).args(arguments).arg(&path).env("LC_ALL", "C"))?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn built(tool: &str, mut command: Command) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let output = run(tool, command.arg("-o").arg(&out))?;
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    Some(std::fs::read(out).unwrap())
}

fn run(tool: &str, command: &mut Command) -> Option<std::process::Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("SKIPPED: {tool} cannot be started ({error}); install it to have this test");
            None
        }
    }
}
