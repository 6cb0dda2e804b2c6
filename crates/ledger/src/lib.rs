//! Claims on ranges of a file, settled so that every byte is counted once.
//!
//! Whoever knows something of a file claims ranges for an owner, in any order
//! and as often as it likes. [`Claims::settle`] turns the claims into
//! [pieces](Piece) that cover the file without a gap or an overlap. A higher
//! layer has precedence over a lower one; claims of one layer that agree to
//! share give a piece of several owners; claims of one layer that do not are a
//! [`Clash`], settled in a fixed order and reported. Bytes that nobody claimed
//! are a piece of nobody.
//!
//! Owners, labels and classes are numbers of the claimant: nothing here knows
//! what a package, a section or a symbol is.

mod claim;
mod cover;
mod layer;
mod owners;
mod settled;

pub use claim::{Claim, Claims, LAYERS};
pub use owners::{MANY, MOST_OWNERS, Owners};
pub use settled::{Clash, Piece, Settled};

/// Why claims could not be settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The pieces do not cover the file: a mistake of ours, never silent.
    #[error(
        "offset {offset:#x}: {counted} bytes are counted up to here, the file has {file}; \
         please report this:\n{table}"
    )]
    Sum {
        /// Where the pieces stop following each other.
        offset: u64,
        /// Bytes counted.
        counted: u64,
        /// Bytes of the file.
        file: u64,
        /// Bytes by class and owner, one a line.
        table: String,
    },
}
