//! `elfin receipt`: a machine's part in a program, to stand beside the document of a weighing.
//!
//! Two of them say what of the machines differs where two programs do. Nothing in it is secret: of
//! the environment only what builds depend on.

use crate::{BuildPlace, HostKind, ReadError, WslSetting, read_one};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema of a receipt.
pub const RECEIPT_SCHEMA: &str = "elfin.receipt/1";

/// What of a machine has a part in what is built on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Always [`RECEIPT_SCHEMA`].
    pub schema: String,
    /// The version of elfin.
    pub elfin: String,
    /// The kernel's release.
    pub kernel: String,
    /// What runs under it.
    pub host: HostKind,
    /// `PRETTY_NAME` of os-release.
    pub distribution: String,
    /// Go's name of the processor.
    pub arch: String,
    /// Go, as it is chosen in the folder where the receipt was made; `None` where there is none.
    pub go: Option<GoHere>,
    /// The C compiler that Go asks; `None` where there is none.
    pub compiler: Option<CompilerHere>,
    /// The C library; `None` where none was found.
    pub libc: Option<LibcHere>,
    /// Every linker in PATH.
    pub linkers: Vec<LinkerHere>,
    /// The folders that a build reads and writes.
    pub places: Vec<BuildPlace>,
    /// Environment variables that builds depend on.
    pub variables: BTreeMap<String, String>,
    /// The settings of WSL that a file sets.
    pub settings: Vec<WslSetting>,
}

/// A Go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoHere {
    /// `go1.26.8`.
    pub version: String,
    /// Its folder.
    pub root: String,
    /// What `go env` says of how it builds.
    pub settings: BTreeMap<String, String>,
}

/// A C compiler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerHere {
    /// As Go calls it.
    pub command: String,
    /// The first line of its `--version`.
    pub version: String,
    /// `x86_64-linux-gnu`.
    pub target: String,
    /// The linker that it calls: the first line of its `--version`.
    pub linker: String,
    /// What it tells the linker where nothing was asked: `-pie`, `--build-id`, `-z now`.
    pub defaults: Vec<String>,
    /// The dynamic linker that it writes into programs.
    pub interpreter: Option<String>,
}

/// A C library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibcHere {
    /// `glibc` or `musl`.
    pub name: String,
    /// `2.36 (Debian GLIBC 2.36-9+deb12u10)`.
    pub version: String,
    /// Its dynamic linker.
    pub interpreter: String,
}

/// A linker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkerHere {
    /// `ld.bfd`.
    pub name: String,
    /// The first line of its `--version`.
    pub version: String,
}

/// Reads a receipt.
///
/// Returns an error if the text is not JSON of [`RECEIPT_SCHEMA`].
pub fn read_receipt(text: &str) -> Result<Receipt, ReadError> {
    read_one(text, 1, RECEIPT_SCHEMA)
}
