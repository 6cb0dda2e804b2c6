//! Why a file is not packed, or not unpacked.

use elfin_elf::image::ImageError;
use elfin_schema::PackRefusal;

/// Why a file is left as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// It is not ELF, is damaged, or is of a shape that cannot be packed.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// It is not packed, for a reason that a report has words for.
    #[error("not packed: {0:?}")]
    Refused(PackRefusal),
    /// What was packed did not give the original when it was unpacked.
    #[error(
        "what was packed does not give the original again ({0}); nothing was written; this is a \
         mistake of elfin's"
    )]
    NotTheSame(String),
    /// What is to be unpacked is no packed program.
    #[error("elfin did not pack it; give what `elfin pack` wrote")]
    NotPacked,
    /// A packed file is of another format.
    #[error("another version of elfin packed it; unpack it with that one")]
    OtherVersion,
    /// The end of a packed file is missing.
    #[error(
        "it has {len} bytes of at least {loaded}: its end is missing; take it again from where it is whole"
    )]
    CutOff {
        /// How many bytes there are.
        len: u64,
        /// How many its loader needs.
        loaded: u64,
    },
    /// A packed file is damaged.
    #[error(
        "at offset {offset:#x}: {says}; it was damaged after it was packed: take it again from where it is whole"
    )]
    Damaged {
        /// Where what is damaged begins.
        offset: u64,
        /// What is wrong about it.
        says: String,
    },
}
