//! The loaded data of a program by 32-bit offsets, which sort and pack well.
//!
//! Millions of references are kept at once, so an address is the distance to
//! the lowest one here. Code and pclntab are left out: nothing refers to them
//! as data. A program that takes more than 4 GiB of addresses has none.

use crate::module_data::ModuleData;
use elfin_elf::{Addends, ElfFile, Numbers};
use elfin_model::{FileOffset, VirtAddr};
use std::ops::Range;

/// No data is beyond this offset, so that a few fields more still are offsets.
const LAST: u32 = u32::MAX - (1 << 24);

/// A stretch of loaded data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Region<'a> {
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// The program may write to it.
    pub(crate) writable: bool,
}

impl Region<'_> {
    pub(crate) fn end(&self) -> u32 {
        self.start.saturating_add(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX))
    }
}

/// The loaded data of a program.
#[derive(Debug)]
pub(crate) struct Loaded<'a, 'f> {
    pub(crate) numbers: Numbers,
    addends: &'f Addends<'f>,
    base: u64,
    regions: Vec<Region<'a>>,
}

impl<'a, 'f> Loaded<'a, 'f> {
    /// Lists what is loaded, but for code and pclntab.
    pub(crate) fn new(
        file: &ElfFile<'a>,
        addends: &'f Addends<'f>,
        module: &ModuleData,
    ) -> Loaded<'a, 'f> {
        /// No linker makes as many; a hostile file has any number.
        const MOST_SEGMENTS: usize = 64;
        let loads = || {
            let loads = file.segments().iter().filter(|it| it.is_loaded() && it.file_size > 0);
            loads.take(MOST_SEGMENTS)
        };
        let base = loads().map(|it| it.address).min().unwrap_or(0);
        let pclntab = module.functab.address.0.saturating_add(module.functab.len);
        let mut holes = vec![module.text.clone(), module.pc_header.0..pclntab];
        let code = file.sections().iter().filter(|it| it.is_code() && it.is_loaded());
        holes.extend(code.map(elfin_elf::Section::addresses));
        // The offsets in headers look like addresses where these are low.
        holes.extend(file.header_ranges().filter_map(|it| {
            let start = file.address_of(FileOffset(it.start()))?.0;
            Some(start..start.saturating_add(it.bytes()))
        }));
        holes.sort_by_key(|it| it.start);
        let mut loaded = Loaded { numbers: file.numbers(), addends, base, regions: Vec::new() };
        for load in loads() {
            let end = load.address.saturating_add(load.file_size);
            let mut at = load.address;
            for hole in holes.iter().filter(|it| it.start < end) {
                loaded.add(file, at..hole.start, load.is_writable());
                at = at.max(hole.end);
            }
            loaded.add(file, at..end, load.is_writable());
        }
        loaded.regions.sort_by_key(|it| it.start);
        // Segments of a hostile file overlap.
        let mut end = 0;
        loaded.regions.retain(|it| {
            let behind = it.start >= end;
            end = end.max(it.end());
            behind
        });
        loaded
    }

    fn add(&mut self, file: &ElfFile<'a>, addresses: Range<u64>, writable: bool) {
        let bytes = addresses.end.saturating_sub(addresses.start);
        let Some(range) = file.range_of(VirtAddr(addresses.start), bytes) else { return };
        let Some(start) = self.offset(addresses.start) else { return };
        let bytes = file.slice(range);
        let bytes = bytes.get(..LAST.saturating_sub(start) as usize).unwrap_or(bytes);
        if !bytes.is_empty() {
            self.regions.push(Region { start, bytes, writable });
        }
    }

    /// The offset of an address, whether or not the file has bytes for it.
    pub(crate) fn offset(&self, address: u64) -> Option<u32> {
        u32::try_from(address.checked_sub(self.base)?).ok()
    }

    /// The address of an offset.
    pub(crate) fn address(&self, offset: u32) -> u64 {
        self.base.saturating_add(offset.into())
    }

    /// Bytes of a pointer.
    pub(crate) fn pointer_size(&self) -> u32 {
        if self.numbers.pointer == 8 { 8 } else { 4 }
    }

    /// The offsets of a range of addresses that data begins at, as far as it goes on.
    pub(crate) fn span(&self, addresses: &Range<u64>) -> Option<Range<u32>> {
        let start = self.offset(addresses.start)?;
        let end = self.region_of(start)?.end();
        let wanted = self.offset(addresses.end).unwrap_or(u32::MAX);
        Some(start..wanted.clamp(start, end))
    }

    /// The stretches by address.
    pub(crate) fn regions(&self) -> &[Region<'a>] {
        &self.regions
    }

    /// The stretch that an offset is in.
    pub(crate) fn region_of(&self, offset: u32) -> Option<&Region<'a>> {
        let behind = self.regions.partition_point(|it| it.start <= offset);
        self.regions.get(behind.checked_sub(1)?).filter(|it| offset < it.end())
    }

    /// The bytes from an offset to the end of its stretch.
    pub(crate) fn bytes(&self, offset: u32) -> &'a [u8] {
        let region = self.region_of(offset);
        region.and_then(|it| it.bytes.get((offset - it.start) as usize..)).unwrap_or_default()
    }

    /// The offset that the pointer at an offset points at, in the running program.
    pub(crate) fn pointer(&self, offset: u32) -> Option<u32> {
        let stored = self.numbers.word(self.bytes(offset), 0)?;
        if stored != 0 {
            return self.offset(stored);
        }
        self.offset(self.addends.at(VirtAddr(self.address(offset)))?.0)
    }

    /// Goes through the words that relocations make pointers; none where addresses are fixed.
    pub(crate) fn relocated(&self) -> impl Iterator<Item = (u32, u32)> {
        let pairs = self.addends.pointers();
        pairs.filter_map(|(slot, target)| Some((self.offset(slot.0)?, self.offset(target.0)?)))
    }
}
