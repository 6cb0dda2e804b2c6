//! Real programs for the tests, built by the tools of this machine.
//!
//! A tool that is missing makes its test say so and pass.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Builds a program of the corpus with `go build` and these arguments and environment.
pub(crate) fn go(
    program: &str,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Option<Vec<u8>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus").join(program);
    let mut go = Command::new("go");
    go.current_dir(package).envs(environment.iter().copied());
    built("go", go.args(["build", "-trimpath"]).args(arguments))
}

/// Builds the program of these files with `go build` and these arguments and environment.
pub(crate) fn go_sources(
    files: &[(&str, String)],
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut go = Command::new("go");
    go.current_dir(folder.path()).envs(environment.iter().copied());
    built("go", go.args(["build", "-trimpath"]).args(arguments))
}

/// Gives a program to a tool that writes another one.
pub(crate) fn changed(tool: &str, arguments: &[&str], program: &[u8]) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("program");
    std::fs::write(&path, program).unwrap();
    // UPX takes only what could be started.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    built(tool, Command::new(tool).args(arguments).arg(&path))
}

fn built(tool: &str, command: &mut Command) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    match command.arg("-o").arg(&out).output() {
        Ok(output) if output.status.success() => Some(std::fs::read(out).unwrap()),
        Ok(output) => panic!("{tool}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("SKIPPED: {tool} cannot be started ({error}); install it to have this test");
            None
        }
    }
}

/// Takes the section headers of a 64-bit program away.
pub(crate) fn without_sections(mut program: Vec<u8>) -> Vec<u8> {
    program[0x28..0x30].fill(0); // e_shoff
    program[0x3c..0x40].fill(0); // e_shnum, e_shstrndx
    program
}
