//! Whether a build ID that varies makes a file grow, and what breaks the same bytes: the experiment.

use crate::shell;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const ROUNDS: &str = "100";

/// Runs the reproduction of the smallest program, and of one with C code, and keeps the tables.
pub(super) fn run(elfin: &Path) -> Result<()> {
    let mut page = "Written by `cargo xtask bench repro`.\n".to_owned();
    for (name, rounds) in [("hello", ROUNDS), ("mixed", "0")] {
        let folder = shell::root().join("corpus").join(name);
        let mut repro = shell::command(&elfin.to_string_lossy());
        repro.current_dir(&folder).args(["repro", ".", "--md", "--rounds", rounds]);
        // Settings of this machine are not the program's.
        repro.env("GOENV", "off").env_remove("GOFLAGS");
        let output = repro.stderr(std::process::Stdio::inherit()).output();
        let output = output.with_context(|| format!("{}", elfin.display()))?;
        // 1 is an answer.
        anyhow::ensure!(matches!(output.status.code(), Some(0 | 1)), "{name}: {}", output.status);
        let text = String::from_utf8(output.stdout)?;
        let title = format!("# {name} ");
        let _ = write!(page, "\n{}", text.replacen("# . ", &title, 1));
    }
    let path = shell::root().join("docs/results/repro.md");
    fs::write(&path, page).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
