//! One line of `record.jsonl`: what one recipe gave.

use crate::Message;
use serde::{Deserialize, Serialize};

/// The schema of a recipe line.
pub const RECIPE_SCHEMA: &str = "elfin.lab.recipe/1";

/// Bytes of a file or of memory.
pub type Bytes = u64;

/// What became of a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was made and does what the baseline does.
    Ok,
    /// A tool refused or failed.
    Failed,
    /// It was tried, and no tool can do it in this order.
    Impossible,
    /// It was made, but the program no longer does what the baseline does.
    Broken,
    /// A tool it needs is not on this machine.
    Skipped,
}

/// The answer of a probe: measured, failed in the tool's own words, or skipped with the remedy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Probe<T> {
    /// The probe ran and this is what it saw.
    Measured {
        /// What was seen.
        value: T,
    },
    /// The probe could not be completed.
    Failed {
        /// The tool's own words.
        says: String,
    },
    /// The probe was not made.
    Skipped {
        /// Why, and what to do to have it.
        why: Message,
    },
}

impl<T> Probe<T> {
    /// What was seen, if the probe was completed.
    pub fn value(&self) -> Option<&T> {
        match self {
            Probe::Measured { value } => Some(value),
            Probe::Failed { .. } | Probe::Skipped { .. } => None,
        }
    }
}

/// One recipe: how it was built, what was done to it, and everything that was measured.
///
/// Sizes are bytes of the file. What was not measured because the recipe did
/// not come about, or because the target cannot run here, is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecipeRecord {
    /// Always [`RECIPE_SCHEMA`].
    pub schema: String,
    /// The recipe in words: `pie > strip:s > upx:best-lzma`; the baseline is `baseline`.
    pub recipe: String,
    /// The variant's name, `baseline` where nothing was set.
    pub variant: String,
    /// The stages in order: `strip:s`, `upx:best`, `pie` (a link of the finished file).
    pub stages: Vec<String>,
    /// What became of it.
    pub status: Status,
    /// The failing tool's own words.
    pub says: Option<String>,
    /// What that means, plainly, and the remedy where there is one.
    pub explains: Option<Message>,
    /// The stage at which it ended, or `build`, where it is not `ok`.
    pub failed_at: Option<String>,
    /// The command lines that make it, in order, ready to paste; the program is `app`.
    pub commands: Vec<String>,
    /// File size.
    pub bytes: Option<Bytes>,
    /// Change against the baseline, bytes.
    pub delta_bytes: Option<i64>,
    /// Change against the baseline, percent.
    pub delta_percent: Option<f64>,
    /// The waterfall: the build, then each stage, with what each added or took.
    pub steps: Vec<Step>,
    /// What the bytes of the file are. The parts add up to `bytes`.
    pub composition: Option<Composition>,
    /// What a download or a registry pull costs.
    pub transfer: Option<Transfer>,
    /// Median milliseconds from exec to ready, warm: `start.warm.median`.
    pub start_ms: Option<f64>,
    /// Start-up in full.
    pub start: Option<Start>,
    /// Memory at ready.
    pub memory: Option<Probe<Memory>>,
    /// What still works on a probe program made by the same recipe.
    pub debug: Option<Debuggability>,
    /// Where it runs.
    pub portability: Option<Portability>,
    /// What protects it.
    pub protection: Option<Protection>,
    /// Does the variant give the same bytes twice?
    pub identity: Option<Probe<Identity>>,
    /// The user's own benchmark (`--bench`).
    pub bench: Option<Probe<Bench>>,
}

/// One bar of the waterfall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `build`, or the stage.
    pub name: String,
    /// File size after it.
    pub bytes: Bytes,
    /// What it added (positive) or took (negative) against the step before; for `build`, against
    /// the baseline's build.
    pub delta_bytes: i64,
}

/// What a byte of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Executable sections.
    Text,
    /// Read-only data, Go's type data and funcs included.
    Rodata,
    /// `.gopclntab`: function names, lines, stack maps.
    Pclntab,
    /// Writable data.
    Data,
    /// `.symtab`.
    Symtab,
    /// `.strtab`.
    Strtab,
    /// `.debug_*`: DWARF.
    Debug,
    /// `.rela.*`, `.rel.*`, `.relr.*`.
    Relocations,
    /// `.note.*` and Go's build information.
    Notes,
    /// Dynamic linking: `.dynsym`, `.dynstr`, `.hash`, versions, PLT and GOT tables, `.interp`.
    Dynamic,
    /// ELF header, program headers, section headers and `.shstrtab`.
    Headers,
    /// A segment's bytes that no section names: a packer's payload.
    Packed,
    /// Bytes between the others.
    Padding,
}

impl Part {
    /// Every part, in the order in which charts stack them.
    pub const ALL: [Part; 13] = [
        Part::Text,
        Part::Rodata,
        Part::Pclntab,
        Part::Data,
        Part::Relocations,
        Part::Dynamic,
        Part::Symtab,
        Part::Strtab,
        Part::Debug,
        Part::Notes,
        Part::Headers,
        Part::Packed,
        Part::Padding,
    ];
}

/// File bytes by what they are; parts that have none are absent. They add up to the file.
pub type Composition = std::collections::BTreeMap<Part, Bytes>;

/// Bytes of the file as a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// gzip -6, what most registries serve.
    pub gzip_6: Bytes,
    /// zstd -3, the default of zstd layers.
    pub zstd_3: Bytes,
    /// zstd -19.
    pub zstd_19: Bytes,
    /// xz -9, what packages use.
    pub xz_9: Bytes,
}

/// A bootstrap 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A measured series, in the unit that its field names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// How many samples.
    pub samples: usize,
    /// Median.
    pub median: f64,
    /// Bootstrap 95 % interval of the median.
    pub interval: Interval,
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample.
    pub deviation: f64,
    /// Smallest sample.
    pub min: f64,
    /// Largest sample.
    pub max: f64,
}

/// How many times the baseline, paired round by round.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Median of the rounds' ratios.
    pub median: f64,
    /// Bootstrap 95 % interval of that median.
    pub interval: Interval,
    /// False where the interval holds 1: no difference was shown.
    pub differs: bool,
}

/// Start-up, exec to ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Warm: milliseconds, the file in the page cache.
    pub warm: Series,
    /// Cold: milliseconds, the page cache of this file dropped before each start.
    pub cold: Probe<Series>,
    /// User and system CPU, milliseconds.
    pub cpu_ms: Series,
    /// Minor faults, median.
    pub minor_faults: f64,
    /// Major faults, median over the cold starts, where there were any.
    pub major_faults_cold: Option<f64>,
    /// Warm start against the baseline; `None` on the baseline itself.
    pub ratio: Option<Ratio>,
    /// Cold start against the baseline.
    pub cold_ratio: Option<Ratio>,
}

/// Memory of the process at ready (for `--ready exit`: just before it exits). Medians.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Peak resident set of this program's own address space, bytes.
    pub max_rss: Bytes,
    /// Private dirty pages, bytes: what each further instance costs.
    pub private_dirty: Bytes,
}

/// The things that a developer does with a binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// A panic prints function and line.
    PanicTrace,
    /// `runtime.Caller` gives function and line.
    RuntimeCaller,
    /// `go version -m` reads module list and settings.
    GoVersion,
    /// `go tool nm` lists functions.
    GoNm,
    /// `go tool addr2line` finds function and line.
    Addr2line,
    /// A CPU profile is symbolized by `go tool pprof`.
    Pprof,
    /// gdb stops at a function.
    GdbFunction,
    /// gdb stops at a line.
    GdbLine,
    /// gdb prints a backtrace up to `main.main`.
    GdbBacktrace,
    /// gdb prints a local variable.
    GdbLocals,
    /// Delve stops at a function and shows where.
    DlvBreak,
    /// Delve prints a local variable.
    DlvLocals,
    /// `perf report` names the hot function (build-id cache off).
    Perf,
}

impl Capability {
    /// Every capability, in the order in which tables show them.
    pub const ALL: [Capability; 13] = [
        Capability::PanicTrace,
        Capability::RuntimeCaller,
        Capability::GoVersion,
        Capability::GoNm,
        Capability::Addr2line,
        Capability::Pprof,
        Capability::GdbFunction,
        Capability::GdbLine,
        Capability::GdbBacktrace,
        Capability::GdbLocals,
        Capability::DlvBreak,
        Capability::DlvLocals,
        Capability::Perf,
    ];
}

/// Did it work when it was really done, and what the tool said where it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Works {
    /// It worked.
    pub yes: bool,
    /// The tool's own words where it did not; empty where it did.
    pub says: String,
}

/// What still works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Debuggability {
    /// Really done, on a probe program made by the same recipe.
    pub probed: std::collections::BTreeMap<Capability, Probe<Works>>,
    /// The user's own file has `.symtab` with entries.
    pub has_symtab: bool,
    /// The user's own file has DWARF.
    pub has_dwarf: bool,
    /// The user's own file has a pclntab that can be found without running it.
    pub has_pclntab: bool,
    /// The user's own file answers `go version -m`.
    pub has_build_info: bool,
    /// The GNU build ID in hexadecimal, where there is one.
    pub gnu_build_id: Option<String>,
}

impl Debuggability {
    /// True if all four gdb probes were made and worked.
    pub fn gdb_works(&self) -> bool {
        [
            Capability::GdbFunction,
            Capability::GdbLine,
            Capability::GdbBacktrace,
            Capability::GdbLocals,
        ]
        .iter()
        .all(|capability| {
            self.probed.get(capability).and_then(Probe::value).is_some_and(|works| works.yes)
        })
    }
}

/// A symbol version that forces a library's floor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionNeed {
    /// The library: `libc.so.6`.
    pub library: String,
    /// The highest version needed of it: `GLIBC_2.34`.
    pub version: String,
    /// The symbols that force it.
    pub symbols: Vec<String>,
}

/// Where the file runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portability {
    /// PT_INTERP.
    pub interpreter: Option<String>,
    /// DT_NEEDED.
    pub needed: Vec<String>,
    /// Highest version needed of each library.
    pub versions: Vec<VersionNeed>,
    /// The three above are those of the file before it was packed: its loader needs them still,
    /// and nothing in the packed file says so.
    #[serde(default)]
    pub before_packing: bool,
    /// Really started in an empty root: does it get ready?
    pub runs_from_scratch: Probe<Works>,
}

/// How much of the relocated data is read-only after start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relro {
    /// No PT_GNU_RELRO.
    None,
    /// PT_GNU_RELRO, the PLT's GOT stays writable.
    Partial,
    /// PT_GNU_RELRO and BIND_NOW.
    Full,
}

/// What protects the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Protection {
    /// Position-independent executable (ET_DYN).
    pub pie: bool,
    /// RELRO.
    pub relro: Relro,
    /// The stack is not executable.
    pub nx: bool,
    /// PT_LOAD segments that are writable and executable.
    pub writable_executable_segments: usize,
    /// Address bits that varied.
    pub aslr: Probe<AslrBits>,
}

/// Address bits that varied over a number of starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AslrBits {
    /// How many starts were looked at.
    pub starts: usize,
    /// Of the first executable page of the program.
    pub text: u32,
    /// Of the Go heap (or brk, where Go's is not seen).
    pub heap: u32,
    /// Of the stack.
    pub stack: u32,
}

/// The variant was built twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The two files were the same.
    pub same: bool,
    /// File offset of the first difference.
    pub first_difference: Option<u64>,
    /// The second build had caches of its own.
    pub own_caches: bool,
}

/// The user's own benchmark, interleaved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bench {
    /// Wall time of the command, milliseconds.
    pub wall_ms: Series,
    /// User and system CPU, milliseconds.
    pub cpu_ms: Series,
    /// Wall time against the baseline, paired; `None` on the baseline.
    pub ratio: Option<Ratio>,
}
