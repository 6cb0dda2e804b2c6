//! `elfin lab --root`: one source built in several root file systems and run in each.

use crate::{
    Bytes, Machine, Memory, Message, Probe, Ratio, ReadError, Series, VersionNeed, read_one,
};
use serde::{Deserialize, Serialize};

/// The schema of an experiment across roots.
pub const ROOTS_SCHEMA: &str = "elfin.roots/1";

/// One source, built in several roots and run in each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcrossRoots {
    /// Always [`ROOTS_SCHEMA`].
    pub schema: String,
    /// The version of elfin that measured.
    pub elfin: String,
    /// When it began, UTC.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// What the program is called.
    pub program: String,
    /// The package as it was named.
    pub package: String,
    /// The Go that built it in every root: `go1.26.8`.
    pub go: String,
    /// The program's arguments when it is started.
    pub arguments: Vec<String>,
    /// When it counts as started.
    pub ready: String,
    /// Starts of each pair that works.
    pub rounds: usize,
    /// The machine.
    pub machine: Machine,
    /// What disturbs the figures.
    pub findings: Vec<Message>,
    /// The roots, in the order in which they were given.
    pub roots: Vec<RootPlace>,
    /// What was built, and what could not be.
    pub builds: Vec<RootBuild>,
    /// Each different file in each root.
    pub pairs: Vec<RootPair>,
    /// How names were asked for.
    pub trials: Vec<NameTrial>,
    /// Who asked, and what came of each trial.
    pub resolvers: Vec<Resolver>,
}

/// A root file system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RootPlace {
    /// The name that it was given.
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// PRETTY_NAME of its os-release; empty where it has none.
    pub system: String,
    /// `glibc 2.36`, `musl 1.2.3`, both joined by ` + `; empty where no libc was found.
    pub libc: String,
    /// C compilers, with the first line of `--version`.
    pub compilers: Vec<String>,
}

/// A way of building, done inside of a root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RootBuild {
    /// The root's name.
    pub root: String,
    /// The variant: `cgo0`, `cgo1`, `CC=musl-gcc+cgo1`.
    pub way: String,
    /// The build line, as it was run inside.
    pub command: String,
    /// Go's own words where it could not be built.
    pub says: Option<String>,
    /// SHA-256 of the file; empty where there is none.
    pub content: String,
    /// Its size.
    pub bytes: Option<Bytes>,
    /// PT_INTERP.
    pub interpreter: Option<String>,
    /// DT_NEEDED.
    pub needed: Vec<String>,
    /// Highest version needed of each library.
    pub versions: Vec<VersionNeed>,
    /// The root whose build of the same way came before it and has the same bytes.
    pub same_as: Option<String>,
}

/// A file, run in a root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RootPair {
    /// Where it was built; where several built the same bytes, the first.
    pub built_in: String,
    /// How.
    pub way: String,
    /// Where it is run.
    pub run_in: String,
    /// Why it does not start; `None` where it does.
    pub why: Option<RootWhy>,
    /// What it said then.
    pub says: String,
    /// Start-up, exec to ready, milliseconds.
    pub start: Option<Series>,
    /// Against the first pair that works, round by round.
    pub ratio: Option<Ratio>,
    /// Memory when it is ready and left alone.
    pub rest: Option<Probe<Memory>>,
    /// What it did under load.
    pub load: Option<Probe<HttpLoad>>,
}

/// Why a program does not start in a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RootWhy {
    /// Its interpreter is not there.
    NoLoader {
        /// PT_INTERP.
        path: String,
    },
    /// A library there is too old.
    NoVersion {
        /// The library.
        library: String,
        /// The highest version that is missing.
        version: String,
        /// The libc that the root has.
        has: String,
        /// The symbols of that version that the program uses.
        symbols: Vec<String>,
    },
    /// A library is not there.
    NoLibrary {
        /// The library.
        library: String,
    },
    /// No library there has a symbol.
    NoSymbol {
        /// The symbol.
        symbol: String,
    },
    /// It was executed, and ended otherwise than it does elsewhere.
    Ended {
        /// How.
        exit: String,
    },
    /// It was not ready in time.
    NeverReady,
    /// The system did not execute it.
    NotExecuted,
}

/// A bounded load of HTTP requests over loopback, and how the program bore it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpLoad {
    /// The port on which the program listens.
    pub port: u16,
    /// What was asked for: `/`.
    pub path: String,
    /// Requests a second that were asked for.
    pub asked: f64,
    /// Requests a second that were answered.
    pub reached: f64,
    /// Connections, each kept alive.
    pub connections: usize,
    /// How long.
    pub seconds: f64,
    /// Requests with an answer.
    pub answered: u64,
    /// Requests without one.
    pub failed: u64,
    /// The status that most answers had.
    pub status: u16,
    /// Half of the answers came within so many milliseconds.
    pub median_ms: f64,
    /// 99 of 100 answers came within so many milliseconds.
    pub p99_ms: f64,
    /// The most memory that was seen meanwhile.
    pub memory: Memory,
}

/// A way in which a machine can be told to resolve names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameTrial {
    /// What is odd about it.
    pub id: NameOddity,
    /// The name that is asked for.
    pub name: String,
    /// /etc/resolv.conf; `None` where there is none.
    pub resolv_conf: Option<String>,
    /// /etc/nsswitch.conf; `None` where there is none.
    pub nsswitch: Option<String>,
    /// Lines of /etc/hosts besides localhost.
    pub hosts: String,
    /// The addresses that the name has where it is found as these files say.
    pub addresses: Vec<String>,
}

/// What is odd about the files that tell how names are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameOddity {
    /// Nothing.
    Plain,
    /// `search`, and a name without a dot.
    Search,
    /// `options ndots:5`, so that what is searched comes first.
    Ndots,
    /// Two name servers, the first of which never answers.
    DeadFirst,
    /// An option that nobody knows.
    UnknownOption,
    /// No resolv.conf.
    NoResolvConf,
    /// nsswitch.conf without dns.
    FilesOnly,
    /// No nsswitch.conf.
    NoNsswitch,
    /// The name is in /etc/hosts, with another address than DNS has.
    HostsFile,
    /// An answer that does not fit into a datagram.
    Large,
}

/// A program that resolves names: where it was built, how, and where it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolver {
    /// Where it was built.
    pub built_in: String,
    /// How.
    pub way: String,
    /// Where it runs.
    pub run_in: String,
    /// `GODEBUG=netdns=cgo`: the C library is made to resolve.
    pub forced: bool,
    /// What came of each trial, in their order.
    pub answers: Vec<NameAnswer>,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameAnswer {
    /// True where the addresses are those of the trial.
    pub right: bool,
    /// The addresses that were found.
    pub addresses: Vec<String>,
    /// Why none was found.
    pub says: String,
    /// What Go chose: `cgo`, `files,dns`; empty where it does not tell.
    pub used: String,
    /// How long it took.
    pub ms: f64,
    /// Questions that the name server was asked, `NAME TYPE`.
    pub asked: Vec<String>,
}

/// Reads an experiment across roots.
///
/// Returns an error if the text is not JSON of [`ROOTS_SCHEMA`].
pub fn read_roots(text: &str) -> Result<AcrossRoots, ReadError> {
    read_one(text, 1, ROOTS_SCHEMA)
}
