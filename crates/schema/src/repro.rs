//! `elfin repro --json`: whether the same source gives the same bytes, one thing varied at a time.

use crate::{Bytes, Kind, ReadError, read_one};
use serde::{Deserialize, Serialize};

/// The schema of a reproduction.
pub const REPRO_SCHEMA: &str = "elfin.repro/1";

/// What came of building one program in worlds that differ in one thing each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reproduction {
    /// Always [`REPRO_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// The package as it was named, or the file that was shipped.
    pub subject: String,
    /// The Go that built: `go1.26.8`.
    pub go: String,
    /// The build as a person would type it.
    pub command: String,
    /// True if every build that was compared gave the same bytes.
    pub identical: bool,
    /// The program that the others are held against.
    pub baseline: ReproFile,
    /// True if every world compiled the standard library anew; else only the second build did.
    pub cold: bool,
    /// What was set in all worlds to make builds repeatable at all: a remedy of the first row.
    pub with: Vec<String>,
    /// One entry for each world.
    pub varied: Vec<Varied>,
    /// What changes where only build IDs do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds: Option<BuildIdRounds>,
    /// How a shipped file was built again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped: Option<ShippedBuild>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// A program that was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReproFile {
    /// Its size.
    pub bytes: Bytes,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// What `--vary` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vary {
    /// Nothing: a second build from nothing.
    Again,
    /// The folder of the sources.
    Path,
    /// The home folder, and with it the module cache.
    Home,
    /// The wall clock.
    Time,
    /// The dates of the source files.
    Mtime,
    /// The file system of the build cache.
    Cache,
    /// The folder for temporary files.
    Tmpdir,
    /// The umask.
    Umask,
    /// Language, character set, time zone.
    Locale,
    /// The user.
    User,
    /// How much is done at once.
    Parallel,
    /// The repository around the sources.
    Git,
    /// The C compiler.
    Cc,
    /// Where Go itself lies.
    Goroot,
    /// A shipped file against a build from its own build information.
    Shipped,
}

impl Vary {
    /// All that can be varied, in the order of the report.
    pub const ALL: [Vary; 13] = [
        Vary::Path,
        Vary::Home,
        Vary::Time,
        Vary::Mtime,
        Vary::Cache,
        Vary::Tmpdir,
        Vary::Umask,
        Vary::Locale,
        Vary::User,
        Vary::Parallel,
        Vary::Git,
        Vary::Cc,
        Vary::Goroot,
    ];

    /// Names it as documents and `--vary` do.
    pub fn name(self) -> &'static str {
        match self {
            Vary::Again => "again",
            Vary::Path => "path",
            Vary::Home => "home",
            Vary::Time => "time",
            Vary::Mtime => "mtime",
            Vary::Cache => "cache",
            Vary::Tmpdir => "tmpdir",
            Vary::Umask => "umask",
            Vary::Locale => "locale",
            Vary::User => "user",
            Vary::Parallel => "parallel",
            Vary::Git => "git",
            Vary::Cc => "cc",
            Vary::Goroot => "goroot",
            Vary::Shipped => "shipped",
        }
    }
}

/// A world: how what is varied was varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum World {
    /// The same, from empty caches.
    Same,
    /// The sources in another folder whose path is as long.
    OtherFolder,
    /// The sources in a folder with a longer path.
    LongerFolder,
    /// Another HOME, with Go's folders in it.
    OtherHome,
    /// A clock that is ahead; negative: behind.
    ClockAhead {
        /// Days.
        days: i64,
    },
    /// All source files dated to the first second of this year.
    Dated {
        /// The year.
        year: i64,
    },
    /// The build cache on another file system.
    CacheOn {
        /// Its type.
        file_system: String,
        /// The step of its dates, nanoseconds, as far as it shows.
        step: u64,
    },
    /// TMPDIR and GOTMPDIR elsewhere.
    TemporaryOn {
        /// The file system's type.
        file_system: String,
    },
    /// A umask.
    Umask {
        /// In octal digits.
        mask: String,
    },
    /// LANG, LC_ALL and TZ.
    Locale {
        /// The locale.
        locale: String,
        /// The time zone.
        zone: String,
    },
    /// Another user, in a user namespace.
    User {
        /// Its number.
        user: u32,
    },
    /// `-p` and GOMAXPROCS.
    Jobs {
        /// How many.
        jobs: usize,
    },
    /// A file that is not committed.
    UncommittedFile,
    /// Everything committed.
    Committed,
    /// One more commit that changes no file.
    OtherCommit,
    /// The sources without their repository, as from an archive.
    NoRepository,
    /// No git in PATH.
    NoGit,
    /// No C compiler in PATH.
    NoCompiler,
    /// Another C compiler.
    Compiler {
        /// What it says of its version.
        version: String,
    },
    /// A copy of Go elsewhere.
    GoElsewhere,
    /// A build from the build information of a shipped file.
    Rebuilt,
}

/// One world, and what it made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Varied {
    /// What was varied.
    pub what: Vary,
    /// How.
    pub world: World,
    /// Whether the bytes were the same; `None` where there is nothing to compare.
    pub identical: Option<bool>,
    /// Why there is nothing to compare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_tried: Option<NotTried>,
    /// The program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<ReproFile>,
    /// Bytes that have no equal in the baseline.
    pub bytes: Bytes,
    /// How much larger the file is than the baseline.
    pub size_change: i64,
    /// Where they are and whose, most bytes first; they add up to `bytes`.
    pub parts: Vec<DifferingPart>,
    /// What the two files say of themselves that differs.
    pub evidence: Vec<ReproEvidence>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<ReproCause>,
    /// What was tried to mend it, the first that does leading.
    pub remedies: Vec<ReproRemedy>,
    /// Seconds of the build.
    pub seconds: f64,
}

/// Why a world was not compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum NotTried {
    /// The build failed there.
    Failed {
        /// Go's own words.
        says: String,
    },
    /// It needs a tool.
    NeedsTool {
        /// The tool.
        tool: String,
        /// What installs it.
        remedy: String,
    },
    /// A Go program did not see the clock that it was shown, or could not be shown one.
    ClockUnmoved {
        /// What happened.
        says: String,
    },
    /// The kernel lets this user make no namespace.
    NoNamespace {
        /// What it said.
        says: String,
    },
    /// No other file system is at hand.
    NoOtherFileSystem,
    /// No file system with coarse dates is at hand.
    NoCoarseDates {
        /// What happened when one was to be made.
        says: String,
    },
    /// The world is like the baseline here already.
    AlreadySo,
    /// The package is in no git repository.
    NotInGit,
    /// Builds differ with nothing varied, so that a difference would say nothing.
    NeverTheSame,
    /// The world could not be made.
    NotMade {
        /// What went wrong.
        says: String,
    },
}

/// Bytes of one kind and owner in one section that differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferingPart {
    /// The section; `None` outside of all.
    pub section: Option<String>,
    /// What they are; `None` where the ledger knows nobody.
    pub kind: Option<Kind>,
    /// The package, or the C library or source file, that owns them.
    pub owner: Option<String>,
    /// How many.
    pub bytes: Bytes,
    /// How many once both are decompressed; only of compressed sections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<Bytes>,
    /// Text around the first of them in the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Text around the first of them in the other file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What two files say of themselves that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum ReproEvidence {
    /// A line of the build information.
    Setting {
        /// The setting.
        name: String,
        /// In the baseline; empty if it is not there.
        from: String,
        /// In the other file.
        to: String,
    },
    /// A module.
    Module {
        /// Its path.
        path: String,
        /// Version in the baseline; empty if it is not there.
        from: String,
        /// Version in the other file.
        to: String,
    },
    /// The version of Go.
    GoVersion {
        /// In the baseline.
        from: String,
        /// In the other file.
        to: String,
    },
    /// The parts of Go's build ID.
    BuildId {
        /// The main package was compiled from something else, or with other flags.
        inputs: bool,
        /// What came out of that compilation is something else.
        code: bool,
        /// The link had other flags or other packages.
        link: bool,
    },
    /// One file has a symbol table and the other has none.
    Symbols {
        /// The baseline has it.
        from: bool,
    },
    /// A folder's path stands in the file.
    Path {
        /// The folder.
        path: String,
        /// How often, not counting compressed sections.
        times: usize,
    },
}

/// Why bytes differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum ReproCause {
    /// The folder of the sources is in the file.
    SourceFolder,
    /// The folder of Go is in the file.
    GoFolder,
    /// The folder of the module cache is in the file.
    ModuleFolder,
    /// The folder of temporary files is in the file.
    TemporaryFolder,
    /// Go stamps the state of the repository.
    VersionControl {
        /// The settings that differ.
        settings: Vec<String>,
    },
    /// cgo was on in one and off in the other.
    CgoSwitched {
        /// CGO_ENABLED in the baseline.
        from: String,
        /// In the other.
        to: String,
    },
    /// Another compiler made the C code.
    OtherCompiler,
    /// `-flto` with cgo: gcc's intermediate files have names that are drawn by lot.
    LinkTimeOptimization {
        /// Where the flag stands: CGO_CFLAGS, CGO_LDFLAGS, or a package with `#cgo`.
        places: Vec<String>,
    },
    /// The time of the build is in the file.
    BuildTime,
    /// The builds had other settings.
    Settings {
        /// Their names.
        names: Vec<String>,
    },
    /// The builds had other versions of modules.
    Modules {
        /// Their paths.
        paths: Vec<String>,
    },
    /// They were built by different releases of Go.
    GoRelease,
    /// Symbols or DWARF were taken off after the build.
    Stripped,
    /// Only build IDs differ: the same code came of something else.
    OnlyIds,
    /// The code of the program itself differs.
    Code,
    /// It is not known.
    Unknown,
}

/// Something that may make the bytes the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReproRemedy {
    /// Flags of `go build` and variables, as typed; empty where `advice` says all.
    pub set: Vec<String>,
    /// What to do where no setting does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<ReproAdvice>,
    /// What came of building both with it.
    pub tried: RemedyTried,
}

/// What to do where no flag does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReproAdvice {
    /// Build with one compiler, the same everywhere.
    PinCompiler,
    /// Take `-flto` out of the package's `#cgo` lines.
    DropLtoInSources,
    /// Build from a clean checkout of that commit.
    CleanCheckout,
    /// Build by the release of Go that is named.
    SameGo,
    /// Build in the folder that the file names.
    SameFolder,
}

/// What came of building with a remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum RemedyTried {
    /// Both were built with it: the same bytes.
    Identical,
    /// Both were built with it, and differ still.
    Differs {
        /// Bytes that differ.
        bytes: Bytes,
    },
    /// With it the other build fails, instead of making something else.
    Refuses {
        /// Go's own words.
        says: String,
    },
    /// With it the baseline cannot be built.
    Fails {
        /// Go's own words.
        says: String,
    },
    /// It was not tried.
    Untried,
}

/// Builds that differ in nothing but a comment, so in build IDs and nothing else that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BuildIdRounds {
    /// What was built in each round, the first being the one that the others are held against.
    pub rounds: Vec<BuildIdRound>,
    /// Different files.
    pub files: usize,
    /// Different build IDs.
    pub build_ids: usize,
    /// Rounds whose size is not that of the first.
    pub other_sizes: usize,
    /// Bytes that differ from the first round, added up over all, by where they are.
    pub parts: Vec<DifferingPart>,
}

/// A build of one round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildIdRound {
    /// The program.
    pub file: ReproFile,
    /// Go's build ID.
    pub build_id: String,
    /// Bytes that differ from the first round.
    pub changed: Bytes,
    /// How much larger than the first round.
    pub size_change: i64,
}

/// How a shipped file was built again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippedBuild {
    /// What its build information tells and was obeyed, as name and value.
    pub told: Vec<(String, String)>,
    /// What was inferred from the file, because nothing tells.
    pub inferred: Vec<String>,
    /// What it cannot tell.
    pub untold: Vec<Untold>,
}

/// What build information does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Untold {
    /// Which C compiler, linker and libraries were there.
    CCompiler {
        /// What the file itself names: compilers leave their names in `.comment`.
        named: Vec<String>,
    },
    /// With -trimpath, -ldflags is not written down.
    LinkerFlags,
    /// With -trimpath, CGO_CFLAGS and its like are not written down.
    CFlags,
    /// Without -trimpath the folders count, and they are not these.
    Folders {
        /// The sources' folder in the shipped file.
        sources: Option<String>,
        /// Go's folder in the shipped file.
        go: Option<String>,
    },
    /// What was changed and not committed.
    Changes,
    /// Which commit it was: the file names none.
    Commit,
    /// The commit is not in the folder that was given, whose state was built instead.
    CommitNotHere {
        /// The commit.
        revision: String,
    },
    /// What was done to the file after the link.
    AfterTheLink,
}

/// Reads a reproduction.
///
/// Returns an error if the text is not JSON of [`REPRO_SCHEMA`].
pub fn read_reproduction(text: &str) -> Result<Reproduction, ReadError> {
    read_one(text, 1, REPRO_SCHEMA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_varied_is_named_as_documents_name_it() {
        for vary in Vary::ALL.into_iter().chain([Vary::Again, Vary::Shipped]) {
            assert_eq!(serde_json::to_value(vary).unwrap(), vary.name());
        }
        let last = format!("{:?}", Vary::ALL[Vary::ALL.len() - 1]);
        assert_eq!(last, "Goroot", "what comes behind it belongs into the list too");
    }
}
