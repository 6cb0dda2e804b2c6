//! Licences, sources and known vulnerabilities of the dependencies, by cargo-deny.

use crate::shell;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// The version that is built where there is none.
const VERSION: &str = "0.20.2";

/// Runs cargo-deny over the workspace, by the rules of `deny.toml`.
///
/// The advisory database stands on a git host. Where that cannot be reached everything else is
/// checked, and the gap is said aloud: an advisory must not turn a day without network red.
pub(crate) fn run() -> Result<()> {
    let deny = tool()?;
    let ask = |arguments: &[&str]| {
        let mut command = Command::new(&deny);
        command.current_dir(shell::root()).args(arguments);
        command
    };
    shell::run(&mut ask(&["check", "licenses", "bans", "sources"]))?;
    if shell::run(&mut ask(&["fetch", "db"])).is_err() {
        eprintln!("warning: ADVISORIES WERE SKIPPED: their database could not be fetched");
        return Ok(());
    }
    shell::run(&mut ask(&["check", "--disable-fetch", "advisories"]))
}

fn tool() -> Result<PathBuf> {
    let ours = shell::root().join("target/tools");
    let built = ours.join("bin/cargo-deny");
    if let Some(found) =
        shell::find("cargo-deny").or_else(|| built.is_file().then(|| built.clone()))
    {
        return Ok(found);
    }
    eprintln!("building cargo-deny {VERSION}, once; this takes some minutes");
    let install = ["install", "--locked", "--quiet", "--version", VERSION, "cargo-deny", "--root"];
    shell::run(shell::cargo().args(install).arg(ours))?;
    Ok(built)
}
