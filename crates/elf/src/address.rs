//! From addresses to file offsets and back, by the loaded segments.

use crate::file::{ElfFile, Segment};
use crate::numbers::Numbers;
use elfin_model::{FileOffset, FileRange, VirtAddr};
use object::elf;

/// Sorts the loaded segments by address.
pub(crate) fn map(segments: &[Segment]) -> Vec<Segment> {
    let loads = segments.iter().filter(|it| it.kind == elf::PT_LOAD && it.file_size > 0);
    let mut map: Vec<Segment> = loads.copied().collect();
    map.sort_by_key(|it| it.address);
    map
}

impl<'a> ElfFile<'a> {
    /// Gives all bytes of the file.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Tells how numbers stand in the file.
    pub fn numbers(&self) -> Numbers {
        Numbers {
            little: self.endian == object::Endianness::Little,
            pointer: if self.is_64 { 8 } else { 4 },
        }
    }

    /// Finds where a loaded byte stands in the file; `None` where the file does not have it.
    #[inline]
    pub fn offset_of(&self, address: VirtAddr) -> Option<FileOffset> {
        let behind = self.map.partition_point(|it| it.address <= address.0);
        let load = self.map.get(behind.checked_sub(1)?)?;
        let skip = address.0 - load.address;
        if skip >= load.file_size {
            return None;
        }
        let offset = load.offset.checked_add(skip)?;
        (offset < self.data.len() as u64).then_some(FileOffset(offset))
    }

    /// Finds the file's bytes of a loaded range, as many as one segment and the file have of it.
    #[inline]
    pub fn range_of(&self, address: VirtAddr, bytes: u64) -> Option<FileRange> {
        let start = self.offset_of(address)?;
        let behind = self.map.partition_point(|it| it.address <= address.0);
        let load = self.map.get(behind.checked_sub(1)?)?;
        let left = load.file_size - (address.0 - load.address);
        let range = FileRange::new(start, bytes.min(left));
        Some(range.within(FileRange::between(0, self.data.len() as u64)))
    }

    /// Finds the address at which a byte of the file is loaded.
    pub fn address_of(&self, offset: FileOffset) -> Option<VirtAddr> {
        // Two segments may share a page of the file; the one that says the byte is its own wins.
        let load = self
            .map
            .iter()
            .find(|it| offset.0.checked_sub(it.offset).is_some_and(|skip| skip < it.file_size))?;
        VirtAddr(load.address).plus(offset.0 - load.offset)
    }

    /// Gives the bytes of a range; none where it is outside of the file.
    #[inline]
    pub fn slice(&self, range: FileRange) -> &'a [u8] {
        self.bytes(range.start(), range.bytes()).unwrap_or_default()
    }

    /// Gives the file's bytes from a loaded address to the end of its segment; none where the
    /// file does not have it.
    pub fn from_address(&self, address: VirtAddr) -> &'a [u8] {
        self.range_of(address, u64::MAX).map(|range| self.slice(range)).unwrap_or_default()
    }
}
