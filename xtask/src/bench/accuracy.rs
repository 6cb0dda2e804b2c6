//! How much of what elfin says about the corpus is so, by the linker's own word.
//!
//! Judged are the bytes that packages own: code, data and pclntab. What
//! several packages own is counted apart from what one does. A claim that
//! names the owner among others, or one of the owners alone, is near and not
//! right.

use super::claims::{Claim, Claimed, Verdict, written};
use crate::corpus::{self, Entry, Scope, Strip};
use crate::truth::{self, Class, Owner, Piece};
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Bytes of one class by verdict, of one owner and of several.
type Tally = BTreeMap<(Class, bool, Verdict), u64>;

const CLASSES: [Class; 3] = [Class::Code, Class::Data, Class::Pclntab];

/// Weighs every file of the corpus, or prints the mistakes about one.
///
/// Returns an error if a file cannot be judged.
pub(super) fn run(scope: Scope, explain: Option<&str>) -> Result<()> {
    let (entries, failed) = corpus::build(scope)?;
    failed.iter().for_each(|it| eprintln!("warning: not judged: {it}"));
    let elfin = demo::elfin(&["--release"])?;
    if let Some(name) = explain {
        let entry = entries.iter().find(|it| it.name == name);
        return mistakes(&elfin, entry.with_context(|| format!("the corpus has no {name}"))?);
    }
    let mut tallies = Vec::new();
    println!("{}", heading());
    for entry in &entries {
        let mut tally = Tally::new();
        judge(&elfin, entry, |piece, _, verdict, bytes| {
            let several = !matches!(piece.owner, Owner::One(_));
            *tally.entry((piece.class, several, verdict)).or_default() += bytes;
        })?;
        println!("{}", row(&entry.name, &tally));
        tallies.push((entry, tally));
    }
    if scope == Scope::All {
        write(&tallies)?;
    }
    Ok(())
}

/// Compares every owned byte of a file with what elfin says.
fn judge(elfin: &Path, entry: &Entry, see: impl FnMut(&Piece, &Claim, Verdict, u64)) -> Result<()> {
    let truth = truth::read(&entry.file, &entry.truth, entry.map.as_deref())?;
    let says = shell::asks(shell::command(&elfin.to_string_lossy()).arg("pieces").arg(&entry.file))
        .with_context(|| format!("elfin pieces {} failed", entry.file.display()))?;
    let claims: Vec<Claimed> =
        says.lines().map(|line| Claimed::read(line, &entry.main)).collect::<Result<_>>()?;
    let covered: u64 = claims.iter().map(|it| it.end - it.start).sum();
    ensure!(
        covered == entry.size,
        "{}: pieces of {covered} bytes, a file of {}",
        entry.name,
        entry.size
    );
    compare(&truth, &claims, see);
    Ok(())
}

/// Shows each stretch that lies in a piece of the truth and in one of elfin's; both in file order.
fn compare(truth: &[Piece], claims: &[Claimed], mut see: impl FnMut(&Piece, &Claim, Verdict, u64)) {
    let mut from = 0;
    for piece in truth {
        from += claims[from..].iter().take_while(|it| it.end <= piece.start).count();
        for claimed in claims[from..].iter().take_while(|it| it.start < piece.end) {
            let bytes = claimed.end.min(piece.end) - claimed.start.max(piece.start);
            see(piece, &claimed.claim, claimed.claim.verdict(&piece.owner), bytes);
        }
    }
}

/// Prints the mistakes about a file, largest first.
fn mistakes(elfin: &Path, entry: &Entry) -> Result<()> {
    const MOST: usize = 60;
    let mut found: BTreeMap<(Class, Verdict, String, String), (u64, String)> = BTreeMap::new();
    judge(elfin, entry, |piece, claim, verdict, bytes| {
        if verdict != Verdict::Right {
            let key = (piece.class, verdict, written(&piece.owner), claim.to_string());
            let place = || format!("{} at {:#x}", piece.name, piece.start);
            found.entry(key).or_insert_with(|| (0, place())).0 += bytes;
        }
    })?;
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (bytes, _))| std::cmp::Reverse(*bytes));
    for ((class, verdict, truth, claim), (bytes, place)) in found.into_iter().take(MOST) {
        println!("{bytes:>9} {verdict:?} {class:?}: is of {truth}, elfin says {claim}: {place}");
    }
    Ok(())
}

fn heading() -> String {
    let columns =
        "bytes | owned right | near | wrong | unknown | shared right | near | wrong | unknown";
    format!("| file | class | {columns} |\n|---|---|{}", "--:|".repeat(9))
}

/// A line a class, shares in percent of the class's owned bytes.
fn row(name: &str, tally: &Tally) -> String {
    let lines = CLASSES.map(|class| {
        let bytes: u64 = tally.iter().filter(|((it, ..), _)| *it == class).map(|(_, it)| it).sum();
        let mut line = format!("| {name} | {} | {bytes} |", format!("{class:?}").to_lowercase());
        for several in [false, true] {
            for verdict in [Verdict::Right, Verdict::Near, Verdict::Wrong, Verdict::Unknown] {
                let part = tally.get(&(class, several, verdict)).copied().unwrap_or(0);
                let share = 100.0 * part as f64 / bytes.max(1) as f64;
                let _ = write!(line, " {share:.2} |");
            }
        }
        line
    });
    lines.join("\n")
}

/// Writes what was found: every file to accuracy.csv, sums and large programs to accuracy.md.
fn write(tallies: &[(&Entry, Tally)]) -> Result<()> {
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    let mut csv = "file,class,owners,verdict,bytes\n".to_owned();
    for (entry, tally) in tallies {
        let group = groups.entry(group(entry)).or_default();
        for ((class, several, verdict), bytes) in tally {
            *group.entry((*class, *several, *verdict)).or_default() += bytes;
            let owners = if *several { "several" } else { "one" };
            let line = format!("{},{class:?},{owners},{verdict:?},{bytes}", entry.name);
            let _ = writeln!(csv, "{}", line.to_lowercase());
        }
    }
    let rows: String = groups.iter().map(|(name, tally)| row(name, tally) + "\n").collect();
    let text = format!(
        "# What elfin says, against the linker's own word\n\n\
         Written by `cargo xtask bench accuracy` over {} files: bytes that packages own, and\n\
         percent of them. *Near* names the owner among others, or one of several owners alone.\n\
         [Every file](accuracy.csv) is counted there; small programs are summed up here.\n\n{}\n{rows}",
        tallies.len(),
        heading(),
    );
    let results = shell::root().join("docs/results");
    for (name, text) in [("accuracy.csv", csv), ("accuracy.md", text)] {
        let path = results.join(name);
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// The line of the table that a file is added to.
fn group(entry: &Entry) -> String {
    if entry.large {
        return entry.name.clone();
    }
    let strip = match entry.strip {
        Strip::No => "unstripped",
        Strip::Linker => "-s -w",
        Strip::Tool => "strip",
        Strip::Headers => "no section headers",
    };
    let cgo = if entry.cgo { ", cgo" } else { "" };
    format!("small, Go {}, {}{cgo}, {strip}", entry.go, entry.arch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_owned_byte_is_compared_once() {
        let piece = |start, end, owner: &str| Piece {
            start,
            end,
            owner: Owner::One(owner.to_owned()),
            class: Class::Code,
            name: String::new(),
        };
        let claims =
            ["0\t10\ta\t-\tcode\texact", "10\t5\tb\t-\tcode\texact", "15\t9\t-\t-\tunknown\texact"];
        let claims = claims.map(|line| Claimed::read(line, "m").unwrap());
        let mut seen = Vec::new();
        compare(&[piece(4, 12, "a"), piece(12, 20, "b")], &claims, |piece, _, verdict, bytes| {
            seen.push((piece.start, verdict, bytes));
        });
        let all = [
            (4, Verdict::Right, 6),
            (4, Verdict::Wrong, 2),
            (12, Verdict::Right, 3),
            (12, Verdict::Unknown, 5),
        ];
        assert_eq!(seen, all);
    }

    #[test]
    fn a_row_has_shares_of_its_class() {
        let tally = Tally::from([
            ((Class::Code, false, Verdict::Right), 90),
            ((Class::Code, true, Verdict::Wrong), 10),
            ((Class::Data, false, Verdict::Unknown), 4),
        ]);
        let row = row("f", &tally);
        let lines: Vec<&str> = row.lines().collect();
        assert!(lines[0].starts_with("| f | code | 100 | 90.00 | 0.00 | 0.00 | 0.00 | 0.00 |"));
        assert!(lines[0].ends_with("| 10.00 | 0.00 |"), "{row}");
        assert!(lines[1].contains("| data | 4 | 0.00 | 0.00 | 0.00 | 100.00 |"));
    }
}
