//! A function as pclntab records it.
//!
//! The record's fixed part has 40 bytes up to Go 1.19 and 44 since; behind it
//! stand the offsets of its pc-value tables and of its function data
//! (golang/go `runtime/runtime2.go`, `_func`, 1.18 to 1.27).

use crate::pc_value::PcValues;
use crate::pclntab::Pclntab;
use elfin_elf::Numbers;
use std::ops::Range;

/// Where a function of the index stands and what it refers to.
#[derive(Debug, Clone)]
pub struct Function<'a> {
    numbers: Numbers,
    /// Its number in the index.
    pub index: usize,
    /// Its code, with the filling up to the next function.
    pub addresses: Range<u64>,
    /// Its name.
    pub name: &'a [u8],
    /// Where in the table of names its name begins.
    pub name_at: u32,
    /// Its entry in the index, in bytes of the table of functions.
    pub index_entry: Range<usize>,
    /// Its record, in bytes of the table of functions.
    pub record: Range<usize>,
    /// Where in the table of units its unit's files begin, in entries; `None` without a unit.
    pub unit: Option<u32>,
    bytes: &'a [u8],
    fixed: usize,
    pc_tables: usize,
}

/// Bytes of an entry of the index: two numbers.
const INDEX_ENTRY: usize = 8;
/// More tables than any compiler writes; the number in the file has 32 bits.
const MOST_PC_TABLES: usize = 64;

impl<'a> Function<'a> {
    pub(crate) fn read(table: &Pclntab<'a>, index: usize) -> Option<Function<'a>> {
        let (numbers, bytes) = (table.numbers, table.functions.bytes);
        let index_entry = INDEX_ENTRY * index..INDEX_ENTRY * (index + 1);
        let entry = numbers.u32(bytes, index_entry.start)?;
        let record = numbers.u32(bytes, index_entry.start + 4)? as usize;
        // Behind the last entry stands the end of its function.
        let end = numbers.u32(bytes, index_entry.end)?;
        let start = table.text.0.checked_add(entry.into())?;
        let record_bytes = bytes.get(record..)?;
        let fixed = if table.is_118 { 40 } else { 44 };
        let pc_tables = numbers.u32(record_bytes, 28)? as usize;
        let funcdata = usize::from(*record_bytes.get(fixed - 1)?);
        let length = fixed + 4 * (pc_tables.min(MOST_PC_TABLES) + funcdata);
        let name_at = numbers.u32(record_bytes, 4)?;
        Some(Function {
            numbers,
            index,
            addresses: start..start.saturating_add(end.saturating_sub(entry).into()),
            name: table.names.text(name_at as usize)?,
            name_at,
            index_entry,
            record: record..record.checked_add(length)?,
            unit: numbers.u32(record_bytes, 32).filter(|it| *it != u32::MAX),
            bytes: record_bytes.get(..length)?,
            fixed,
            pc_tables: pc_tables.min(MOST_PC_TABLES),
        })
    }

    /// Gives the offsets of its pc-value tables: stack, file, line, then the numbered ones.
    pub fn pc_tables(&self) -> impl Iterator<Item = u32> + '_ {
        let (named, numbered) = ([16, 20, 24], 0..self.pc_tables);
        let places = named.into_iter().chain(numbered.map(|it| self.fixed + 4 * it));
        places.filter_map(|at| self.numbers.u32(self.bytes, at)).filter(|it| *it != 0)
    }

    /// Gives the offset of a numbered pc-value table: `PCDATA_InlTreeIndex` is 2.
    pub fn pcdata(&self, number: usize) -> Option<u32> {
        let at = (number < self.pc_tables).then_some(self.fixed + 4 * number)?;
        self.numbers.u32(self.bytes, at).filter(|it| *it != 0)
    }

    /// Gives its function data: its number and its offset.
    pub fn funcdata(&self) -> impl Iterator<Item = (u8, u32)> + '_ {
        let words = self.bytes.get(self.fixed + 4 * self.pc_tables..).unwrap_or_default();
        let offsets = words.chunks_exact(4).map(|it| self.numbers.u32(it, 0).unwrap_or(u32::MAX));
        (0..).zip(offsets).filter(|(_, offset)| *offset != u32::MAX)
    }

    /// Finds the file that its first instruction is from: an offset into the table of files.
    pub fn first_file(&self, table: &Pclntab<'_>) -> Option<usize> {
        let offset = self.numbers.u32(self.bytes, 20)?;
        let (number, _) = PcValues::new(table.pc_table(offset), table.quantum).next()?;
        table.file_of_unit(self.unit?, u32::try_from(number).ok()?)
    }
}
