//! Which file decides about the Go of a folder.
//!
//! The nearest folder counts, and in a folder `.godotenv` before go.work, go.mod, `.go-version` and
//! `.tool-versions`. A `go` line alone is the least version that will do: whatever above it or
//! beside it names a version that does, decides instead.

use crate::godotenv::{self, Assignment, GODOTENV, GOVERSION};
use crate::{EnvError, GoVersion, Surroundings};
use elfin_schema::Decider;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Demand {
    /// This version, or the newest release of this language version.
    Version(GoVersion),
    /// At least this version.
    AtLeast(GoVersion),
    /// The Go that lies there.
    Root(PathBuf),
    /// Whatever the system has.
    System,
}

/// A file's demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub demand: Demand,
    pub what: Decider,
    pub file: Option<PathBuf>,
    pub line: Option<usize>,
    /// As it was written.
    pub asked: Option<String>,
}

/// A `.godotenv` that holds for the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub file: PathBuf,
    pub text: String,
    pub assignments: Vec<Assignment>,
}

/// What the files from a folder upwards say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub decision: Decision,
    /// The nearest `.godotenv`.
    pub godotenv: Option<Loaded>,
    /// The least version that go.work or go.mod asks for, with the file.
    pub least: Option<(GoVersion, PathBuf)>,
}

/// The files that decide, in the order in which they do within a folder.
const FILES: [(&str, Decider); 5] = [
    (GODOTENV, Decider::Godotenv),
    ("go.work", Decider::GoWork),
    ("go.mod", Decider::GoMod),
    (".go-version", Decider::GoVersion),
    (".tool-versions", Decider::ToolVersions),
];

/// Every place where a deciding file may lie, the nearest first.
pub(crate) fn candidates(folder: &Path) -> impl Iterator<Item = PathBuf> {
    folder.ancestors().flat_map(|folder| FILES.map(|(name, _)| folder.join(name)))
}

/// The most that is read of a deciding file.
const LARGEST: u64 = 1 << 20;

/// Reads the deciding files from the folder upwards.
///
/// Fails at a file that cannot be read or says nonsense.
pub(crate) fn said(surroundings: &Surroundings) -> Result<Said, EnvError> {
    let mut decided: Option<Decision> = None;
    let (mut godotenv, mut least) = (None::<Loaded>, None::<(GoVersion, PathBuf)>);
    let work = surroundings.get("GOWORK").and_then(OsStr::to_str);
    for folder in surroundings.folder.ancestors() {
        for (name, what) in FILES {
            if what == Decider::GoWork && work.is_some_and(|it| it != "auto") {
                continue;
            }
            let file = folder.join(name);
            let Some(text) = content(&file)? else { continue };
            let bad = |line: Option<usize>, says: String| EnvError::File {
                file: file.clone(),
                says: line.map_or(says.clone(), |line| format!("line {line}: {says}")),
            };
            let mut demand = match what {
                Decider::Godotenv if godotenv.is_some() => None,
                Decider::Godotenv => {
                    let assignments =
                        godotenv::parse(&text).map_err(|error| bad(None, error.to_string()))?;
                    let demand = of_assignments(&assignments);
                    godotenv = Some(Loaded { file: file.clone(), text: text.clone(), assignments });
                    demand
                }
                Decider::GoWork | Decider::GoMod => of_module(&text),
                Decider::GoVersion => of_go_version(&text),
                Decider::ToolVersions => of_tool_versions(&text),
                Decider::System => None,
            };
            let Some((line, asked, found)) = demand.take() else { continue };
            let demand = found.map_err(|says| bad(Some(line), says))?;
            if let (
                Decider::GoWork | Decider::GoMod,
                Demand::AtLeast(version) | Demand::Version(version),
            ) = (what, &demand)
                && least.is_none()
            {
                least = Some((least_line(&text).unwrap_or_else(|| version.clone()), file.clone()));
            }
            let is_better = match &decided {
                None => true,
                Some(Decision { demand: Demand::AtLeast(least), .. }) => {
                    matches!(&demand, Demand::Version(version) if does(version, least))
                        && what != Decider::GoMod
                        && what != Decider::GoWork
                }
                Some(_) => false,
            };
            if is_better {
                let (file, line) = (Some(file), Some(line));
                decided = Some(Decision { demand, what, file, line, asked: Some(asked) });
            }
        }
    }
    let system = Decision {
        demand: Demand::System,
        what: Decider::System,
        file: None,
        line: None,
        asked: None,
    };
    Ok(Said { decision: decided.unwrap_or(system), godotenv, least })
}

/// Says whether a version, or a release of a language version, is at least another.
fn does(version: &GoVersion, least: &GoVersion) -> bool {
    version >= least || (version.is_language() && least.is_of(version))
}

/// The text of a file; `None` where there is none.
fn content(file: &Path) -> Result<Option<String>, EnvError> {
    let bad = |says: String| EnvError::File { file: file.to_owned(), says };
    match std::fs::metadata(file) {
        Ok(data) if data.is_file() && data.len() > LARGEST => {
            Err(bad(format!("it has {} bytes, which no such file needs", data.len())))
        }
        Ok(data) if data.is_file() => match std::fs::read_to_string(file) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(bad(error.to_string())),
        },
        _ => Ok(None),
    }
}

/// A one-based line, what is written there, and the demand or what is wrong with it.
type Found = Option<(usize, String, Result<Demand, String>)>;

fn of_assignments(assignments: &[Assignment]) -> Found {
    let of = |name: &str| assignments.iter().find(|it| it.name == name && !it.value.is_empty());
    if let Some(one) = of(GOVERSION) {
        return Some((one.line, one.value.clone(), version(&one.value)));
    }
    let root = of("GOROOT")?;
    Some((root.line, root.value.clone(), Ok(Demand::Root(root.value.clone().into()))))
}

/// The `toolchain` line of a go.mod or go.work, or else its `go` line.
///
/// Source: golang/go src/cmd/go/internal/gover/mod.go (go1.26), GoModLookup.
fn of_module(text: &str) -> Found {
    let named = directive(text, "toolchain").filter(|(_, name)| *name != "default");
    if let Some((line, name)) = named {
        // go1.24.11-custom is built like go1.24.11, and nobody can fetch it.
        let release = name.split_once('-').map_or(name, |(release, _)| release);
        return Some((line, name.to_owned(), version(release)));
    }
    let (line, least) = directive(text, "go")?;
    let demand = least.parse().map(Demand::AtLeast).map_err(|error| format!("{error}"));
    Some((line, format!("go {least}"), demand))
}

fn least_line(text: &str) -> Option<GoVersion> {
    directive(text, "go")?.1.parse().ok()
}

/// A line of two words of which this is the first.
fn directive<'a>(text: &'a str, name: &str) -> Option<(usize, &'a str)> {
    text.lines().enumerate().find_map(|(index, line)| {
        let line = line.split_once("//").map_or(line, |(line, _)| line);
        let mut words = line.split_whitespace();
        (words.next()? == name)
            .then(|| Some((index + 1, words.next()?.trim_matches(['"', '`']))))?
    })
}

fn of_go_version(text: &str) -> Found {
    let (index, line) = text.lines().enumerate().find(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    })?;
    Some((index + 1, line.trim().to_owned(), version(line.trim())))
}

/// The first version that `.tool-versions` names for `golang` or `go`.
fn of_tool_versions(text: &str) -> Found {
    text.lines().enumerate().find_map(|(index, line)| {
        let line = line.split_once('#').map_or(line, |(line, _)| line);
        let mut words = line.split_whitespace();
        let is_go = matches!(words.next()?, "golang" | "go");
        let named = words.next().filter(|_| is_go)?;
        Some((index + 1, named.to_owned(), version(named)))
    })
}

/// A version, or the word for the system's own.
fn version(text: &str) -> Result<Demand, String> {
    match text {
        "system" => Ok(Demand::System),
        _ => text.parse().map(Demand::Version).map_err(|error: crate::NoVersion| error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What decides in `a/b/c` below a folder with these files.
    fn decided(files: &[(&str, &str)]) -> Result<(Decider, String), String> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = root.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let folder = root.path().join("a/b/c");
        std::fs::create_dir_all(&folder).unwrap();
        let said = said(&Surroundings { folder, ..Surroundings::default() });
        let decision = said.map_err(|error| error.to_string())?.decision;
        Ok((decision.what, decision.asked.unwrap_or_default()))
    }

    fn is(files: &[(&str, &str)], what: Decider, asked: &str) {
        assert_eq!(decided(files), Ok((what, asked.to_owned())), "{files:?}");
    }

    #[test]
    fn the_nearest_folder_decides_and_in_it_the_first_file() {
        is(&[], Decider::System, "");
        is(&[("a/go.mod", "go 1.24\n"), ("go.mod", "go 1.25\n")], Decider::GoMod, "go 1.24");
        let all = [
            ("a/.godotenv", "GOVERSION=1.21.1"),
            ("a/go.work", "go 1.22\ntoolchain go1.22.2\n"),
            ("a/go.mod", "module m\ntoolchain go1.23.3 // why\ngo 1.23\n"),
            ("a/.go-version", "# c\n1.24.4\n"),
            ("a/.tool-versions", "nodejs 20\ngolang 1.25.5 1.2\n"),
        ];
        is(&all, Decider::Godotenv, "1.21.1");
        is(&all[1..], Decider::GoWork, "go1.22.2");
        is(&all[2..], Decider::GoMod, "go1.23.3");
        is(&all[3..], Decider::GoVersion, "1.24.4");
        is(&all[4..], Decider::ToolVersions, "1.25.5");
    }

    #[test]
    fn a_go_line_leaves_it_to_a_version_that_does() {
        let go_mod = ("a/b/c/go.mod", "module m\ngo 1.24.2\n");
        is(&[go_mod, ("a/.godotenv", "GOVERSION=1.25.1")], Decider::Godotenv, "1.25.1");
        is(&[go_mod, ("a/b/c/.go-version", "1.24")], Decider::GoVersion, "1.24");
        is(&[go_mod, ("a/.godotenv", "GOVERSION=1.24.1")], Decider::GoMod, "go 1.24.2");
        is(&[go_mod, ("a/.godotenv", "GOOS=linux")], Decider::GoMod, "go 1.24.2");
        let named = ("a/b/c/go.mod", "go 1.24\ntoolchain go1.24.2\n");
        is(&[named, ("a/.godotenv", "GOVERSION=1.25.1")], Decider::GoMod, "go1.24.2");
        let default = ("a/b/c/go.mod", "go 1.24\ntoolchain default\n");
        is(&[default], Decider::GoMod, "go 1.24");
    }

    #[test]
    fn nonsense_is_named_with_its_file_and_line() {
        let says = decided(&[("a/.go-version", "\nlatest\n")]).unwrap_err();
        assert!(says.contains("a/.go-version: line 2: \"latest\""), "{says}");
        let says = decided(&[("a/.godotenv", "PATH=x\n")]).unwrap_err();
        assert!(says.contains(".godotenv: line 1: \"PATH\""), "{says}");
    }
}
