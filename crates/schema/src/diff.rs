//! `elfin diff --json`: why one file is larger than another, in causes that add up.
//!
//! The causes and `unexplained_bytes` add up to `delta`, always. A cause is an
//! id with arguments, as messages are, and so is what speaks for it: `report`
//! puts both into words.

use crate::{Bytes, Kind, Message, Name, ReadError, WeighedFile, read_one};
use serde::{Deserialize, Serialize};

/// The schema of a difference.
pub const DIFF_SCHEMA: &str = "elfin.diff/1";

/// The difference between two files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diff {
    /// Always [`DIFF_SCHEMA`].
    pub schema: String,
    /// The version of elfin that compared.
    pub elfin: String,
    /// The file that is compared with.
    pub from: WeighedFile,
    /// The file that is asked about.
    pub to: WeighedFile,
    /// How much larger `to` is, bytes.
    pub delta: i64,
    /// Why; what is worth most first.
    pub causes: Vec<Caused>,
    /// What no cause accounts for.
    pub unexplained_bytes: i64,
    /// Packages, by how much they changed.
    pub packages: Vec<Change>,
    /// Modules, by how much they changed.
    pub modules: Vec<Change>,
    /// Kinds of bytes, by how much they changed; named as in a weighing.
    pub kinds: Vec<Change>,
    /// Sections, by how much they changed.
    pub sections: Vec<Change>,
    /// All that changed by module, package, kind and section together, by how much it did.
    #[serde(default)]
    pub rows: Vec<ChangedRow>,
    /// What differs between the machines, where their receipts were given; whatever came of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<MachineDifference>,
    /// What makes the two hard to compare.
    pub warnings: Vec<Message>,
}

/// The rows of two weighings that say the same of their bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRow {
    /// The owner's module, as in a [`crate::Row`].
    pub module: Option<Name>,
    /// The owning package.
    pub package: Option<Name>,
    /// The C library or source file that owns them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Name>,
    /// What they are; `None` where nobody is known to own them.
    pub kind: Option<Kind>,
    /// The section that they stand in.
    pub section: Option<Name>,
    /// Several packages share them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// How many there are in the file that is compared with.
    pub from: Bytes,
    /// How many there are in the file that is asked about.
    pub to: Bytes,
}

impl ChangedRow {
    /// How many bytes came; negative where they went.
    pub fn delta(&self) -> i64 {
        delta(self.from, self.to)
    }
}

fn delta(from: Bytes, to: Bytes) -> i64 {
    let [from, to] = [from, to].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    to.saturating_sub(from)
}

/// Something that differs between two machines; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineDifference {
    /// What.
    #[serde(flatten)]
    pub what: MachineFact,
    /// Where the file was built that is compared with.
    pub from: String,
    /// Where the file was built that is asked about.
    pub to: String,
}

/// What a receipt says of a machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum MachineFact {
    /// Linux, a container or WSL.
    Host,
    /// The kernel.
    Kernel,
    /// The distribution.
    Distribution,
    /// The processor.
    Processor,
    /// Go.
    Go,
    /// Go's folder.
    GoRoot,
    /// Whether cgo is on.
    CgoEnabled,
    /// The C compiler.
    Compiler,
    /// The linker that the C compiler calls.
    Linker,
    /// What the C compiler tells the linker where nothing was asked.
    LinkDefaults,
    /// The C library.
    Libc,
    /// A setting by `go env`.
    GoSetting {
        /// Its name.
        name: String,
    },
    /// An environment variable.
    Variable {
        /// Its name.
        name: String,
    },
    /// A folder that builds read and write, with its file system.
    Folder {
        /// What folder.
        name: String,
    },
    /// A setting of WSL.
    WslSetting {
        /// File, section and key.
        name: String,
    },
}

/// A cause and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caused {
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// The bytes that it added; negative where it took some away.
    pub bytes: i64,
    /// How sure that is.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<CauseEvidence>,
    /// The flag or the setting that makes `to` as `from` is in this, as it is typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How sure it is that a cause is worth its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A rebuild with just this changed moved them.
    Proved,
    /// The two weighings say it.
    Accounted,
    /// Most of them could have another of the causes too.
    Suspected,
}

/// Why bytes came or went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// Another processor.
    Architecture,
    /// Another program, or none of Go's.
    OtherProgram,
    /// A packer was at work on one of them.
    Packer,
    /// Another version of Go.
    GoVersion,
    /// A module that was not there.
    ModuleAdded {
        /// Its path.
        module: String,
    },
    /// A module that is there no more.
    ModuleRemoved {
        /// Its path.
        module: String,
    },
    /// Another version of a module.
    ModuleVersion {
        /// Its path.
        module: String,
    },
    /// Packages that were not linked in before, of modules that were there.
    PackageNew,
    /// Packages that are not linked in any more, of modules that are still there.
    PackageGone,
    /// The program's own packages.
    OwnCode,
    /// Generic functions for more types, or for fewer.
    GenericInstances,
    /// What is inlined: `-gcflags=-l`, a profile.
    Inlining,
    /// Other flags of the compiler or the assembler.
    CompilerFlags,
    /// GOAMD64 and its like.
    CpuLevel,
    /// What functions are aligned to.
    FunctionAlignment,
    /// The race detector and its like, coverage.
    Instrumentation,
    /// `-buildmode`: position-independent or not.
    BuildMode,
    /// Go's own linker or another, and which.
    Linkage,
    /// cgo or not, and C code.
    Cgo,
    /// Another libc, or how it is linked.
    Libc,
    /// DWARF, there or not.
    Dwarf,
    /// DWARF, compressed or not.
    DwarfCompression,
    /// Another version of DWARF.
    DwarfVersion,
    /// The symbol table, there or not.
    SymbolTable,
    /// Build ID and other notes.
    BuildId,
    /// What the build information says: flags, modules, the state of the repository.
    BuildInfo,
    /// Where the sources stood: `-trimpath`, other folders.
    Paths,
    /// Build tags.
    BuildTags,
    /// The linker had to keep all methods, or no longer has to.
    DeadCode,
    /// Files that `//go:embed` put in.
    EmbeddedFiles,
    /// Filling to alignments, and headers.
    Padding,
    /// Bytes behind everything that the file format describes.
    Trailing,
}

/// What speaks for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum CauseEvidence {
    /// A setting of the build differs; empty where it is not set.
    Setting {
        /// Its name: `-ldflags`, `GOAMD64`.
        name: String,
        /// Its value in the file that is compared with.
        from: String,
        /// Its value in the file that is asked about.
        to: String,
    },
    /// Something that the file shows differs; empty where there is none.
    Fact {
        /// What.
        what: Fact,
        /// In the file that is compared with.
        from: String,
        /// In the file that is asked about.
        to: String,
    },
    /// The bytes by what they are, most first.
    Kinds {
        /// Kinds with their change; `None` for unknown bytes.
        kinds: Vec<(Option<Kind>, i64)>,
    },
    /// The bytes by package, most first.
    Packages {
        /// How many packages there are.
        count: usize,
        /// The first of them with their change.
        first: Vec<(String, i64)>,
    },
    /// Functions that are there now, and those that are there no more.
    Functions {
        /// How many came.
        came: usize,
        /// How many went.
        went: usize,
        /// The largest of them.
        largest: Vec<String>,
    },
    /// A function that looks methods up by reflection, and the calls down to it.
    LooksUpMethods {
        /// The function.
        function: String,
        /// From `main.main` or an initializer; empty if no direct calls lead to it.
        path: Vec<String>,
    },
    /// Bytes that could have one of these causes as well.
    AlsoPossible {
        /// How many bytes.
        bytes: i64,
        /// The other causes.
        causes: Vec<Cause>,
    },
    /// It differs, but no bytes can be told apart that are due to it.
    NotToldApart,
    /// Something that differs between the machines; empty where there is none.
    Machine(MachineDifference),
    /// Without cgo neither C compiler nor linker nor libc have a part in the program.
    NotWithoutCgo,
    /// A rebuild with this setting changed moved so many bytes.
    Rebuilt {
        /// The setting.
        setting: String,
        /// How much larger it made the file.
        bytes: i64,
    },
    /// A rebuild with this setting changed failed.
    NotRebuilt {
        /// The setting.
        setting: String,
        /// What was said.
        says: String,
    },
}

/// What a file shows of how it was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The version of Go.
    GoVersion,
    /// The version of the module.
    ModuleVersion,
    /// The processor.
    Architecture,
    /// The main package.
    MainPackage,
    /// Go's own linker, or another.
    Linker,
    /// Names that compilers and linkers left.
    Tools,
    /// The dynamic linker.
    Interpreter,
    /// Libraries that it needs.
    Needed,
    /// Position-independent or not.
    Pie,
    /// DWARF or none.
    Dwarf,
    /// The version of DWARF.
    DwarfVersion,
    /// How DWARF is compressed.
    DwarfCompression,
    /// A symbol table or none.
    SymbolTable,
    /// What functions are aligned to.
    FunctionAlignment,
    /// Where the standard library's sources stood.
    GoSources,
    /// Where the main package's sources stood.
    MainSources,
    /// Methods that have code, of those that types name.
    MethodsKept,
    /// The GNU build ID.
    BuildId,
}

/// Bytes of one name on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The package, the module, the kind or the section; empty for what has none.
    pub name: String,
    /// Bytes in the file that is compared with.
    pub from: Bytes,
    /// Bytes in the file that is asked about.
    pub to: Bytes,
    /// The version of a module in the file that is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_version: Option<String>,
    /// The version of a module in the file that is asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_version: Option<String>,
}

impl Change {
    /// How much larger it is now.
    pub fn delta(&self) -> i64 {
        delta(self.from, self.to)
    }
}

/// Reads a difference.
///
/// Returns an error if the text is not JSON of [`DIFF_SCHEMA`].
pub fn read_diff(text: &str) -> Result<Diff, ReadError> {
    read_one(text, 1, DIFF_SCHEMA)
}
