//! Why an experiment could not be done at all. What fails for one recipe is not here: it is a
//! row of the table.

use std::io;
use std::path::{Path, PathBuf};

/// Why the lab stopped.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// There is no `go` in PATH.
    #[error("there is no `go` in PATH; install it ({remedy}), or use --binary for a finished file")]
    NoGo {
        /// What installs it.
        remedy: String,
    },
    /// What was named is not a Go package.
    #[error("{package} is not a Go package that can be built here:\n{says}")]
    NotAPackage {
        /// As the user gave it.
        package: String,
        /// Go's own words.
        says: String,
    },
    /// The package is a library.
    #[error("{package} is package {name}, not a command; give the folder of a package main")]
    NotACommand {
        /// As the user gave it.
        package: String,
        /// The package clause.
        name: String,
    },
    /// Not one variant could be built.
    #[error("no variant could be built; the first failed with:\n{says}")]
    NothingBuilt {
        /// Go's own words.
        says: String,
    },
    /// The file is not an ELF program.
    #[error("{path}: {says}; --binary takes a linked Linux program")]
    NotAProgram {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        says: String,
    },
    /// The program that the others are compared with does not start or never gets ready.
    #[error("{recipe}: {says}\n{output}{hint}")]
    NoReference {
        /// The recipe.
        recipe: String,
        /// What happened.
        says: String,
        /// What the program printed, indented.
        output: String,
        /// What to do.
        hint: String,
    },
    /// The output folder holds something else.
    #[error(
        "{path} holds files that elfin did not write; name another folder with --out, or empty it"
    )]
    ForeignFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Another lab works in the folder.
    #[error("another elfin works in {path}; wait for it, or name another folder with --out")]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("no space left for {path}; free some, then run the same command: it goes on from here")]
    NoSpace {
        /// What was being written.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// `read`, `write`, …
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What is built is being worked on: recipes of two states must not be compared.
    #[error(
        "{package}: its sources, or the state of its repository, changed while it was built; run \
         the same command again when they are at rest"
    )]
    SourcesChanged {
        /// As the user gave it.
        package: String,
    },
    /// The user stopped it.
    #[error("stopped; the same command goes on from here")]
    Interrupted,
    /// The plan.
    #[error(transparent)]
    Plan(#[from] crate::plan::PlanError),
    /// `--run` is not a list of words.
    #[error("--run {text:?}: {source}")]
    Arguments {
        /// As the user gave it.
        text: String,
        /// What is wrong with it.
        source: shell_words::ParseError,
    },
}

impl LabError {
    /// Turns what the system said about a file into an error; a full disk gets its own.
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> LabError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                LabError::NoSpace { path: path.to_owned() }
            }
            _ => LabError::Io { doing, path: path.to_owned(), source },
        }
    }
}

/// True if a tool's own words are about a full disk.
pub(crate) fn says_no_space(says: &str) -> bool {
    says.to_ascii_lowercase().contains("no space left on device")
}
