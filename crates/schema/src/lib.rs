//! The published, versioned JSON documents of elfin.
//!
//! What one crate measures and another renders meets here and nowhere else:
//! `lab` fills these types, `report` reads them, and a stored document renders
//! again on a machine that has neither the binary nor Go. Sentences are not
//! stored: a [`Message`] is an id with arguments, put into words by `report`
//! in the reader's language. Nothing here reads a file or measures anything.

mod build;
mod claims;
mod diff;
mod doctor;
mod env;
mod env_bench;
mod experiment;
mod harden;
mod head;
mod machine;
mod message;
mod pack;
mod path_bench;
mod receipt;
mod recipe;
mod repro;
mod roots;
mod slim;
mod startup;
mod surroundings;
mod weigh;

pub use build::{Build, Caller, Dwarf, Functions, Methods};
pub use claims::{
    CLAIMS_SCHEMA, ClaimUnit, ClaimValue, ClaimVerdict, JudgedClaim, JudgedClaims, read_claims,
};
pub use diff::{
    Cause, CauseEvidence, Caused, Change, ChangedRow, Confidence, DIFF_SCHEMA, Diff, Fact,
    MachineDifference, MachineFact, read_diff,
};
pub use doctor::{
    BuildPlace, ClientCache, DOCTOR_SCHEMA, Diagnosis, Evidence, Finding, HostKind, Measured,
    Problem, Severity, SharedWith, WslSetting,
};
pub use env::{
    DecidedBy, Decider, ENV_SCHEMA, EnvFinding, GoSelection, GoSetting, NeedsWord,
    TOOLCHAINS_SCHEMA, ToolchainHere, Toolchains, VERIFIED_SCHEMA, Verified, VerifiedToolchain,
};
pub use env_bench::{
    BuildsUnder, ENV_BENCH_SCHEMA, EnvBench, Prompt, Switch, ToolchainState, Way, median,
};
pub use experiment::{
    EXPERIMENT_SCHEMA, Effort, Experiment, Own, Paste, Pick, PickKind, Rounds, Subject, SubjectKind,
};
pub use harden::{
    AddressBits, AddressOf, BitsOf, ExtraFrom, GadgetClass, GadgetCount, GadgetsOf, HARDEN_SCHEMA,
    HardenCheck, HardenFound, HardenVerdict, HardenWhy, HardenedProgram, Hardening, LoaderCost,
    Relocated, ReturnInputs, ReturnModel, Sensitivity, read_hardening,
};
pub use machine::{Machine, Tool};
pub use message::{GivenUp, Message};
pub use pack::{
    PACK_SCHEMA, PackChoice, PackDownload, PackEffort, PackKind, PackPart, PackReason, PackRefusal,
    PackRefused, PackRemark, PackShare, PackShareName, Packing, read_packing,
};
pub use path_bench::{BenchPath, BenchStep, BenchSubject, BenchWhat, PATH_BENCH_SCHEMA, PathBench};
pub use receipt::{
    CompilerHere, GoHere, LibcHere, LinkerHere, RECEIPT_SCHEMA, Receipt, read_receipt,
};
pub use recipe::{
    AslrBits, Bench, Bytes, Capability, Composition, Debuggability, Identity, Interval, Memory,
    Part, Portability, Probe, Protection, RECIPE_SCHEMA, Ratio, RecipeRecord, Relro, Series, Start,
    Status, Step, Transfer, VersionNeed, Works,
};
pub use repro::{
    BuildIdRound, BuildIdRounds, DifferingPart, NotTried, REPRO_SCHEMA, RemedyTried, ReproAdvice,
    ReproCause, ReproEvidence, ReproFile, ReproRemedy, Reproduction, ShippedBuild, Untold, Varied,
    Vary, World, read_reproduction,
};
pub use roots::{
    AcrossRoots, HttpLoad, NameAnswer, NameOddity, NameTrial, ROOTS_SCHEMA, Resolver, RootBuild,
    RootPair, RootPlace, RootWhy, read_roots,
};
pub use slim::{
    SLIM_SCHEMA, SlimOutcome, SlimRefusal, SlimRemark, SlimStep, SlimStepName, Slimming,
};
pub use startup::{
    Counting, EntryFunction, InitClock, OnlyCalled, PackageInit, Phase, STARTUP_SCHEMA, StartPhase,
    Startup, WatchedProgram, read_startup,
};
pub use surroundings::{
    CMakes, CTool, Clocks, Dns, DnsReason, GoInPath, HardwareClock, Limit, LimitName, ModuleState,
    SetBy, Setter, Stale, Surroundings,
};
pub use weigh::{
    Download, GoProgram, Inlined, Kind, MemoryOnly, ModuleVersion, Name, Place, Row, UnknownRange,
    WEIGH_SCHEMA, WeighedFile, Weighing,
};

/// Why a stored document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text is not the JSON that this document has.
    #[error("line {line}: {source}")]
    Json {
        /// One-based line in the file.
        line: usize,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// The document is of a schema that this elfin does not know.
    #[error(
        "line {line}: schema {found:?}, this elfin reads {expected:?}; use the elfin that wrote it"
    )]
    Schema {
        /// One-based line in the file.
        line: usize,
        /// The schema the document names.
        found: String,
        /// The schema this version reads.
        expected: &'static str,
    },
}

/// Reads which schema a document of elfin names, and no more of it.
///
/// Returns an error if the text is no JSON object up to there, or names none.
pub fn schema_of(text: &str) -> Result<String, ReadError> {
    head::schema(text).map_err(|source| ReadError::Json { line: 1, source })
}

fn read_one<T: serde::de::DeserializeOwned>(
    text: &str,
    line: usize,
    expected: &'static str,
) -> Result<T, ReadError> {
    let json = |source| ReadError::Json { line, source };
    let found = head::schema(text).map_err(json)?;
    if found != expected {
        return Err(ReadError::Schema { line, found, expected });
    }
    serde_json::from_str(text).map_err(json)
}

/// Reads an `experiment.json`.
///
/// Returns an error if the text is not JSON of [`EXPERIMENT_SCHEMA`].
pub fn read_experiment(text: &str) -> Result<Experiment, ReadError> {
    read_one(text, 1, EXPERIMENT_SCHEMA)
}

/// Reads a weighing.
///
/// Returns an error if the text is not JSON of [`WEIGH_SCHEMA`].
pub fn read_weighing(text: &str) -> Result<Weighing, ReadError> {
    read_one(text, 1, WEIGH_SCHEMA)
}

/// Reads a slimming.
///
/// Returns an error if the text is not JSON of [`SLIM_SCHEMA`].
pub fn read_slimming(text: &str) -> Result<Slimming, ReadError> {
    read_one(text, 1, SLIM_SCHEMA)
}

/// Reads a `record.jsonl`: one recipe a line, in the order of the plan.
///
/// Returns an error if a line is not JSON of [`RECIPE_SCHEMA`].
pub fn read_records(text: &str) -> Result<Vec<RecipeRecord>, ReadError> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| read_one(line, index + 1, RECIPE_SCHEMA))
        .collect()
}
