//! Real programs, built by the Go of this machine and packed once per run.
//!
//! A tool that is missing makes its test say so and pass.

use elfin_pack::Effort;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// How a program is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Built {
    Exe,
    Pie,
    CgoExe,
    CgoPie,
}

impl Built {
    pub(crate) const PURE: [Built; 2] = [Built::Exe, Built::Pie];
    pub(crate) const CGO: [Built; 2] = [Built::CgoExe, Built::CgoPie];
}

/// A program in its two forms, in a folder of its own.
pub(crate) struct Pair {
    pub plain: PathBuf,
    pub packed: PathBuf,
}

/// The program with all that is tried, plain and packed.
pub(crate) fn pair(built: Built) -> Option<&'static Pair> {
    type Kept = Mutex<HashMap<Built, Option<&'static Pair>>>;
    static PAIRS: OnceLock<Kept> = OnceLock::new();
    let mut kept = PAIRS.get_or_init(Mutex::default).lock().unwrap();
    *kept.entry(built).or_insert_with(|| {
        let (source, cgo) = match built {
            Built::Exe | Built::Pie => ("gauntlet", "0"),
            Built::CgoExe | Built::CgoPie => ("cgo", "1"),
        };
        let mode = match built {
            Built::Exe | Built::CgoExe => "-buildmode=exe",
            Built::Pie | Built::CgoPie => "-buildmode=pie",
        };
        let plain = build(source, &["-ldflags=-s -w", mode], &[("CGO_ENABLED", cgo)])?;
        let effort = if built == Built::CgoPie { Effort::Small } else { Effort::Fast };
        let packed = elfin_pack::pack(&fs::read(&plain).unwrap(), effort).unwrap();
        let path = plain.with_extension("packed");
        write(&path, &packed);
        Some(&*Box::leak(Box::new(Pair { plain, packed: path })))
    })
}

/// Builds a source that stands beside these tests; the file is there until the tests end.
pub(crate) fn build(
    source: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Option<PathBuf> {
    let folder = folder().join(format!("{source}{}", arguments.concat().replace([' ', '='], "")));
    fs::create_dir_all(&folder).unwrap();
    let out = folder.join("program");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&out).args(arguments).arg(format!("{source}.go"));
    go.current_dir(programs).env("GO111MODULE", "off").env_remove("GOFLAGS");
    go.envs(environment.iter().copied());
    let Ok(status) = go.status() else {
        skipped("go is not on this machine");
        return None;
    };
    assert!(status.success(), "go build {source}");
    Some(out)
}

/// Says that something was not tried.
#[expect(clippy::print_stderr, reason = "that is where tests say it")]
pub(crate) fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// Writes a program.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    // Another process writes it: what this one has open for writing, a thread that starts a program
    // at this moment hands on, and what is open for writing cannot be started.
    let bytes_alone = path.with_added_extension("bytes");
    fs::write(&bytes_alone, bytes).unwrap();
    fs::set_permissions(&bytes_alone, fs::Permissions::from_mode(0o755)).unwrap();
    let mut copy = Command::new("cp");
    copy.args(["-p", "--remove-destination"]).arg(&bytes_alone).arg(path);
    assert!(copy.status().unwrap().success());
}

/// A folder that is there until the tests end.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packed");
        fs::create_dir_all(&path).unwrap();
        path
    })
}

/// Runs a command to its end, which must come.
pub(crate) fn ended(command: &mut Command) -> Output {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
            panic!("{command:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().unwrap()
}

/// What a program says, in the words of both outputs, and how it ends.
pub(crate) fn says(program: &Path, words: &[&str]) -> (String, String, Option<i32>) {
    told(&ended(Command::new(program).args(words)))
}

/// An output as text.
pub(crate) fn told(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}
