//! `elfin doctor --bench --json`: the same module built on several file systems, in one run.

use crate::Measured;
use serde::{Deserialize, Serialize};

/// The schema of a bench of paths.
pub const PATH_BENCH_SCHEMA: &str = "elfin.path-bench/1";

/// The same work in several folders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathBench {
    /// Always [`PATH_BENCH_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// What `go version` says.
    pub go: String,
    /// The kernel's release.
    pub kernel: String,
    /// What was built.
    pub subject: BenchSubject,
    /// How often each folder had its turn; they take turns.
    pub rounds: usize,
    /// The folders; ratios are against the first.
    pub paths: Vec<BenchPath>,
}

/// What was built in each folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BenchSubject {
    /// The module that was copied; `None` where one was made up.
    pub module: Option<String>,
    /// Files that were copied.
    pub files: usize,
    /// Their bytes.
    pub bytes: crate::Bytes,
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchPath {
    /// Where it is, symbolic links followed.
    pub path: String,
    /// The type of its file system.
    pub file_system: String,
    /// How it is mounted.
    pub options: String,
    /// Its file operations.
    pub measured: Option<Measured>,
    /// What go did there.
    pub steps: Vec<BenchStep>,
}

/// A command in a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BenchStep {
    /// Which.
    pub what: BenchWhat,
    /// Wall time of each round, seconds.
    pub seconds: Vec<f64>,
    /// The median of each round's ratio to the first folder; `None` where there is none.
    pub ratio: Option<f64>,
    /// What go said where it failed.
    pub failed: Option<String>,
}

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BenchWhat {
    /// `go build ./...` with every file of the module changed, caches elsewhere.
    BuildChanged,
    /// `go build ./...` with nothing changed.
    BuildUnchanged,
    /// `go list ./...`.
    List,
    /// `go mod tidy`.
    Tidy,
    /// `go build ./...` with every file changed, GOCACHE and GOTMPDIR in the folder too.
    BuildWithCaches,
}

impl BenchWhat {
    /// All of them, in the order in which they are timed.
    pub const ALL: [BenchWhat; 5] = [
        BenchWhat::BuildChanged,
        BenchWhat::BuildUnchanged,
        BenchWhat::List,
        BenchWhat::Tidy,
        BenchWhat::BuildWithCaches,
    ];
}

impl BenchStep {
    /// The median wall time, seconds.
    pub fn median(&self) -> Option<f64> {
        crate::median(&self.seconds)
    }
}
