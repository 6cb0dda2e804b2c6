//! What a program asks of the dynamic linker.
//!
//! Read through program headers, as the dynamic linker reads it: sections may
//! be gone, and Go's internal linker gives some of them a wrong type.

use crate::file::{ElfFile, text_at};
use object::elf;
use object::pod;
use object::read::elf::Dyn;

/// The kernel's PATH_MAX; names in a dynamic table are no longer either.
const LONGEST_NAME: usize = 4096;

/// How much of the relocated data is read-only once the program has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relro {
    /// There is no `PT_GNU_RELRO`.
    None,
    /// There is, but symbols are bound late, so the PLT's table stays writable.
    Partial,
    /// There is, and all symbols are bound at start.
    Full,
}

/// A string table that gives out no more than the file's own length in all, because entries of a
/// hostile table can name overlapping strings without end.
pub(crate) struct Strings<'a> {
    table: &'a [u8],
    left: usize,
}

impl<'a> Strings<'a> {
    /// The string at `offset`; `None` if the table is damaged there or has given all it may.
    pub(crate) fn get(&mut self, offset: u64) -> Option<&'a str> {
        let text = text_at(self.table, offset, LONGEST_NAME)?;
        self.left = self.left.checked_sub(text.len() + 1)?;
        Some(text)
    }
}

impl<'a> ElfFile<'a> {
    /// Names the dynamic linker that the kernel starts first.
    pub fn interpreter(&self) -> Option<String> {
        let segment = self.segment(elf::PT_INTERP)?;
        let bytes = self.bytes(segment.offset, segment.file_size)?;
        text_at(bytes, 0, LONGEST_NAME).map(str::to_owned)
    }

    /// Lists the libraries that it needs, in the file's order.
    pub fn needed(&self) -> Vec<String> {
        let mut strings = self.dynamic_strings();
        self.dynamic()
            .filter(|(tag, _)| *tag == elf::DT_NEEDED)
            .map_while(|(_, offset)| strings.get(offset).map(str::to_owned))
            .collect()
    }

    /// Tells how much of its relocated data is read-only after the start.
    pub fn relro(&self) -> Relro {
        if self.segment(elf::PT_GNU_RELRO).is_none() {
            return Relro::None;
        }
        let bound_at_start = self.dynamic().any(|(tag, value)| match tag {
            elf::DT_BIND_NOW => true,
            elf::DT_FLAGS => value & elf::DF_BIND_NOW.0 != 0,
            elf::DT_FLAGS_1 => value & elf::DF_1_NOW.0 != 0,
            _ => false,
        });
        if bound_at_start { Relro::Full } else { Relro::Partial }
    }

    /// True if the dynamic table calls the file a position-independent program.
    pub(crate) fn says_pie(&self) -> bool {
        self.dynamic_value(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0)
    }

    pub(crate) fn dynamic_value(&self, wanted: elf::DynamicTag) -> Option<u64> {
        self.dynamic().find(|(tag, _)| *tag == wanted).map(|(_, value)| value)
    }

    /// The dynamic string table, as long as it says it is.
    pub(crate) fn dynamic_strings(&self) -> Strings<'a> {
        let table = self.dynamic_value(elf::DT_STRTAB).and_then(|at| self.at_address(at));
        let size = self.dynamic_value(elf::DT_STRSZ).and_then(|size| usize::try_from(size).ok());
        let table = table.unwrap_or_default();
        Strings {
            table: size.and_then(|size| table.get(..size)).unwrap_or(table),
            left: self.data.len(),
        }
    }

    fn dynamic(&self) -> impl Iterator<Item = (elf::DynamicTag, u64)> {
        let bytes = self
            .segment(elf::PT_DYNAMIC)
            .and_then(|segment| self.bytes(segment.offset, segment.file_size))
            .unwrap_or_default();
        let (wide, narrow) = if self.is_64 { (bytes, &[][..]) } else { (&[][..], bytes) };
        let wide: &[elf::Dyn64<_>] = pod::slice_from_all_bytes(wide).unwrap_or_default();
        let narrow: &[elf::Dyn32<_>] = pod::slice_from_all_bytes(narrow).unwrap_or_default();
        let endian = self.endian;
        let wide = wide.iter().map(move |it| (it.tag(endian), it.val(endian)));
        let narrow = narrow.iter().map(move |it| (it.tag(endian), it.val(endian)));
        wide.chain(narrow).take_while(|(tag, _)| *tag != elf::DT_NULL)
    }
}
