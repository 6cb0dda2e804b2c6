//! The rules of the house that no compiler knows, each a check that can fail.
//!
//! The same checks run as a test, so that `cargo test` alone finds what CI
//! would. They read the source as text: a rule that needs more than that
//! belongs to clippy.

mod arrows;
mod figures;

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Beyond this a file has more than one subject.
const MOST_LINES: usize = 800;

/// Files that may be longer, each with the reason.
const LONGER: [(&str, &str); 0] = [];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["util", "utils", "common", "shared", "misc", "helpers"];

/// Crates that take bytes or documents and return values.
const PURE: [&str; 12] = [
    "causes",
    "disasm",
    "elf",
    "golang",
    "ledger",
    "model",
    "pack",
    "pack/format",
    "report",
    "schema",
    "shrink",
    "weigh",
];

/// A file of the checkout: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

/// Runs every check.
///
/// Returns an error that lists what was found, one line each.
pub(crate) fn run() -> Result<()> {
    let findings = findings()?;
    if findings.is_empty() {
        return Ok(());
    }
    bail!("the house is not tidy:\n  {}", findings.join("\n  "))
}

fn findings() -> Result<Vec<String>> {
    let sources = sources()?;
    let checks = [header, length, name, pure, spawning, links, places];
    let mut findings: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            let says = checks.iter().flat_map(|check| check(source));
            says.map(|says| format!("{}: {says}", source.path)).collect::<Vec<_>>()
        })
        .collect();
    findings.extend(arrows::findings()?);
    findings.extend(figures::findings(&sources));
    Ok(findings)
}

/// Reads every Rust and Markdown file of ours.
fn sources() -> Result<Vec<Source>> {
    let root = shell::root();
    let mut folders: Vec<PathBuf> =
        ["crates", "xtask", "docs"].iter().map(|it| root.join(it)).collect();
    let mut files: Vec<PathBuf> = entries(root)?;
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder)? {
            if entry.is_dir() { folders.push(entry) } else { files.push(entry) }
        }
    }
    files.sort();
    files.retain(|it| it.is_file() && it.extension().is_some_and(|it| it == "rs" || it == "md"));
    files.iter().map(|path| read(root, path)).collect()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    listing.map(|entry| Ok(entry?.path())).collect()
}

fn read(root: &Path, path: &Path) -> Result<Source> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    let path = path.strip_prefix(root)?.to_string_lossy().into_owned();
    Ok(Source { path, text })
}

impl Source {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The crate whose library or program this file belongs to; tests belong to none.
    fn room(&self) -> Option<&str> {
        let (room, file) = self.path.strip_prefix("crates/")?.split_once("/src/")?;
        let is_test = file.ends_with("tests.rs") || file.contains("tests/");
        (self.is_rust() && !is_test).then_some(room)
    }

    /// What is compiled into the product: the text before the tests, without comments.
    fn product(&self) -> impl Iterator<Item = &str> {
        let end = self.text.find("#[cfg(test)]\nmod ").unwrap_or(self.text.len());
        self.text[..end].lines().filter(|line| !line.trim_start().starts_with("//"))
    }
}

fn header(source: &Source) -> Vec<String> {
    let fine = !source.is_rust() || source.text.starts_with("//! ");
    finding(fine, || "begins without `//!`: say what it is, why, and what it does not do".into())
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let excused = LONGER.iter().any(|(path, _)| *path == source.path);
    let fine = !source.is_rust() || lines <= MOST_LINES || excused;
    finding(fine, || format!("has {lines} lines, {MOST_LINES} are the most: cut it by subject"))
}

fn name(source: &Source) -> Vec<String> {
    let empty = source.path.split(['/', '.']).find(|it| EMPTY_NAMES.contains(it));
    empty.map(|name| format!("`{name}` says nothing about what is inside")).into_iter().collect()
}

fn pure(source: &Source) -> Vec<String> {
    let reaches_out = |line: &str| {
        ["std::fs", "std::env", "std::net", "std::process"].iter().any(|it| line.contains(it))
    };
    let may = !source.room().is_some_and(|room| PURE.contains(&room));
    finding(may || !source.product().any(reaches_out), || "this crate does no I/O".into())
}

fn spawning(source: &Source) -> Vec<String> {
    let spawns = |line: &str| {
        (line.contains("std::process::") && line.contains("Command"))
            || ["fork(", "posix_spawn"].iter().any(|it| line.contains(it))
    };
    let may = source.room().is_none_or(|room| room == "process");
    finding(may || !source.product().any(spawns), || "only `process` spawns".into())
}

/// Checks that every `[text](file)` of a page leads somewhere.
fn links(source: &Source) -> Vec<String> {
    if source.is_rust() {
        return Vec::new();
    }
    let folder = shell::root().join(&source.path);
    let targets = source.text.split("](").skip(1).filter_map(|it| it.split_once(')'));
    targets
        .map(|(target, _)| target.split('#').next().unwrap_or(target))
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .filter(|target| !folder.with_file_name("").join(target).exists())
        .map(|target| format!("the link to {target} leads nowhere"))
        .collect()
}

/// Checks that no page tells where somebody's checkout is.
fn places(source: &Source) -> Vec<String> {
    let is_place = |word: &&str| word.starts_with('/') && word.contains("/target/");
    let place = source.text.split_whitespace().find(is_place).filter(|_| !source.is_rust());
    place.map(|it| format!("{it} is a place on somebody's machine")).into_iter().collect()
}

fn finding(fine: bool, says: impl FnOnce() -> String) -> Vec<String> {
    if fine { Vec::new() } else { vec![says()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_house_is_tidy() {
        run().unwrap();
    }

    #[test]
    fn each_rule_finds_what_breaks_it() {
        let long = "//! x\n".repeat(801);
        let broken = [
            (header as fn(&Source) -> Vec<String>, source("crates/a/src/b.rs", "fn f() {}")),
            (length, source("crates/a/src/b.rs", &long)),
            (name, source("crates/a/src/util.rs", "//! x")),
            (name, source("crates/a/src/helpers/b.rs", "//! x")),
            (pure, source("crates/elf/src/b.rs", "use std::fs;")),
            (spawning, source("crates/lab/src/b.rs", "use std::process::Command;")),
            (places, source("docs/a.md", "in /home/me/elfin/target/bench")),
            (links, source("README.md", "see [this](no/such/file.md#part)")),
        ];
        for (check, source) in broken {
            assert_eq!(check(&source).len(), 1, "{}", source.path);
        }
    }

    #[test]
    fn rules_leave_alone_what_is_not_theirs() {
        let fine = [
            (pure as fn(&Source) -> Vec<String>, source("crates/lab/src/b.rs", "use std::fs;")),
            (pure, source("crates/elf/src/b.rs", "// std::fs\n#[cfg(test)]\nmod t { std::fs }")),
            (spawning, source("crates/process/src/b.rs", "use std::process::Command;")),
            (spawning, source("crates/lab/tests/b.rs", "use std::process::Command;")),
            (links, source("README.md", "[a](Cargo.toml) [b](#part) [c](https://example.com)")),
        ];
        for (check, source) in fine {
            assert_eq!(check(&source), Vec::<String>::new(), "{}", source.path);
        }
    }
}
