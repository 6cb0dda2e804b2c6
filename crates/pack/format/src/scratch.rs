//! Memory that unpacking works in: models first, then streams that are not output yet.

use crate::Damaged;
use crate::literal::PER_CONTEXT;
use crate::lz::SHAPE_MODELS;
use crate::nibble::Nibble;

/// Models that any stream can have.
pub const MOST_MODELS: usize = SHAPE_MODELS + 2 * (PER_CONTEXT << crate::literal::MOST_BITS);
/// Bytes of scratch memory for models, with what aligning them may take.
pub const FOR_MODELS: usize = MOST_MODELS * size_of::<Nibble>() + ALIGNMENT;

const ALIGNMENT: usize = 64;

/// Splits scratch memory into models and the rest.
///
/// # Errors
/// If it is too small.
pub fn split(scratch: &mut [u8]) -> Result<(&mut [Nibble], &mut [u8]), Damaged> {
    let small = Damaged("scratch memory is too small");
    let skip = scratch.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
    let aligned = scratch.get_mut(skip..).ok_or(small)?;
    let (models, rest) =
        aligned.split_at_mut_checked(MOST_MODELS * size_of::<Nibble>()).ok_or(small)?;
    Ok((models.as_chunks_mut().0, rest))
}
