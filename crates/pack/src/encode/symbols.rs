//! Symbols into a range coder of two states: the other side of `elfin_pack_format::coder`.
//!
//! The coder takes symbols from the last to the first, while models learn from the first to the
//! last; so places are gathered first.

use elfin_pack_format::coder::LEAST;
use elfin_pack_format::nibble::{BITS, Nibble, Opinion, Pace, Place, learn};

/// Places of symbols, in order.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    places: Vec<u32>,
    /// Nobody will ask for the packed bytes: only the models learn.
    only_learn: bool,
}

impl Symbols {
    pub(crate) fn only_learning() -> Self {
        Self { places: Vec::new(), only_learn: true }
    }

    fn push(&mut self, place: Place) {
        if !self.only_learn {
            self.places.push(place.start << 16 | place.width);
        }
    }

    /// Adds a symbol under one model, which learns it.
    pub(crate) fn nibble(&mut self, symbol: usize, model: &mut Nibble, pace: &Pace) {
        self.push(Opinion::of(model).place(symbol));
        learn(model, symbol, pace);
    }

    /// Adds a symbol under two models, which learn it.
    pub(crate) fn nibble_of_both(
        &mut self,
        symbol: usize,
        [one, other]: [&mut Nibble; 2],
        pace: &Pace,
    ) {
        self.push(Opinion::of_both(one, other).place(symbol));
        learn(one, symbol, pace);
        learn(other, symbol, pace);
    }

    /// Adds the lowest `count` bits, 30 or fewer, of a value.
    pub(crate) fn bits(&mut self, value: usize, count: u32) {
        let low = count.min(BITS);
        let shift = BITS - low;
        let start = (value as u32 & ((1 << low) - 1)) << shift;
        self.push(Place { start, width: 1 << shift });
        if count > BITS {
            self.bits(value >> BITS, count - BITS);
        }
    }

    /// Returns the packed bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut words = Vec::with_capacity(self.places.len() / 8);
        let mut states = [LEAST; 2];
        for (index, place) in self.places.iter().enumerate().rev() {
            let (start, width) = (u64::from(place >> 16), u64::from(place & 0xffff));
            let state = &mut states[index & 1];
            if *state >= width << 48 {
                words.push(*state as u32);
                *state >>= 32;
            }
            *state = (*state / width) << BITS | (*state % width + start);
        }
        for state in states.iter().rev() {
            words.push(*state as u32);
            words.push((*state >> 32) as u32);
        }
        words.iter().rev().flat_map(|word| word.to_le_bytes()).collect()
    }
}
