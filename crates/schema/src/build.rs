//! What a program says of how it was built; a part of a weighing, which causes of growth need.

use crate::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Functions of each package with the bytes of their code; 0 for one that is only inlined.
///
/// Names go on behind the package's path and its dot.
pub type Functions = BTreeMap<String, BTreeMap<String, Bytes>>;

/// What a program says of how it was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The settings of `go build` that the file names: `GOAMD64`, `-ldflags`, `vcs.revision`.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The dynamic linker.
    #[serde(default)]
    pub interpreter: Option<String>,
    /// The libraries that it needs.
    #[serde(default)]
    pub needed: Vec<String>,
    /// The C compilers and linkers that left their names in `.comment` and in notes.
    #[serde(default)]
    pub tools: Vec<String>,
    /// True if a linker other than Go's own made the file.
    #[serde(default)]
    pub linked_externally: bool,
    /// The GNU build ID, in hexadecimal.
    #[serde(default)]
    pub build_id: Option<String>,
    /// Its DWARF.
    #[serde(default)]
    pub dwarf: Option<Dwarf>,
    /// What most functions are aligned to, bytes.
    #[serde(default)]
    pub function_alignment: Option<u64>,
    /// The folder of the standard library's sources; empty where paths were trimmed.
    #[serde(default)]
    pub go_sources: Option<String>,
    /// The folder of the main package's sources.
    #[serde(default)]
    pub main_sources: Option<String>,
    /// Exported methods of the types that the file describes.
    #[serde(default)]
    pub methods: Option<Methods>,
}

/// The DWARF of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dwarf {
    /// The version of its first unit.
    pub version: Option<u16>,
    /// `zlib`, `zstd`, or `None` where it is not compressed.
    pub compression: Option<String>,
    /// Bytes of the file.
    pub bytes: Bytes,
    /// Bytes that come out of them.
    pub unpacked: Bytes,
}

/// Exported methods that the linker kept, because something may call them, and those it dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods {
    /// Methods that have code.
    pub kept: u64,
    /// Methods that are named and have none.
    pub dropped: u64,
    /// Functions that look methods up by reflection, and so may keep them all.
    #[serde(default)]
    pub looked_up_by: Vec<Caller>,
}

/// A function that calls `reflect.Value.Method` and its like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Its name.
    pub function: String,
    /// Calls from `main.main`, or from an initializer, down to it; empty if none was found.
    pub path: Vec<String>,
}
