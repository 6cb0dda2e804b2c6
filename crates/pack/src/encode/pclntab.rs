//! Go's table of functions into columns: the other side of `elfin_pack_format::pclntab`.

use elfin_pack_format::pclntab::{
    BYTES, FUNCDATA, KINDS, Layout, NUMBERS, OLD, RECORD, STREAMS, TABLES, WORDS, join, tables,
};
use std::collections::HashSet;

/// Bytes of the header of a table.
const HEADER: usize = 72;

/// The table, taken apart.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) layout: Layout,
    pub(crate) streams: Vec<Vec<u8>>,
    /// Where the records end and bytes follow that are output as they are.
    pub(crate) rest_at: usize,
}

/// Reads the header of a table: says where its tables of program counters begin, and what is where
/// behind that; `None` if it is laid out in another way.
pub(crate) fn layout(bytes: &[u8]) -> Option<(usize, Layout)> {
    let (words, _) = bytes.first_chunk::<HEADER>()?.as_chunks::<8>();
    let word = |it: usize| usize::try_from(u64::from_le_bytes(words[it])).ok();
    if words[0] != [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8] {
        return None;
    }
    let (functions, tables, lookup) = (word(1)?, word(7)?, word(8)?);
    let ordered = HEADER < tables && tables < lookup && lookup < bytes.len() && functions < 1 << 26;
    ordered.then_some((tables, Layout { functions, lookup: lookup - tables }))
}

/// Takes a table apart, from its tables of program counters on; `None` if it is not as it should be.
pub(crate) fn split(bytes: &[u8], layout: Layout) -> Option<Split> {
    let rows = layout.functions + 1;
    let mut splitting = Splitting {
        bytes,
        layout,
        streams: vec![Vec::new(); STREAMS],
        numbers: vec![0; rows.checked_mul(4 * WORDS + BYTES).filter(|it| *it <= bytes.len())?],
        rows,
        seen: HashSet::new(),
        before: [0; KINDS + 256],
        last: [0; 4],
    };
    let mut rest_at = 0;
    for index in 0..layout.functions {
        rest_at = splitting.function(index)?;
    }
    let end = splitting.word(layout.lookup + 8 * layout.functions)?;
    splitting.set(0, layout.functions, end.wrapping_sub(splitting.last[0]));
    let mut streams = splitting.streams;
    streams[NUMBERS] = splitting.numbers;
    let split = Split { layout, streams, rest_at };
    split.gives(bytes).then_some(split)
}

impl Split {
    /// Returns whether putting it together again gives the same bytes.
    fn gives(&self, bytes: &[u8]) -> bool {
        let mut output = bytes.to_vec();
        output[..self.rest_at].fill(0xff);
        let streams = std::array::from_fn(|it| self.streams[it].as_slice());
        join(self.layout, &streams, &mut output, self.rest_at).is_ok() && output == bytes
    }
}

struct Splitting<'b> {
    bytes: &'b [u8],
    layout: Layout,
    streams: Vec<Vec<u8>>,
    numbers: Vec<u8>,
    rows: usize,
    /// Tables of program counters so far.
    seen: HashSet<u32>,
    before: [u32; KINDS + 256],
    /// Entry, unit, line and name of the function before.
    last: [u32; 4],
}

impl Splitting<'_> {
    fn word(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..)?.first_chunk().map(|it| u32::from_le_bytes(*it))
    }

    fn set(&mut self, column: usize, row: usize, word: u32) {
        for (plane, byte) in (4 * column..).zip(word.to_be_bytes()) {
            self.numbers[plane * self.rows + row] = byte;
        }
    }

    /// Adds a function; returns where its record ends.
    fn function(&mut self, index: usize) -> Option<usize> {
        let at = self.layout.lookup + self.word(self.layout.lookup + 8 * index + 4)? as usize;
        let word = |offset: usize| self.word(at + offset);
        let (entry, name, unit, line) = (word(0)?, word(4)?, word(32)?, word(36)?);
        let (arguments, deferred, count) = (word(8)?, word(12)?, word(28)?);
        let [identity, flags, _, following] = word(40)?.to_le_bytes();
        let delta = line.wrapping_sub(self.last[2]);
        let columns = [
            entry.wrapping_sub(self.last[0]),
            name.wrapping_sub(self.last[3]),
            arguments,
            deferred,
            unit.wrapping_sub(self.last[1]),
            delta << 1 ^ (delta >> 31).wrapping_neg(),
        ];
        for (column, word) in columns.into_iter().enumerate() {
            self.set(column, index, word);
        }
        let small = [u8::try_from(count).ok()?, following, identity, flags];
        for (plane, byte) in (4 * WORDS..).zip(small) {
            self.numbers[plane * self.rows + index] = byte;
        }
        self.last = [entry, unit, line, name];
        for (order, (offset, kind)) in tables(count as usize).enumerate() {
            self.table(order, kind, self.word(at + offset)?)?;
        }
        let lists = at + RECORD + 4 * count as usize;
        let end = lists + 4 * usize::from(following);
        for word in self.bytes.get(lists..end)?.as_chunks::<4>().0 {
            self.streams[FUNCDATA].extend(word.iter().rev());
        }
        Some(end)
    }

    fn table(&mut self, order: usize, kind: usize, table: u32) -> Option<()> {
        let how = if table == 0 {
            0
        } else if self.seen.insert(table) {
            self.pairs(kind, table as usize)?;
            1
        } else if table == self.before[order] {
            2
        } else {
            self.streams[OLD].extend(table.to_be_bytes());
            3
        };
        self.before[order] = table;
        self.streams[TABLES].push(how);
        Some(())
    }

    fn pairs(&mut self, kind: usize, mut at: usize) -> Option<()> {
        let mut first = true;
        loop {
            let value = number(self.bytes, &mut at)?;
            self.streams[kind].extend(value);
            if !first && value == [0] {
                return Some(());
            }
            first = false;
            let distance = number(self.bytes, &mut at)?;
            self.streams[KINDS + kind].extend(distance);
        }
    }
}

/// Returns the bytes of a number of seven bits a byte.
fn number<'b>(bytes: &'b [u8], at: &mut usize) -> Option<&'b [u8]> {
    let rest = bytes.get(*at..)?;
    let length = rest.iter().position(|it| *it < 0x80)? + 1;
    *at += length;
    Some(&rest[..length])
}
