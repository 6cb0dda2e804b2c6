//! `elfin pack --json` and `elfin inspect --json`: a packed program, what is in it and what to know of it.

use crate::Bytes;
use serde::{Deserialize, Serialize};

/// The schema of a packing.
pub const PACK_SCHEMA: &str = "elfin.pack/1";

/// A packed program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// Always [`PACK_SCHEMA`].
    pub schema: String,
    /// The version of elfin that says this.
    pub elfin: String,
    /// The packed file's name, without folders.
    pub name: String,
    /// The size of the original file.
    pub before: Bytes,
    /// The size of the packed file.
    pub after: Bytes,
    /// How it was packed and why so; not known of a file that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<PackChoice>,
    /// How the program is put into memory.
    pub kind: PackKind,
    /// SHA-256 of the original file, in hexadecimal.
    pub original_sha256: String,
    /// What the packed file consists of; adds up to `after`.
    pub shares: Vec<PackShare>,
    /// The parts of the packed image, in the order of the program's memory.
    pub parts: Vec<PackPart>,
    /// What a registry transfers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<PackDownload>,
    /// What there is to know of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<PackRemark>,
}

/// How a program was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackChoice {
    /// What it was packed for.
    pub effort: PackEffort,
    /// Why.
    pub why: PackReason,
}

/// What a program is packed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackEffort {
    /// The smallest file.
    Small,
    /// The quickest start.
    Fast,
}

/// Why a program was packed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackReason {
    /// The user said so.
    Asked,
    /// It listens on the network, so it starts rarely.
    Serves,
    /// It is built on a library for command lines and does not listen, so it starts often.
    CommandLine,
    /// Nothing in it says how often it starts.
    Default,
}

/// How a packed program is put into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackKind {
    /// At its own addresses.
    Fixed,
    /// At its own addresses, by its dynamic linker.
    FixedInterpreted,
    /// At random addresses; it relocates itself.
    SelfRelocating,
    /// At random addresses; the loader relocates it, and no dynamic linker is needed any more.
    Relocated,
    /// At random addresses, by its dynamic linker.
    Interpreted,
}

/// A share of a packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackShare {
    /// Which.
    pub share: PackShareName,
    /// Its size.
    pub bytes: Bytes,
}

/// The shares of a packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackShareName {
    /// Headers, and what stays readable: build information, build IDs.
    Readable,
    /// The program's packed memory.
    Image,
    /// The code that unpacks it.
    Loader,
    /// What of the original is not loaded, packed.
    Rest,
    /// The packed file's own section headers.
    Sections,
}

/// A part of the packed image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackPart {
    /// Where it begins in the program's memory.
    pub start: u64,
    /// How many bytes it becomes.
    pub bytes: Bytes,
    /// How many bytes it takes.
    pub packed: Bytes,
    /// How it is packed: zeros, stored, stream, code, pclntab; several with a plus.
    pub method: String,
}

/// What a registry transfers of the original and of the packed file: layers of gzip and of zstd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackDownload {
    /// The original, gzip -6.
    pub before_gzip: Bytes,
    /// The packed file, gzip -6.
    pub after_gzip: Bytes,
    /// The original, zstd -3.
    pub before_zstd: Bytes,
    /// The packed file, zstd -3.
    pub after_zstd: Bytes,
}

/// Something about a packed program that its user may not expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackRemark {
    /// Each process has the program's memory for itself.
    Memory,
    /// The program has symbols or DWARF, which stay in the packed file.
    NotStripped,
    /// It was not made by Go's linker.
    NotGo,
    /// The layer of a container image hardly shrinks.
    DownloadHardlySmaller,
    /// No dynamic linker runs any more, so `LD_PRELOAD` has no effect.
    NoDynamicLinker,
    /// Its build information is of a form that cannot be kept readable.
    NoBuildInformation,
}

/// Why a file is not packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackRefusal {
    /// It is for a machine for which there is no loader yet.
    Machine,
    /// This elfin was built where no loader can be made.
    NoLoader,
    /// It is a library (c-shared), a plugin or an object, which others load.
    Library,
    /// elfin packed it already.
    Packed,
    /// UPX packed it.
    UpxPacked,
    /// It runs with rights that its user has not.
    Privileged,
    /// Memory of it is writable and executable at once.
    WritableCode,
    /// Its segments are such that they cannot be put into memory one by one.
    Layout,
    /// The packed program would not be smaller.
    DoesNotPay,
    /// It is too large for the format.
    TooLarge,
}

/// What `elfin pack --json` prints where it packs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackRefused {
    /// Always [`PACK_SCHEMA`].
    pub schema: String,
    /// Why.
    pub refused: PackRefusal,
}

impl PackRefused {
    /// A refusal.
    pub fn new(refused: PackRefusal) -> PackRefused {
        PackRefused { schema: PACK_SCHEMA.to_owned(), refused }
    }

    /// Reads a line of output; `None` if it is something else.
    pub fn read(line: &str) -> Option<PackRefused> {
        serde_json::from_str(line).ok().filter(|it: &PackRefused| it.schema == PACK_SCHEMA)
    }
}

/// Reads a packing that was written by `elfin pack --json` or `elfin inspect --json`.
///
/// Returns an error if the text is not a packing of this version.
pub fn read_packing(text: &str) -> Result<Packing, crate::ReadError> {
    crate::read_one(text, 1, PACK_SCHEMA)
}
