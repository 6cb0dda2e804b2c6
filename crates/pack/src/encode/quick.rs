//! A stream in fixed codes: the other side of `elfin_pack_format::quick` and `prefix`.

use super::stream::Sequence;
use super::symbols::Symbols;
use elfin_pack_format::lz::{SHORTEST, distance_symbol};
use elfin_pack_format::nibble::{FRESH, Pace};
use elfin_pack_format::prefix::{LENGTH_MODELS, LENGTH_PACE, LONGEST, reversed};
use elfin_pack_format::quick::{COUNT, MORE, PADDING};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A symbol, or bits without a code, in order.
#[derive(Debug, Clone, Copy)]
enum Item {
    Symbol(u8),
    Bits(usize, u32),
}

/// Codes sequences.
pub(crate) fn pack(bytes: &[u8], sequences: &[Sequence]) -> Vec<u8> {
    let (mut literals, mut tokens, mut distances) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    for Sequence { run, length, kind, distance } in sequences {
        literals.extend(bytes[at..at + run].iter().map(|byte| Item::Symbol(*byte)));
        at += run + length;
        let beyond = length.saturating_sub(SHORTEST);
        let token = kind << 6 | (*run).min(MORE) << 3 | beyond.min(MORE);
        tokens.push(Item::Symbol(token as u8));
        more(&mut tokens, *run);
        if *length > 0 {
            more(&mut tokens, beyond);
            if *kind == 0 {
                let (symbol, extra) = distance_symbol(*distance);
                distances.push(Item::Symbol(symbol as u8));
                distances.push(Item::Bits(distance - 1, extra));
            }
        }
    }
    [literals, tokens, distances].iter().flat_map(|items| coded(items)).collect()
}

fn more(items: &mut Vec<Item>, value: usize) {
    if let Some(rest) = value.checked_sub(MORE) {
        let bits = usize::BITS - rest.leading_zeros();
        items.push(Item::Bits(bits as usize, COUNT));
        items.push(Item::Bits(rest, bits));
    }
}

/// Returns a table of codes, and what is in these codes.
fn coded(items: &[Item]) -> Vec<u8> {
    let mut counts = [0_u64; 256];
    for item in items {
        if let Item::Symbol(symbol) = item {
            counts[usize::from(*symbol)] += 1;
        }
    }
    let lengths = lengths(counts);
    let codes = codes(&lengths);
    let mut bits = Bits::default();
    for item in items {
        match *item {
            Item::Symbol(symbol) => {
                let symbol = usize::from(symbol);
                bits.put(codes[symbol] as usize, u32::from(lengths[symbol]));
            }
            Item::Bits(value, count) => bits.put(value, count),
        }
    }
    let (table, bits) = (table(&lengths), bits.finish());
    let word = |number: usize| (number as u32).to_le_bytes();
    [&word(table.len())[..], &table, &word(bits.len()), &bits].concat()
}

/// Returns lengths of codes, none longer than the longest; two symbols at least have one.
fn lengths(mut counts: [u64; 256]) -> [u8; 256] {
    for symbol in [0, 1] {
        if counts.iter().filter(|it| **it > 0).count() < 2 {
            counts[symbol] = counts[symbol].max(1);
        }
    }
    loop {
        let lengths = unlimited(&counts);
        if lengths.iter().all(|it| u32::from(*it) <= LONGEST) {
            return lengths;
        }
        // Rare symbols become more frequent until their codes are short enough.
        for count in counts.iter_mut().filter(|it| **it > 0) {
            *count = *count / 2 + 1;
        }
    }
}

fn unlimited(counts: &[u64; 256]) -> [u8; 256] {
    let mut parents = [0; 512];
    let present = counts.iter().enumerate().filter(|it| *it.1 > 0);
    let mut heap: BinaryHeap<_> =
        present.map(|(symbol, count)| Reverse((*count, symbol))).collect();
    let mut next = 256;
    while let (Some(Reverse(one)), Some(Reverse(other))) = (heap.pop(), heap.pop()) {
        (parents[one.1], parents[other.1]) = (next, next);
        heap.push(Reverse((one.0 + other.0, next)));
        if heap.len() == 1 {
            break;
        }
        next += 1;
    }
    let mut depths = [0_u8; 512];
    for node in (0..next).rev() {
        if parents[node] > 0 {
            depths[node] = depths[parents[node]] + 1;
        }
    }
    std::array::from_fn(|symbol| depths[symbol])
}

/// Returns the codes that lengths give, the first bit lowest.
fn codes(lengths: &[u8; 256]) -> [u32; 256] {
    let mut codes = [0; 256];
    let mut code = 0;
    for length in 1..=LONGEST {
        for (symbol, _) in lengths.iter().enumerate().filter(|it| u32::from(*it.1) == length) {
            codes[symbol] = reversed(code);
            code += 1 << (LONGEST - length);
        }
    }
    codes
}

fn table(lengths: &[u8; 256]) -> Vec<u8> {
    let mut models = [FRESH; LENGTH_MODELS];
    let pace = Pace::new(LENGTH_PACE);
    let mut symbols = Symbols::default();
    let mut last = 0;
    for length in lengths {
        symbols.nibble(usize::from(*length), &mut models[last], &pace);
        last = usize::from(*length);
    }
    symbols.finish()
}

/// Bits that are written from the lowest of the first byte on.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: usize, count: u32) {
        self.pending |= (value as u64 & ((1 << count) - 1)) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.push(self.pending as u8);
        self.bytes.extend([0; PADDING]);
        self.bytes
    }
}
