//! Everything about the source that a machine can judge.

use crate::{shell, tidy};
use anyhow::Result;

/// Runs rustfmt, clippy, rustdoc and the house's own rules; warnings are errors.
pub(crate) fn run() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::run(shell::cargo().args(clippy))?;
    let doc = ["doc", "--workspace", "--no-deps", "--document-private-items"];
    shell::run(shell::cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    tidy::run()
}
