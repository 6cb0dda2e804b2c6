//! Feeds damaged programs to what reads bytes, on stable Rust; see fuzz/.

use crate::{demo, shell};
use anyhow::{Context, Result};
use std::fs;

/// The programs that are damaged, small ones, each with its arguments of `go build` and CGO_ENABLED.
const PROGRAMS: [(&str, &[&str], &str); 3] = [
    ("exe", &["-ldflags=-compressdwarf=false"], "0"),
    ("pie", &["-buildmode=pie"], "0"),
    ("stripped", &["-buildmode=pie", "-ldflags=-s -w"], "0"),
];
/// What is fed.
pub(crate) const TARGETS: [&str; 8] =
    ["elf", "golang", "ledger", "weigh", "shrink", "unslim", "pack-image", "unpack"];

/// Feeds one target, or all, each for so many seconds.
///
/// Returns an error if something was found.
pub(crate) fn run(target: Option<&str>, seconds: u64, seed: u64) -> Result<()> {
    let folder = shell::root().join("target/fuzz");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    for (name, arguments, cgo) in PROGRAMS {
        let mut go = shell::command("go");
        go.current_dir(shell::root().join("corpus/hello")).env("CGO_ENABLED", cgo);
        go.env("GOFLAGS", "-buildvcs=false").args(["build", "-o"]).arg(folder.join(name));
        shell::run(go.args(arguments).arg("."))?;
    }
    let program = demo::as_tested("elfin-fuzz")?;
    let (seconds, seed) = (seconds.to_string(), seed.to_string());
    for target in TARGETS.iter().filter(|it| target.is_none_or(|target| target == **it)) {
        let mut fuzz = shell::command(&program.to_string_lossy());
        fuzz.arg(target).args(["--seconds", &seconds, "--seed", &seed]);
        shell::run(fuzz.args(PROGRAMS.map(|(name, ..)| folder.join(name))))?;
    }
    Ok(())
}
