//! The README's first command: from a fresh clone to a report.

use crate::{setup, shell};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The bundled server, and how it is started.
pub(crate) const SERVER: &str = "./corpus/server";
pub(crate) const START_SERVER: [&str; 4] =
    ["--run", "-addr 127.0.0.1:0", "--ready", "stdout:listening on"];

/// Sets up, builds, and runs the lab on the bundled server; elfin says where its report is.
///
/// The build is the one that the tests use: whoever goes on to them does not compile twice.
pub(crate) fn run() -> Result<()> {
    setup::run(false)?;
    let elfin = elfin(&[])?;
    let mut lab = shell::command(&elfin.to_string_lossy());
    shell::run(lab.args(["lab", SERVER]).args(START_SERVER).args(["--out", "elfin-lab/server"]))
}

/// Builds the bundled server, with these flags besides.
pub(crate) fn server(file: &Path, flags: &[&str], cgo: &str) -> Result<()> {
    // It is a module of its own.
    let mut build = shell::command("go");
    build.args(["-C", SERVER, "build", "-o"]).arg(file).args(flags);
    shell::run(build.arg(".").env("CGO_ENABLED", cgo))
}

/// Builds elfin, with these flags besides, and tells where it is.
pub(crate) fn elfin(flags: &[&str]) -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--package", "elfin"]).args(flags))?;
    let profile = if flags.contains(&"--release") { "release" } else { "debug" };
    Ok(built(profile, "elfin"))
}

/// Tells where a program is that the tests of the workspace are built with.
///
/// By itself it is built with other features of what it depends on: all is compiled once more.
pub(crate) fn as_tested(program: &str) -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--quiet", "--workspace", "--all-targets"]))?;
    Ok(built("debug", program))
}

fn built(profile: &str, program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    shell::root().join(target).join(profile).join(program)
}
