//! How much of what elfin says about the corpus is so, by the linker's own word.
//!
//! Judged are the bytes that packages own: code, data and pclntab. What
//! several packages own is counted apart from what one does. A claim that
//! names the owner among others, or one of the owners alone, is near and not
//! right. Beside it stands how much of the file has a name at all.

mod report;
mod shares;

use super::claims::{Claim, Claimed, Verdict, written};
use crate::corpus::{self, Entry, Scope};
use crate::truth::{self, Class, Owner, Piece};
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use shares::Shares;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Bytes of one class by verdict, of one owner and of several.
type Tally = BTreeMap<(Class, bool, Verdict), u64>;

const CLASSES: [Class; 3] = [Class::Code, Class::Data, Class::Pclntab];

/// Which files are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// All of a part of the plan; what is missing is built.
    Of(Scope),
    /// What is built already.
    Built,
}

/// A file with what was found out about it.
struct Found {
    entry: Entry,
    tally: Tally,
    shares: Shares,
}

/// Weighs every file of the corpus, or prints the mistakes about one.
///
/// Returns an error if a file cannot be judged.
pub(super) fn run(judged: Judged, explain: Option<&str>) -> Result<()> {
    let entries = match judged {
        Judged::Built => corpus::built()?,
        Judged::Of(scope) => {
            let (entries, failed) = corpus::build(scope)?;
            failed.iter().for_each(|it| eprintln!("warning: not judged: {it}"));
            entries
        }
    };
    ensure!(!entries.is_empty(), "nothing is built; run: cargo xtask corpus");
    let elfin = demo::elfin(&["--release"])?;
    if let Some(name) = explain {
        let entry = entries.iter().find(|it| it.name == name);
        return mistakes(&elfin, entry.with_context(|| format!("the corpus has no {name}"))?);
    }
    let mut all = Vec::new();
    for entry in entries {
        let found = find(&elfin, entry)?;
        println!("{}", report::line(&found));
        all.push(found);
    }
    if judged == Judged::Of(Scope::Quick) {
        println!("\n{}", report::markdown(&all, corpus::planned()?));
        return Ok(());
    }
    write(&all)
}

/// Writes what was found: every file to accuracy.csv, sums to accuracy.md.
fn write(all: &[Found]) -> Result<()> {
    let results = shell::root().join("docs/results");
    let text = report::markdown(all, corpus::planned()?);
    for (name, text) in [("accuracy.csv", report::csv(all)), ("accuracy.md", text)] {
        let path = results.join(name);
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Weighs one file and judges what elfin says.
fn find(elfin: &Path, entry: Entry) -> Result<Found> {
    let mut tally = Tally::new();
    judge(elfin, &entry, |piece, _, verdict, bytes| {
        let several = !matches!(piece.owner, Owner::One(_));
        *tally.entry((piece.class, several, verdict)).or_default() += bytes;
    })?;
    let mut weigh = shell::command(&elfin.to_string_lossy());
    let document = shell::asks(weigh.args(["weigh", "--json"]).arg(&entry.file));
    let document = document.with_context(|| format!("elfin weigh {}", entry.file.display()))?;
    let shares = Shares::of(&document).with_context(|| entry.name.clone())?;
    Ok(Found { entry, tally, shares })
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
}
