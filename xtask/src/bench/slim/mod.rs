//! What slim leaves beside what the strips of others leave, and whether all of it is still there.
//!
//! docs/results/slim.md has a part for sizes and proofs over the corpus, and one
//! for each thing that is measured on programs of this machine's Go. A part
//! that was not run stays as it was.

mod bits;
mod download;
mod proofs;
mod sizes;
mod times;

use crate::corpus::{self, Scope};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// What stands before each part.
const HEADS: [&str; 4] =
    ["## Sizes and proofs", "## Time and memory", "## Address bits", "## Downloads"];

/// What is measured on programs of this machine's Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Figures {
    /// Time and memory beside other tools.
    Times,
    /// The bits of an address that chance decides.
    Bits,
    /// What another order of segments would save in a download.
    Download,
}

/// Measures, and writes each part as it is done.
///
/// Returns an error if a program cannot be built.
pub(super) fn figures(elfin: &Path, which: &[Figures]) -> Result<()> {
    for one in which {
        match one {
            Figures::Times => keep(1, &times::run(elfin)?)?,
            Figures::Bits => keep(2, &bits::run(elfin)?)?,
            Figures::Download => keep(3, &download::run(elfin)?)?,
        }
    }
    Ok(())
}

/// Runs over the files of the corpus that have one of `only` in their name.
///
/// Returns an error if a file is larger than promised or a proof fails; the table is written first.
pub(super) fn run(elfin: &Path, scope: Scope, only: &str) -> Result<()> {
    for (tool, package) in [("eu-strip", "elfutils"), ("qemu-aarch64-static", "qemu-user-static")] {
        if shell::find(tool).is_none() {
            crate::setup::package(package);
        }
    }
    let programs = corpus::plain(scope, only)?;
    ensure!(!programs.is_empty(), "no program of the corpus has {only} in its name");
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for program in &programs {
        println!("{}", program.name);
        let sizes = sizes::of(elfin, program)?;
        let proofs = proofs::of(elfin, program)?;
        let known = wrong.len();
        wrong.extend(sizes.wrong(program));
        wrong.extend(proofs.failed.iter().map(|it| format!("{}: {it}", program.name)));
        wrong.iter().skip(known).for_each(|it| println!("  {it}"));
        rows.push(format!("{} {}/{} |", sizes.row(program), proofs.held, proofs.all()));
    }
    let quick = if scope == Scope::Quick { " --quick" } else { "" };
    let part = if only.is_empty() { String::new() } else { format!(" --only {only}") };
    let command = format!("`cargo xtask bench slim{quick}{part}`, {} files", rows.len());
    let mut table = format!("{command}. {}\n{}", sizes::ABOUT, sizes::head());
    rows.iter().for_each(|row| table.push_str(&format!("\n{row}")));
    let list = wrong.iter().map(|it| format!("\n* {it}")).collect::<String>();
    let list = if wrong.is_empty() { "\nEverything held.".to_owned() } else { list };
    keep(0, &format!("{table}\n\n{}\n{list}\n", proofs::ABOUT))?;
    ensure!(wrong.is_empty(), "{} promises were not kept:\n  {}", wrong.len(), wrong.join("\n  "));
    Ok(())
}

/// Replaces a part of the results.
fn keep(part: usize, text: &str) -> Result<()> {
    let path = shell::root().join("docs/results/slim.md");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut parts = HEADS.map(|head| {
        let behind = old.split_once(head).map_or("\nNot run yet.\n", |(_, behind)| behind);
        behind.split("\n## ").next().unwrap_or_default().trim().to_owned()
    });
    if let Some(old) = parts.get_mut(part) {
        *old = text.trim().to_owned();
    }
    let mut whole = "# What `elfin slim` leaves\n".to_owned();
    for (head, text) in HEADS.iter().zip(parts) {
        whole.push_str(&format!("\n{head}\n\n{text}\n"));
    }
    fs::write(&path, whole).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The folder in which this bench works.
fn folder() -> Result<PathBuf> {
    let folder = shell::root().join("target/bench/slim");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder)
}

/// Makes room for an output and its debug file.
fn clear(out: &Path) {
    let _ = fs::remove_file(out);
    let _ = fs::remove_file(out.with_added_extension("debug"));
}

/// A number of bytes or a ratio for a table; a dash where there is none.
fn cell(value: Option<u64>) -> String {
    value.map_or("–".to_owned(), |it| it.to_string())
}
