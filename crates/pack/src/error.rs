//! Why a file is not packed, or not unpacked.

use elfin_elf::image::ImageError;
use elfin_pack_format::Damaged;
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
    /// A packed file is damaged.
    #[error("{0}; it was damaged after it was packed, or was never whole")]
    Damaged(#[from] Damaged),
    /// The packed rest of the original file is damaged.
    #[error("the packed rest of the original at offset {offset:#x} is damaged: {says}")]
    Rest {
        /// Where it stands.
        offset: u64,
        /// What is wrong about it.
        says: String,
    },
}
