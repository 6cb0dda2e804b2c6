//! Relocations that need no library: what the dynamic linker does to a pure Go PIE.

use crate::Damaged;
use core::ops::Range;

/// An address that moves with the program (`R_X86_64_RELATIVE`).
const RELATIVE: u64 = 8;
/// Bytes of a relocation with an addend.
pub const RELA: usize = 24;

/// Applies relocations with addends: `table` of the image, which stands at `address` and was linked at `base`.
///
/// Returns an error if one is not relative, or is outside of the image.
pub fn relocate_rela(
    image: &mut [u8],
    table: Range<usize>,
    base: u64,
    address: u64,
) -> Result<(), Damaged> {
    let by = address.wrapping_sub(base);
    for at in table.step_by(RELA) {
        let [place, info, addend] = row(image, at)?.map(u64::from_le_bytes);
        if info != RELATIVE {
            return Err(Damaged("a relocation needs a dynamic linker"));
        }
        put(image, place.wrapping_sub(base), addend.wrapping_add(by))?;
    }
    Ok(())
}

/// Applies packed relative relocations (RELR).
///
/// Returns an error if one is outside of the image.
pub fn relocate_relr(
    image: &mut [u8],
    table: Range<usize>,
    base: u64,
    address: u64,
) -> Result<(), Damaged> {
    let by = address.wrapping_sub(base);
    let mut next = 0_u64;
    let add = |image: &mut [u8], place: u64| {
        let at = place.wrapping_sub(base);
        let old = word(image, usize::try_from(at).map_err(|_| OUTSIDE)?)?;
        put(image, at, old.wrapping_add(by))
    };
    for at in table.step_by(8) {
        let entry = word(image, at)?;
        if entry & 1 == 0 {
            add(image, entry)?;
            next = entry.wrapping_add(8);
            continue;
        }
        for bit in (1..64).filter(|bit| entry >> bit & 1 == 1) {
            add(image, next.wrapping_add(8 * (bit - 1)))?;
        }
        next = next.wrapping_add(63 * 8);
    }
    Ok(())
}

/// A relocation with an addend: its place, what kind it is, and the addend.
pub(crate) fn row(image: &mut [u8], at: usize) -> Result<&mut [[u8; 8]; 3], Damaged> {
    let words = image.get_mut(at..).and_then(|it| it.as_chunks_mut::<8>().0.first_chunk_mut());
    words.ok_or(OUTSIDE)
}

const OUTSIDE: Damaged = Damaged("a relocation is outside of the program");

pub(crate) fn word(image: &[u8], at: usize) -> Result<u64, Damaged> {
    let bytes = image.get(at..).and_then(|it| it.first_chunk::<8>()).ok_or(OUTSIDE)?;
    Ok(u64::from_le_bytes(*bytes))
}

fn put(image: &mut [u8], at: u64, value: u64) -> Result<(), Damaged> {
    let at = usize::try_from(at).map_err(|_| OUTSIDE)?;
    let place = image.get_mut(at..).and_then(|it| it.first_chunk_mut::<8>()).ok_or(OUTSIDE)?;
    *place = value.to_le_bytes();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words at 0x1000 and on.
    fn image(words: &[u64]) -> [u8; 1024] {
        let mut image = [0; 1024];
        for (place, word) in image.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        image
    }

    #[test]
    fn addends_move_with_the_program() {
        let mut image = image(&[0, 0, 0x1008, RELATIVE, 0x1234]);
        relocate_rela(&mut image, 16..40, 0x1000, 0x5000).unwrap();
        assert_eq!(word(&image, 8), Ok(0x5234));
    }

    #[test]
    fn packed_relocations_add_to_what_is_there() {
        // One address, then a bitmap: the next word and the third.
        let mut image = image(&[0x1011, 0x1022, 0x1033, 0x1044, 0x1000, 0b1011]);
        relocate_relr(&mut image, 32..48, 0x1000, 0x3000).unwrap();
        let words = [0, 8, 16, 24].map(|at| word(&image, at).unwrap());
        assert_eq!(words, [0x3011, 0x3022, 0x1033, 0x3044]);
    }

    #[test]
    fn what_is_not_relative_or_outside_is_refused() {
        let mut symbolic = image(&[0, 0, 0x1008, 6, 0]);
        assert!(relocate_rela(&mut symbolic, 16..40, 0x1000, 0x5000).is_err());
        let mut outside = image(&[0, 0, 0x9008, RELATIVE, 0]);
        assert_eq!(relocate_rela(&mut outside, 16..40, 0x1000, 0x5000), Err(OUTSIDE));
        assert_eq!(relocate_relr(&mut outside, 16..24, 0x1000, 0x5000), Err(OUTSIDE));
    }
}
