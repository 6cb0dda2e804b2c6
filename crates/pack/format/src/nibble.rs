//! An adaptive model of half a byte: sixteen symbols whose frequencies follow what was seen.
//!
//! A model is fifteen thresholds, each the frequency of all smaller symbols together, so that a symbol is
//! found by comparing all of them at once and learned by moving all of them at once. A new model
//! moves far, an old one little: lane 0 counts how often it was used.

use crate::lanes::{Lanes, Stored};

/// Bits of a frequency.
pub const BITS: u32 = 15;
/// Frequencies add up to this many.
pub const TOTAL: u32 = 1 << BITS;

/// No symbol becomes rarer than this.
const RAREST: i16 = 4;

/// Sixteen symbols and how frequent they are, in memory.
pub type Nibble = Stored;

/// A model that has seen nothing.
pub const FRESH: Nibble = fresh();

/// Where the thresholds move to when a symbol is seen: what all of them have, and, from the right place
/// on, what those above the symbol have besides.
static RARE: Stored = rare();
static ABOVE: [u8; 64] = above();

/// How fast models learn: the part of the way that thresholds move, in 65536ths, by uses so far.
#[derive(Debug)]
pub struct Pace {
    steps: [i16; 256],
}

impl Pace {
    /// Returns the pace of models that count their uses up to `most`.
    #[must_use]
    pub fn new(most: u8) -> Self {
        let mut steps = [0; 256];
        for (uses, step) in (0_i32..).zip(&mut steps) {
            let uses = uses.min(i32::from(most));
            *step = i16::try_from(65536 * 2 / (2 * uses + 3)).unwrap_or(i16::MAX);
        }
        Self { steps }
    }
}

const fn fresh() -> Nibble {
    let mut nibble = [0; 32];
    let mut lane = 1;
    while lane < 16 {
        nibble[2 * lane + 1] = (lane * 8) as u8;
        lane += 1;
    }
    nibble
}

const fn rare() -> Stored {
    let mut lanes = [0; 32];
    let mut lane = 1;
    while lane < 16 {
        [lanes[2 * lane], lanes[2 * lane + 1]] = (lane as i16 * RAREST).to_le_bytes();
        lane += 1;
    }
    lanes
}

const fn above() -> [u8; 64] {
    let mut lanes = [0; 64];
    let mut lane = 16;
    while lane < 32 {
        [lanes[2 * lane], lanes[2 * lane + 1]] = (i16::MAX - 16 * RAREST + 1).to_le_bytes();
        lane += 1;
    }
    lanes
}

/// Returns where the thresholds move to when a symbol is seen.
#[inline(always)]
fn target(symbol: usize) -> Lanes {
    let above = ABOVE[30 - 2 * (symbol & 15)..].first_chunk().unwrap_or(&RARE);
    Lanes::load(above).plus(Lanes::load(&RARE))
}

/// Where a symbol stands among all: its frequency and that of all smaller ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Frequency of all smaller symbols.
    pub start: u32,
    /// Its own frequency, 1 or more.
    pub width: u32,
}

/// What models together hold of the next symbol.
#[derive(Clone, Copy)]
pub struct Opinion(Lanes);

impl core::fmt::Debug for Opinion {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_list().entries((0..16).map(|it| self.place(it))).finish()
    }
}

impl Opinion {
    /// Returns what one model holds.
    #[inline(always)]
    #[must_use]
    pub fn of(model: &Nibble) -> Self {
        Self(Lanes::load(model).with_first(0))
    }

    /// Returns what two models hold, half and half.
    #[inline(always)]
    #[must_use]
    pub fn of_both(one: &Nibble, other: &Nibble) -> Self {
        Self(Lanes::load(one).plus(Lanes::load(other)).halved().with_first(0))
    }

    /// Returns the symbol whose frequencies hold `value`, which is below [`TOTAL`], and its place.
    #[inline(always)]
    #[must_use]
    pub fn symbol(self, value: u32) -> (usize, Place) {
        let above = self.0.above(value as i16) | 1 << 16;
        let symbol = (above.trailing_zeros() as usize).wrapping_sub(1) & 15;
        (symbol, self.place(symbol))
    }

    /// Returns the place of a symbol.
    #[inline(always)]
    #[must_use]
    pub fn place(self, symbol: usize) -> Place {
        let mut lanes = [0; 34];
        lanes[33] = (TOTAL >> 8) as u8;
        if let Some(lanes) = lanes.first_chunk_mut() {
            self.0.store(lanes);
        }
        let at = 2 * (symbol & 15);
        let start = u32::from(u16::from_le_bytes([lanes[at], lanes[at + 1]]));
        let end = u32::from(u16::from_le_bytes([lanes[at + 2], lanes[at + 3]]));
        Place { start, width: end - start }
    }
}

/// Moves a model towards the symbol that was seen.
#[inline(always)]
pub fn learn(model: &mut Nibble, symbol: usize, pace: &Pace) {
    let lanes = Lanes::load(model);
    let uses = lanes.first();
    let way = target(symbol).minus(lanes);
    let next = (uses + 1).min(255);
    lanes.plus(way.times(pace.steps[uses])).with_first(next as u8).store(model);
}
