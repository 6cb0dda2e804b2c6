//! Machine code of amd64 out of streams: heads, displacements, immediates and targets apart.

use crate::Damaged;
use crate::input::Input;
use crate::nibble::Nibble;
use crate::ranks::Ranks;
use crate::streams;
use crate::x86::{Displacement, Head, Immediate, head};

/// The streams, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Prefixes, opcodes, ModRM and SIB.
    Heads,
    /// Displacements of a byte.
    Bytes,
    /// Displacements of four bytes, the highest first.
    Words,
    /// Where displacements from the instruction lead: offsets into the image, the highest byte first.
    Relative,
    /// Immediates of a byte.
    ImmediateBytes,
    /// Other immediates, the highest byte first.
    Immediates,
    /// Jumps of a byte.
    Near,
    /// Jumps of four bytes, the highest byte first.
    Jumps,
    /// [Ranks](crate::ranks) of targets of calls, the higher byte first.
    Calls,
    /// New targets: offsets into the image, the highest byte first.
    Targets,
}

/// Streams that there are.
pub const STREAMS: usize = 10;

/// Unpacks code: its offset in the image, the bytes behind the last whole instruction, the streams.
pub(crate) fn unpack(
    input: &mut Input<'_>,
    output: &mut [u8],
    models: &mut [Nibble],
    memory: &mut [u8],
) -> Result<(), Damaged> {
    let base = input.number()? as u32;
    let left = input.number()?;
    let left = input.take(left)?;
    let (streams, memory) = streams::unpack::<STREAMS>(input, models, memory)?;
    let ranks = memory.get_mut(..Ranks::BYTES).ok_or(Damaged("scratch memory is too small"))?;
    let whole = output.len().checked_sub(left.len()).ok_or(Damaged("code is too short"))?;
    let (code, end) = output.split_at_mut(whole);
    end.copy_from_slice(left);
    let mut joined = Joined { streams: streams.map(Input), ranks: Ranks::new(ranks), base };
    let mut at = 0;
    while at < code.len() {
        at = joined.instruction(code, at)?;
    }
    Ok(())
}

struct Joined<'s> {
    streams: [Input<'s>; STREAMS],
    ranks: Ranks<'s>,
    base: u32,
}

impl Joined<'_> {
    /// Writes an instruction; returns where it ends.
    #[inline(always)]
    fn instruction(&mut self, code: &mut [u8], at: usize) -> Result<usize, Damaged> {
        let heads = &mut self.streams[Stream::Heads as usize];
        let parts = head(heads.0).ok_or(Damaged("an instruction is cut off"))?;
        let Head { length, displacement, immediate } = parts;
        let middle = at + length;
        let last = middle + displacement.length();
        let end = last + immediate.length();
        let instruction = code.get_mut(at..end).ok_or(Damaged("code is too long"))?;
        copy_head(&mut instruction[..length], heads);
        let next = self.base.wrapping_add(end as u32);
        let at = length;
        match displacement {
            Displacement::None => {}
            Displacement::Byte => instruction[at] = self.byte(Stream::Bytes)?,
            Displacement::Word => self.word(Stream::Words, &mut instruction[at..at + 4], 0)?,
            Displacement::Relative => {
                self.word(Stream::Relative, &mut instruction[at..at + 4], next)?;
            }
        }
        let rest = &mut instruction[last - middle + length..];
        match immediate {
            Immediate::None => {}
            Immediate::Byte => rest[0] = self.byte(Stream::ImmediateBytes)?,
            Immediate::Near => rest[0] = self.byte(Stream::Near)?,
            Immediate::Word => self.word(Stream::Immediates, rest, 0)?,
            Immediate::Jump => self.word(Stream::Jumps, rest, 0)?,
            Immediate::Call => {
                let target = self.target()?.wrapping_sub(next);
                rest.copy_from_slice(&target.to_le_bytes());
            }
            Immediate::Half | Immediate::Three | Immediate::Long => {
                rest.copy_from_slice(self.streams[Stream::Immediates as usize].take(rest.len())?);
                rest.reverse();
            }
        }
        Ok(end)
    }

    #[inline(always)]
    fn byte(&mut self, stream: Stream) -> Result<u8, Damaged> {
        let [byte] = *self.streams[stream as usize].array()?;
        Ok(byte)
    }

    /// Moves a word, less `next`.
    #[inline(always)]
    fn word(&mut self, stream: Stream, to: &mut [u8], next: u32) -> Result<(), Damaged> {
        let word = u32::from_be_bytes(*self.streams[stream as usize].array()?);
        to.copy_from_slice(&word.wrapping_sub(next).to_le_bytes());
        Ok(())
    }

    #[inline(always)]
    fn target(&mut self) -> Result<u32, Damaged> {
        let rank = u16::from_be_bytes(*self.streams[Stream::Calls as usize].array()?);
        if rank == 0 {
            let target = u32::from_be_bytes(*self.streams[Stream::Targets as usize].array()?);
            self.ranks.add(target);
            return Ok(target);
        }
        self.ranks.take(usize::from(rank)).ok_or(Damaged("a call has no target"))
    }
}

/// Moves a head, which is short.
#[inline(always)]
fn copy_head(to: &mut [u8], heads: &mut Input<'_>) {
    let (head, rest) = heads.0.split_at(to.len());
    for (to, from) in to.iter_mut().zip(head) {
        *to = *from;
    }
    heads.0 = rest;
}
