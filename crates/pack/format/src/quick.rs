//! A stream that is quick to unpack: literals, tokens and distances as [codes](crate::prefix).
//!
//! A token is a run of literals and a match behind it: the kind of the match in its two highest
//! bits, the length of the run in the next three and that of the match in the lowest. What is too long
//! for three bits is followed by five bits that tell how many more bits the rest has.

use crate::Damaged;
use crate::input::Input;
use crate::lz::{Recent, SHORTEST, repeat};
use crate::nibble::Nibble;
use crate::prefix::{self, Bits, ENTRIES, Entry};

/// Three bits that say that more follows.
pub const MORE: usize = 7;
/// Bits that say how many follow.
pub const COUNT: u32 = 5;
/// Zeros behind each row of bits, so that eight bytes can be read at once.
pub const PADDING: usize = 8;

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
    let (entries, _) = memory.as_flattened_mut().as_chunks_mut::<2>();
    let (tables, _) = entries.as_chunks_mut::<ENTRIES>();
    let [literals, tokens, distances, ..] = tables else { return Err(DAMAGED) };
    let mut input = Input(packed);
    let literal_bits = rows(&mut input, literals)?;
    let token_bits = rows(&mut input, tokens)?;
    let distance_bits = rows(&mut input, distances)?;
    let mut unpacking = Unpacking {
        literals: (Bits::new(literal_bits), literals),
        tokens: (Bits::new(token_bits), tokens),
        distances: (Bits::new(distance_bits), distances),
        recent: Recent::START,
    };
    let mut at = 0;
    while at < output.len() {
        at = unpacking.sequence(output, at)?;
    }
    if input.0.is_empty() { Ok(()) } else { Err(DAMAGED) }
}

/// Reads a table of codes, and the bits that are in these codes.
fn rows<'p>(input: &mut Input<'p>, table: &mut [Entry; ENTRIES]) -> Result<&'p [u8], Damaged> {
    let length = input.number()?;
    let lengths = prefix::lengths(input.take(length)?)?;
    prefix::fill(table, &lengths)?;
    let length = input.number()?;
    input.take(length)
}

struct Unpacking<'a> {
    literals: (Bits<'a>, &'a mut [Entry; ENTRIES]),
    tokens: (Bits<'a>, &'a mut [Entry; ENTRIES]),
    distances: (Bits<'a>, &'a mut [Entry; ENTRIES]),
    recent: Recent,
}

impl Unpacking<'_> {
    /// Unpacks literals and the match behind them; returns where that ends.
    #[inline(always)]
    fn sequence(&mut self, output: &mut [u8], at: usize) -> Result<usize, Damaged> {
        self.tokens.0.refill();
        let token = usize::from(self.tokens.0.symbol(self.tokens.1));
        let (kind, mut run, mut length) = (token >> 6, token >> 3 & 7, token & 7);
        if run == MORE {
            run += self.more();
        }
        let end = at + run;
        let run = output.get_mut(at..end).ok_or(DAMAGED)?;
        for five in run.chunks_mut(5) {
            self.literals.0.refill();
            for byte in five {
                *byte = self.literals.0.symbol(self.literals.1);
            }
        }
        if end == output.len() {
            return Ok(end);
        }
        if length == MORE {
            length += self.more();
        }
        let new = if kind == 0 { self.distance()? } else { 0 };
        self.recent = self.recent.take(kind, new);
        repeat(output, end, self.recent.distances[0], length + SHORTEST)
    }

    fn more(&mut self) -> usize {
        self.tokens.0.refill();
        let bits = self.tokens.0.take(COUNT);
        self.tokens.0.take(bits as u32)
    }

    #[inline(always)]
    fn distance(&mut self) -> Result<usize, Damaged> {
        self.distances.0.refill();
        let symbol = usize::from(self.distances.0.symbol(self.distances.1));
        if symbol < 16 {
            return Ok(symbol + 1);
        }
        let bits = (symbol - 16) as u32 / 8 + 1;
        if bits > 27 {
            return Err(DAMAGED);
        }
        Ok(((8 | symbol & 7) << bits | self.distances.0.take(bits)) + 1)
    }
}
