//! The time and the memory of `elfin weigh`, beside other tools that read the same file.
//!
//! All run on this machine in this run, in turn within each round, so that
//! whatever disturbs a round disturbs them all; medians are compared. Memory
//! is looked at in a run of its own. Tools that are not in PATH are left out.

use super::grown;
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// Something that reads a file.
struct Contender {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    threads: Option<&'static str>,
    at_least_faster: Option<f64>,
}

/// Prints every contender's time, elfin's memory, and how both grow.
///
/// Returns an error if a file cannot be built or elfin fails.
pub(super) fn run(rounds: usize) -> Result<()> {
    let elfin = demo::elfin(&["--release"])?;
    let contenders = contenders(&elfin);
    for (stripped, most) in [true, false].into_iter().zip(MOST_OF_HASH) {
        let file = grown::program(MIDDLE, stripped)?;
        println!(
            "\n{}, {:.1} MB",
            if stripped { "stripped" } else { "unstripped" },
            megabytes(&file)?
        );
        compare(&contenders, &file, rounds, most)?;
        memory(&contenders[0], &file)?;
    }
    growth(&contenders[0], rounds)
}

/// Elfin first, as it is and with one thread, then the tools that are there.
fn contenders(elfin: &Path) -> Vec<Contender> {
    let ours = |name: &str, threads| Contender {
        name: name.to_owned(),
        program: elfin.to_owned(),
        arguments: ["weigh", "--json"].map(str::to_owned).to_vec(),
        threads,
        at_least_faster: None,
    };
    let tools = TOOLS.iter().filter_map(|(name, arguments, at_least_faster)| {
        let Some(program) = shell::find(name) else {
            println!("{name} is not in PATH: left out");
            return None;
        };
        Some(Contender {
            name: [&[*name], *arguments].concat().join(" "),
            program,
            arguments: arguments.iter().map(|it| (*it).to_owned()).collect(),
            threads: None,
            at_least_faster: *at_least_faster,
        })
    });
    let ours = [ours("elfin weigh", None), ours("elfin weigh, one thread", Some("1"))];
    ours.into_iter().chain(tools).collect()
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

    /// Seconds; `None` if it failed.
    fn time(&self, file: &Path) -> Option<f64> {
        let began = Instant::now();
        let status = self.command(file).status().ok()?;
        status.success().then(|| began.elapsed().as_secs_f64())
    }
}

fn compare(contenders: &[Contender], file: &Path, rounds: usize, most: f64) -> Result<()> {
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (contender, times) in contenders.iter().zip(&mut times) {
            // The first round brings the file into memory and counts for nobody.
            let time = contender.time(file);
            times.extend(time.filter(|_| round > 0));
        }
    }
    let medians: Vec<Option<f64>> = times.into_iter().map(median).collect();
    let ours = medians.first().copied().flatten().context("elfin weigh failed")?;
    for (contender, median) in contenders.iter().zip(medians) {
        let Some(seconds) = median else {
            println!("{:<28} failed", contender.name);
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
        println!(
            "{:<28} {seconds:>8.3} s {:>7.2} x elfin  {target}",
            contender.name,
            seconds / ours
        );
    }
    Ok(())
}

fn verdict(figure: f64, target: f64, says: &str, holds: bool) -> String {
    format!("{says} {target} x: {figure:.2}, {}", if holds { "holds" } else { "MISSED" })
}

/// Looks at the anonymous memory of a run, again and again.
fn memory(elfin: &Contender, file: &Path) -> Result<()> {
    let peak = peak(&mut elfin.command(file), "RssAnon:")?;
    let share = peak as f64 / fs::metadata(file)?.len() as f64;
    let target = verdict(share, MOST_MEMORY, "of the file at most", share <= MOST_MEMORY);
    println!("{:<28} {:>8.1} MB anonymous  {target}", elfin.name, peak as f64 / 1e6);
    Ok(())
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
fn growth(elfin: &Contender, rounds: usize) -> Result<()> {
    let files = [grown::program(SMALL, false)?, grown::program(LARGE, false)?];
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        for (file, times) in files.iter().zip(&mut times) {
            times.extend(elfin.time(file).filter(|_| round > 0));
        }
    }
    let mut costs = Vec::new();
    println!();
    for (file, times) in files.iter().zip(times) {
        let (seconds, megabytes) = (median(times).context("elfin weigh failed")?, megabytes(file)?);
        println!(
            "{megabytes:>8.1} MB {seconds:>8.3} s {:>8.3} ms a MB",
            1000.0 * seconds / megabytes
        );
        costs.push(seconds / megabytes);
    }
    ensure!(costs.iter().all(|it| *it > 0.0), "the clock stands still");
    let growth = costs[1] / costs[0];
    println!(
        "{}",
        verdict(growth, MOST_GROWTH, "a byte of the large costs at most", growth <= MOST_GROWTH)
    );
    Ok(())
}

fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied()
}

fn megabytes(file: &Path) -> Result<f64> {
    let bytes = fs::metadata(file).with_context(|| format!("{}", file.display()))?.len();
    Ok(bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn memory_is_read_from_the_status() {
        assert_eq!(bytes_of("VmHWM:\t  9 kB\nRssAnon:\t     640 kB\n", "RssAnon:"), Some(655_360));
        assert_eq!(bytes_of("RssFile:\t     640 kB\n", "RssAnon:"), None);
    }
}
