//! `elfin doctor --json`: what of a machine slows Go builds down or makes them wrong.

use crate::{Bytes, Clocks, Limit, ModuleState, Surroundings};
use serde::{Deserialize, Serialize};

/// The schema of a diagnosis.
pub const DOCTOR_SCHEMA: &str = "elfin.doctor/1";

/// What was found, worst first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Always [`DOCTOR_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// The kernel's release.
    pub kernel: String,
    /// What runs under it.
    pub host: HostKind,
    /// `PRETTY_NAME` of os-release.
    pub distribution: String,
    /// The folders that a build reads and writes.
    pub places: Vec<BuildPlace>,
    /// The settings of WSL in force, with their defaults.
    pub settings: Vec<WslSetting>,
    /// Limits of the kernel and of control groups.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// The clocks; `None` for a captured machine.
    #[serde(default)]
    pub clocks: Option<Clocks>,
    /// Go and what it needs; `None` for a captured machine.
    #[serde(default)]
    pub surroundings: Option<Surroundings>,
    /// The module; `None` without one, or where go cannot list it.
    #[serde(default)]
    pub module: Option<ModuleState>,
    /// What is wrong or could be better.
    pub findings: Vec<Finding>,
}

/// What kind of machine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostKind {
    /// Linux on a machine or in a virtual machine.
    Linux,
    /// A container on Linux.
    Container,
    /// WSL 1.
    Wsl1,
    /// WSL 2.
    Wsl2,
    /// A container on a WSL 2 kernel.
    ContainerOnWsl,
}

/// A folder that a build reads or writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildPlace {
    /// What it is: `module`, `GOCACHE`, `GOMODCACHE`, `GOTMPDIR`, `GOROOT`.
    pub what: String,
    /// Where it is, symbolic links followed.
    pub path: String,
    /// The type of its file system.
    pub file_system: String,
    /// How it is mounted.
    #[serde(default)]
    pub options: String,
    /// How a drive of Windows, or another folder over 9P, is cached: what the mount really has.
    #[serde(default)]
    pub client_cache: Option<ClientCache>,
    /// What was measured there; `None` for a captured machine, or where it cannot be written.
    pub measured: Option<Measured>,
}

/// What a client of 9P keeps of files.
///
/// Source: linux fs/9p/v9fs.h, enum p9_cache_bits and p9_cache_shortcuts (6.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
pub enum ClientCache {
    /// Nothing: every read asks the server.
    None,
    /// What is read ahead.
    Readahead,
    /// Pages of files, also what is written; names and sizes are asked for each time.
    Mmap,
    /// Also names and sizes, which nobody else may change.
    Loose,
    /// All of it, also on disk.
    Fscache,
    /// Another combination.
    Bits {
        /// As the mount has it.
        value: String,
    },
}

/// What a file system does, by trying it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Files created in a second.
    pub create: f64,
    /// `stat` calls in a second.
    pub stat: f64,
    /// Renames in a second.
    pub rename: f64,
    /// `fsync` calls of 4 KiB in a second.
    pub fsync: f64,
    /// The smallest step of a file's time of change that was seen, nanoseconds.
    pub mtime_step: u64,
    /// Of two files, the one written later never looks older.
    #[serde(default = "yes")]
    pub mtime_ordered: bool,
    /// Seconds that the time of a file just written is ahead of the clock; negative behind.
    #[serde(default)]
    pub mtime_ahead: f64,
    /// `a` and `A` are two files.
    pub case_sensitive: bool,
    /// The execute bit can be set and taken away.
    pub execute_bit: bool,
    /// A file can have two names.
    pub hard_links: bool,
    /// A copy can share the blocks of its original.
    #[serde(default)]
    pub reflinks: bool,
    /// Bytes that are free.
    pub free: Bytes,
    /// Inodes that are free; `None` where the file system does not count them.
    pub free_inodes: Option<u64>,
}

fn yes() -> bool {
    true
}

/// A setting of wsl.conf or .wslconfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WslSetting {
    /// The file.
    pub file: String,
    /// Section and key: `automount.options`.
    pub key: String,
    /// The value in force.
    pub value: String,
    /// What the machine really shows, where it shows it.
    #[serde(default)]
    pub seen: Option<String>,
    /// What it is where nothing is set.
    pub default: String,
    /// One-based line; `None` where the default is in force.
    pub line: Option<usize>,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A build can be wrong or fail.
    Wrong,
    /// A build is slower than it need be.
    Slow,
    /// Good to know.
    Note,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is.
    #[serde(flatten)]
    pub problem: Problem,
    /// How much it matters.
    pub severity: Severity,
    /// Where it shows: a line of a file, or what was measured.
    pub evidence: Vec<Evidence>,
}

/// A place where a finding shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The file, or what was looked at.
    pub source: String,
    /// One-based line, where it is one.
    pub line: Option<usize>,
    /// What stands there.
    pub text: String,
}

/// What is wrong, with its particulars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Problem {
    /// WSL 1 translates every system call.
    Wsl1,
    /// A folder of the build is on a file system that Windows serves.
    OnWindows {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// The file system.
        file_system: String,
    },
    /// A folder of the build is on a network or FUSE file system.
    OnNetwork {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// The file system.
        file_system: String,
    },
    /// The temporary folder forbids to execute files.
    NoExec {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
    },
    /// A Windows drive is mounted without metadata, so modes do not last.
    NoMetadata {
        /// The mount point.
        path: String,
    },
    /// Upper and lower case are one name there.
    CaseInsensitive {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
    },
    /// Times of change are so coarse that an edit can go unseen.
    CoarseTimes {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// Nanoseconds.
        step: u64,
    },
    /// Little room is left.
    LittleRoom {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// Bytes that are free.
        free: Bytes,
        /// Inodes that are free.
        free_inodes: Option<u64>,
    },
    /// A key that WSL does not know.
    UnknownKey {
        /// The file.
        file: String,
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// What it may be meant for, with the file and section where that belongs.
        meant: Option<String>,
    },
    /// A line of an INI file that is none.
    BadLine {
        /// The file.
        file: String,
    },
    /// Folders of Windows are in PATH.
    WindowsPath {
        /// How many.
        folders: usize,
        /// What they add to looking for a program that is not there, microseconds.
        lookup: Option<f64>,
    },
    /// A setting that stands in the file and is not what the machine shows.
    NotInForce {
        /// The file.
        file: String,
        /// Section and key.
        key: String,
        /// What the file says.
        value: String,
        /// What the machine shows.
        seen: String,
    },
    /// A cache that others use too.
    SharedCache {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// Whose files are in it.
        with: SharedWith,
    },
    /// Of two files, the one written later can look older.
    UnorderedTimes {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
    },
    /// A file just written is dated in the future.
    TimesAhead {
        /// What folder.
        what: String,
        /// Its path.
        path: String,
        /// Seconds.
        seconds: f64,
    },
    /// Few files can be watched.
    FewWatches {
        /// The limit.
        watches: u64,
        /// The least that will do.
        wanted: u64,
    },
    /// Few files can be open.
    FewOpenFiles {
        /// The hard limit.
        limit: u64,
    },
    /// A limit of the control group leaves little memory for each compiler.
    LittleMemory {
        /// Bytes.
        memory: Bytes,
        /// Compilers that run at once.
        jobs: u64,
    },
    /// Go before 1.25 runs more compilers than the control group has time for.
    OverQuota {
        /// Processors that it sees.
        processors: u64,
        /// Processors' worth of time.
        quota: f64,
        /// The version of Go.
        go: String,
    },
    /// The wall clock jumped while it was watched.
    ClockJumps {
        /// Seconds; negative backwards.
        seconds: f64,
    },
    /// The wall clock runs faster or slower than anything should steer it.
    ClockDrifts {
        /// Parts in a million.
        ppm: f64,
    },
    /// The clock source is slow.
    SlowClock {
        /// The clock source.
        clock_source: String,
    },
    /// The clock is not the hardware clock's.
    ClockOff {
        /// Seconds that it is ahead; negative behind.
        seconds: i64,
    },
    /// Files were changed in the future.
    FutureFiles {
        /// The folder.
        path: String,
        /// How many.
        files: usize,
    },
    /// Go's package index holds what is no longer so: builds may be wrong.
    StaleIndex {
        /// The packages that it is wrong about.
        packages: Vec<String>,
    },
    /// GOROOT is not that of the Go that runs.
    OtherGoroot {
        /// What GOROOT says.
        goroot: String,
        /// Where the Go that runs is.
        actual: String,
    },
    /// Several Go are in PATH.
    SeveralGo {
        /// Their paths, in order.
        paths: Vec<String>,
    },
    /// There is no Go.
    NoGo,
    /// The Go in PATH is a Windows program or lies on a Windows drive.
    GoOnWindows {
        /// Its path.
        path: String,
    },
    /// `go env -w` has set GOTOOLCHAIN or GOROOT.
    SetForEver {
        /// The name.
        name: String,
        /// Its value.
        value: String,
    },
    /// There is no C compiler, so cgo is off without a word.
    NoCompiler,
    /// There is no git, so no version is stamped, without a word.
    NoGit,
}

/// Who else uses a cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum SharedWith {
    /// Users of this machine.
    Users {
        /// Their numbers.
        users: Vec<u32>,
    },
    /// The other distributions of WSL, and Windows.
    Distributions,
    /// Whoever mounts the same network file system.
    Machines,
}
