//! What was found out about the corpus, as lines, as Markdown and as CSV.
//!
//! A stranger reads the first table and is done; every file is in the CSV.

use super::super::claims::Verdict;
use super::shares::{HEADING, Shares, Targets, Worst, is_old};
use super::{CLASSES, Found, Tally};
use crate::corpus::{Entry, Strip};
use crate::truth::Class;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Percent of code and data at the right package: with symbols, and without.
const LEAST_RIGHT: [f64; 2] = [99.5, 99.0];
const VERDICTS: [Verdict; 4] = [Verdict::Right, Verdict::Near, Verdict::Wrong, Verdict::Unknown];
/// What the target is about.
const JUDGED: [Class; 2] = [Class::Code, Class::Data];

/// One file, for whoever watches.
pub(super) fn line(found: &Found) -> String {
    let (entry, shares, targets) = (&found.entry, &found.shares, Targets::of(&found.entry));
    let right = |classes: &[Class]| share(&found.tally, classes, Verdict::Right);
    let missed = shares.missed(targets);
    let missed = if missed.is_empty() { "holds".to_owned() } else { missed.join(", ") + " MISSED" };
    format!(
        "{}: right {:.2} % of code, {:.2} % of data, {:.2} % of both, {:.2} % of pclntab; {}; {missed}",
        entry.name,
        right(&[Class::Code]),
        right(&[Class::Data]),
        right(&JUDGED),
        right(&[Class::Pclntab]),
        said(shares, targets),
    )
}

fn said(shares: &Shares, targets: Targets) -> String {
    format!(
        "unknown {:.2} % (at most {}), named {:.2} % (at least {}), common {:.2} %",
        shares.unknown(),
        targets.unknown,
        shares.named(),
        targets.named,
        shares.common()
    )
}

/// The tables, with how much of the planned files they are about.
pub(super) fn markdown(all: &[Found], planned: usize) -> String {
    let programs: BTreeSet<&str> = all.iter().map(|it| it.entry.program.as_str()).collect();
    let versions: BTreeSet<&str> = all.iter().map(|it| it.entry.go.as_str()).collect();
    let listed = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    format!(
        "# What elfin says, against the linker's own word\n\n\
         Written by `cargo xtask bench accuracy` over {} files of the {planned} of the corpus ({};\n\
         Go {}). [Every file](accuracy.csv) is counted in the CSV.\n\n\
         ## Code and data at the right package\n\n{}\n\
         Bytes that packages own, in percent. *Near* names the owner among others, or one of\n\
         several owners alone.\n\n{}\n\
         Right of code and data, by program and by Go:\n\n{}\n\
         ## Bytes that have a name\n\n\
         Percent of the file; *named* of what is no header, note or padding: of a package, of at most\n\
         8 packages that are listed, or of a C library. *Common* is what more packages share. The worst\n\
         file of each line stands in brackets.\n\n{}",
        all.len(),
        listed(programs),
        listed(versions),
        right(all),
        classes(all),
        groups(all),
        named(all),
    )
}

fn strip(entry: &Entry) -> &'static str {
    if entry.strip == Strip::No { "unstripped" } else { "stripped" }
}

/// Adds up the files of a kind.
fn sums<'a, K: Ord>(all: &'a [Found], key: impl Fn(&'a Entry) -> K) -> BTreeMap<K, (usize, Tally)> {
    let mut sums: BTreeMap<K, (usize, Tally)> = BTreeMap::new();
    for found in all {
        let (files, sum) = sums.entry(key(&found.entry)).or_default();
        *files += 1;
        for (what, bytes) in &found.tally {
            *sum.entry(*what).or_default() += bytes;
        }
    }
    sums
}

fn bytes(tally: &Tally, is_it: impl Fn(Class, Verdict) -> bool) -> u64 {
    tally.iter().filter(|((class, _, verdict), _)| is_it(*class, *verdict)).map(|(_, it)| it).sum()
}

/// Percent of the owned bytes of some classes.
fn share(tally: &Tally, classes: &[Class], verdict: Verdict) -> f64 {
    let all = bytes(tally, |class, _| classes.contains(&class));
    let part = bytes(tally, |class, it| classes.contains(&class) && it == verdict);
    100.0 * part as f64 / all.max(1) as f64
}

/// The table of the target.
fn right(all: &[Found]) -> String {
    let mut table =
        "| files | | bytes | right | at least | |\n|---|--:|--:|--:|--:|---|\n".to_owned();
    // Without symbols sorts behind with them.
    for ((stripped, arch), (files, tally)) in
        sums(all, |it| (it.strip != Strip::No, it.arch.as_str()))
    {
        let (figure, target) =
            (share(&tally, &JUDGED, Verdict::Right), LEAST_RIGHT[usize::from(stripped)]);
        let verdict = if figure >= target { "holds" } else { "**missed**" };
        let bytes = bytes(&tally, |class, _| JUDGED.contains(&class));
        let strip = if stripped { "stripped" } else { "unstripped" };
        let _ = writeln!(
            table,
            "| {strip}, {arch} | {files} | {bytes} | {figure:.2} | {target} | {verdict} |"
        );
    }
    table
}

/// A line for each class.
fn classes(all: &[Found]) -> String {
    let mut table =
        "| files | class | right | near | wrong | unknown |\n|---|---|--:|--:|--:|--:|\n"
            .to_owned();
    for ((_, strip, arch), (_, tally)) in
        sums(all, |it| (it.strip != Strip::No, strip(it), it.arch.as_str()))
    {
        for class in CLASSES {
            let name = format!("{class:?}").to_lowercase();
            let _ = write!(table, "| {strip}, {arch} | {name} |");
            for verdict in VERDICTS {
                let _ = write!(table, " {:.2} |", share(&tally, &[class], verdict));
            }
            table.push('\n');
        }
    }
    table
}

/// A line for each large program, and for the small ones of each Go.
fn groups(all: &[Found]) -> String {
    let name = |it: &Entry| match it.large {
        true => (false, format!("{}, Go {}", it.program, it.go)),
        false => (true, format!("small programs, Go {}", it.go)),
    };
    let mut lines: BTreeMap<(bool, String), [Option<f64>; 2]> = BTreeMap::new();
    for ((group, stripped), (_, tally)) in sums(all, |it| (name(it), it.strip != Strip::No)) {
        let figure = share(&tally, &JUDGED, Verdict::Right);
        lines.entry(group).or_default()[usize::from(stripped)] = Some(figure);
    }
    let mut table = "| | unstripped | stripped |\n|---|--:|--:|\n".to_owned();
    for ((_, name), figures) in lines {
        let shown = figures.map(|it| it.map_or("not built".to_owned(), |it| format!("{it:.2}")));
        let _ = writeln!(table, "| {name} | {} |", shown.join(" | "));
    }
    table
}

/// The table of what has a name.
fn named(all: &[Found]) -> String {
    let mut lines: BTreeMap<(bool, String), (Targets, Worst)> = BTreeMap::new();
    for Found { entry, shares, .. } in all {
        let targets = Targets::of(entry);
        let old = if is_old(&entry.go) { ", Go 1.19" } else { "" };
        let cgo = if entry.cgo { ", cgo" } else { "" };
        let class = format!("{}, {}{cgo}{old}", strip(entry), entry.arch);
        let line = lines.entry((entry.strip != Strip::No, class));
        line.or_insert_with(|| (targets, Worst::default())).1.see(&entry.name, shares, targets);
    }
    let mut table = HEADING.to_owned();
    for ((_, class), (targets, worst)) in lines {
        table.push('\n');
        table.push_str(&worst.row(&class, targets));
    }
    table + "\n"
}

/// Every file.
pub(super) fn csv(all: &[Found]) -> String {
    let mut csv = "file,class,owners,verdict,bytes\n".to_owned();
    for Found { entry, tally, shares } in all {
        for ((class, several, verdict), bytes) in tally {
            let owners = if *several { "several" } else { "one" };
            let line = format!("{},{class:?},{owners},{verdict:?},{bytes}", entry.name);
            let _ = writeln!(csv, "{}", line.to_lowercase());
        }
        for (what, bytes) in shares.parts() {
            let _ = writeln!(csv, "{},rows,,{what},{bytes}", entry.name.to_lowercase());
        }
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn found(name: &str, strip: Strip, wrong: u64) -> Found {
        let document = r#"{"file": {"size": 1000}, "unknown_bytes": 4, "rows": [
            {"kind": "code", "package": "main", "library": null, "shared_by": [], "bytes": 996}]}"#;
        let entry = Entry {
            name: name.to_owned(),
            file: PathBuf::new(),
            truth: PathBuf::new(),
            map: None,
            program: "p".to_owned(),
            main: "p".to_owned(),
            go: "1.26.11".to_owned(),
            arch: "amd64".to_owned(),
            pie: false,
            cgo: false,
            strip,
            large: false,
            size: 1000,
        };
        let tally = Tally::from([
            ((Class::Code, false, Verdict::Right), 900),
            ((Class::Data, true, Verdict::Right), 100 - wrong),
            ((Class::Data, false, Verdict::Wrong), wrong),
            ((Class::Pclntab, false, Verdict::Wrong), 1000),
        ]);
        Found { entry, tally, shares: Shares::of(document).unwrap() }
    }

    #[test]
    fn the_first_table_holds_code_and_data_against_the_targets() {
        let all =
            [found("a", Strip::No, 1), found("b", Strip::Tool, 9), found("c", Strip::Tool, 12)];
        let text = markdown(&all, 668);
        assert!(text.contains("over 3 files of the 668"), "{text}");
        assert!(text.contains("| unstripped, amd64 | 1 | 1000 | 99.90 | 99.5 | holds |"), "{text}");
        assert!(
            text.contains("| stripped, amd64 | 2 | 2000 | 98.95 | 99 | **missed** |"),
            "{text}"
        );
        assert!(
            text.contains("| stripped, amd64 | data | 89.50 | 0.00 | 10.50 | 0.00 |"),
            "{text}"
        );
        assert!(text.contains("| small programs, Go 1.26.11 | 99.90 | 98.95 |"), "{text}");
        assert!(text.contains("| unstripped, amd64 | 1 | 0.40 (a) | 0.5 |"), "{text}");
    }

    #[test]
    fn every_file_is_in_the_csv() {
        let csv = csv(&[found("a", Strip::No, 1)]);
        assert!(
            csv.contains("a,data,one,wrong,1\n") && csv.contains("a,rows,,named,996\n"),
            "{csv}"
        );
    }
}
