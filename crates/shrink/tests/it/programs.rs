//! Real programs for the tests, built once per run by the tools of this machine.
//!
//! A tool that is missing makes its test say so and pass.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};

/// How a program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Built {
    Exe,
    Pie,
    CgoExe,
    CgoPie,
    Stripped,
    Arm64Exe,
    Arm64Pie,
    Panics,
    PanicsPie,
}

impl Built {
    /// Those that this machine can start.
    pub(crate) const RUN: [Built; 5] =
        [Built::Exe, Built::Pie, Built::CgoExe, Built::CgoPie, Built::Stripped];

    fn how(self) -> (&'static str, &'static [&'static str], &'static str) {
        match self {
            Built::Exe => ("hello", &[], "CGO_ENABLED=0"),
            Built::Pie => ("hello", &["-buildmode=pie"], "CGO_ENABLED=0"),
            Built::CgoExe => ("cgo", &[], "CGO_ENABLED=1"),
            Built::CgoPie => ("cgo", &["-buildmode=pie"], "CGO_ENABLED=1"),
            Built::Stripped => ("hello", &["-ldflags=-s -w"], "CGO_ENABLED=0"),
            Built::Arm64Exe => ("hello", &[], "GOARCH=arm64"),
            Built::Panics => ("panics", &[], "CGO_ENABLED=0"),
            Built::PanicsPie => ("panics", &["-buildmode=pie"], "CGO_ENABLED=0"),
            Built::Arm64Pie => ("hello", &["-buildmode=pie"], "GOARCH=arm64"),
        }
    }
}

/// The bytes of a program.
pub(crate) fn program(built: Built) -> Option<Vec<u8>> {
    static BUILT: OnceLock<Mutex<HashMap<Built, Option<Vec<u8>>>>> = OnceLock::new();
    let mut kept = BUILT.get_or_init(Mutex::default).lock().unwrap();
    let made = kept.entry(built).or_insert_with(|| {
        let (package, arguments, environment) = built.how();
        build(package, arguments, &[environment, "GOFLAGS=-buildvcs=false"])
    });
    made.clone()
}

/// Builds a package of the corpus, or the source that stands beside these tests.
pub(crate) fn build(package: &str, arguments: &[&str], environment: &[&str]) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = root.join("../../corpus").join(package);
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&out).args(arguments);
    for variable in environment {
        let (name, value) = variable.split_once('=').unwrap();
        go.env(name, value);
    }
    if corpus.is_dir() {
        go.current_dir(corpus).arg(".");
    } else {
        go.current_dir(root.join("tests/programs")).arg(format!("{package}.go"));
    }
    let output = run("go", &mut go)?;
    assert!(output.status.success(), "go: {}", String::from_utf8_lossy(&output.stderr));
    Some(std::fs::read(out).unwrap())
}

/// A folder with programs that can be started.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs a tool here; `None` where it is not on this machine.
    pub(crate) fn run(&self, tool: &str, arguments: &[&str]) -> Option<Output> {
        // What `cargo xtask setup` had to build lies there.
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin").join(tool);
        let found = if built.is_file() { built } else { tool.into() };
        run(tool, Command::new(found).args(arguments).current_dir(&self.0).env("LC_ALL", "C"))
    }

    /// Strips a program as packagers do, who know nothing of elfin: it must say the same after.
    pub(crate) fn stays_what_it_is(&self, program: &[u8], says: &str) {
        let strips: [(&str, &[&str]); 3] =
            [("strip", &["-s"]), ("llvm-strip", &["-s"]), ("eu-strip", &[])];
        self.write("slim", program);
        for (tool, arguments) in strips {
            let call = [arguments, &["-o", "stripped", "slim"]].concat();
            let Some(output) = self.run(tool, &call) else { continue };
            assert!(output.status.success(), "{tool}: {output:?}");
            let stripped = self.run("cat", &["stripped"]).unwrap().stdout;
            assert_eq!(self.says(&stripped, ""), says, "{tool}");
        }
    }

    /// Starts a program with a setting of GODEBUG; gives what it printed, if it ended well.
    pub(crate) fn says(&self, program: &[u8], godebug: &str) -> String {
        let path = self.write("program", program);
        let mut command = Command::new(path);
        command.env("GODEBUG", godebug);
        let output = run("program", &mut command).unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// True if a tool is on this machine; says so where not.
pub(crate) fn is_there(tool: &str) -> bool {
    run(tool, Command::new(tool).arg("--version")).is_some()
}

fn run(tool: &str, command: &mut Command) -> Option<Output> {
    loop {
        match command.output() {
            Ok(output) => return Some(output),
            // A test that forks while another writes holds the file for a moment.
            Err(busy) if busy.kind() == ErrorKind::ExecutableFileBusy => {}
            Err(error) => {
                eprintln!("SKIPPED: {tool} cannot be started ({error}); install it for this test");
                return None;
            }
        }
    }
}
