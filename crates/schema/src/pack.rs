//! `elfin pack --json` and `elfin inspect --json`: a packed program, what is in it and what to know of it.

use serde::{Deserialize, Serialize};

/// The schema of a packing.
pub const PACK_SCHEMA: &str = "elfin.pack/1";

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
