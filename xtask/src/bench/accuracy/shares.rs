//! How much of a file `elfin weigh` gives a name, against what it promises.
//!
//! Looked at are the rows that a user sees, not the pieces. No truth is needed
//! for it: a row can have a name and be wrong, which is counted in `accuracy`.

use crate::corpus::{Entry, Strip};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fmt::Write;

/// At most so many percent of a file are shared by more packages than are named.
const MOST_COMMON: f64 = 4.0;
/// Percent of the bytes outside headers, notes and padding with a named owner: with symbols, and
/// without.
const LEAST_NAMED: [f64; 2] = [97.0, 93.0];
/// Percent of the file that is unknown: with symbols, without, and where less can be known.
const MOST_UNKNOWN: [f64; 3] = [0.5, 1.5, 3.0];

/// Bytes of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shares {
    size: u64,
    unknown: u64,
    common: u64,
    /// Of a package, a few packages, or a C library.
    named: u64,
    /// Headers, notes and padding.
    apart: u64,
}

/// What a kind of file is to reach, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Targets {
    pub(super) unknown: f64,
    pub(super) named: f64,
}

impl Targets {
    /// Go 1.21 and later on amd64 without cgo is held to most.
    pub(super) fn of(entry: &Entry) -> Targets {
        let stripped = usize::from(entry.strip != Strip::No);
        let less = entry.arch != "amd64" || entry.cgo || is_old(&entry.go);
        Targets {
            unknown: MOST_UNKNOWN[if less { 2 } else { stripped }],
            named: LEAST_NAMED[stripped],
        }
    }
}

/// True for a Go before 1.21.
pub(super) fn is_old(go: &str) -> bool {
    go.split('.').nth(1).and_then(|it| it.parse().ok()).is_some_and(|minor: u32| minor < 21)
}

impl Shares {
    /// Counts the rows of a document.
    ///
    /// Returns an error if it is none, or does not add up.
    pub(super) fn of(document: &str) -> Result<Shares> {
        let document: Value = serde_json::from_str(document).context("elfin weigh --json")?;
        let bytes = |it: &Value| it.as_u64().context("a number of bytes is none");
        let mut shares = Shares {
            size: bytes(&document["file"]["size"])?,
            unknown: bytes(&document["unknown_bytes"])?,
            ..Shares::default()
        };
        let mut all = shares.unknown;
        for row in document["rows"].as_array().context("no rows")? {
            let bytes = bytes(&row["bytes"])?;
            all += bytes;
            let is_named = [&row["package"], &row["library"]].iter().any(|it| it.is_string())
                || row["shared_by"].as_array().is_some_and(|it| !it.is_empty());
            match row["kind"].as_str().context("a row without a kind")? {
                "common" => shares.common += bytes,
                "header" | "note" | "padding" => shares.apart += bytes,
                _ if is_named => shares.named += bytes,
                _ => {}
            }
        }
        ensure!(all == shares.size, "rows of {all} bytes, a file of {}", shares.size);
        Ok(shares)
    }

    pub(super) fn unknown(&self) -> f64 {
        percent(self.unknown, self.size)
    }

    pub(super) fn common(&self) -> f64 {
        percent(self.common, self.size)
    }

    pub(super) fn named(&self) -> f64 {
        percent(self.named, self.size - self.apart.min(self.size))
    }

    /// The bytes by what they are called, for a table.
    pub(super) fn parts(&self) -> [(&'static str, u64); 5] {
        [
            ("size", self.size),
            ("named", self.named),
            ("common", self.common),
            ("unknown", self.unknown),
            ("header-note-padding", self.apart),
        ]
    }

    /// What of the targets is missed.
    pub(super) fn missed(&self, targets: Targets) -> Vec<&'static str> {
        let all = [
            (self.unknown() > targets.unknown, "unknown"),
            (self.named() < targets.named, "named"),
            (self.common() > MOST_COMMON, "common"),
        ];
        all.into_iter().filter(|(is_missed, _)| *is_missed).map(|(_, what)| what).collect()
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The files of one class: how many there are, and the worst of each figure with its file.
#[derive(Debug, Clone, Default)]
pub(super) struct Worst {
    files: usize,
    missed: usize,
    unknown: Option<(f64, String)>,
    named: Option<(f64, String)>,
    common: Option<(f64, String)>,
}

impl Worst {
    pub(super) fn see(&mut self, name: &str, shares: &Shares, targets: Targets) {
        self.files += 1;
        self.missed += usize::from(!shares.missed(targets).is_empty());
        let worst =
            |place: &mut Option<(f64, String)>, figure: f64, is_worse: fn(f64, f64) -> bool| {
                if place.as_ref().is_none_or(|(it, _)| is_worse(figure, *it)) {
                    *place = Some((figure, name.to_owned()));
                }
            };
        worst(&mut self.unknown, shares.unknown(), |a, b| a > b);
        worst(&mut self.named, shares.named(), |a, b| a < b);
        worst(&mut self.common, shares.common(), |a, b| a > b);
    }

    /// A line of the table below [`HEADING`].
    pub(super) fn row(&self, class: &str, targets: Targets) -> String {
        let mut line = format!("| {class} | {} |", self.files);
        let figures = [
            (&self.unknown, targets.unknown),
            (&self.named, targets.named),
            (&self.common, MOST_COMMON),
        ];
        for (worst, target) in figures {
            if let Some((figure, file)) = worst {
                let _ = write!(line, " {figure:.2} ({file}) | {target} |");
            }
        }
        let verdict = match self.missed {
            0 => "holds".to_owned(),
            missed => format!("**missed by {missed}**"),
        };
        line + " " + &verdict + " |"
    }
}

pub(super) const HEADING: &str = "\
| files | | most unknown | at most | least named | at least | most common | at most | |
|---|--:|---|--:|---|--:|---|--:|---|";

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"file": {"size": 1000}, "unknown_bytes": 10, "rows": [
        {"kind": "code", "package": "main", "library": null, "shared_by": [], "bytes": 800},
        {"kind": "string", "package": null, "shared_by": ["a", "b"], "bytes": 60},
        {"kind": "code", "package": null, "library": "libc.a", "shared_by": [], "bytes": 40},
        {"kind": "common", "package": null, "shared_by": [], "bytes": 30},
        {"kind": "module-data", "package": null, "shared_by": [], "bytes": 20},
        {"kind": "padding", "package": "main", "shared_by": [], "bytes": 40}
    ]}"#;

    #[test]
    fn what_has_a_name_is_counted_outside_of_headers_notes_and_padding() {
        let shares = Shares::of(DOCUMENT).unwrap();
        assert_eq!((shares.named, shares.apart, shares.common), (900, 40, 30));
        assert!((shares.named() - 93.75).abs() < 1e-9 && (shares.unknown() - 1.0).abs() < 1e-9);
        let targets = |unknown, named| Targets { unknown, named };
        assert_eq!(shares.missed(targets(1.5, 93.0)), [""; 0]);
        assert_eq!(shares.missed(targets(0.5, 97.0)), ["unknown", "named"]);
        assert!(Shares::of(&DOCUMENT.replace("1000", "1001")).is_err());
    }

    #[test]
    fn the_worst_file_of_a_class_stands_in_its_line() {
        let (mut worst, targets) = (Worst::default(), Targets { unknown: 1.5, named: 93.0 });
        let mut shares = Shares::of(DOCUMENT).unwrap();
        worst.see("first", &shares, targets);
        shares.unknown = 20;
        worst.see("second", &shares, targets);
        let row = worst.row("all", targets);
        assert!(row.starts_with("| all | 2 | 2.00 (second) | 1.5 | 93.75 (first) | 93 |"), "{row}");
        assert!(row.ends_with("| 4 | **missed by 1** |"), "{row}");
    }

    #[test]
    fn an_old_go_is_held_to_less() {
        assert!(is_old("1.19") && !is_old("1.21.13") && !is_old("1.27.4"));
    }
}
