//! The packed image: parts that unpack on their own, into ranges that do not overlap.
//!
//! An image is the memory of a program from its first loaded page on. What no
//! part covers is zero. A part is a row of [blocks](crate::block), each packed
//! in a way of its own. A table of [relocations](crate::rela) takes something from other parts: it is
//! finished when all are unpacked. The parts' checksums are the container's, not theirs.

use crate::Damaged;
use crate::block::{self, Method};
use crate::rela::{self, Way};
use core::ops::Range;

/// Bytes before the table of parts.
const HEAD: usize = 12;
/// Bytes of a part's entry in the table of parts.
pub const ENTRY: usize = 20;

/// The parts of a packed image.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// How many parts, and where a table of relocations begins and ends.
    head: &'a [u8; HEAD],
    table: &'a [u8],
    packed: &'a [u8],
}

/// One part of a packed image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The bytes of the image that it becomes.
    pub output: Range<usize>,
    /// How many packed bytes it takes.
    pub packed_len: usize,
    /// How long it takes to unpack, in units that add up; for sharing parts between threads.
    pub cost: u64,
}

impl<'a> Parts<'a> {
    /// Reads the table of parts.
    ///
    /// Returns an error if it is cut off, or if parts overlap or run out of the packed bytes.
    pub fn parse(packed: &'a [u8]) -> Result<Parts<'a>, Damaged> {
        let cut_off = Damaged("the table of parts is cut off");
        let (head, rest) = packed.split_first_chunk::<HEAD>().ok_or(cut_off)?;
        let size = (word(head, 0) as usize).checked_mul(ENTRY).ok_or(cut_off)?;
        let (table, packed) = rest.split_at_checked(size).ok_or(cut_off)?;
        let parts = Parts { head, table, packed };
        let (mut output, mut input) = (0, 0_usize);
        for i in 0..parts.len() {
            let part = parts.part(i);
            if part.output.start < output || part.output.end < part.output.start {
                return Err(Damaged("parts overlap"));
            }
            output = part.output.end;
            input = input.checked_add(part.packed_len).ok_or(cut_off)?;
        }
        if input == packed.len() { Ok(parts) } else { Err(Damaged("parts do not add up")) }
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.table.len() / ENTRY
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn word(&self, i: usize, field: usize) -> usize {
        word(self.table, i * ENTRY + 4 * field) as usize
    }

    /// Gives one part; an empty one where there is none of that number.
    pub fn part(&self, i: usize) -> Part {
        let start = self.word(i, 0);
        Part {
            output: start..start.saturating_add(self.word(i, 1)),
            packed_len: self.word(i, 2),
            cost: self.word(i, 4) as u64,
        }
    }

    /// How many bytes of scratch memory a part needs.
    pub fn scratch(&self, i: usize) -> usize {
        self.word(i, 3)
    }

    /// Says how each block of a part is packed.
    pub fn methods(&self, i: usize) -> impl Iterator<Item = Method> {
        block::methods(self.packed(i))
    }

    fn packed(&self, i: usize) -> &'a [u8] {
        let start = (0..i).map(|it| self.part(it).packed_len).sum::<usize>();
        let end = start.saturating_add(self.part(i).packed_len);
        self.packed.get(start..end).unwrap_or_default()
    }
}

/// A word of a table; 0 behind its end.
fn word(table: &[u8], at: usize) -> u32 {
    table.get(at..).and_then(|it| it.first_chunk()).map_or(0, |it| u32::from_le_bytes(*it))
}

/// Unpacks a part into `output`, which is exactly its range of the image and is zero,
/// with the help of `scratch`, which is as long as [`Parts::scratch`] says.
///
/// Returns an error if the part is damaged; `output` is then partly written.
pub fn unpack_part(
    parts: &Parts<'_>,
    i: usize,
    output: &mut [u8],
    scratch: &mut [u8],
) -> Result<(), Damaged> {
    block::unpack_all(parts.packed(i), output, scratch)
}

/// Finishes an image that begins at the address `base`, once all parts are unpacked.
///
/// Returns an error if its table of relocations is outside of it.
pub fn finish(parts: &Parts<'_>, image: &mut [u8], base: u64) -> Result<(), Damaged> {
    let [start, end] = [4, 8].map(|at| word(parts.head, at) as usize);
    rela::change(image, start..end, base, Way::Back)
}
