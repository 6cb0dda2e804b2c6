//! The dynamic linker's tables where no section header says where they are.
//!
//! The dynamic table gives their addresses; their lengths stand there too, in
//! the hash tables, or in the versions themselves (System V gABI, chapter 5,
//! "Dynamic Section"; GNU hash as glibc's `elf/dl-lookup.c` reads it).

use crate::file::{ElfFile, Section};
use crate::numbers::Numbers;
use elfin_model::VirtAddr;
use object::elf;

/// Words of `.got.plt` before those of the functions.
const GOT_WORDS: u64 = 3;

impl<'a> ElfFile<'a> {
    /// Gives the tables that the dynamic table names as the sections that they were, in no order;
    /// none where there is no dynamic table.
    pub fn dynamic_tables(&self) -> Vec<Section<'static>> {
        let value = |tag| self.dynamic_value(tag).unwrap_or(0);
        let word = self.numbers().pointer as u64;
        let symbols = self.dynamic_symbol_count();
        let symbol = if self.is_64 { 24 } else { 16 };
        let jumps_are_long = value(elf::DT_PLTREL) == elf::DT_RELA.0.cast_unsigned();
        let (jumps, jump) =
            if jumps_are_long { (elf::SHT_RELA, 3 * word) } else { (elf::SHT_REL, 2 * word) };
        let got = (GOT_WORDS + value(elf::DT_PLTRELSZ) / jump) * word;
        let tables = [
            (".rela.dyn", elf::SHT_RELA, elf::DT_RELA, value(elf::DT_RELASZ)),
            (".rel.dyn", elf::SHT_REL, elf::DT_REL, value(elf::DT_RELSZ)),
            (".relr.dyn", elf::SHT_RELR, elf::DT_RELR, value(elf::DT_RELRSZ)),
            (".rela.plt", jumps, elf::DT_JMPREL, value(elf::DT_PLTRELSZ)),
            (".dynsym", elf::SHT_DYNSYM, elf::DT_SYMTAB, symbols.saturating_mul(symbol)),
            (".dynstr", elf::SHT_STRTAB, elf::DT_STRTAB, value(elf::DT_STRSZ)),
            (".hash", elf::SHT_HASH, elf::DT_HASH, self.hash_length().unwrap_or(0)),
            (".gnu.hash", elf::SHT_GNU_HASH, elf::DT_GNU_HASH, self.gnu_hash_length(symbols)),
            (".gnu.version", elf::SHT_GNU_VERSYM, elf::DT_VERSYM, symbols.saturating_mul(2)),
            (".gnu.version_r", elf::SHT_GNU_VERNEED, elf::DT_VERNEED, self.needs_length()),
            (".init_array", elf::SHT_INIT_ARRAY, elf::DT_INIT_ARRAY, value(elf::DT_INIT_ARRAYSZ)),
            (".fini_array", elf::SHT_FINI_ARRAY, elf::DT_FINI_ARRAY, value(elf::DT_FINI_ARRAYSZ)),
            (".got.plt", elf::SHT_PROGBITS, elf::DT_PLTGOT, got),
        ];
        tables
            .iter()
            .filter_map(|(name, kind, at, size)| self.table(name, *kind, *at, *size))
            .collect()
    }

    /// A table as a section, where the file has it.
    fn table(
        &self,
        name: &'static str,
        kind: elf::SectionType,
        at: elf::DynamicTag,
        size: u64,
    ) -> Option<Section<'static>> {
        let address = self.dynamic_value(at)?;
        let range = self.range_of(VirtAddr(address), size).filter(|it| !it.is_empty())?;
        Some(Section {
            name,
            kind,
            flags: elf::SHF_ALLOC,
            offset: range.start(),
            size: range.bytes(),
            address,
            memory_size: range.bytes(),
            align: 1,
            link: 0,
            info: 0,
        })
    }

    fn at_tag(&self, tag: elf::DynamicTag) -> Option<Numbered<'a>> {
        let bytes = self.from_address(VirtAddr(self.dynamic_value(tag)?));
        (!bytes.is_empty()).then_some(Numbered { bytes, numbers: self.numbers() })
    }

    /// Bytes of `DT_HASH`: two counts, then as many numbers.
    fn hash_length(&self) -> Option<u64> {
        let hash = self.at_tag(elf::DT_HASH)?;
        Some((hash.number(0)? + hash.number(4)? + 2) * 4)
    }

    /// Symbols for the dynamic linker, as the hash tables know them.
    fn dynamic_symbol_count(&self) -> u64 {
        let chains = self.at_tag(elf::DT_HASH).and_then(|it| it.number(4));
        chains.or_else(|| self.at_tag(elf::DT_GNU_HASH)?.gnu_symbols()).unwrap_or(0)
    }

    fn gnu_hash_length(&self, symbols: u64) -> u64 {
        let Some(hash) = self.at_tag(elf::DT_GNU_HASH) else { return 0 };
        let Some((chains, first)) = hash.gnu_chains() else { return 0 };
        (chains as u64).saturating_add(symbols.saturating_sub(first).saturating_mul(4))
    }

    /// Bytes of `DT_VERNEED`: up to the end of the last entry that is reached.
    fn needs_length(&self) -> u64 {
        /// Bytes of an entry, of a library as of one of its versions.
        const ENTRY: usize = 16;
        let Some(table) = self.at_tag(elf::DT_VERNEED) else { return 0 };
        let (mut at, mut end) = (0, 0);
        // Entries do not lie over one another, so there are no more than that.
        let mut left = table.bytes.len() / ENTRY;
        while let Some(next) = table.distance(at + 12).filter(|_| left > 0) {
            end = end.max(at + ENTRY);
            let mut version = at + table.distance(at + 8).unwrap_or(0);
            while let Some(next) = table.distance(version + 12).filter(|_| left > 0) {
                end = end.max(version + ENTRY);
                left -= 1;
                if next == 0 {
                    break;
                }
                version += next;
            }
            left = left.saturating_sub(1);
            if next == 0 {
                break;
            }
            at += next;
        }
        end as u64
    }
}

/// What stands from an address to the end of its segment, mostly numbers of four bytes.
struct Numbered<'a> {
    bytes: &'a [u8],
    numbers: Numbers,
}

impl Numbered<'_> {
    fn number(&self, at: usize) -> Option<u64> {
        self.numbers.u32(self.bytes, at).map(u64::from)
    }

    fn distance(&self, at: usize) -> Option<usize> {
        self.numbers.u32(self.bytes, at).map(|it| it as usize)
    }

    /// Where the chains of `DT_GNU_HASH` begin, and the number of the first symbol in them.
    fn gnu_chains(&self) -> Option<(usize, u64)> {
        let (buckets, bloom) = (self.number(0)?, self.number(8)?);
        let start = 16 + bloom * self.numbers.pointer as u64 + buckets * 4;
        let start = usize::try_from(start).ok().filter(|it| *it <= self.bytes.len())?;
        Some((start, self.number(4)?))
    }

    /// Symbols in all: behind the last bucket's first one its chain goes on up to an odd number.
    fn gnu_symbols(&self) -> Option<u64> {
        let (chains, first) = self.gnu_chains()?;
        let buckets = self.distance(0)?;
        let starts = (0..buckets).filter_map(|it| self.number(chains - 4 * (it + 1)));
        let last = starts.max().filter(|it| *it >= first);
        let Some(mut symbol) = last else { return Some(first) };
        loop {
            let at = usize::try_from((symbol - first) * 4).ok()?.checked_add(chains)?;
            symbol += 1;
            if self.number(at)? & 1 == 1 {
                return Some(symbol);
            }
        }
    }
}
