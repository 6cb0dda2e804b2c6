//! The time and the memory of `elfin weigh`, beside other tools that read the same file.
//!
//! All run on this machine in this run, in turn within each round, so that
//! whatever disturbs a round disturbs them all; medians are compared. On a
//! machine that is busy the time of the processors says more than that of the
//! clock, so both are told. Memory is looked at in a run of its own. Tools that
//! are not in PATH are left out.

use super::grown::{self, megabytes};
use super::timing::{self, median, verdict};
use crate::{demo, shell};
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Copies that make a file of about 10 MB, 90 MB when stripped, and 400 MB.
const SMALL: usize = 12;
const MIDDLE: usize = 165;
const LARGE: usize = 585;

/// Tools and their arguments before the file, and how many times faster elfin is to be.
const TOOLS: [(&str, &[&str], Option<f64>); 4] = [
    ("sha256sum", &[], None),
    ("bloaty", &["-d", "symbols", "-n", "0"], Some(3.0)),
    ("gsa", &["-f", "json", "-o", "/dev/null"], Some(10.0)),
    ("go", &["tool", "nm", "-size"], None),
];

/// At most so many times the time of sha256sum, stripped and not; so much anonymous memory for a
/// byte of file; and the cost of a byte of a large file by that of a small one.
const MOST_OF_HASH: [f64; 2] = [1.0, 3.0];
const MOST_MEMORY: f64 = 0.6;
const MOST_GROWTH: f64 = 1.2;

/// Ways to weigh whose memory is looked at, and whether the target is about them.
const WAYS: [(&[&str], bool); 5] = [
    (&[], true),
    (&["--json"], true),
    (&["--at", "0x100000"], false),
    (&["--by", "symbol"], false),
    (&["--html", "page.html"], false),
];

/// Something that reads a file.
struct Contender {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    threads: Option<&'static str>,
    at_least_faster: Option<f64>,
}

/// Writes every contender's time, elfin's memory, and how both grow, to docs/results/weigh.md.
///
/// Returns an error if a file cannot be built or elfin fails.
pub(super) fn run(rounds: usize) -> Result<()> {
    let elfin = demo::elfin(&["--release"])?;
    let (contenders, left_out) = contenders(&elfin);
    let mut text = format!(
        "# `elfin weigh`: time and memory\n\n\
         Written by `cargo xtask bench weigh --rounds {rounds}`: medians, all tools in turn within each\n\
         round. *Processors* is the time of all threads together. The programs are made of copies of\n\
         one package. {left_out}\n"
    );
    for (stripped, most) in [true, false].into_iter().zip(MOST_OF_HASH) {
        let file = grown::program(MIDDLE, stripped)?;
        let strip = if stripped { "stripped" } else { "unstripped" };
        let _ = writeln!(text, "\n## {strip}, {:.1} MB\n", megabytes(&file)?);
        text += &compare(&contenders, &file, rounds, most)?;
        text += &memory(&elfin, &file)?;
    }
    text += &growth(&contenders[0], rounds)?;
    let path = shell::root().join("docs/results/weigh.md");
    fs::write(&path, &text).with_context(|| format!("{}", path.display()))?;
    println!("{text}\nwrote {}", path.display());
    Ok(())
}

/// Elfin first, as it is and with one thread, then the tools that are there.
fn contenders(elfin: &Path) -> (Vec<Contender>, String) {
    let ours = |name: &str, threads| Contender {
        name: name.to_owned(),
        program: elfin.to_owned(),
        arguments: vec!["weigh".to_owned()],
        threads,
        at_least_faster: None,
    };
    let mut all = vec![ours("elfin weigh", None), ours("elfin weigh, one thread", Some("1"))];
    let mut missing = Vec::new();
    for (name, arguments, at_least_faster) in TOOLS {
        let Some(program) = shell::find(name) else {
            missing.push(name);
            continue;
        };
        all.push(Contender {
            name: [&[name], arguments].concat().join(" "),
            program,
            arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
            threads: None,
            at_least_faster,
        });
    }
    let left_out = match missing.is_empty() {
        true => String::new(),
        false => format!("Not in PATH and left out: {}.", missing.join(", ")),
    };
    (all, left_out)
}

impl Contender {
    fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(threads) = self.threads {
            command.env("RAYON_NUM_THREADS", threads);
        }
        command
    }

    fn time(&self, file: &Path) -> Option<[f64; 2]> {
        timing::time(&mut self.command(file))
    }
}

/// The times of each contender, by the clock and of the processors.
fn compare(contenders: &[Contender], file: &Path, rounds: usize, most: f64) -> Result<String> {
    let mut times = vec![[Vec::new(), Vec::new()]; contenders.len()];
    for round in 0..=rounds {
        for (contender, times) in contenders.iter().zip(&mut times) {
            // The first round brings the file into memory and counts for nobody.
            if let Some(now) = contender.time(file).filter(|_| round > 0) {
                times.iter_mut().zip(now).for_each(|(times, time)| times.push(time));
            }
        }
    }
    let medians: Vec<_> = times.into_iter().map(|it| it.map(median)).collect();
    let [Some(ours), Some(ours_worked)] = medians[0] else { bail!("elfin weigh failed") };
    let mut table = "| | clock | processors | elfin's by the clock | of the processors | |\n\
                     |---|--:|--:|--:|--:|---|\n"
        .to_owned();
    for (contender, medians) in contenders.iter().zip(medians) {
        let [Some(seconds), Some(worked)] = medians else {
            let _ = writeln!(table, "| {} | cannot read it | | | | |", contender.name);
            continue;
        };
        let target = match (contender.name.as_str(), contender.at_least_faster) {
            ("sha256sum", _) => {
                verdict(ours / seconds, most, "elfin at most", ours <= most * seconds)
            }
            (_, Some(times)) => {
                verdict(seconds / ours, times, "elfin faster by at least", seconds >= times * ours)
            }
            _ => String::new(),
        };
        let _ = writeln!(
            table,
            "| {} | {seconds:.3} s | {worked:.2} s | {:.2} x | {:.2} x | {target} |",
            contender.name,
            ours / seconds,
            ours_worked / worked.max(0.01),
        );
    }
    Ok(table)
}

/// Looks at the anonymous memory of a run, again and again, for each way to weigh.
fn memory(elfin: &Path, file: &Path) -> Result<String> {
    let size = fs::metadata(file)?.len() as f64;
    let mut table =
        "\n| anonymous memory at its most | | of the file | |\n|---|--:|--:|---|\n".to_owned();
    let folder = tempfile::tempdir().context("no temporary folder")?;
    for (arguments, is_target) in WAYS {
        let mut command = Command::new(elfin);
        command.current_dir(&folder).arg("weigh").args(arguments).arg(file);
        let peak = peak(command.stdout(Stdio::null()), "RssAnon:")? as f64;
        let share = peak / size;
        let target = match is_target {
            true => verdict(share, MOST_MEMORY, "at most", share <= MOST_MEMORY),
            false => String::new(),
        };
        let name = ["elfin weigh", &arguments.join(" ")].join(" ");
        let _ = writeln!(table, "| {name} | {:.1} MB | {share:.2} x | {target} |", peak / 1e6);
    }
    Ok(table)
}

/// The most that a line of a process's status tells of while it runs, in bytes.
pub(super) fn peak(command: &mut Command, line: &str) -> Result<u64> {
    let mut child = command.spawn().context("elfin cannot be started")?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        let seen = fs::read_to_string(&status).ok().and_then(|it| bytes_of(&it, line));
        peak = peak.max(seen.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(peak)
}

/// What a line of a process's status tells of, in bytes (proc_pid_status(5)).
fn bytes_of(status: &str, line: &str) -> Option<u64> {
    let line = status.lines().find_map(|it| it.strip_prefix(line))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Whether a byte of a large file costs what one of a small file does.
fn growth(elfin: &Contender, rounds: usize) -> Result<String> {
    let files = [grown::program(SMALL, false)?, grown::program(LARGE, false)?];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for (file, times) in files.iter().zip(&mut times) {
            times.extend(elfin.time(file).filter(|_| round > 0).map(|it| it[0]));
        }
    }
    let mut table =
        "\n## From small to large\n\n| file | clock | a MB |\n|--:|--:|--:|\n".to_owned();
    let mut costs = Vec::new();
    for (file, times) in files.iter().zip(times) {
        let (seconds, megabytes) = (median(times).context("elfin weigh failed")?, megabytes(file)?);
        let cost = seconds / megabytes;
        let _ = writeln!(table, "| {megabytes:.1} MB | {seconds:.3} s | {:.3} ms |", 1000.0 * cost);
        costs.push(cost);
    }
    ensure!(costs.iter().all(|it| *it > 0.0), "the clock stands still");
    let growth = costs[1] / costs[0];
    let holds = growth <= MOST_GROWTH;
    let verdict = verdict(growth, MOST_GROWTH, "A byte of the large costs at most", holds);
    Ok(format!("{table}\n{verdict}.\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status() {
        assert_eq!(bytes_of("VmHWM:\t  9 kB\nRssAnon:\t     640 kB\n", "RssAnon:"), Some(655_360));
        assert_eq!(bytes_of("RssFile:\t     640 kB\n", "RssAnon:"), None);
    }
}
