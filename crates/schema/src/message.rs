//! What is said to people, as ids with arguments.
//!
//! A stored message renders in any language; `report` holds the catalogues,
//! and its `match` over these enums is what makes a missing translation a
//! compile error.

use crate::{Capability, PackRefusal};
use serde::{Deserialize, Serialize};

/// A plain explanation or a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Message {
    /// A finished file was asked to be linked again as PIE.
    RelinkFinishedFile,
    /// A packed file has no section table, so there is nothing for strip to work on.
    StripPackedFile,
    /// UPX refuses the dynamic table that Go's internal linker writes into a PIE.
    UpxRefusesGoPie,
    /// UPX found the file packed already.
    UpxAlreadyPacked,
    /// `elfin pack` leaves the file as it is.
    PackRefuses {
        /// Why.
        why: PackRefusal,
    },
    /// A tool failed; its words stand in `says`.
    ToolFailed {
        /// The tool.
        tool: String,
    },
    /// A tool ran too long and was ended.
    ToolTimedOut {
        /// The tool.
        tool: String,
        /// The limit, seconds.
        seconds: u64,
    },
    /// `go build` failed with this variant.
    BuildFailed,
    /// The C toolchain could not link this variant.
    LinkFailed,
    /// A tool is missing.
    ToolMissing {
        /// The tool.
        tool: String,
        /// The command that installs it.
        remedy: String,
    },
    /// A Go toolchain is missing.
    GoMissing {
        /// The version asked for.
        version: String,
    },
    /// The target cannot run on this machine, so it is measured for size only.
    OtherTarget {
        /// GOOS/GOARCH.
        target: String,
    },
    /// The program's output differs from the baseline's.
    OutputDiffers {
        /// The first line that differs, as the baseline has it.
        expected: String,
        /// That line as this recipe has it.
        found: String,
    },
    /// The exit status differs from the baseline's.
    ExitDiffers {
        /// The baseline's.
        expected: String,
        /// This recipe's.
        found: String,
    },
    /// The program never got ready.
    NeverReady {
        /// The limit, seconds.
        seconds: f64,
        /// `exit`, `stdout:REGEX` or `tcp:PORT`.
        ready: String,
    },
    /// The program could not be started at all.
    CannotStart,
    /// A file asked for an interpreter that the empty root does not have.
    InterpreterMissing {
        /// PT_INTERP.
        interpreter: String,
    },
    /// The kernel does not let this user make a namespace.
    NoUserNamespace,
    /// The program listens nowhere, or what answers there does not speak HTTP.
    NoServer,
    /// The page cache of the file could not be dropped here.
    CacheNotDropped {
        /// The file system type.
        file_system: String,
    },
    /// Left out by `--quick`.
    LeftOutByQuick,
    /// Fewer starts were asked for than it takes.
    NotAsked,
    /// The recipe is not a Go package's, so there is no probe program.
    NoSource,
    /// The kernel or container does not allow this probe.
    NotPermitted {
        /// What was asked of it.
        what: String,
    },
    /// The program did not live long enough to be looked at.
    NotSeen {
        /// What was looked for.
        what: String,
    },
    /// The machine is busy.
    Load {
        /// Processors that were busy just before the first start.
        load: f64,
        /// Processors.
        cpus: usize,
    },
    /// The clock frequency may vary.
    Governor {
        /// The governor.
        governor: String,
    },
    /// The kernel does not show a governor, so frequency changes cannot be ruled out.
    NoGovernor,
    /// The processor is shared with other guests.
    VirtualMachine {
        /// The clock source.
        clock_source: String,
    },
    /// The clock source is slow or coarse.
    SlowClock {
        /// The clock source.
        clock_source: String,
    },
    /// The output folder is on a file system that Windows serves.
    WindowsFileSystem {
        /// The file system type.
        file_system: String,
    },
    /// The baseline's own output varies from run to run; only what stays the same was compared.
    OutputVaries,
    /// The baseline itself ends as a program does that has failed, so every recipe was held to that.
    BaselineFails {
        /// How it ended: `exit status 2`.
        exit: String,
    },
    /// One start of the baseline took this much longer than another: figures are noisy.
    Noisy {
        /// Standard deviation over median, percent.
        percent: f64,
    },
    /// Headers speak of bytes behind the end of the file.
    FileEndsEarly {
        /// What reaches furthest: a section's name, or a segment by number.
        what: String,
        /// Where it should end, file offset.
        end: u64,
        /// Bytes of the file.
        size: u64,
    },
    /// Starts of a recipe failed and were repeated, which then went well.
    StartsFailed {
        /// The recipe.
        recipe: String,
        /// How many.
        failed: usize,
    },
    /// Nothing was found that disturbs the figures.
    MachineQuiet,
    /// UPX has packed the file, so what is in it does not show.
    PackedByUpx,
    /// The file is no Go program.
    NotGo,
    /// Of two files that are compared one is no Go program.
    IsNotGo {
        /// Its name.
        name: String,
    },
    /// Neither of two files that are compared is a Go program.
    NeitherIsGo,
    /// A receipt is of another Go than the one that built the program.
    ReceiptOfOtherGo {
        /// The program.
        name: String,
        /// The Go that built it.
        built: String,
        /// The Go of the receipt; empty where it has none.
        receipt: String,
    },
    /// A program that was built again for proof is not of the same size as the one that is asked about.
    RebuildDiffers {
        /// The program.
        name: String,
        /// How much larger the rebuild is.
        bytes: i64,
    },
    /// Two files that are compared are for different processors.
    OtherArchitecture {
        /// The first one's.
        from: String,
        /// The second one's.
        to: String,
    },
    /// Two files that are compared have different main packages.
    OtherProgram {
        /// The first one's.
        from: String,
        /// The second one's.
        to: String,
    },
    /// A table of Go's was not found, or contradicts the rest of the file.
    TableMissing {
        /// The table, by the name of its section or symbol.
        table: String,
    },
    /// A section could not be read.
    SectionUnreadable {
        /// The section.
        section: String,
        /// Where it begins in the file.
        offset: u64,
        /// What is wrong with it.
        says: String,
    },
    /// Two owners claimed the same bytes, which neither is known to share.
    ClaimsClash {
        /// Bytes of all such ranges.
        bytes: u64,
        /// Where the first begins in the file.
        offset: u64,
        /// Who has its bytes now.
        kept: String,
        /// Who does not.
        lost: String,
    },
}

/// Something that a recipe gives up against the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum GivenUp {
    /// A capability that the baseline has.
    Lost {
        /// The capability.
        capability: Capability,
    },
    /// It starts slower.
    SlowerStart {
        /// Median paired ratio.
        times: f64,
        /// Median of the recipe, milliseconds.
        ms: f64,
    },
    /// Each instance holds more private memory.
    MoreMemory {
        /// Bytes more than the baseline.
        bytes: u64,
    },
    /// It costs more to download.
    LargerDownload {
        /// Bytes more than the baseline, gzip -6.
        bytes: u64,
    },
    /// It is no longer position-independent.
    NoPie,
    /// It no longer starts in an empty root.
    NotFromScratch,
    /// It is built without cgo, and the baseline links the C library.
    NoCgo {
        /// Import paths of what then does without C: `net` (the resolver), `os/user`, and the
        /// program's own packages with C code.
        packages: Vec<String>,
    },
    /// Nothing that was measured.
    Nothing,
}
