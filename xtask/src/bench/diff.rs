//! The time of `elfin diff`, beside that of weighing both files.
//!
//! Comparing is to be little more than weighing twice, and documents are to be
//! compared at once. All take their turn within each round; medians are compared.

use super::grown::{self, megabytes};
use super::timing::{median, time, verdict};
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Copies that make a file of 100 MB, and one whose symbols are more than [`ROWS`].
const LARGE: usize = 145;
const SMALL: usize = 12;
/// The most that a comparison of two programs may take, of weighing both.
const MOST_OF_WEIGHING: f64 = 1.2;
/// The most that two documents may take, in milliseconds, for so many rows in each.
const MOST_OF_DOCUMENTS: f64 = 100.0;
const ROWS: f64 = 50_000.0;

/// Writes docs/results/diff.md.
///
/// Returns an error if a program cannot be built or elfin fails.
pub(super) fn run(rounds: usize) -> Result<()> {
    let elfin = demo::elfin(&["--release"])?;
    let of_files = of_files(&elfin, [grown::program(LARGE, false)?, grown::pie(LARGE)?], rounds)?;
    let of_documents =
        of_documents(&elfin, &[grown::program(SMALL, false)?, grown::pie(SMALL)?], rounds)?;
    let text = format!(
        "# `elfin diff`: time\n\n\
         Written by `cargo xtask bench diff --rounds {rounds}`: medians of the clock, all in turn within each\n\
         round.\n\n{of_files}\n{of_documents}"
    );
    let path = shell::root().join("docs/results/diff.md");
    fs::write(&path, &text).with_context(|| format!("{}", path.display()))?;
    println!("{text}\nwrote {}", path.display());
    Ok(())
}

/// Two programs, against the weighing of each.
fn of_files(elfin: &Path, [exe, pie]: [PathBuf; 2], rounds: usize) -> Result<String> {
    let mut calls = [
        quiet(elfin, "weigh", &[&exe]),
        quiet(elfin, "weigh", &[&pie]),
        quiet(elfin, "diff", &[&exe, &pie]),
    ];
    let [of_exe, of_pie, of_both] = medians(&mut calls, rounds)?;
    let times = of_both / (of_exe + of_pie);
    let verdict = verdict(times, MOST_OF_WEIGHING, "at most", times <= MOST_OF_WEIGHING);
    Ok(format!(
        "| an exe of {:.1} MB and its PIE of {:.1} MB | clock |\n|---|--:|\n\
         | `elfin weigh exe` | {of_exe:.3} s |\n| `elfin weigh pie` | {of_pie:.3} s |\n\
         | `elfin diff exe pie` | {of_both:.3} s |\n\n\
         The comparison takes of both weighings {verdict}.\n",
        megabytes(&exe)?,
        megabytes(&pie)?
    ))
}

/// Two documents, each with a row for every symbol.
fn of_documents(elfin: &Path, programs: &[PathBuf; 2], rounds: usize) -> Result<String> {
    #[derive(Deserialize)]
    struct Document {
        rows: Vec<IgnoredAny>,
    }
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let documents = ["from.json", "to.json"].map(|name| folder.path().join(name));
    let mut rows = [0; 2];
    for ((program, document), rows) in programs.iter().zip(&documents).zip(&mut rows) {
        let mut weigh = Command::new(elfin);
        weigh.args(["weigh", "--json", "--by", "symbol"]).arg(program);
        shell::run(weigh.stdout(File::create(document)?))?;
        let text = fs::read_to_string(document)?;
        *rows = serde_json::from_str::<Document>(&text)?.rows.len();
    }
    let least = rows[0].min(rows[1]) as f64;
    ensure!(least >= ROWS, "the documents have only {least} rows");
    let [seconds] = medians(&mut [quiet(elfin, "diff", &[&documents[0], &documents[1]])], rounds)?;
    let for_rows = 1000.0 * seconds * ROWS / least;
    let holds = if for_rows <= MOST_OF_DOCUMENTS { "holds" } else { "**missed**" };
    Ok(format!(
        "Two documents of {} and {} rows are compared in {:.0} ms; for {ROWS} rows that is {for_rows:.0} ms, \
         at most {MOST_OF_DOCUMENTS}: {holds}.\n",
        rows[0],
        rows[1],
        1000.0 * seconds
    ))
}

fn quiet(elfin: &Path, what: &str, files: &[&Path]) -> Command {
    let mut command = Command::new(elfin);
    command.arg(what).args(files).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The median of each command's seconds; a round before them brings the files into memory.
fn medians<const N: usize>(calls: &mut [Command; N], rounds: usize) -> Result<[f64; N]> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let [clock, _] = time(call).with_context(|| format!("{call:?} failed"))?;
            if round > 0 {
                times.push(clock);
            }
        }
    }
    Ok(times.map(|it| median(it).unwrap_or(f64::NAN)))
}
