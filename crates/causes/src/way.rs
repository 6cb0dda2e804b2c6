//! How a program was built, as it can be told to the go command again, and with one cause undone.

use crate::settings;
use elfin_schema::{Cause, Weighing};
use std::collections::{BTreeMap, BTreeSet};

/// The flags of `go build` that build information names, and that can be given again.
const FLAGS: [&str; 10] = [
    "-asan",
    "-asmflags",
    "-buildmode",
    "-cover",
    "-covermode",
    "-msan",
    "-pgo",
    "-race",
    "-tags",
    "-trimpath",
];

/// A way to build a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// Environment variables.
    environment: BTreeMap<String, String>,
    /// Flags of `go build` by name, but for those of the compiler and the linker.
    flags: BTreeMap<String, String>,
    /// What stands before the flags of the compiler: `all`.
    pattern: String,
    compiler: Vec<String>,
    linker: Vec<String>,
}

impl Way {
    /// Reads how a program was built.
    pub fn of(w: &Weighing) -> Way {
        let mut way = Way::default();
        for (name, value) in &w.build.settings {
            match name.as_str() {
                "-ldflags" => way.linker = linker_flags(value),
                "-gcflags" => {
                    let (pattern, flags) = match value.split_once('=') {
                        Some((pattern, flags)) if !pattern.starts_with('-') => (pattern, flags),
                        _ => ("", value.as_str()),
                    };
                    way.pattern = pattern.to_owned();
                    way.compiler = quoted(flags);
                }
                _ if FLAGS.contains(&name.as_str()) => {
                    way.flags.insert(name.clone(), value.clone());
                }
                _ if name.starts_with("GO") || name.starts_with("CGO_") => {
                    way.environment.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
        // With -trimpath the flags of the linker are not told, and yet they show.
        if way.linker.is_empty() {
            way.linker.extend((!w.file.symbols).then(|| "-s".to_owned()));
            way.linker.extend((!w.file.dwarf).then(|| "-w".to_owned()));
        }
        let stamped = w.build.settings.contains_key("vcs");
        way.flags.insert("-buildvcs".to_owned(), stamped.to_string());
        let version = w.go.as_ref().map(|it| it.version.as_str()).unwrap_or_default();
        // A Go that somebody built from source cannot be chosen so.
        let number = version.split([' ', '-']).next().unwrap_or_default();
        if number.starts_with("go1") {
            way.environment.insert("GOTOOLCHAIN".to_owned(), number.to_owned());
        }
        way
    }

    /// The environment variables to set.
    pub fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The flags to give to `go build`.
    pub fn flags(&self) -> Vec<String> {
        let flag = |(name, value): (&String, &String)| format!("{name}={value}");
        let mut flags: Vec<String> = self.flags.iter().map(flag).collect();
        if !self.compiler.is_empty() {
            let pattern = match self.pattern.as_str() {
                "" => String::new(),
                pattern => format!("{pattern}="),
            };
            flags.push(format!("-gcflags={pattern}{}", self.compiler.join(" ")));
        }
        if !self.linker.is_empty() {
            flags.push(format!("-ldflags={}", self.linker.join(" ")));
        }
        flags
    }

    /// Undoes a cause, so that as far as it goes the program is built as another was; tells what was
    /// changed, or `None` where no setting does it.
    pub fn without(&self, cause: &Cause, from: (&Way, &Weighing)) -> Option<(Way, String)> {
        let (before, w) = from;
        let mut way = self.clone();
        undo(&mut way.environment, &before.environment, |name, from, to| match name {
            "GOTOOLCHAIN" => *cause == Cause::GoVersion,
            "GOEXPERIMENT" if *cause == Cause::DwarfVersion => true,
            _ => settings::causes(name, from, to).contains(cause),
        });
        undo(&mut way.flags, &before.flags, |name, from, to| match name {
            "-buildvcs" => *cause == Cause::BuildInfo,
            _ => settings::causes(name, from, to).contains(cause),
        });
        let of_it = |flag: &String| of_compiler(flag) == *cause;
        if swap(&mut way.compiler, &before.compiler, of_it) && way.pattern.is_empty() {
            way.pattern.clone_from(&before.pattern);
        }
        match cause {
            Cause::Dwarf => {
                way.linker.retain(|it| !matches!(it.as_str(), "-w" | "-w=0" | "-w=1"));
                // -s takes DWARF too where nothing is said of it.
                way.linker.push(if w.file.dwarf { "-w=0" } else { "-w" }.to_owned());
            }
            Cause::SymbolTable => {
                let has_dwarf = !way.linker.iter().any(|it| matches!(it.as_str(), "-s" | "-w"));
                way.linker.retain(|it| it != "-s");
                way.linker.extend((!w.file.symbols).then(|| "-s".to_owned()));
                if !way.linker.iter().any(|it| it.starts_with("-w")) {
                    way.linker.push(if has_dwarf { "-w=0" } else { "-w" }.to_owned());
                }
            }
            _ => drop(swap(&mut way.linker, &before.linker, |it| of_linker(it) == *cause)),
        }
        (way != *self).then(|| {
            let said = way.said(self);
            (way, said)
        })
    }

    /// What of this way another does not say, as it is typed.
    fn said(&self, other: &Way) -> String {
        let names: BTreeSet<&String> =
            self.environment.keys().chain(other.environment.keys()).collect();
        let differs =
            |name: &&&String| self.environment.get(**name) != other.environment.get(**name);
        let value = |name: &String| self.environment.get(name).map_or("", String::as_str);
        let mut said: Vec<String> =
            names.iter().filter(differs).map(|name| format!("{name}={}", value(name))).collect();
        let theirs = other.flags();
        let ours = self.flags();
        said.extend(ours.iter().filter(|it| !theirs.contains(it)).cloned());
        let name = |flag: &String| flag.split('=').next().unwrap_or_default().to_owned();
        let gone = theirs.iter().map(name).filter(|it| !ours.iter().any(|ours| name(ours) == *it));
        said.extend(gone.map(|name| format!("{name}=")));
        said.join(" ")
    }
}

/// Gives each name that is wanted the value that it had; a name that had none goes.
fn undo(
    values: &mut BTreeMap<String, String>,
    before: &BTreeMap<String, String>,
    wanted: impl Fn(&str, &str, &str) -> bool,
) {
    let names: BTreeSet<String> = values.keys().chain(before.keys()).cloned().collect();
    for name in names {
        let (from, to) = (before.get(&name).cloned(), values.get(&name).cloned());
        let shown = |it: &Option<String>| it.clone().unwrap_or_default();
        if from != to && wanted(&name, &shown(&from), &shown(&to)) {
            match from {
                Some(value) => values.insert(name, value),
                None => values.remove(&name),
            };
        }
    }
}

/// Puts the flags of one cause in the place of those that are there; true if that changed some.
fn swap(flags: &mut Vec<String>, before: &[String], of_it: impl Fn(&String) -> bool) -> bool {
    let wanted: Vec<String> = before.iter().filter(|it| of_it(it)).cloned().collect();
    let there: Vec<String> = flags.iter().filter(|it| of_it(it)).cloned().collect();
    if wanted == there {
        return false;
    }
    flags.retain(|it| !of_it(it));
    flags.extend(wanted);
    true
}

/// What a flag of the compiler is of.
fn of_compiler(flag: &str) -> Cause {
    match flag {
        "-l" | "-l=4" | "-N" => Cause::Inlining,
        _ => Cause::CompilerFlags,
    }
}

/// What a flag of the linker is of; what says nothing of the code is information.
fn of_linker(flag: &str) -> Cause {
    let name = flag.split(['=', ' ']).next().unwrap_or_default();
    match name.trim_start_matches(['\'', '"']) {
        "-w" => Cause::Dwarf,
        "-s" => Cause::SymbolTable,
        "-compressdwarf" => Cause::DwarfCompression,
        "-funcalign" => Cause::FunctionAlignment,
        "-R" => Cause::Padding,
        "-B" => Cause::BuildId,
        "-linkmode" | "-extld" => Cause::Linkage,
        "-extldflags" if flag.contains("-static") => Cause::Libc,
        "-extldflags" => Cause::Linkage,
        _ => Cause::BuildInfo,
    }
}

/// Splits as Go does: at spaces, a whole element in quotes kept together.
///
/// Source: golang/go src/cmd/internal/quoted/quoted.go (go1.26).
fn quoted(text: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => rest[1..].find(first).map(|at| at + 2),
            _ => rest.find(char::is_whitespace),
        };
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

/// Flags of the linker, each with its value, as they are written.
fn linker_flags(text: &str) -> Vec<String> {
    /// Those that have none; all others have one, behind `=` or as the next word.
    const ALONE: [&str; 16] = [
        "-s",
        "-w",
        "-a",
        "-asan",
        "-aslr",
        "-c",
        "-checklinkname",
        "-compressdwarf",
        "-d",
        "-f",
        "-g",
        "-h",
        "-linkshared",
        "-msan",
        "-n",
        "-race",
    ];
    let mut flags: Vec<String> = Vec::new();
    let mut words = quoted(text).into_iter();
    while let Some(word) = words.next() {
        let is_whole = word.contains('=') || ALONE.contains(&word.as_str());
        let value = if is_whole { None } else { words.next() };
        flags.push(match value {
            Some(value) => format!("{word} {value}"),
            None => word,
        });
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_linker_keep_their_values_and_quotes() {
        let text = "-s -w -X main.v=1 -linkmode=external '-extldflags=-static -pie' -R 0x40000";
        let flags = linker_flags(text);
        assert_eq!(
            flags,
            [
                "-s",
                "-w",
                "-X main.v=1",
                "-linkmode=external",
                "'-extldflags=-static -pie'",
                "-R 0x40000"
            ]
        );
        let causes: Vec<Cause> = flags.iter().map(|it| of_linker(it)).collect();
        let wanted = [
            Cause::SymbolTable,
            Cause::Dwarf,
            Cause::BuildInfo,
            Cause::Linkage,
            Cause::Libc,
            Cause::Padding,
        ];
        assert_eq!(causes, wanted);
    }

    #[test]
    fn only_the_flags_of_one_cause_are_swapped() {
        let mut flags = vec!["-B".to_owned(), "-l".to_owned()];
        assert!(swap(&mut flags, &["-N".to_owned()], |it| of_compiler(it) == Cause::Inlining));
        assert_eq!(flags, ["-B", "-N"]);
        assert!(!swap(&mut flags, &["-N".to_owned()], |it| of_compiler(it) == Cause::Inlining));
    }
}
