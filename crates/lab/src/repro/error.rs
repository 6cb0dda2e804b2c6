//! Why nothing could be said about whether a program is reproducible.

use crate::LabError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a reproduction ended without an answer.
#[derive(Debug, thiserror::Error)]
pub enum ReproError {
    /// The package cannot be found or looked at.
    #[error(transparent)]
    Lab(LabError),
    /// It cannot be built as it is.
    #[error("the copy of the sources cannot be built as they are:\n{says}")]
    NotBuilt {
        /// Go's own words.
        says: String,
    },
    /// A shipped file does not say how it was built.
    #[error("{path}: {says}")]
    NoBuildInfo {
        /// The file.
        path: PathBuf,
        /// What is missing, and what to do.
        says: String,
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
    /// The user stopped it.
    #[error("stopped; nothing was left behind")]
    Stopped,
}

impl From<LabError> for ReproError {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Interrupted => ReproError::Stopped,
            other => ReproError::Lab(other),
        }
    }
}

impl ReproError {
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> ReproError {
        ReproError::Io { doing, path: path.to_owned(), source }
    }
}
