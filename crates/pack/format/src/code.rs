//! Machine code of amd64 out of streams: heads, displacements, immediates and targets apart.

use crate::Damaged;
use crate::input::Input;
use crate::nibble::Nibble;
use crate::ranks::Ranks;
use crate::streams;
use crate::x86::{Displacement, Head, Immediate, WINDOW, head_in, padded};

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

const DAMAGED: Damaged = Damaged("code is damaged");

/// Bytes that an instruction is written into: the longest has 26.
const ROOM: usize = 32;

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
    let mut streams = [&[][..]; STREAMS];
    let memory = streams::unpack(input, models, memory, &mut streams)?;
    let ranks = memory.get_mut(..Ranks::BYTES).ok_or(DAMAGED)?;
    let whole = output.len().checked_sub(left.len()).ok_or(DAMAGED)?;
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
        // Near the end, an instruction and what is written behind it have no room in the code.
        let mut aside = [0; ROOM];
        let inside = code.len() - at >= ROOM;
        let room = if inside { code[at..].first_chunk_mut() } else { Some(&mut aside) };
        let end = at + self.write(room.ok_or(DAMAGED)?, at)?;
        if !inside {
            let place = code.get_mut(at..end).ok_or(DAMAGED)?;
            for (to, from) in place.iter_mut().zip(aside) {
                *to = from;
            }
        }
        Ok(end)
    }

    /// Writes an instruction that stands at `at`, and anything behind it; returns its length.
    #[inline(always)]
    fn write(&mut self, room: &mut [u8; ROOM], at: usize) -> Result<usize, Damaged> {
        let heads = &mut self.streams[Stream::Heads as usize];
        let end_of_heads;
        let window = match heads.0.first_chunk::<WINDOW>() {
            Some(window) => window,
            None => {
                end_of_heads = padded(heads.0);
                &end_of_heads
            }
        };
        let Head { length, displacement, immediate } = head_in(window);
        room[..WINDOW].copy_from_slice(window);
        heads.take(length)?;
        let last = length + displacement.length();
        let end = last + immediate.length();
        let next = self.base.wrapping_add((at + end) as u32);
        if displacement <= Displacement::Byte {
            room[length] = self.some(Stream::Bytes as usize, displacement as usize)?;
        } else {
            let relative = displacement == Displacement::Relative;
            let (stream, next) =
                if relative { (Stream::Relative, next) } else { (Stream::Words, 0) };
            self.word(stream, &mut room[length..last], next)?;
        }
        let rest = &mut room[last..];
        match immediate {
            Immediate::None | Immediate::Byte | Immediate::Near => {
                let near = usize::from(immediate == Immediate::Near);
                let present = usize::from(immediate != Immediate::None);
                rest[0] = self.some(Stream::ImmediateBytes as usize + 2 * near, present)?;
            }
            Immediate::Word => self.word(Stream::Immediates, &mut rest[..4], 0)?,
            Immediate::Jump => self.word(Stream::Jumps, &mut rest[..4], 0)?,
            Immediate::Call => {
                let target = self.target()?.wrapping_sub(next);
                rest[..4].copy_from_slice(&target.to_le_bytes());
            }
            Immediate::Half | Immediate::Three | Immediate::Long => {
                let from = self.streams[Stream::Immediates as usize].take(immediate.length())?;
                for (to, from) in rest.iter_mut().zip(from.iter().rev()) {
                    *to = *from;
                }
            }
        }
        Ok(end)
    }

    /// Returns the next byte of a stream, and takes `count` of them: one or none.
    #[inline(always)]
    fn some(&mut self, stream: usize, count: usize) -> Result<u8, Damaged> {
        let bytes = &mut self.streams[stream].0;
        let byte = bytes.first().copied().unwrap_or(0);
        *bytes = bytes.get(count..).ok_or(DAMAGED)?;
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
        self.ranks.take(usize::from(rank)).ok_or(DAMAGED)
    }
}
