//! The entries of symbol tables, one after the other, with their names.

use crate::file::{ElfFile, Section};
use crate::numbers::Numbers;
use elfin_model::{FileOffset, FileRange, VirtAddr};
use object::elf;

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// A function.
    Function,
    /// Data.
    Object,
    /// The source file of the local symbols that follow.
    File,
    /// Anything else: a section, thread-local storage, no type.
    Other,
}

/// An entry of a symbol table.
#[derive(Debug, Clone, Copy)]
pub struct Symbol<'a> {
    /// Its name; empty where the table of names does not hold it.
    pub name: &'a [u8],
    /// Where the name stands, its NUL included.
    pub name_range: FileRange,
    /// Where the entry stands.
    pub entry: FileRange,
    /// Its address.
    pub address: VirtAddr,
    /// Its size in bytes, as it says itself.
    pub size: u64,
    /// What it stands for.
    pub kind: SymbolKind,
    /// Index of its section; 0 for what another file defines.
    pub section: u16,
}

impl<'a> ElfFile<'a> {
    /// Goes through a symbol table, the empty first entry included.
    ///
    /// Names of a hostile table that overlap without end become empty.
    pub fn symbols(&self, table: &Section<'_>) -> impl Iterator<Item = Symbol<'a>> + use<'a> {
        /// Linkers fold a name into the end of a longer one; they do not fold it ten times over.
        const MOST_FOLDED: usize = 8;
        let names = self.sections.get(table.link as usize).filter(|it| it.is_string_table());
        let names_at = names.map_or(0, |it| it.offset);
        let names = names.map(|it| self.contents(it)).unwrap_or_default();
        let mut left = names.len().saturating_mul(MOST_FOLDED);
        let numbers = self.numbers();
        let size = if self.is_64 { 24 } else { 16 };
        let start = table.offset;
        let entries = self.contents(table).chunks_exact(size).enumerate();
        entries.filter_map(move |(index, bytes)| {
            let (name_at, mut symbol) = entry(numbers, bytes)?;
            symbol.entry = FileRange::new(FileOffset(start + (index * size) as u64), size as u64);
            let rest = names.get(name_at as usize..).unwrap_or_default();
            let rest = rest.get(..left).unwrap_or(rest);
            if let Some(length) = memchr::memchr(0, rest) {
                left -= length;
                symbol.name = rest.get(..length)?;
                let at = FileOffset(names_at + u64::from(name_at));
                symbol.name_range = FileRange::new(at, length as u64 + 1);
            }
            Some(symbol)
        })
    }
}

/// Reads an entry, without its name.
fn entry<'a>(numbers: Numbers, bytes: &[u8]) -> Option<(u32, Symbol<'a>)> {
    let name = numbers.u32(bytes, 0)?;
    // Elf32_Sym has the small fields behind the large ones.
    let (info, section, address, size) = match numbers.pointer {
        8 => (4, 6, numbers.u64(bytes, 8)?, numbers.u64(bytes, 16)?),
        _ => (12, 14, numbers.u32(bytes, 4)?.into(), numbers.u32(bytes, 8)?.into()),
    };
    let kind = match elf::SymbolType(bytes.get(info)? & 0xf) {
        elf::STT_FUNC => SymbolKind::Function,
        elf::STT_OBJECT => SymbolKind::Object,
        elf::STT_FILE => SymbolKind::File,
        _ => SymbolKind::Other,
    };
    let section = numbers.u16(bytes, section)?;
    let none = FileRange::default();
    let address = VirtAddr(address);
    Some((name, Symbol { name: &[], name_range: none, entry: none, address, size, kind, section }))
}
