//! What can go wrong, and what to do then.

use std::io;
use std::path::PathBuf;

/// Why Go could not be chosen, installed or checked.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// A deciding file cannot be read, or says nonsense.
    #[error("{}: {says}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        says: String,
    },
    /// The system refused something.
    #[error("{doing} {}: {source}", file.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No Go is there that could fetch another.
    #[error(
        "no Go of 1.21 or later is here to fetch {wanted}; install the distribution's package first (Debian and Ubuntu: golang-go; Fedora: golang; Alpine and Arch: go)"
    )]
    NoFirstGo {
        /// The version.
        wanted: String,
    },
    /// The go command could not download the toolchain.
    #[error("{version} could not be downloaded: {says}\n{remedy}")]
    Download {
        /// The version.
        version: String,
        /// The go command's words.
        says: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The toolchain is there and does not run.
    #[error("{}: {says}", go.display())]
    DoesNotRun {
        /// Its go command.
        go: PathBuf,
        /// How it failed.
        says: String,
    },
    /// The toolchain is not installed.
    #[error("{version} is not installed; `elfin env list` shows what is")]
    NotInstalled {
        /// The version.
        version: String,
    },
    /// What was unpacked again is still not what the go command recorded.
    #[error(
        "{version}: what is in the module cache does not have the recorded hash {recorded}, even unpacked again ({found}); `elfin env remove {version}` removes it"
    )]
    StaysBroken {
        /// The version.
        version: String,
        /// The recorded hash.
        recorded: String,
        /// The hash that was found.
        found: String,
    },
    /// Neither GOMODCACHE nor GOPATH nor HOME is set.
    #[error("the module cache cannot be found: set HOME or GOMODCACHE")]
    NoCache,
    /// Under `--strict`: the Go that was asked for could not be had.
    #[error("{says} (--strict)")]
    Strict {
        /// Why not.
        says: String,
    },
    /// A tool could not be run.
    #[error(transparent)]
    Tool(#[from] elfin_process::ToolError),
}

impl EnvError {
    pub(crate) fn io(doing: &'static str, file: impl Into<PathBuf>, source: io::Error) -> EnvError {
        EnvError::Io { doing, file: file.into(), source }
    }
}
