//! What elfin claims about a file, and how a claim stands against the truth.
//!
//! `elfin pieces FILE` prints the pieces that its ledger settled on, in file
//! order, one a line, fields parted by tabs: offset, bytes, package or `-`,
//! packages that share it parted by commas or `-`, kind, exact or estimated.

use crate::truth::Owner;
use anyhow::{Context, Result, bail};
use std::fmt;

/// Whose elfin says that bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Packages(Owner),
    /// The file format's, the linker's, a library's.
    System(String),
    Unknown,
}

/// A piece of the file with a claim.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) claim: Claim,
}

/// How a claim stands against the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// The owner, or exactly the owners.
    Right,
    /// Some of the owners, or the owner among others.
    Near,
    Wrong,
    Unknown,
}

impl Claimed {
    /// Reads a line; `main` is the import path that the truth calls `main`.
    ///
    /// Returns an error if the line is not as described above.
    pub(super) fn read(line: &str, main: &str) -> Result<Claimed> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [start, bytes, package, shared, kind, _exact] = *fields else {
            bail!("`{line}` has {} fields and not 6", fields.len());
        };
        let start: u64 = start.parse().with_context(|| format!("`{line}` has no offset"))?;
        let bytes: u64 = bytes.parse().with_context(|| format!("`{line}` has no bytes"))?;
        let named = |it: &str| if it == main { "main".to_owned() } else { it.to_owned() };
        let claim = match (package, shared, kind) {
            (_, _, "unknown") => Claim::Unknown,
            (_, _, "common") => Claim::Packages(Owner::Many),
            ("-", "-", kind) => Claim::System(kind.to_owned()),
            ("-", shared, _) => Claim::Packages(Owner::of(shared.split(',').map(named))),
            (package, ..) => Claim::Packages(Owner::One(named(package))),
        };
        Ok(Claimed { start, end: start.saturating_add(bytes), claim })
    }
}

impl Claim {
    pub(super) fn verdict(&self, truth: &Owner) -> Verdict {
        let claimed = match self {
            Claim::Unknown => return Verdict::Unknown,
            Claim::System(_) => return Verdict::Wrong,
            Claim::Packages(claimed) => claimed,
        };
        // Of `Many` nobody knows the names, so it may be near to anything.
        let unnamed = [truth, claimed].contains(&&Owner::Many);
        let meets = || claimed.packages().any(|one| truth.packages().any(|it| it == one));
        match claimed == truth {
            true => Verdict::Right,
            false if unnamed || meets() => Verdict::Near,
            false => Verdict::Wrong,
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Unknown => f.write_str("unknown"),
            Claim::System(kind) => write!(f, "({kind})"),
            Claim::Packages(owner) => f.write_str(&written(owner)),
        }
    }
}

/// An owner, in a few words.
pub(super) fn written(owner: &Owner) -> String {
    match owner {
        Owner::Nobody => "nobody".to_owned(),
        Owner::Many => "many".to_owned(),
        Owner::One(_) | Owner::Several(_) => owner.packages().collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(package: &str, shared: &str, kind: &str) -> Claim {
        let line = format!("16\t4\t{package}\t{shared}\t{kind}\texact");
        let claimed = Claimed::read(&line, "example.com/m").unwrap();
        assert_eq!((claimed.start, claimed.end), (16, 20));
        claimed.claim
    }

    #[test]
    fn a_claim_is_judged_by_whom_it_names() {
        let one = Owner::One("main".to_owned());
        let two = Owner::of(["a".to_owned(), "b".to_owned()]);
        let cases = [
            (claim("main", "-", "code"), &one, Verdict::Right),
            (claim("example.com/m", "-", "code"), &one, Verdict::Right),
            (claim("a", "-", "code"), &one, Verdict::Wrong),
            (claim("-", "a,main", "string"), &one, Verdict::Near),
            (claim("-", "a,c", "string"), &one, Verdict::Wrong),
            (claim("-", "-", "common"), &one, Verdict::Near),
            (claim("-", "-", "padding"), &one, Verdict::Wrong),
            (claim("-", "-", "unknown"), &one, Verdict::Unknown),
            (claim("-", "b,a", "string"), &two, Verdict::Right),
            (claim("a", "-", "string"), &two, Verdict::Near),
            (claim("c", "-", "string"), &two, Verdict::Wrong),
            (claim("-", "-", "common"), &Owner::Many, Verdict::Right),
            (claim("a", "-", "string"), &Owner::Many, Verdict::Near),
        ];
        for (claim, truth, verdict) in cases {
            assert_eq!(claim.verdict(truth), verdict, "{claim} of {}", written(truth));
        }
    }

    #[test]
    fn a_line_that_is_no_piece_is_refused() {
        for line in ["", "1\t2\t3", "x\t2\t-\t-\tcode\texact", "1\t-\t-\t-\tcode\texact"] {
            assert!(Claimed::read(line, "m").is_err(), "{line}");
        }
    }
}
