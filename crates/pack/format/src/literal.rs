//! What a literal is predicted from: two contexts that the stream's header names.

use crate::Damaged;
use crate::nibble::{FRESH, Nibble};

/// Models of one literal: its upper half, and its lower half under each upper half.
pub const PER_CONTEXT: usize = 17;
/// A context is a number of at most this many bits.
pub const MOST_BITS: u32 = 10;
/// Bytes that a [`Context`] takes in a header.
pub const CONTEXT_BYTES: usize = 4;

/// Which of what came before a literal predicts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Which of the eight bytes before it: bit 0 the last, bit 7 the eighth last.
    pub bytes: u8,
    /// Which bits of its position in the stream.
    pub phase: u8,
    /// Whether the byte that stands where the last match's would go on, and whether it was refused just now.
    pub expected: bool,
    /// Bits of the context's number.
    pub bits: u8,
}

impl Context {
    /// Reads one from a header.
    ///
    /// # Errors
    /// If it is not a context.
    pub fn parse(bytes: [u8; CONTEXT_BYTES]) -> Result<Self, Damaged> {
        let [bytes, phase, expected, bits] = bytes;
        if expected > 1 || u32::from(bits) > MOST_BITS {
            return Err(Damaged("a stream has no such context"));
        }
        Ok(Self { bytes, phase, expected: expected == 1, bits })
    }

    /// Returns what a header has of it.
    #[must_use]
    pub fn to_bytes(self) -> [u8; CONTEXT_BYTES] {
        [self.bytes, self.phase, u8::from(self.expected), self.bits]
    }

    /// Returns it in the form in which it is used.
    #[must_use]
    pub fn ready(self) -> Ready {
        let byte = |it: u32| if self.bytes >> it & 1 == 1 { 0xff << (8 * it) } else { 0 };
        Ready {
            mask: (0..8).map(byte).sum(),
            phase: usize::from(self.phase),
            expected: if self.expected { 0x1ff } else { 0 },
            shift: 64 - u32::from(self.bits.max(1)),
            limit: (1 << self.bits) - 1,
        }
    }
}

/// A [`Context`] as masks.
#[derive(Debug, Clone, Copy)]
pub struct Ready {
    mask: u64,
    phase: usize,
    expected: usize,
    shift: u32,
    limit: usize,
}

impl Ready {
    /// Returns the number of the context.
    ///
    /// `before` are the eight bytes before, the last one lowest; `expected` is the expected byte, and 256 more
    /// if it was refused just now.
    #[inline(always)]
    #[must_use]
    pub fn number(&self, before: u64, position: usize, expected: usize) -> usize {
        let before = before & self.mask;
        let older = before >> 8 | ((position & self.phase) as u64) << 56;
        let spread = older.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        let number = (before as u8 as usize) ^ spread as usize ^ expected & self.expected;
        number & self.limit
    }

    /// Returns how many models the context takes.
    #[must_use]
    pub fn models(&self) -> usize {
        (self.limit + 1) * PER_CONTEXT
    }
}

/// Makes models fresh.
pub fn refresh(models: &mut [Nibble]) {
    models.fill(FRESH);
}
