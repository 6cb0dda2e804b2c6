//! Codes without context: each symbol a fixed row of bits, looked up eleven bits at a time.

use crate::Damaged;
use crate::coder::Coder;
use crate::nibble::{FRESH, Nibble, Pace};

/// The longest code.
pub const LONGEST: u32 = 11;
/// Entries of a table.
pub const ENTRIES: usize = 1 << LONGEST;
/// The models that lengths of codes are under: the length before.
pub const LENGTH_MODELS: usize = 16;
/// The pace of those models.
pub const LENGTH_PACE: u8 = 20;

/// A table entry: the symbol, and the length of its code.
pub type Entry = [u8; 2];

/// Reads lengths of codes, which stand under adaptive models.
pub fn lengths(packed: &[u8]) -> Result<[u8; 256], Damaged> {
    let mut models = [FRESH; LENGTH_MODELS];
    let mut lengths = [0; 256];
    let pace = Pace::new(LENGTH_PACE);
    let mut coder = Coder::new(packed);
    let mut last = 0;
    for length in &mut lengths {
        let model: &mut Nibble = &mut models[last];
        last = coder.nibble(model, &pace);
        *length = last as u8;
    }
    if coder.ended_well() { Ok(lengths) } else { Err(DAMAGED) }
}

const DAMAGED: Damaged = Damaged("a table of codes is damaged");

/// Fills a table from the lengths of codes; shorter codes come first, and equal ones by symbol.
///
/// # Errors
/// If there are more codes than there can be, or fewer.
pub fn fill(table: &mut [Entry; ENTRIES], lengths: &[u8; 256]) -> Result<(), Damaged> {
    let mut code = 0;
    for length in 1..=LONGEST {
        for (symbol, _) in lengths.iter().enumerate().filter(|it| u32::from(*it.1) == length) {
            // Bits are read from the lowest, so codes stand there backwards.
            let first = reversed(code) as usize;
            if code >= ENTRIES as u32 {
                return Err(DAMAGED);
            }
            for entry in table[first..].iter_mut().step_by(1 << length) {
                *entry = [symbol as u8, length as u8];
            }
            code += 1 << (LONGEST - length);
        }
    }
    if code == ENTRIES as u32 { Ok(()) } else { Err(DAMAGED) }
}

/// Returns the lowest [`LONGEST`] bits backwards.
#[must_use]
pub fn reversed(code: u32) -> u32 {
    code.reverse_bits() >> (32 - LONGEST)
}

/// Bits that are read from the lowest of the first byte on.
#[derive(Debug)]
pub struct Bits<'p> {
    packed: &'p [u8],
    at: usize,
    ready: u64,
    count: u32,
}

impl<'p> Bits<'p> {
    /// Begins with packed bytes.
    #[must_use]
    pub fn new(packed: &'p [u8]) -> Self {
        Self { packed, at: 0, ready: 0, count: 0 }
    }

    /// Makes 56 bits ready; behind the end zeros come.
    #[inline(always)]
    pub fn refill(&mut self) {
        let eight = self.packed.get(self.at..).and_then(|it| it.first_chunk::<8>());
        let word = eight.map_or(0, |it| u64::from_le_bytes(*it));
        self.ready |= word << self.count;
        self.at += (63 - self.count as usize) >> 3;
        self.count |= 56;
    }

    /// Takes some bits that are ready.
    #[inline(always)]
    pub fn take(&mut self, count: u32) -> usize {
        let value = self.ready & ((1 << count) - 1);
        self.drop(count);
        value as usize
    }

    #[inline(always)]
    fn drop(&mut self, count: u32) {
        self.ready >>= count & 63;
        self.count = self.count.wrapping_sub(count) & 63;
    }

    /// Takes a symbol whose bits are ready.
    #[inline(always)]
    pub fn symbol(&mut self, table: &[Entry; ENTRIES]) -> u8 {
        let [symbol, length] = table[self.ready as usize & (ENTRIES - 1)];
        self.drop(u32::from(length));
        symbol
    }
}
