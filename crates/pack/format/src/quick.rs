//! A stream that is quick to unpack: pieces of literals, tokens, lengths and distances as
//! [codes](crate::prefix), which are unpacked first, so that what puts them together waits for nothing.
//!
//! A token is a run of literals and a match behind it: the kind of the match in its two highest
//! bits, the length of the run in the next three and that of the match in the lowest. What is too long
//! for three bits goes on among the lengths.

use crate::Damaged;
use crate::input::Input;
use crate::lz::{Recent, SHORTEST, repeat};
use crate::nibble::Nibble;
use crate::prefix::{self, Bits, ENTRIES, Entry};

/// Three bits that say that a length goes on: by a byte.
pub const MORE: usize = 7;
/// A byte that says that a length is told by the four bytes behind it.
pub const FAR: u8 = 255;
/// About how long the output of a piece is. Its literals must fit into scratch memory with all else.
pub const PIECE: usize = 1 << 19;

const DAMAGED: Damaged = Damaged("a stream is damaged");

/// Unpacks a stream into `output`, which it fills.
///
/// # Errors
/// If the stream is damaged.
pub(crate) fn unpack(
    packed: &[u8],
    output: &mut [u8],
    memory: &mut [Nibble],
) -> Result<(), Damaged> {
    let (table, memory) = memory
        .as_flattened_mut()
        .split_first_chunk_mut::<{ ENTRIES * size_of::<Entry>() }>()
        .ok_or(DAMAGED)?;
    let (table, _) = table.as_chunks_mut::<2>();
    let table: &mut [Entry; ENTRIES] = table.try_into().map_err(|_| DAMAGED)?;
    let mut input = Input(packed);
    let mut recent = Recent::START;
    let mut at = 0;
    while at < output.len() {
        let end = input.short_number()?.checked_add(at).ok_or(DAMAGED)?;
        let (literals, memory) = prefix::unpack(&mut input, table, memory)?;
        let (tokens, memory) = prefix::unpack(&mut input, table, memory)?;
        let (lengths, memory) = prefix::unpack(&mut input, table, memory)?;
        let (distances, _) = prefix::unpack(&mut input, table, memory)?;
        let bits = input.short_number()?;
        let bits = Bits::new(input.take(bits)?);
        let mut piece = Piece { literals, lengths: Input(lengths), distances, bits, recent };
        let output = output.get_mut(..end).ok_or(DAMAGED)?;
        at = piece.put_together(tokens, output, at)?;
        recent = piece.recent;
    }
    if input.0.is_empty() { Ok(()) } else { Err(DAMAGED) }
}

struct Piece<'a> {
    literals: &'a [u8],
    lengths: Input<'a>,
    distances: &'a [u8],
    bits: Bits<'a>,
    recent: Recent,
}

impl Piece<'_> {
    /// Fills `output` from `at` on; returns its end.
    fn put_together(
        &mut self,
        tokens: &[u8],
        output: &mut [u8],
        mut at: usize,
    ) -> Result<usize, Damaged> {
        for token in tokens {
            let token = usize::from(*token);
            at = self.run(token >> 3 & 7, output, at)?;
            if at == output.len() {
                break;
            }
            let length = self.long(token & 7)? + SHORTEST;
            let distance = self.distance(token >> 6);
            at = repeat(output, at, distance, length)?;
        }
        if at == output.len() && self.literals.is_empty() { Ok(at) } else { Err(DAMAGED) }
    }

    /// Copies a run of literals; returns where it ends.
    #[inline(always)]
    fn run(&mut self, run: usize, output: &mut [u8], at: usize) -> Result<usize, Damaged> {
        let near = output.get_mut(at..).and_then(|it| it.first_chunk_mut::<8>());
        if let (Some(to), Some(from)) = (near, self.literals.first_chunk::<8>())
            && run < MORE
        {
            *to = *from; // What is too much is written over by what comes next.
            self.literals = &self.literals[run..];
            return Ok(at + run);
        }
        let run = self.long(run)?;
        let (from, rest) = self.literals.split_at_checked(run).ok_or(DAMAGED)?;
        output.get_mut(at..at + run).ok_or(DAMAGED)?.copy_from_slice(from);
        self.literals = rest;
        Ok(at + run)
    }

    #[inline(always)]
    fn long(&mut self, length: usize) -> Result<usize, Damaged> {
        if length < MORE {
            return Ok(length);
        }
        let [more] = *self.lengths.array()?;
        Ok(MORE + if more == FAR { self.lengths.number()? } else { usize::from(more) })
    }

    /// Returns the distance of a match, which goes to the front of the last ones.
    ///
    /// Kinds can hardly be predicted, so that all is found out and then chosen.
    #[inline(always)]
    fn distance(&mut self, kind: usize) -> usize {
        let new = kind == 0;
        let symbol = usize::from(self.distances.first().copied().unwrap_or(0));
        self.distances = self.distances.get(usize::from(new)..).unwrap_or_default();
        let tailed = symbol >= 16;
        let bits = if tailed { symbol / 8 - 1 } else { 0 };
        let base = if tailed { 8 | symbol & 7 } else { symbol };
        self.bits.refill();
        let tail = self.bits.take(if new { bits as u32 } else { 0 });
        let [a, b, c] = self.recent.distances;
        let first = if new { (base << bits | tail) + 1 } else { [a, a, b, c][kind & 3] };
        let second = if kind == 1 { b } else { a };
        let third = if new | (kind == 3) { b } else { c };
        self.recent.distances = [first, second, third];
        first
    }
}
