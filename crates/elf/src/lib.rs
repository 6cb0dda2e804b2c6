//! Bytes to ELF facts: what the bytes of a program are, what it needs, what protects it.
//!
//! The lab asks one file many questions, and asks them of files that a stage
//! may have damaged, so everything here takes bytes and returns values: no
//! files, no processes, and no panic, loop or large allocation whatever the
//! bytes say. It knows no document of elfin; who stores a fact translates it.
//! It gives out symbols, relocations and addresses as they stand and does not
//! read DWARF or pclntab in depth, and it never writes.

mod address;
mod composition;
mod compression;
mod dynamic;
mod dynamic_tables;
mod file;
mod golang;
mod hardening;
pub mod image;
mod notes;
mod numbers;
mod relocations;
mod section;
mod symbols;
mod versions;

pub use composition::{Composition, Part};
pub use compression::Contents;
pub use dynamic::Relro;
pub use file::{ElfFile, FileKind, Machine, Section, Segment};
pub use hardening::{CheckedCalls, ControlFlow};
pub use numbers::Numbers;
pub use relocations::{Addends, Relocation};
pub use symbols::{Symbol, SymbolKind};
pub use versions::VersionNeed;

/// Why a file could not be read as ELF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// The file does not begin with ELF's magic number.
    #[error("not an ELF file: offset 0 does not hold \\x7fELF; give a Linux program")]
    NotElf,
    /// A header cannot be read.
    #[error("{structure} at offset {offset:#x}: {says}; the file is damaged or cut off")]
    Header {
        /// What was being read.
        structure: &'static str,
        /// Where it stands in the file.
        offset: u64,
        /// What is wrong with it.
        says: String,
    },
    /// Something reaches beyond the end of the file.
    #[error(
        "{structure} at offset {offset:#x} has {size} bytes, but the file ends at {file:#x}; \
         the file is damaged or cut off"
    )]
    Outside {
        /// What reaches out, with its name or number.
        structure: String,
        /// Where it begins in the file.
        offset: u64,
        /// Its size in bytes.
        size: u64,
        /// The file's size in bytes.
        file: u64,
    },
    /// The parts do not add up to the file: a mistake of ours, never silent.
    #[error(
        "offset 0x0: the parts add up to {counted} bytes, the file has {file}; please report this:\n{table}"
    )]
    Sum {
        /// Bytes counted.
        counted: u64,
        /// Bytes of the file.
        file: u64,
        /// The parts, one a line.
        table: String,
    },
}
