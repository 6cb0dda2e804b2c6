//! A stream in fixed codes: the other side of `elfin_pack_format::quick` and `prefix`.

use super::parse::{Coder, Costs, Sequence};
use super::prices::{BIT, Price};
use elfin_pack_format::lz::{Recent, SHORTEST, distance_symbol};
use elfin_pack_format::prefix::{ENTRIES, LONGEST, PADDING, ROWS, first_codes, reversed};
use elfin_pack_format::quick::{FAR, MORE, PIECE};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Codes a stream in fixed codes.
#[derive(Debug)]
pub(crate) struct Quick<'b> {
    bytes: &'b [u8],
    at: usize,
    recent: Recent,
    piece: Piece,
    /// How often bytes were in the arrays of earlier pieces.
    before: [Counts; ARRAYS],
    packed: Vec<u8>,
    worth: usize,
}

/// How often each byte occurs.
type Counts = [u64; 256];

/// Literals, tokens, lengths and distances.
const ARRAYS: usize = 4;

impl<'b> Quick<'b> {
    /// Begins; bytes in codes must save one of `worth` to be worth it.
    pub(crate) fn new(bytes: &'b [u8], worth: usize) -> Self {
        Self {
            bytes,
            at: 0,
            recent: Recent::START,
            piece: Piece::default(),
            before: [[0; 256]; ARRAYS],
            packed: Vec::new(),
            worth,
        }
    }

    fn put(&mut self, sequence: Sequence) {
        self.piece.add(&self.bytes[self.at..], sequence);
        self.at += sequence.run + sequence.length;
    }

    fn end_piece(&mut self) {
        self.before = self.counts().map(|counts| counts.map(|it| it / 4));
        std::mem::take(&mut self.piece).finish(&mut self.packed, self.worth);
    }

    /// Returns how often bytes are in the arrays of this piece and, weighing less, of earlier ones.
    fn counts(&self) -> [Counts; ARRAYS] {
        let mut all = self.before;
        for (counts, bytes) in all.iter_mut().zip(self.piece.arrays()) {
            count(bytes, counts);
        }
        all
    }

    /// Returns the packed bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.piece.output > 0 {
            self.end_piece();
        }
        self.packed
    }
}

impl Coder for Quick<'_> {
    fn costs(&self) -> impl Costs {
        let [literals, tokens, lengths, distances] =
            self.counts().map(|counts| prices(&counts, self.worth));
        Counted { bytes: self.bytes, literals, tokens, lengths, distances }
    }

    fn recent(&self) -> Recent {
        self.recent
    }

    fn code(&mut self, mut sequence: Sequence) {
        // A run that is too long for one piece ends the piece, as one does that ends the stream.
        while self.piece.output + sequence.run > 2 * PIECE {
            let run = PIECE - self.piece.output;
            self.put(Sequence { run, length: 0, ..sequence });
            sequence.run -= run;
            self.end_piece();
        }
        self.put(sequence);
        self.recent = self.recent.take(sequence.kind, sequence.distance);
        if self.piece.output >= PIECE {
            self.end_piece();
        }
    }
}

/// What sequences cost in codes for what was counted.
struct Counted<'b> {
    bytes: &'b [u8],
    literals: [Price; 256],
    tokens: [Price; 256],
    lengths: [Price; 256],
    distances: [Price; 256],
}

impl Counted<'_> {
    fn long(&self, length: usize) -> Price {
        length.checked_sub(MORE).map_or(0, |it| self.lengths[it.min(usize::from(FAR))])
    }
}

impl Costs for Counted<'_> {
    fn literal(&self, at: usize, _: &Recent, run: usize) -> Price {
        let longer = if run + 1 == MORE { self.long(MORE) } else { 0 };
        self.literals[usize::from(self.bytes[at])] + longer
    }

    fn matched(&self, _: usize, sequence: Sequence) -> Price {
        let Sequence { run, length, kind, distance } = sequence;
        let beyond = length - SHORTEST;
        let price = self.tokens[token(kind, run, beyond)] + self.long(beyond);
        if kind > 0 {
            return price;
        }
        let (symbol, extra) = distance_symbol(distance);
        price + self.distances[symbol] + extra * BIT
    }
}

fn token(kind: usize, run: usize, beyond: usize) -> usize {
    kind << 6 | run.min(MORE) << 3 | beyond.min(MORE)
}

fn count(bytes: &[u8], counts: &mut Counts) {
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
}

/// Returns what bytes cost that occur so often, in codes or as they are.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "some bits of some bytes")]
fn prices(counts: &Counts, worth: usize) -> [Price; 256] {
    let total: u64 = counts.iter().map(|it| it + 1).sum();
    let prices = counts.map(|count| {
        let bits = (total as f64 / (count + 1) as f64).log2().clamp(1.0, f64::from(LONGEST));
        (bits * f64::from(BIT)).round() as Price
    });
    let coded: u64 = counts.iter().zip(prices).map(|(it, price)| it * u64::from(price)).sum();
    let plain = counts.iter().sum::<u64>() * u64::from(8 * BIT);
    if coded + plain / worth as u64 > plain { [8 * BIT; 256] } else { prices }
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
        self.tokens.push(token(kind, run, beyond) as u8);
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

    fn arrays(&self) -> [&[u8]; ARRAYS] {
        [&self.literals, &self.tokens, &self.lengths, &self.distances]
    }

    fn finish(self, packed: &mut Vec<u8>, worth: usize) {
        put(packed, self.output);
        for bytes in self.arrays() {
            packed.extend(coded(bytes, worth));
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
    let mut counts = [0; 256];
    count(bytes, &mut counts);
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
