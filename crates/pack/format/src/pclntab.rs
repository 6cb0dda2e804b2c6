//! Go's table of functions, `.gopclntab`, from its tables of program counters on, out of columns.
//!
//! What can be told from elsewhere is left out: where a record
//! stands, the entry that it repeats, where its tables of program counters begin if they come next. Those
//! tables are pairs of a value and a distance, kept apart and by what the table is for.
//! The layout is that of Go 1.20 and later (`runtime/symtab.go`, `_func`); what is laid out otherwise
//! is no table for the packer.

use crate::Damaged;
use crate::input::Input;
use crate::nibble::Nibble;
use crate::stream;
use crate::streams;

/// Kinds of tables of program counters: stack depth, file, line, inlining, and the others.
pub const KINDS: usize = 8;
/// Streams that there are, besides those that are output as they are.
pub const STREAMS: usize = 2 * KINDS + 4;
/// The columns of numbers, each as all highest bytes, then all the next, and so on.
pub const NUMBERS: usize = 2 * KINDS;
/// For each table of program counters of each function: none, the next, the same as before, or an old one.
pub const TABLES: usize = NUMBERS + 1;
/// Offsets of old tables, the highest byte first.
pub const OLD: usize = NUMBERS + 2;
/// What functions have behind their tables, the highest byte first.
pub const FUNCDATA: usize = NUMBERS + 3;

/// Bytes of a function's record without its lists.
pub const RECORD: usize = 44;
/// Columns of four bytes: entry, name, arguments, deferreturn, compilation unit, line.
pub const WORDS: usize = 6;
/// Columns of a byte: tables, what follows them, what function it is, flags.
pub const BYTES: usize = 4;

const DAMAGED: Damaged = Damaged("the table of functions is damaged");

/// Where what stands behind the tables of program counters, with which the output begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// How many functions there are.
    pub functions: usize,
    /// The functions.
    pub lookup: usize,
}

impl Layout {
    /// Returns where the first record stands.
    #[must_use]
    pub fn records(&self) -> usize {
        (self.functions * 8 + 4).next_multiple_of(8) + self.lookup
    }
}

/// Which table of program counters is of which kind, in the order in which the linker writes them.
///
/// `count` tables come after the first three; the one for inlining is the third of them but comes last.
pub fn tables(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..3 + count).map(move |order| {
        let Some(nth) = order.checked_sub(3) else { return (16 + 4 * order, order) };
        let nth = match nth {
            it if it < 2 || count < 3 => it,
            it if it + 1 == count => 2,
            it => it + 1,
        };
        let kind = if nth == 2 { 3 } else { (4 + nth - usize::from(nth > 2)).min(KINDS - 1) };
        (RECORD + 4 * nth, kind)
    })
}

/// Unpacks the table: its layout, where the rest begins, the streams, and last what is output as it is.
pub(crate) fn unpack(
    input: &mut Input<'_>,
    output: &mut [u8],
    models: &mut [Nibble],
    memory: &mut [u8],
) -> Result<(), Damaged> {
    let layout = Layout { functions: input.number()?, lookup: input.number()? };
    let rest_at = input.number()?;
    let mut streams = [&[][..]; STREAMS];
    streams::unpack(input, models, memory, &mut streams)?;
    join(layout, &streams, output, rest_at)?;
    stream::unpack(input.0, output.get_mut(rest_at..).ok_or(DAMAGED)?, models)?;
    input.0 = &[];
    Ok(())
}

/// Writes functions and tables of program counters.
///
/// # Errors
/// If the streams do not fit, or the records do not end at `rest_at`.
pub fn join(
    layout: Layout,
    streams: &[&[u8]; STREAMS],
    output: &mut [u8],
    rest_at: usize,
) -> Result<(), Damaged> {
    let inputs = streams.map(Input);
    let mut joined = Joined {
        layout,
        inputs,
        numbers: Numbers::new(streams[NUMBERS], layout.functions),
        table: 1,
        output,
        entry: 0,
        name: 0,
        unit: 0,
        line: 0,
        before: [0; KINDS + 256],
    };
    output_gap(joined.output, 0, 1)?;
    let mut at = layout.records();
    for index in 0..layout.functions {
        at = joined.function(index, at)?;
    }
    output_gap(joined.output, joined.table, layout.lookup)?;
    let last = joined.entry.wrapping_add(joined.numbers.word(0, layout.functions)?);
    let records = layout.records();
    output_gap(joined.output, layout.lookup + 8 * layout.functions, records)?;
    joined.put(layout.lookup + 8 * layout.functions, last)?;
    if at == rest_at { Ok(()) } else { Err(DAMAGED) }
}

fn output_gap(output: &mut [u8], from: usize, to: usize) -> Result<(), Damaged> {
    output.get_mut(from..to).ok_or(DAMAGED)?.fill(0);
    Ok(())
}

/// The columns of numbers, byte by byte.
struct Numbers<'s>([&'s [u8]; 4 * WORDS + BYTES]);

impl<'s> Numbers<'s> {
    fn new(bytes: &'s [u8], functions: usize) -> Self {
        let mut columns = bytes.chunks_exact(functions.saturating_add(1));
        Self([(); 4 * WORDS + BYTES].map(|()| columns.next().unwrap_or_default()))
    }

    #[inline(always)]
    fn byte(&self, plane: usize, row: usize) -> Result<u8, Damaged> {
        self.0[plane].get(row).copied().ok_or(DAMAGED)
    }

    #[inline(never)]
    fn word(&self, column: usize, row: usize) -> Result<u32, Damaged> {
        let mut word = 0;
        for plane in 4 * column..4 * column + 4 {
            word = word << 8 | u32::from(self.byte(plane, row)?);
        }
        Ok(word)
    }
}

struct Joined<'s, 'o> {
    layout: Layout,
    inputs: [Input<'s>; STREAMS],
    numbers: Numbers<'s>,
    /// Where the next table of program counters stands.
    table: usize,
    output: &'o mut [u8],
    entry: u32,
    name: u32,
    unit: u32,
    line: u32,
    /// The tables of the function before.
    before: [u32; KINDS + 256],
}

impl Joined<'_, '_> {
    #[inline(never)]
    fn put(&mut self, at: usize, word: u32) -> Result<(), Damaged> {
        let place = self.output.get_mut(at..at + 4).ok_or(DAMAGED)?;
        place.copy_from_slice(&word.to_le_bytes());
        Ok(())
    }

    /// Writes a function's record; returns where the next one stands.
    fn function(&mut self, index: usize, at: usize) -> Result<usize, Damaged> {
        let at = at.next_multiple_of(8);
        let column = |it| self.numbers.word(it, index);
        let byte = |it| self.numbers.byte(4 * WORDS + it, index);
        self.entry = self.entry.wrapping_add(column(0)?);
        self.name = self.name.wrapping_add(column(1)?);
        let (arguments, deferred) = (column(2)?, column(3)?);
        self.unit = self.unit.wrapping_add(column(4)?);
        let line = column(5)?;
        self.line = self.line.wrapping_add(line >> 1 ^ (line & 1).wrapping_neg());
        let (count, following, identity, flags) = (byte(0)?, byte(1)?, byte(2)?, byte(3)?);

        let slot = self.layout.lookup + 8 * index;
        self.put(slot, self.entry)?;
        self.put(slot + 4, at.wrapping_sub(self.layout.lookup) as u32)?;
        let lists = at + RECORD;
        let (count, following) = (usize::from(count), usize::from(following));
        let end = lists + 4 * (count + following);
        let last = u32::from_le_bytes([identity, flags, 0, following as u8]);
        let (entry, name, unit, line) = (self.entry, self.name, self.unit, self.line);
        let record = [entry, name, arguments, deferred, 0, 0, 0, count as u32, unit, line, last];
        let record = record.map(u32::to_le_bytes);
        self.output.get_mut(at..lists).ok_or(DAMAGED)?.copy_from_slice(record.as_flattened());
        output_gap(self.output, lists, end.next_multiple_of(8).min(self.output.len()))?;
        for (order, (offset, kind)) in tables(count).enumerate() {
            let table = self.table(order, kind)?;
            self.put(at + offset, table)?;
        }
        for index in count..count + following {
            let word = u32::from_be_bytes(*self.inputs[FUNCDATA].array()?);
            self.put(lists + 4 * index, word)?;
        }
        Ok(end)
    }

    /// Returns the offset of a table of program counters, which is written if it is the next.
    fn table(&mut self, order: usize, kind: usize) -> Result<u32, Damaged> {
        let [how] = *self.inputs[TABLES].array()?;
        let table = match how {
            0 => 0,
            1 => {
                let table = self.table as u32;
                self.pairs(kind)?;
                table
            }
            2 => self.before[order],
            _ => u32::from_be_bytes(*self.inputs[OLD].array()?),
        };
        self.before[order] = table;
        Ok(table)
    }

    /// Writes the next table: values and distances in turn, up to a value of zero that is not the first.
    fn pairs(&mut self, kind: usize) -> Result<(), Damaged> {
        let tables = self.output.get_mut(..self.layout.lookup).ok_or(DAMAGED)?;
        let (mut values, mut distances) = (self.inputs[kind], self.inputs[KINDS + kind]);
        let mut at = self.table;
        let mut first = true;
        loop {
            // Most numbers have one byte.
            if let (Some((value, more)), Some((distance, further))) =
                (values.0.split_first(), distances.0.split_first())
                && *value > 0
                && value | distance < 0x80
                && let Some(place) = tables.get_mut(at..).and_then(|it| it.first_chunk_mut())
            {
                *place = [*value, *distance];
                (values.0, distances.0) = (more, further);
                at += 2;
                first = false;
                continue;
            }
            let start = at;
            number(&mut values, tables, &mut at)?;
            if !first && at == start + 1 && tables[start] == 0 {
                break;
            }
            first = false;
            number(&mut distances, tables, &mut at)?;
        }
        (self.inputs[kind], self.inputs[KINDS + kind]) = (values, distances);
        self.table = at;
        Ok(())
    }
}

/// Moves a number of seven bits a byte.
fn number(from: &mut Input<'_>, to: &mut [u8], at: &mut usize) -> Result<(), Damaged> {
    loop {
        let [byte] = *from.array()?;
        *to.get_mut(*at).ok_or(DAMAGED)? = byte;
        *at += 1;
        if byte < 0x80 {
            return Ok(());
        }
    }
}
