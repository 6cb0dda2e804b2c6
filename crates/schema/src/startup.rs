//! `elfin startup --json`: what happens between exec and `main.main`.
//!
//! Two clocks: milliseconds, medians over many starts, and instructions of the
//! first thread, which do not depend on how busy or fast a machine is.

use crate::{Bytes, Interval, Probe, Ratio, ReadError, Series, read_one};
use serde::{Deserialize, Serialize};

/// The schema of a start.
pub const STARTUP_SCHEMA: &str = "elfin.startup/1";

/// What happens when a program starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Startup {
    /// Always [`STARTUP_SCHEMA`].
    pub schema: String,
    /// The version of elfin that watched.
    pub elfin: String,
    /// The program.
    #[serde(flatten)]
    pub program: WatchedProgram,
    /// The program that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versus: Option<WatchedProgram>,
    /// The time to `main` as a multiple of the other's, start by start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Ratio>,
    /// What only one of the two calls on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<OnlyCalled>,
}

/// A program whose start was watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WatchedProgram {
    /// Its name, without folders.
    pub name: String,
    /// Its size.
    pub size: Bytes,
    /// The Go that built it, where it is a Go program.
    pub go: Option<String>,
    /// Its dynamic linker, where it has one.
    pub interpreter: Option<String>,
    /// Where the watching ended: `main.main`.
    pub until: String,
    /// Milliseconds from exec until there.
    pub ms: Series,
    /// Instructions of the first thread from exec until there: the same number at each start, or the
    /// least that was seen.
    pub instructions: Option<u64>,
    /// How they were counted, or why they were not.
    pub counting: Probe<Counting>,
    /// The stages, in order.
    pub phases: Vec<StartPhase>,
    /// What each package initialized, in order.
    pub packages: Vec<PackageInit>,
    /// The functions that lead to Go's own code.
    pub chain: Vec<EntryFunction>,
}

/// How instructions were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// Starts that were counted.
    pub starts: usize,
    /// The difference between the largest and the smallest count; 0 where all were the same.
    pub spread: u64,
    /// Instructions that the processor did one at a time; the rest elfin did itself.
    pub by_processor: u64,
}

/// A stage of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The kernel replaces the process by the program.
    Exec,
    /// The dynamic linker loads libraries and relocates.
    Loader,
    /// From the entry point to the runtime's: C's start, where there is C.
    Entry,
    /// `runtime.rt0_go`: stack, thread-local storage, processor, arguments.
    Rt0,
    /// `runtime.schedinit` and the first goroutine: memory, scheduler, module data.
    Scheduler,
    /// `runtime.main` up to the first package: the runtime's own packages, the garbage collector.
    Runtime,
    /// Packages, from the first to `main.main`.
    Packages,
}

impl Phase {
    /// Every phase in its order.
    pub const ALL: [Phase; 7] = [
        Phase::Exec,
        Phase::Loader,
        Phase::Entry,
        Phase::Rt0,
        Phase::Scheduler,
        Phase::Runtime,
        Phase::Packages,
    ];
}

/// What a stage took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartPhase {
    /// The stage.
    pub name: Phase,
    /// Milliseconds, median.
    pub ms: f64,
    /// 95 % interval of that median.
    pub interval: Interval,
    /// Instructions of the first thread.
    pub instructions: Option<u64>,
    /// Page faults, median.
    pub faults: f64,
}

/// What a package initialized before `main`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageInit {
    /// Its import path.
    pub package: String,
    /// Milliseconds, median.
    pub ms: f64,
    /// Who told the milliseconds.
    pub clock: InitClock,
    /// Instructions of the first thread.
    pub instructions: Option<u64>,
    /// Bytes allocated, as the runtime's trace tells.
    pub bytes: Option<u64>,
    /// Allocations, as the runtime's trace tells.
    pub allocations: Option<u64>,
}

/// Who told how long a package took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InitClock {
    /// The runtime itself: `GODEBUG=inittrace=1`.
    Trace,
    /// Breakpoints where its functions begin and return.
    Breakpoints,
}

/// A function on the way from the entry point to Go's own code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFunction {
    /// Its name; its address where it has none.
    pub name: String,
    /// How many calls it is away from the entry point.
    pub depth: usize,
    /// Instructions that it consists of.
    pub instructions: u64,
    /// Bytes of those.
    pub bytes: Bytes,
    /// What it calls, in order, each once.
    pub calls: Vec<String>,
}

/// What only one of two programs calls on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlyCalled {
    /// Function and what it calls, of the first.
    pub here: Vec<(String, String)>,
    /// The same of the other.
    pub there: Vec<(String, String)>,
}

/// Reads a start.
///
/// Returns an error if the text is not JSON of [`STARTUP_SCHEMA`].
pub fn read_startup(text: &str) -> Result<Startup, ReadError> {
    read_one(text, 1, STARTUP_SCHEMA)
}
