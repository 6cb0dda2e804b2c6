//! Symbols out of a range coder of two states.
//!
//! It is the range variant of asymmetric numeral systems: a number holds what is still to come, a symbol
//! takes its share off, and 32 bits of input fill it up when it becomes small. Two such numbers take turns,
//! so that the processor finds one's symbol while it still multiplies the other. The input may be
//! anything: where it ends too early zeros come, and [`Coder::ended_well`] tells.

use crate::nibble::{BITS, Nibble, Opinion, Pace, Place, TOTAL, learn};

/// A state is this or more between symbols.
pub const LEAST: u64 = 1 << 31;

/// Takes symbols from packed bytes.
#[derive(Debug)]
pub struct Coder<'p> {
    packed: &'p [u8],
    state: u64,
    other: u64,
}

impl<'p> Coder<'p> {
    /// Begins with packed bytes.
    #[must_use]
    pub fn new(packed: &'p [u8]) -> Self {
        let mut coder = Self { packed, state: 0, other: 0 };
        coder.state = u64::from(coder.word()) << 32 | u64::from(coder.word());
        coder.other = u64::from(coder.word()) << 32 | u64::from(coder.word());
        coder
    }

    #[inline(always)]
    fn word(&mut self) -> u32 {
        let Some((word, rest)) = self.packed.split_first_chunk() else { return 0 };
        self.packed = rest;
        u32::from_le_bytes(*word)
    }

    #[inline(always)]
    fn take(&mut self, place: Place) {
        let rest = (self.state & u64::from(TOTAL - 1)).wrapping_sub(u64::from(place.start));
        let mut state = u64::from(place.width).wrapping_mul(self.state >> BITS).wrapping_add(rest);
        if state < LEAST {
            state = state << 32 | u64::from(self.word());
        }
        self.state = self.other;
        self.other = state;
    }

    #[inline(always)]
    fn value(&self) -> u32 {
        self.state as u32 & (TOTAL - 1)
    }

    /// Returns the next symbol under one model, which learns it.
    #[inline(always)]
    pub fn nibble(&mut self, model: &mut Nibble, pace: &Pace) -> usize {
        let (symbol, place) = Opinion::of(model).symbol(self.value());
        self.take(place);
        learn(model, symbol, pace);
        symbol
    }

    /// Returns the next symbol under two models, which learn it.
    #[inline(always)]
    pub fn nibble_of_both(&mut self, one: &mut Nibble, other: &mut Nibble, pace: &Pace) -> usize {
        let (symbol, place) = Opinion::of_both(one, other).symbol(self.value());
        self.take(place);
        learn(one, symbol, pace);
        learn(other, symbol, pace);
        symbol
    }

    /// Returns the next `count` bits, 15 or fewer, of which no model knows.
    #[inline(always)]
    pub fn bits(&mut self, count: u32) -> usize {
        let shift = BITS - count.min(BITS);
        let value = self.value() >> shift;
        self.take(Place { start: value << shift, width: 1 << shift });
        value as usize
    }

    /// Returns the next `count` bits, 30 or fewer, lower half first.
    #[inline(always)]
    pub fn many_bits(&mut self, count: u32) -> usize {
        if count <= BITS {
            return self.bits(count);
        }
        let low = self.bits(BITS);
        low | self.bits(count - BITS) << BITS
    }

    /// Returns whether all input was used and no more.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        self.packed.is_empty() && self.state == LEAST && self.other == LEAST
    }
}
