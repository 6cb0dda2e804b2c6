//! pclntab: the tables by which the runtime finds functions, lines and stacks.
//!
//! A header, then names, compilation units, files, pc-value tables, and the
//! index of functions with their records. The function data that records point
//! to stood in `.rodata` up to Go 1.25 and stands behind the records since
//! (golang/go `cmd/link/internal/ld/pcln.go`, `runtime/symtab.go`
//! `pcHeader`, 1.18 to 1.27).

use crate::function::Function;
use crate::module_data::ModuleData;
use crate::module_search::pclntabs;
use elfin_elf::{Addends, ElfFile, Numbers};
use elfin_model::{FileOffset, FileRange, VirtAddr};
use std::ops::Range;

/// Go 1.18 and 1.19, whose records have no start line and whose inline trees are wider.
const MAGIC_118: u32 = 0xffff_fff0;
/// Go 1.20 to 1.27.
const MAGIC_120: u32 = 0xffff_fff1;

/// A part of pclntab, from its first byte to its last.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where they stand.
    pub at: FileOffset,
}

impl<'a> Table<'a> {
    /// Gives the place in the file of a part of the table.
    pub fn range(&self, part: Range<usize>) -> FileRange {
        FileRange::between(self.at.0 + part.start as u64, self.at.0 + part.end as u64)
    }

    /// Gives the texts that it holds one after the other, each with its offset and without its NUL.
    pub fn texts(&self) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let bytes = self.bytes;
        let mut start = 0;
        memchr::memchr_iter(0, bytes).filter_map(move |end| {
            let text = bytes.get(start..end).map(|text| (start, text));
            start = end + 1;
            text
        })
    }

    /// Gives the text at an offset, up to its NUL.
    pub fn text(&self, offset: usize) -> Option<&'a [u8]> {
        /// Go's longest names, of instances of generics, have a few thousand bytes.
        const LONGEST: usize = 1 << 16;
        let rest = self.bytes.get(offset..)?;
        let rest = rest.get(..LONGEST).unwrap_or(rest);
        rest.get(..memchr::memchr(0, rest)?)
    }
}

/// A pclntab, read.
#[derive(Debug, Clone)]
pub struct Pclntab<'a> {
    pub(crate) numbers: Numbers,
    /// The header.
    pub header: Table<'a>,
    /// Function names.
    pub names: Table<'a>,
    /// For each compilation unit the offsets of its files, 4 bytes each.
    pub units: Table<'a>,
    /// File names.
    pub files: Table<'a>,
    /// Tables from a program counter to a value.
    pub pc_values: Table<'a>,
    /// The index of functions, then their records.
    pub functions: Table<'a>,
    /// What records point to as function data; its end is not known.
    pub funcdata: Option<Table<'a>>,
    /// Functions in the index.
    pub count: usize,
    /// Length of the smallest instruction, bytes.
    pub quantum: u8,
    pub(crate) text: VirtAddr,
    pub(crate) is_118: bool,
}

/// True if a header of pclntab begins the bytes.
pub(crate) fn is_header(numbers: Numbers, bytes: &[u8]) -> bool {
    let magic = numbers.u32(bytes, 0);
    let tail = bytes.get(4..8).unwrap_or_default();
    matches!(magic, Some(MAGIC_118 | MAGIC_120))
        && matches!(tail, [0, 0, 1 | 2 | 4, pointer] if usize::from(*pointer) == numbers.pointer)
}

impl<'a> Pclntab<'a> {
    /// Finds the pclntab of a program: the module data's, or one that its section or its magic
    /// number tells.
    ///
    /// `None` if there is none whose tables are in order.
    pub fn find(
        file: &ElfFile<'a>,
        addends: &Addends<'_>,
        module: Option<&ModuleData>,
    ) -> Option<Pclntab<'a>> {
        let candidates = match module {
            Some(module) => vec![module.pc_header],
            None => pclntabs(file),
        };
        candidates.into_iter().find_map(|it| Pclntab::read(file, addends, module, it))
    }

    fn read(
        file: &ElfFile<'a>,
        addends: &Addends<'_>,
        module: Option<&ModuleData>,
        address: VirtAddr,
    ) -> Option<Pclntab<'a>> {
        let (numbers, bytes) = (file.numbers(), file.from_address(address));
        let at = file.offset_of(address)?;
        if !is_header(numbers, bytes) {
            return None;
        }
        let field = |index: usize| {
            numbers.word(bytes, 8 + index * numbers.pointer).and_then(|it| usize::try_from(it).ok())
        };
        let starts = [0, field(3)?, field(4)?, field(5)?, field(6)?, field(7)?];
        let end = match module {
            Some(module) => starts[5].checked_add(usize::try_from(module.functab.len).ok()?)?,
            None => bytes.len(),
        };
        let table = |index: usize| {
            let start = *starts.get(index)?;
            let end = starts.get(index + 1).copied().unwrap_or(end).min(bytes.len());
            Some(Table { bytes: bytes.get(start..end)?, at: FileOffset(at.0 + start as u64) })
        };
        let functions = table(5)?;
        let text = match module {
            Some(module) => module.text.start,
            // The field is relocated up to Go 1.25 and zero since; then code is all there is.
            None => Some(addends.word(file, address.plus(8 + 2 * numbers.pointer as u64)?)?)
                .filter(|it| *it != 0)
                .or_else(|| file.section_named(".text").map(|it| it.address))?,
        };
        let funcdata = module.and_then(|module| {
            Some(Table {
                bytes: file.from_address(module.gofunc),
                at: file.offset_of(module.gofunc)?,
            })
        });
        Some(Pclntab {
            numbers,
            header: table(0)?,
            names: table(1)?,
            units: table(2)?,
            files: table(3)?,
            pc_values: table(4)?,
            funcdata,
            count: field(0).filter(|it| *it < functions.bytes.len() / 8)?,
            functions,
            quantum: *bytes.get(6)?,
            text: VirtAddr(text),
            is_118: numbers.u32(bytes, 0)? == MAGIC_118,
        })
    }

    /// Reads a function of the index; `None` behind the last, and where its record is unsound.
    pub fn function(&self, index: usize) -> Option<Function<'a>> {
        if index >= self.count {
            return None;
        }
        Function::read(self, index)
    }

    /// Goes through the functions in the order of their addresses.
    pub fn functions(&self) -> impl Iterator<Item = Function<'a>> + '_ {
        (0..self.count).filter_map(|index| self.function(index))
    }

    /// Finds the function that an address is in.
    pub fn function_at(&self, address: VirtAddr) -> Option<Function<'a>> {
        let offset = address.0.checked_sub(self.text.0)?;
        let entry = |index: usize| self.numbers.u32(self.functions.bytes, 8 * index).map(u64::from);
        let mut places = 0..self.count;
        while !places.is_empty() {
            let middle = places.start + places.len() / 2;
            if entry(middle)? <= offset { places.start = middle + 1 } else { places.end = middle }
        }
        self.function(places.start.checked_sub(1)?).filter(|it| it.addresses.contains(&address.0))
    }

    /// The offset of a file's name, of a unit's file by its number.
    pub fn file_of_unit(&self, unit: u32, number: u32) -> Option<usize> {
        let at = (unit as usize).checked_add(number as usize)?.checked_mul(4)?;
        let offset = self.numbers.u32(self.units.bytes, at)?;
        (offset != u32::MAX).then_some(offset as usize)
    }

    /// Gives the bytes of the pc-value table at an offset, up to the end of all such tables.
    pub fn pc_table(&self, offset: u32) -> &'a [u8] {
        self.pc_values.bytes.get(offset as usize..).unwrap_or_default()
    }
}
