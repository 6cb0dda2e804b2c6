//! `experiment.json`: what was measured, on which machine, and what follows from it.

use crate::{GivenUp, Machine, Message, Tool};
use serde::{Deserialize, Serialize};

/// The schema of an experiment document.
pub const EXPERIMENT_SCHEMA: &str = "elfin.lab.experiment/1";

/// One run of the lab over one program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Always [`EXPERIMENT_SCHEMA`].
    pub schema: String,
    /// The version of elfin that measured.
    pub elfin: String,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Wall time of the last run, seconds.
    pub seconds: f64,
    /// What of that run was elfin's own.
    pub own: Own,
    /// False while the experiment runs or where it was stopped.
    pub finished: bool,
    /// The program.
    pub subject: Subject,
    /// The machine.
    pub machine: Machine,
    /// What the machine's state means for the figures, worst first.
    pub findings: Vec<Message>,
    /// The outside tools.
    pub tools: Vec<Tool>,
    /// How much was measured.
    pub effort: Effort,
    /// How many recipes the plan has.
    pub recipes: usize,
    /// The picks, in the order of [`PickKind`].
    pub picks: Vec<Pick>,
}

/// What an experiment cost besides its children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Own {
    /// Wall time in which no child was there, seconds.
    pub seconds: f64,
    /// Peak resident memory of elfin itself, bytes.
    pub peak_memory: u64,
}

/// The program under experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The program's file name.
    pub name: String,
    /// A package or a finished file.
    pub kind: SubjectKind,
    /// Import path of the package, or the path as given.
    pub path: String,
    /// Go's version, as `go1.26.8`.
    pub go: String,
    /// SHA-256 over the sources (or the file) that the recipes were made from.
    pub sources: String,
    /// Arguments with which it was started.
    pub arguments: Vec<String>,
    /// `exit`, `stdout:REGEX` or `tcp:PORT`.
    pub ready: String,
}

/// What kind of subject it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A Go package, built every way.
    Package,
    /// A finished file: only stages.
    Binary,
}

/// How many times things are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// Warm starts of each recipe.
    pub warm: usize,
    /// Cold starts of each recipe.
    pub cold: usize,
    /// Starts for ASLR and memory.
    pub aslr: usize,
    /// Rounds of the user's own benchmark.
    pub bench: usize,
}

/// How much was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effort {
    /// `quick`, `default`, `full`, or the name of the plan file.
    pub plan: String,
    /// The rounds.
    pub rounds: Rounds,
}

/// Which question a pick answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PickKind {
    /// The smallest recipe with which gdb still works in full.
    KeepsGdb,
    /// The smallest that starts within 1.2 times the baseline.
    StartsFast,
    /// The smallest of all.
    Smallest,
}

/// An answer: a recipe, what it gives up against the baseline, and how to use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pick {
    /// The question.
    pub kind: PickKind,
    /// The recipe; `None` where no recipe qualifies.
    pub recipe: Option<String>,
    /// What it gives up against the baseline, in the order of importance.
    pub gives_up: Vec<GivenUp>,
    /// Text to paste; `None` where there is no recipe or no package.
    pub paste: Option<Paste>,
}

/// A recipe as text to paste.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paste {
    /// The shell lines: the go build line and the stages.
    pub shell: String,
    /// A `.goreleaser.yaml` fragment.
    pub goreleaser: String,
    /// A Dockerfile.
    pub dockerfile: String,
}
