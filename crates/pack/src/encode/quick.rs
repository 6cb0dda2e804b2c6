//! A stream in fixed codes: the other side of `elfin_pack_format::quick` and `prefix`.

use super::stream::Sequence;
use elfin_pack_format::lz::{SHORTEST, distance_symbol};
use elfin_pack_format::prefix::{ENTRIES, LONGEST, PADDING, ROWS, first_codes, reversed};
use elfin_pack_format::quick::{FAR, MORE, PIECE};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Codes the sequences of a stream.
#[derive(Debug)]
pub(crate) struct Quick<'b> {
    bytes: &'b [u8],
    at: usize,
    piece: Piece,
    packed: Vec<u8>,
    worth: usize,
}

impl<'b> Quick<'b> {
    /// Begins; bytes in codes must save one of `worth` to be worth it.
    pub(crate) fn new(bytes: &'b [u8], worth: usize) -> Self {
        Self { bytes, at: 0, piece: Piece::default(), packed: Vec::new(), worth }
    }

    /// Adds a sequence; they come in order.
    pub(crate) fn add(&mut self, mut sequence: Sequence) {
        // A run that is too long for one piece ends the piece, as one does that ends the stream.
        while self.piece.output + sequence.run > 2 * PIECE {
            let run = PIECE - self.piece.output;
            self.put(Sequence { run, length: 0, ..sequence });
            sequence.run -= run;
            self.end_piece();
        }
        self.put(sequence);
        if self.piece.output >= PIECE {
            self.end_piece();
        }
    }

    fn put(&mut self, sequence: Sequence) {
        self.piece.add(&self.bytes[self.at..], sequence);
        self.at += sequence.run + sequence.length;
    }

    fn end_piece(&mut self) {
        std::mem::take(&mut self.piece).finish(&mut self.packed, self.worth);
    }

    /// Returns the packed bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.piece.output > 0 {
            self.end_piece();
        }
        self.packed
    }
}

/// Bytes that a table of codes must save, for the time that it takes to fill it.
const WORTH_A_TABLE: usize = 64;

/// What a piece of a stream is made of.
#[derive(Debug, Default)]
struct Piece {
    output: usize,
    literals: Vec<u8>,
    tokens: Vec<u8>,
    lengths: Vec<u8>,
    distances: Vec<u8>,
    bits: Bits,
}

impl Piece {
    fn add(&mut self, bytes: &[u8], sequence: Sequence) {
        let Sequence { run, length, kind, distance } = sequence;
        self.literals.extend(&bytes[..run]);
        self.output += run + length;
        let beyond = length.saturating_sub(SHORTEST);
        self.tokens.push((kind << 6 | run.min(MORE) << 3 | beyond.min(MORE)) as u8);
        self.long(run);
        self.long(beyond);
        if length > 0 && kind == 0 {
            let (symbol, extra) = distance_symbol(distance);
            self.distances.push(symbol as u8);
            self.bits.put(distance - 1, extra);
        }
    }

    fn long(&mut self, length: usize) {
        let Some(more) = length.checked_sub(MORE) else { return };
        match u8::try_from(more) {
            Ok(more) if more < FAR => self.lengths.push(more),
            _ => {
                self.lengths.push(FAR);
                self.lengths.extend((more as u32).to_le_bytes());
            }
        }
    }

    fn finish(self, packed: &mut Vec<u8>, worth: usize) {
        put(packed, self.output);
        for bytes in [self.literals, self.tokens, self.lengths, self.distances] {
            packed.extend(coded(&bytes, worth));
        }
        let bits = [self.bits.finish(), vec![0; PADDING]].concat();
        put(packed, bits.len());
        packed.extend(bits);
    }
}

/// Adds a number of seven bits a byte.
fn put(packed: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

/// Returns bytes in codes, or as they are if those do not save enough.
fn coded(bytes: &[u8], worth: usize) -> Vec<u8> {
    let mut counts = [0_u64; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let lengths = lengths(counts);
    let codes = codes(&lengths);
    let quarter = bytes.len().div_ceil(ROWS).max(1);
    let mut rows = bytes.chunks(quarter).map(|quarter| {
        let mut bits = Bits::default();
        for byte in quarter {
            let symbol = usize::from(*byte);
            bits.put(codes[symbol] as usize, u32::from(lengths[symbol]));
        }
        bits.finish()
    });
    let rows = [(); ROWS].map(|()| rows.next().unwrap_or_default());
    let mut packed = Vec::new();
    put(&mut packed, bytes.len());
    rows.iter().for_each(|row| put(&mut packed, row.len()));
    packed.extend(table(&lengths));
    packed.extend(rows.concat());
    let mut plain = Vec::new();
    put(&mut plain, bytes.len());
    plain.extend([0; ROWS]);
    plain.extend(bytes);
    if packed.len() + WORTH_A_TABLE + plain.len() / worth < plain.len() { packed } else { plain }
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
    let mut next = first_codes(lengths);
    std::array::from_fn(|symbol| {
        let length = usize::from(lengths[symbol]);
        let code = next[length];
        next[length] += (ENTRIES >> length) as u32;
        reversed(code)
    })
}

/// Returns lengths of codes by halves of bytes; behind a zero, how many more follow.
fn table(lengths: &[u8; 256]) -> Vec<u8> {
    let mut halves = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        halves.push(lengths[at]);
        let zeros = lengths[at..].iter().take(16).take_while(|it| **it == 0).count();
        if zeros > 0 {
            halves.push((zeros - 1) as u8);
        }
        at += zeros.max(1);
    }
    halves.chunks(2).map(|it| it[0] | it.get(1).map_or(0, |high| high << 4)).collect()
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
        if self.count > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}
