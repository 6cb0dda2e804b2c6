//! Codes without context: each symbol a fixed row of bits, looked up eleven bits at a time.
//!
//! Bytes in codes are four rows of bits, a quarter of the bytes each, that are read at once: the processor
//! looks up one row's symbol while it still shifts the others.

use crate::Damaged;
use crate::input::Input;

/// The longest code.
pub const LONGEST: u32 = 11;
/// Entries of a table.
pub const ENTRIES: usize = 1 << LONGEST;
/// Rows that are read at once.
pub const ROWS: usize = 4;
/// Zeros behind the last row of bits, so that eight bytes can be read at once.
pub const PADDING: usize = 8;
/// Symbols whose bits are ready together.
const READY: usize = 5;

/// A table entry: the symbol, and the length of its code.
pub type Entry = [u8; 2];

const DAMAGED: Damaged = Damaged("codes are damaged");

/// Unpacks bytes into the front of `memory`; returns them and the rest of it.
///
/// Before them stand how many there are, and how long each of the rows is; if all are empty, the
/// bytes stand there as they are, and are left there. Otherwise the lengths of the codes follow, and the rows.
#[inline(never)]
pub(crate) fn unpack<'m, 'p: 'm>(
    input: &mut Input<'p>,
    table: &mut [Entry; ENTRIES],
    memory: &'m mut [u8],
) -> Result<(&'m [u8], &'m mut [u8]), Damaged> {
    let count = input.short_number()?;
    let mut lengths = [0; ROWS];
    for length in &mut lengths {
        *length = input.short_number()?;
    }
    if lengths == [0; ROWS] {
        return Ok((input.take(count)?, memory));
    }
    let (output, rest) = memory.split_at_mut_checked(count).ok_or(DAMAGED)?;
    fill(table, &code_lengths(input)?)?;
    let mut rows = [const { Bits::new(&[]) }; ROWS];
    for (row, length) in rows.iter_mut().zip(lengths) {
        // What stands behind a row may be read with it, and does not matter.
        *row = Bits::new(input.0);
        input.take(length)?;
    }
    decode(rows, table, output);
    Ok((output, rest))
}

/// Reads symbols from all rows at once.
fn decode(rows: [Bits<'_>; ROWS], table: &[Entry; ENTRIES], output: &mut [u8]) {
    let quarter = output.len().div_ceil(ROWS).max(1);
    let mut quarters = output.chunks_mut(quarter);
    let mut outputs = [(); ROWS].map(|()| quarters.next().unwrap_or_default().as_chunks_mut());
    let steps = outputs[ROWS - 1].0.len();
    let [a, b, c, d] = &mut outputs;
    let all = a.0.iter_mut().zip(&mut *b.0).zip(&mut *c.0).zip(&mut *d.0).take(steps);
    let [mut one, mut two, mut three, mut four] = rows;
    for (((a, b), c), d) in all {
        *a = one.symbols(table);
        *b = two.symbols(table);
        *c = three.symbols(table);
        *d = four.symbols(table);
    }
    for (row, (whole, left)) in [one, two, three, four].into_iter().zip(outputs) {
        let rest = whole.get_mut(steps..).unwrap_or_default().as_flattened_mut();
        row.rest(table, rest, left);
    }
}

/// Reads lengths of codes, half a byte each; behind a zero stands how many more zeros follow.
fn code_lengths(input: &mut Input<'_>) -> Result<[u8; 256], Damaged> {
    let mut lengths = [0; 256];
    let mut halves = Halves { byte: None };
    let mut at = 0;
    while at < lengths.len() {
        let length = halves.next(input)?;
        lengths[at] = length;
        at += 1;
        if length == 0 {
            at += usize::from(halves.next(input)?);
        }
    }
    Ok(lengths)
}

/// Halves of bytes, the lower first.
struct Halves {
    byte: Option<u8>,
}

impl Halves {
    fn next(&mut self, input: &mut Input<'_>) -> Result<u8, Damaged> {
        if let Some(byte) = self.byte.take() {
            return Ok(byte >> 4);
        }
        let [byte] = *input.array()?;
        self.byte = Some(byte);
        Ok(byte & 15)
    }
}

/// Fills a table from the lengths of codes; shorter codes come first, and equal ones by symbol.
///
/// # Errors
/// If there are more codes than there can be, or fewer.
pub fn fill(table: &mut [Entry; ENTRIES], lengths: &[u8; 256]) -> Result<(), Damaged> {
    let mut next = first_codes(lengths);
    if next[15] != ENTRIES as u32 {
        return Err(DAMAGED);
    }
    for (symbol, length) in lengths.iter().enumerate().filter(|it| *it.1 > 0) {
        let code = &mut next[usize::from(length & 15)];
        // Bits are read from the lowest, so codes stand there backwards.
        let first = reversed(*code) as usize;
        *code += ENTRIES as u32 >> length;
        for entry in table.get_mut(first..).unwrap_or_default().iter_mut().step_by(1 << length) {
            *entry = [symbol as u8, *length];
        }
    }
    Ok(())
}

/// Returns the first code of each length, the first bit highest of [`LONGEST`]; behind them, the code that
/// would come next, which is past all if there are as many as there can be.
#[must_use]
pub fn first_codes(lengths: &[u8; 256]) -> [u32; 16] {
    let mut counts = [0_u32; 16];
    for length in lengths {
        counts[usize::from(length & 15)] += 1;
    }
    let mut codes = [0; 16];
    let mut code = 0_u32;
    for length in 1..16 {
        codes[length] = code;
        // Longer ones than the longest spoil the sum.
        let width = (ENTRIES as u32 >> length).max(u32::from(length > LONGEST as usize) << 24);
        code = code.saturating_add(counts[length].saturating_mul(width));
    }
    codes[15] = code;
    codes
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
    ready: u64,
    count: u32,
}

impl<'p> Bits<'p> {
    /// Begins with packed bytes.
    #[must_use]
    pub const fn new(packed: &'p [u8]) -> Self {
        Self { packed, ready: 0, count: 0 }
    }

    /// Makes 56 bits ready; near the end zeros come.
    #[inline(always)]
    pub fn refill(&mut self) {
        if let Some(eight) = self.packed.first_chunk::<8>() {
            self.ready |= u64::from_le_bytes(*eight) << self.count;
            self.packed = &self.packed[((63 - self.count as usize) & 63) >> 3..];
        }
        self.count |= 56;
    }

    /// Takes some bits that are ready.
    #[inline(always)]
    pub fn take(&mut self, count: u32) -> usize {
        let value = self.ready & ((1 << (count & 63)) - 1);
        self.drop(count);
        value as usize
    }

    #[inline(always)]
    fn drop(&mut self, count: u32) {
        self.ready >>= count & 63;
        self.count = self.count.wrapping_sub(count) & 63;
    }

    /// Takes as many symbols as can be ready together; written out, as compilers that save space would not.
    #[inline(always)]
    fn symbols(&mut self, table: &[Entry; ENTRIES]) -> [u8; READY] {
        self.refill();
        let a = self.symbol(table);
        let b = self.symbol(table);
        let c = self.symbol(table);
        let d = self.symbol(table);
        [a, b, c, d, self.symbol(table)]
    }

    /// Takes the symbols that are left; a few, so that time does not matter.
    #[inline(never)]
    fn rest(mut self, table: &[Entry; ENTRIES], output: &mut [u8], end: &mut [u8]) {
        for byte in output.iter_mut().chain(end) {
            self.refill();
            *byte = self.symbol(table);
        }
    }

    /// Takes a symbol whose bits are ready.
    #[inline(always)]
    pub fn symbol(&mut self, table: &[Entry; ENTRIES]) -> u8 {
        let [symbol, length] = table[self.ready as usize & (ENTRIES - 1)];
        self.drop(u32::from(length));
        symbol
    }
}
