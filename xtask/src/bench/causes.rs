//! How often elfin names the causes that were injected into pairs of builds.
//!
//! A cause counts as named if it is in the list, and apart from that if it
//! has bytes there too: what differs and cannot be told apart is named
//! without any.

use super::difference::{Caused, Diff};
use crate::corpus::pairs::{self, Injected, Pair};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How a pair came out.
#[derive(Debug)]
struct Judged<'p> {
    pair: &'p Pair,
    diff: Diff,
}

/// Of so many bytes may be unexplained, whatever they are of.
const FEW: u64 = 4096;

/// Judges every pair, and writes docs/results/causes.md.
///
/// Returns an error if a pair cannot be compared or built.
pub(super) fn run(elfin: &Path, built: bool) -> Result<()> {
    let (pairs, failed) = pairs::build(built)?;
    let judged: Vec<Judged<'_>> = pairs
        .iter()
        .map(|pair| {
            let diff = Diff::ask(elfin, &[&pair.from, &pair.to]);
            Ok(Judged { pair, diff: diff.with_context(|| pair.name.clone())? })
        })
        .collect::<Result<_>>()?;
    let text = report(&judged, &failed);
    println!("{text}");
    if !built {
        let path = shell::root().join("docs/results/causes.md");
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        println!("wrote {}", path.display());
    }
    ensure!(failed.is_empty(), "{} pairs could not be built", failed.len());
    Ok(())
}

impl Judged<'_> {
    fn is_explained(&self) -> bool {
        self.diff.unexplained_bytes.unsigned_abs() <= FEW.max(self.diff.delta.unsigned_abs() / 100)
    }

    fn find(&self, cause: &str) -> Option<&Caused> {
        self.diff.causes.iter().find(|it| it.cause == cause)
    }

    /// The injected cause that is worth most.
    fn largest(&self) -> Option<&Injected> {
        self.pair.causes.iter().max_by_key(|it| it.bytes.unsigned_abs())
    }

    fn largest_is_first(&self) -> bool {
        let first = self.diff.causes.first().map(|it| it.cause.as_str());
        first == self.largest().map(|it| it.cause.as_str())
    }

    /// The injected causes that are worth more than a hundredth of the difference.
    fn worthy(&self) -> impl Iterator<Item = &Injected> {
        let least = self.diff.delta.unsigned_abs() / 100;
        self.pair.causes.iter().filter(move |it| it.bytes.unsigned_abs() > least)
    }
}

/// `120 of 124 (96.8 %)`.
fn share(part: usize, all: usize) -> String {
    format!("{part} of {all} ({:.1} %)", 100.0 * part as f64 / all.max(1) as f64)
}

fn report(judged: &[Judged<'_>], failed: &[String]) -> String {
    let count =
        |wanted: &dyn Fn(&Judged<'_>) -> bool| judged.iter().filter(|it| wanted(it)).count();
    let all = judged.len();
    let together = count(&|it| it.pair.causes.len() > 1);
    let worthy: Vec<(&Judged<'_>, &Injected)> =
        judged.iter().flat_map(|it| it.worthy().map(move |cause| (it, cause))).collect();
    let named = worthy.iter().filter(|(it, cause)| it.find(&cause.cause).is_some()).count();
    let with_bytes = worthy
        .iter()
        .filter(|(it, cause)| it.find(&cause.cause).is_some_and(|it| it.bytes != 0))
        .count();
    let mut out = format!(
        "# The causes that elfin names, against those that were injected\n\n\
         Written by `cargo xtask bench causes` over {all} pairs of `cargo xtask corpus diff`: {} with one\n\
         cause and {together} with two or three at once. A cause is worth what the build with it alone\n\
         changed. The rules were written while looking at these same pairs.\n\n\
         | | |\n|---|---|\n\
         | the causes add up to the difference | {} |\n\
         | at most 1 % or 4 KiB unexplained | {} |\n\
         | the largest injected cause is named first | {} |\n\
         | of a single cause | {} |\n\
         | of several | {} |\n\
         | an injected cause worth more than 1 % is named | {} |\n\
         | with bytes of its own | {} |\n",
        all - together,
        share(count(&|it| it.diff.adds_up()), all),
        share(count(&|it| it.is_explained()), all),
        share(count(&|it| it.largest_is_first()), all),
        share(count(&|it| it.pair.causes.len() == 1 && it.largest_is_first()), all - together),
        share(count(&|it| it.pair.causes.len() > 1 && it.largest_is_first()), together),
        share(named, worthy.len()),
        share(with_bytes, worthy.len()),
    );
    out.push_str(&by_confidence(judged));
    out.push_str(&by_cause(&worthy));
    out.push_str("\n## Misses\n\n");
    for it in judged {
        let missed = it.worthy().any(|cause| it.find(&cause.cause).is_none());
        if !it.diff.adds_up() || !it.is_explained() || !it.largest_is_first() || missed {
            out.push_str(&miss(it));
        }
    }
    for it in failed {
        let _ = writeln!(out, "- not built: {it}");
    }
    out
}

/// Bytes of the causes named, and how many of them were injected.
fn by_confidence(judged: &[Judged<'_>]) -> String {
    let mut sums: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for it in judged {
        for cause in &it.diff.causes {
            let injected = it.pair.causes.iter().any(|injected| injected.cause == cause.cause);
            let sum = sums.entry(&cause.confidence).or_default();
            let at = if injected { 0 } else { 2 };
            sum[at] += 1;
            sum[at + 1] += cause.bytes.unsigned_abs();
        }
    }
    let mut out = "\n| confidence | injected causes | bytes | other causes | bytes |\n|---|--:|--:|--:|--:|\n".to_owned();
    for (confidence, [causes, bytes, others, wrong]) in sums {
        let _ = writeln!(out, "| {confidence} | {causes} | {bytes} | {others} | {wrong} |");
    }
    out
}

/// For each cause how often it was named, and how far its bytes are from the truth.
fn by_cause(worthy: &[(&Judged<'_>, &Injected)]) -> String {
    let mut causes: BTreeMap<&str, (usize, usize, Vec<f64>)> = BTreeMap::new();
    for (it, cause) in worthy {
        let sum = causes.entry(&cause.cause).or_default();
        sum.0 += 1;
        if let Some(found) = it.find(&cause.cause) {
            sum.1 += 1;
            let error = (found.bytes - cause.bytes).unsigned_abs() as f64;
            sum.2.push(100.0 * error / cause.bytes.unsigned_abs() as f64);
        }
    }
    let mut out = "\n| cause | injected | named | median error of its bytes |\n|---|--:|--:|--:|\n"
        .to_owned();
    for (cause, (injected, named, mut errors)) in causes {
        errors.sort_by(f64::total_cmp);
        let median =
            errors.get(errors.len() / 2).map_or("–".to_owned(), |it| format!("{it:.1} %"));
        let _ = writeln!(out, "| {cause} | {injected} | {named} | {median} |");
    }
    out
}

fn miss(it: &Judged<'_>) -> String {
    let injected = it.pair.causes.iter().map(|it| format!("{} {:+}", it.cause, it.bytes));
    let injected = injected.collect::<Vec<_>>().join(", ");
    let named = it.diff.causes.iter().take(5).map(|it| format!("{} {:+}", it.cause, it.bytes));
    let named = named.collect::<Vec<_>>().join(", ");
    let unexplained = it.diff.unexplained_bytes;
    let sums = if it.diff.adds_up() { "" } else { " (does not add up)" };
    let name = &it.pair.name;
    format!("- {name}: {injected}; elfin says {named}; unexplained {unexplained:+}{sums}\n")
}
