//! Relocations with addends, `.rela`, as differences.
//!
//! A place is stored less the one before, and an addend less what stands where it goes: Go's linker writes
//! the addend there too (`cmd/link/internal/amd64/asm.go`, Go 1.27), so that nothing of it is left.

use crate::Damaged;
use crate::relocate::{RELA, row, word};
use core::ops::Range;

/// Which way a table is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To differences.
    ToDifferences,
    /// Back again.
    Back,
}

/// Changes a table of an image that begins at the address `base`, row by row; outside of the image
/// stands nothing.
///
/// What goes to places in the table itself need not come back.
///
/// # Errors
/// If the table does not end in the image.
#[inline(always)]
pub fn change(image: &mut [u8], table: Range<usize>, base: u64, way: Way) -> Result<(), Damaged> {
    let by = |number: u64, difference: u64| match way {
        Way::ToDifferences => number.wrapping_sub(difference),
        Way::Back => number.wrapping_add(difference),
    };
    let mut before = base;
    for at in table.step_by(RELA) {
        let [old, _, addend] = row(image, at)?.map(u64::from_le_bytes);
        let new = by(old, before);
        before = if way == Way::Back { new } else { old };
        let there = word(image, before.wrapping_sub(base) as usize).unwrap_or(0);
        let [place, _, is] = row(image, at)?;
        (*place, *is) = (new.to_le_bytes(), by(addend, there).to_le_bytes());
    }
    Ok(())
}
