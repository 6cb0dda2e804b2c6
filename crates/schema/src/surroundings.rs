//! What a diagnosis says of the machine besides findings: limits, clocks, Go and what it needs.

use crate::Bytes;
use serde::{Deserialize, Serialize};

/// A limit of the kernel or of a control group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Which.
    pub what: LimitName,
    /// What it is here.
    pub value: String,
    /// The file that says so.
    pub source: String,
    /// What is recommended; `None` where no effect on Go builds was found, or none is known.
    pub wanted: Option<String>,
}

/// The limits that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitName {
    /// vm.swappiness.
    Swappiness,
    /// vm.overcommit_memory.
    Overcommit,
    /// fs.inotify.max_user_watches.
    InotifyWatches,
    /// fs.inotify.max_user_instances.
    InotifyInstances,
    /// Files that a process may open.
    OpenFiles,
    /// Bytes of memory.
    Memory,
    /// Bytes of swap.
    Swap,
    /// Compilers that `go build` runs at once.
    Jobs,
}

/// What the clocks of a machine say of each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clocks {
    /// The kernel's clock source.
    pub source: Option<String>,
    /// The smallest step of the wall clock that was seen, nanoseconds.
    pub step: u64,
    /// The largest jump of the wall clock against the monotonic one while it was watched, seconds.
    pub jump: f64,
    /// How fast the wall clock ran against the raw monotonic one, parts in a million; what steers
    /// the clock makes it run faster or slower.
    pub drift: f64,
    /// Seconds for which both were watched.
    pub watched: f64,
    /// The hardware's clocks.
    pub hardware: Vec<HardwareClock>,
}

/// A clock of the hardware or the hypervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HardwareClock {
    /// Its device.
    pub device: String,
    /// Seconds that the wall clock is ahead of it; `None` where it cannot be read.
    pub ahead: Option<f64>,
    /// Why it cannot be read.
    pub says: Option<String>,
}

/// Go and what it needs of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// Every go in PATH, the first one runs.
    pub go: Vec<GoInPath>,
    /// GOTOOLCHAIN, and where it is set.
    pub gotoolchain: Option<SetBy>,
    /// CGO_ENABLED, and where it is set.
    pub cgo: Option<SetBy>,
    /// C compilers and linkers.
    pub tools: Vec<CTool>,
    /// The C library: `glibc 2.36`, `musl 1.2.5`.
    pub libc: Option<String>,
    /// How package net will look up names.
    pub dns: Option<Dns>,
    /// The version of git.
    pub git: Option<String>,
}

/// A go in PATH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoInPath {
    /// Its path.
    pub path: String,
    /// Its version; `None` for a wrapper.
    pub version: Option<String>,
    /// The GOROOT around it.
    pub goroot: Option<String>,
}

/// A value and what set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetBy {
    /// The value.
    pub value: String,
    /// The kind of place.
    pub by: Setter,
    /// The file, where it is one.
    pub file: Option<String>,
}

/// What can set a variable of Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setter {
    /// The environment.
    Environment,
    /// The file that `go env -w` writes.
    UserFile,
    /// GOROOT/go.env.
    GorootFile,
    /// Nothing: it follows from what is there.
    Default,
}

/// A C compiler or a linker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CTool {
    /// Its name in PATH.
    pub name: String,
    /// Its path.
    pub path: String,
    /// What it says of its version, one line.
    pub version: Option<String>,
    /// What it makes when nothing is asked of it; `None` for a linker, or where it makes nothing.
    pub makes: Option<CMakes>,
}

/// What a C compiler makes by default of an empty main.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CMakes {
    /// A position-independent executable.
    pub pie: bool,
    /// With a GNU build ID.
    pub build_id: bool,
    /// With GNU property notes (IBT and shadow stack).
    pub property_notes: bool,
    /// Bytes.
    pub bytes: Bytes,
}

/// How package net looks up an ordinary name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dns {
    /// Go's own resolver; else the C library's.
    pub go: bool,
    /// Why.
    pub why: DnsReason,
    /// What stands there: the value, the option or the source.
    pub text: String,
}

/// What decides which resolver it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsReason {
    /// cgo is off.
    NoCgo,
    /// A build tag in GOFLAGS.
    Tag,
    /// GODEBUG=netdns.
    Godebug,
    /// LOCALDOMAIN, RES_OPTIONS or HOSTALIASES.
    Variable,
    /// An option of /etc/resolv.conf that Go does not know.
    ResolvConf,
    /// A source in /etc/nsswitch.conf that Go does not know.
    Nsswitch,
    /// Nothing asks for the C library.
    Usual,
}

/// What the go command says of a module's packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleState {
    /// Its packages.
    pub packages: usize,
    /// Those that a build would make again, by the reason that go gives.
    pub stale: Vec<Stale>,
}

/// Packages that are stale for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// StaleReason.
    pub reason: String,
    /// How many.
    pub packages: usize,
    /// The first of them.
    pub first: String,
}
