//! `elfin env bench --json`: what a switch of Go costs, and how builds fare without it.

use crate::Bytes;
use serde::{Deserialize, Serialize};

/// The schema of a bench of switches.
pub const ENV_BENCH_SCHEMA: &str = "elfin.env-bench/1";

/// What was timed, in one run, the tools in turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvBench {
    /// Always [`ENV_BENCH_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// The version that is switched to.
    pub version: String,
    /// Rounds of switches.
    pub rounds: usize,
    /// What switches; the first does nothing, and is what any process costs.
    pub switches: Vec<Switch>,
    /// What a prompt costs while nothing changes.
    pub prompts: Vec<Prompt>,
    /// How builds fared.
    pub builds: Vec<BuildsUnder>,
}

/// A tool that switches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// Its name.
    pub name: String,
    /// The command line.
    pub line: String,
    /// The first switch, with nothing kept from earlier ones, milliseconds.
    pub first: Option<f64>,
    /// Later ones, milliseconds of wall time.
    pub later: Vec<f64>,
    /// Later ones, milliseconds of processor time, children included.
    pub cpu: Vec<f64>,
    /// Those while builds run, milliseconds.
    pub busy: Vec<f64>,
    /// The most memory that its process had.
    pub memory: Option<Bytes>,
    /// The median of each round's wall time against elfin's.
    pub ratio: Option<f64>,
    /// Why there are no figures.
    pub skipped: Option<String>,
}

/// What a hook costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// Whose hook.
    pub name: String,
    /// The shell.
    pub shell: String,
    /// Milliseconds a prompt, one a round.
    pub each: Vec<f64>,
}

/// N builds by one way of choosing Go, in one state of the toolchain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildsUnder {
    /// The way.
    pub way: Way,
    /// The state.
    pub state: ToolchainState,
    /// How many builds.
    pub builds: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that another version made, and said so.
    pub other_said: usize,
    /// Those that another version made without a word.
    pub other_silent: usize,
    /// The last words of one that failed.
    pub says: Option<String>,
}

/// A way of choosing Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// `elfin env exec`.
    Elfin,
    /// `elfin env exec --strict`.
    ElfinStrict,
    /// GOROOT/bin in front of PATH, as version managers put it there.
    Path,
}

/// The state of the toolchain that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolchainState {
    /// As it was installed.
    Healthy,
    /// Not there, and nowhere to get it from.
    Missing,
    /// Its go command is cut off, and there is nowhere to get it from.
    Broken,
}

/// The median; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some((upper + lower) / 2.0)
}
