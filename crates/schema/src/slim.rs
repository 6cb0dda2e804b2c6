//! `elfin slim --json`: what was taken off a program, step by step.
//!
//! The steps are in the order in which they were done, so the size after one is
//! the size before the next.

use crate::Bytes;
use serde::{Deserialize, Serialize};

/// The schema of a slimming.
pub const SLIM_SCHEMA: &str = "elfin.slim/1";

/// A program that was made smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slimming {
    /// Always [`SLIM_SCHEMA`].
    pub schema: String,
    /// The version of elfin that did it.
    pub elfin: String,
    /// The program's name, without folders.
    pub name: String,
    /// Its size before.
    pub before: Bytes,
    /// Its size after.
    pub after: Bytes,
    /// The size of the debug file, where one was written.
    pub debug: Option<Bytes>,
    /// What was done, in order.
    pub steps: Vec<SlimStep>,
    /// What there is to know about the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<SlimRemark>,
}

/// Something about a slim program that its user may not expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlimRemark {
    /// It was not made by Go's linker.
    NotGo,
    /// It moves to an address of its own when it starts.
    Moves,
    /// It asks for glibc 2.36 now, and did not before.
    NeedsNewerLibc,
    /// The original has setuid, setgid or capabilities, and a file beside it has not.
    Privileges,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlimStep {
    /// Which.
    pub step: SlimStepName,
    /// The size of the program before it.
    pub before: Bytes,
    /// The size of the program after it.
    pub after: Bytes,
    /// How it went.
    pub outcome: SlimOutcome,
}

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlimStepName {
    /// The symbol table moves to the debug file.
    Symbols,
    /// DWARF moves to the debug file.
    Dwarf,
    /// `.comment`, which names compilers, moves to the debug file.
    Comment,
    /// The link by which debuggers find the debug file.
    DebugLink,
    /// The GNU build ID comes under the note segment.
    Notes,
    /// Interpreter and dynamic section go; the program relocates itself.
    StaticPie,
    /// Relocations are packed as RELR.
    Relocations,
    /// DWARF that stays is compressed anew.
    Recompress,
    /// Tables go into the padding between segments.
    Layout,
}

impl SlimStepName {
    /// Every step, in the order in which they are done.
    pub const ALL: [SlimStepName; 9] = [
        SlimStepName::Symbols,
        SlimStepName::Dwarf,
        SlimStepName::Comment,
        SlimStepName::DebugLink,
        SlimStepName::Notes,
        SlimStepName::StaticPie,
        SlimStepName::Relocations,
        SlimStepName::Recompress,
        SlimStepName::Layout,
    ];

    /// Gives the name by which it is left out.
    pub fn id(self) -> &'static str {
        match self {
            SlimStepName::Symbols => "symbols",
            SlimStepName::Dwarf => "dwarf",
            SlimStepName::Comment => "comment",
            SlimStepName::DebugLink => "debug-link",
            SlimStepName::Notes => "notes",
            SlimStepName::StaticPie => "static-pie",
            SlimStepName::Relocations => "relocations",
            SlimStepName::Recompress => "recompress",
            SlimStepName::Layout => "layout",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "why")]
pub enum SlimOutcome {
    /// It was done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// It was left out by the order.
    LeftOut,
    /// It could not be done without harm.
    Refused(SlimRefusal),
}

/// Why a step was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlimRefusal {
    /// The code and relocations of this processor are not known.
    Machine,
    /// The code that takes the dynamic linker's place is for amd64 alone.
    OnlyAmd64,
    /// The file is no position-independent program.
    NotPie,
    /// It needs shared libraries.
    NeedsLibraries,
    /// It has relocations that only a dynamic linker can do.
    NotRelative,
    /// No library is named by which an older loader would refuse the file.
    LoaderUnknown,
    /// The C library that the order names does not read packed relocations.
    LoaderOld,
    /// It relocates itself by code of the C library that it was linked with.
    OwnLoader,
    /// Headers or tables that must grow have no room.
    NoRoom,
    /// The dynamic table is not as expected.
    Dynamic,
}
