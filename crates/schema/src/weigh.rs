//! `elfin weigh --json`: every byte of a file, once, with its owner.
//!
//! The rows and `unknown_bytes` add up to `file.size`, always. Rows are as
//! fine as was asked for: by package and kind as a rule, by symbol on demand.

use crate::{Build, Bytes, Functions, Message};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The schema of a weighing.
pub const WEIGH_SCHEMA: &str = "elfin.weigh/2";

/// A file, weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weighing {
    /// Always [`WEIGH_SCHEMA`].
    pub schema: String,
    /// The version of elfin that weighed.
    pub elfin: String,
    /// The file.
    pub file: WeighedFile,
    /// What Go put into it; `None` where it is no Go program.
    pub go: Option<GoProgram>,
    /// How it was built.
    pub build: Build,
    /// Every owned byte, once; largest first.
    pub rows: Vec<Row>,
    /// Bytes that nobody is known to own.
    pub unknown_bytes: Bytes,
    /// Where they are, in file order.
    pub unknown: Vec<UnknownRange>,
    /// What the file costs in a download, and with it each row; only where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Download>,
    /// What the unknown bytes cost in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_download: Option<Download>,
    /// Code charged to where it stands in `rows`, credited here to the package that wrote it.
    pub inlined: Vec<Inlined>,
    /// The functions of every package.
    pub functions: Functions,
    /// What takes memory at run time and no byte of the file.
    pub memory_only: Vec<MemoryOnly>,
    /// What could not be read as expected, and what that costs in exactness.
    pub warnings: Vec<Message>,
}

/// The file that was weighed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeighedFile {
    /// Its name, without folders.
    pub name: String,
    /// Its size.
    pub size: Bytes,
    /// GOARCH's name of the machine, or ELF's number of it.
    pub arch: String,
    /// Position-independent.
    pub pie: bool,
    /// It has a symbol table.
    pub symbols: bool,
    /// It has DWARF.
    pub dwarf: bool,
    /// It has section headers.
    pub sections: bool,
}

/// What a Go program says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoProgram {
    /// As `go1.26.8`; empty where the build information is gone.
    pub version: String,
    /// Import path of the main package, where the file says it.
    pub path: Option<String>,
    /// The modules that the file names, the main module first.
    pub modules: Vec<ModuleVersion>,
}

/// A module and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleVersion {
    /// The module's path.
    pub path: String,
    /// Its version; empty or `(devel)` where it was built in place.
    pub version: String,
}

/// A name that many rows have in common, in memory once.
pub type Name = Arc<str>;

/// Bytes of one owner, or shared by several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The owner's module: a module's path, `std`, or `None` where no module owns it.
    pub module: Option<Name>,
    /// The owning package; `None` for a shared row, a C library's and the file format's own.
    pub package: Option<Name>,
    /// The C library or source file that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Name>,
    /// What the bytes are.
    pub kind: Kind,
    /// The section that they stand in; `None` outside of every section.
    pub section: Option<Name>,
    /// The segment that loads them, as `LOAD 2 r-x`; `None` for what is not loaded.
    #[serde(default)]
    pub segment: Option<Name>,
    /// The symbol, type, string, file or part; only where symbols were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Name>,
    /// The source file that the function is from, or the embedded file; only where files were
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Name>,
    /// How many.
    pub bytes: Bytes,
    /// False where the bytes were charged in proportion.
    pub exact: bool,
    /// The packages that share the bytes; empty for one owner.
    pub shared_by: Vec<Name>,
    /// What the bytes cost in a download; only where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<Box<Download>>,
}

/// What bytes cost in a download.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Download {
    /// Their share of the file as gzip -6.
    pub gzip: Bytes,
    /// Their share of the file as zstd -19.
    pub zstd: Bytes,
    /// Their share of the file as xz -6 (lzma).
    pub lzma: Bytes,
    /// Bits of entropy in a byte, 0 to 8.
    pub entropy: f64,
}

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Machine code.
    Code,
    /// A function's record in pclntab: entry, offsets, the words that follow.
    FunctionRecord,
    /// Function names in pclntab.
    FunctionName,
    /// File names in pclntab.
    FileTable,
    /// Tables that map a program counter to a value: line, file, stack, unsafe points.
    PcValue,
    /// Which files a compilation unit uses.
    CuTable,
    /// What the garbage collector and the tracer know of a function.
    FuncData,
    /// From a program counter to its function.
    FindFunction,
    /// Which calls were inlined into a function.
    InlineTree,
    /// The text of string constants.
    String,
    /// Files embedded by `//go:embed`.
    Embed,
    /// Type descriptors.
    Type,
    /// Tables of methods for an interface.
    Itab,
    /// Pointer masks for the garbage collector.
    GcMask,
    /// Data that is never written.
    ReadOnlyData,
    /// Data that may be written.
    Data,
    /// What a package initializes, and in which order.
    InitTask,
    /// Entries of symbol tables.
    Symbol,
    /// Names in string tables.
    SymbolName,
    /// Relocations.
    Relocation,
    /// DWARF.
    Dwarf,
    /// Unwind tables of C code.
    Unwind,
    /// Build ID and other notes.
    Note,
    /// Go's build information.
    BuildInfo,
    /// What FIPS 140 mode checks.
    FipsInfo,
    /// Where the runtime finds all of Go's tables.
    ModuleData,
    /// What the dynamic linker reads.
    Dynamic,
    /// ELF, program and section headers.
    Header,
    /// Filling to an alignment.
    Padding,
    /// Bytes after everything that ELF describes.
    Trailing,
    /// A packer's compressed image and its loader.
    Packed,
    /// Shared by more packages than it makes sense to name.
    Common,
}

impl Kind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Kind; 32] = [
        Kind::Code,
        Kind::FunctionRecord,
        Kind::FunctionName,
        Kind::FileTable,
        Kind::PcValue,
        Kind::CuTable,
        Kind::FuncData,
        Kind::FindFunction,
        Kind::InlineTree,
        Kind::String,
        Kind::Embed,
        Kind::Type,
        Kind::Itab,
        Kind::GcMask,
        Kind::ReadOnlyData,
        Kind::Data,
        Kind::InitTask,
        Kind::Symbol,
        Kind::SymbolName,
        Kind::Relocation,
        Kind::Dwarf,
        Kind::Unwind,
        Kind::Note,
        Kind::BuildInfo,
        Kind::FipsInfo,
        Kind::ModuleData,
        Kind::Dynamic,
        Kind::Header,
        Kind::Padding,
        Kind::Trailing,
        Kind::Packed,
        Kind::Common,
    ];

    /// Names it as documents do.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::FunctionRecord => "function-record",
            Kind::FunctionName => "function-name",
            Kind::FileTable => "file-table",
            Kind::PcValue => "pc-value",
            Kind::CuTable => "cu-table",
            Kind::FuncData => "func-data",
            Kind::FindFunction => "find-function",
            Kind::InlineTree => "inline-tree",
            Kind::String => "string",
            Kind::Embed => "embed",
            Kind::Type => "type",
            Kind::Itab => "itab",
            Kind::GcMask => "gc-mask",
            Kind::ReadOnlyData => "read-only-data",
            Kind::Data => "data",
            Kind::InitTask => "init-task",
            Kind::Symbol => "symbol",
            Kind::SymbolName => "symbol-name",
            Kind::Relocation => "relocation",
            Kind::Dwarf => "dwarf",
            Kind::Unwind => "unwind",
            Kind::Note => "note",
            Kind::BuildInfo => "build-info",
            Kind::FipsInfo => "fips-info",
            Kind::ModuleData => "module-data",
            Kind::Dynamic => "dynamic",
            Kind::Header => "header",
            Kind::Padding => "padding",
            Kind::Trailing => "trailing",
            Kind::Packed => "packed",
            Kind::Common => "common",
        }
    }
}

/// A range that nobody is known to own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownRange {
    /// File offset.
    pub offset: Bytes,
    /// How long.
    pub bytes: Bytes,
    /// The section that it stands in.
    pub section: Option<String>,
    /// Its first bytes in hexadecimal; only where a dump was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dump: Option<String>,
}

/// Code of a package that stands inlined in functions, its own or others'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inlined {
    /// The package that wrote it.
    pub package: String,
    /// Bytes of its code inlined into its own functions.
    pub at_home: Bytes,
    /// Bytes of its code inlined into functions of other packages.
    pub abroad: Bytes,
}

/// Whose one byte of a file is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// File offset of the byte.
    pub offset: u64,
    /// Its address, where it is loaded.
    pub address: Option<u64>,
    /// File offset of the piece that it is in.
    pub start: u64,
    /// How long the piece is.
    pub bytes: Bytes,
    /// The section.
    pub section: Option<String>,
    /// The piece as a row; `None` where nobody is known to own it.
    pub row: Option<Row>,
}

/// Memory without file bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryOnly {
    /// `.bss`, `.noptrbss`, `.tbss`, `stack`, or a segment.
    pub name: String,
    /// Bytes of address space; 0 for a stack that is as large as the system makes it.
    pub bytes: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_own_number() {
        for (number, kind) in (0u8..).zip(Kind::ALL) {
            assert_eq!(kind as u8, number, "{kind:?}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        let last = format!("{:?}", Kind::ALL[Kind::ALL.len() - 1]);
        assert_eq!(last, "Common", "a kind behind it belongs into the list too");
    }
}
