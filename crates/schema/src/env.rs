//! `elfin env --json`: which Go a folder has, and why; and what was found out about toolchains.

use crate::Bytes;
use serde::{Deserialize, Serialize};

/// The schema of a selection.
pub const ENV_SCHEMA: &str = "elfin.env/1";

/// The Go of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoSelection {
    /// Always [`ENV_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// The Go that runs here: `go1.24.11`; `None` where there is none.
    pub version: Option<String>,
    /// Where it is.
    pub goroot: Option<String>,
    /// What decided.
    pub decided_by: DecidedBy,
    /// What was asked for, as it was written.
    pub asked: Option<String>,
    /// What the folder's `.godotenv` sets.
    pub settings: Vec<GoSetting>,
    /// What to bear in mind.
    pub findings: Vec<EnvFinding>,
}

/// What decided which Go it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedBy {
    /// The kind of file.
    pub what: Decider,
    /// The file; `None` where none decided.
    pub file: Option<String>,
    /// One-based line in it.
    pub line: Option<usize>,
}

/// The kinds of files that say which Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decider {
    /// `GOVERSION` or `GOROOT` of a `.godotenv`.
    Godotenv,
    /// The `toolchain` or `go` line of a go.work.
    GoWork,
    /// The `toolchain` or `go` line of a go.mod.
    GoMod,
    /// A `.go-version`.
    GoVersion,
    /// The `golang` or `go` line of a `.tool-versions`.
    ToolVersions,
    /// No file: the first Go in PATH.
    System,
}

/// A variable that a `.godotenv` sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoSetting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// One-based line in the file.
    pub line: usize,
    /// Why it needs the user's word; `None` where it needs none.
    pub needs_word: Option<NeedsWord>,
    /// It is set; else it waits for `elfin env allow`.
    pub set: bool,
}

/// Why a value is not taken from a folder that nobody has vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedsWord {
    /// Go may run a program because of it.
    RunsProgram,
    /// It changes where modules come from or whether they are checked.
    ChangesTrust,
    /// Go reads or writes elsewhere because of it.
    OtherFiles,
}

/// What to bear in mind about a selection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum EnvFinding {
    /// Settings wait for the user's word.
    NotAllowed {
        /// The file.
        file: String,
        /// The names.
        names: Vec<String>,
    },
    /// The Go that was asked for could not be had, so the system's runs.
    FellBack {
        /// What was asked for.
        asked: String,
        /// Why it could not be had.
        says: String,
    },
    /// It was not there, or was broken, and has been installed.
    Installed {
        /// The version.
        version: String,
    },
    /// It is not installed; the next export installs it.
    NotInstalled {
        /// The version.
        version: String,
    },
    /// The Go that was chosen is older than go.mod or go.work asks for.
    OlderThanNeeded {
        /// The version that was chosen.
        version: String,
        /// What is needed.
        needed: String,
        /// The file that says so.
        file: String,
    },
    /// There is no Go at all.
    NoGo,
}

/// The schema of a list of toolchains.
pub const TOOLCHAINS_SCHEMA: &str = "elfin.toolchains/1";

/// The toolchains that are here, and those that could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchains {
    /// Always [`TOOLCHAINS_SCHEMA`].
    pub schema: String,
    /// Those that are here, oldest first.
    pub installed: Vec<ToolchainHere>,
    /// Those that the module proxy has for this machine, where it was asked; oldest first.
    pub remote: Option<Vec<String>>,
}

/// A toolchain that is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolchainHere {
    /// `go1.24.11`.
    pub version: String,
    /// Its GOROOT.
    pub goroot: String,
    /// It is the first Go in PATH and not in the module cache.
    pub system: bool,
}

/// The schema of a list of verified toolchains.
pub const VERIFIED_SCHEMA: &str = "elfin.verified/1";

/// Toolchains held against the hash that the go command recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Always [`VERIFIED_SCHEMA`].
    pub schema: String,
    /// One a toolchain.
    pub toolchains: Vec<VerifiedToolchain>,
}

/// A toolchain held against its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedToolchain {
    /// `go1.24.11`.
    pub version: String,
    /// The hash that go recorded: `h1:…`.
    pub recorded: String,
    /// The hash of what is there.
    pub found: String,
    /// Files that are not as they were downloaded, where the download is still there.
    pub changed: Vec<String>,
    /// Files that were looked at.
    pub files: usize,
    /// Their bytes.
    pub bytes: Bytes,
    /// It was not the same, and has been installed again.
    pub repaired: bool,
}

impl VerifiedToolchain {
    /// Says whether it is now what go recorded.
    pub fn is_sound(&self) -> bool {
        self.repaired || (self.recorded == self.found && self.changed.is_empty())
    }
}
