//! The program headers and the dynamic table of the unpacked program, read from its image.

use core::ops::Range;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_GNU_RELRO: u32 = 0x6474_e552;
const PROGRAM_HEADER: usize = 56;
const LONGEST_TABLE: usize = 4096;

/// Bytes of an image with the address of the first, as the original file says it.
#[derive(Debug, Clone, Copy)]
pub struct Loaded<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The address of the first.
    pub base: u64,
    /// Address and number of the program headers.
    pub program_headers: (u64, u64),
}

/// A program header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// What it is, as `p_type` says it.
    pub kind: u32,
    /// Whether it is read (4), written (2), executed (1).
    pub flags: u32,
    /// Where its bytes stand in the file.
    pub offset: u64,
    /// The address of its first byte.
    pub address: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Bytes in memory.
    pub memory_size: u64,
}

impl Segment {
    /// True if it is loaded.
    pub fn is_load(&self) -> bool {
        self.kind == PT_LOAD
    }

    /// True if it is protected when the program is relocated.
    pub fn is_relro(&self) -> bool {
        self.kind == PT_GNU_RELRO
    }

    /// Reads a program header of `PROGRAM_HEADER` bytes; `None` where it is cut off.
    pub fn read(bytes: &[u8]) -> Option<Segment> {
        Some(Segment {
            kind: half(bytes, 0)?,
            flags: half(bytes, 4)?,
            offset: word(bytes, 8)?,
            address: word(bytes, 16)?,
            file_size: word(bytes, 32)?,
            memory_size: word(bytes, 40)?,
        })
    }
}

impl<'a> Loaded<'a> {
    /// The program headers in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + use<'a> {
        let (start, count) = self.program_headers;
        let len = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(PROGRAM_HEADER);
        let table = self.at(start, len).unwrap_or_default();
        table.chunks_exact(PROGRAM_HEADER).filter_map(Segment::read)
    }

    /// Gives bytes by their address; `None` where the image has none.
    pub fn at(&self, address: u64, len: usize) -> Option<&'a [u8]> {
        let start = usize::try_from(address.checked_sub(self.base)?).ok()?;
        self.bytes.get(start..start.checked_add(len)?)
    }

    /// The path of the dynamic linker, with the zero that ends it.
    pub fn interpreter(&self) -> Option<&'a [u8]> {
        let it = self.segments().find(|it| it.kind == PT_INTERP)?;
        let path = self.at(it.address, usize::try_from(it.file_size).ok()?)?;
        path.ends_with(&[0]).then_some(path)
    }

    /// The value of a tag of the dynamic table.
    pub fn dynamic(&self, tag: u64) -> Option<u64> {
        let it = self.segments().find(|it| it.kind == PT_DYNAMIC)?;
        let len = usize::try_from(it.file_size).ok()?.min(LONGEST_TABLE * 16);
        let entries = self.at(it.address, len)?.chunks_exact(16);
        let mut entries = entries.map(|it| (word(it, 0).unwrap_or(0), word(it, 8).unwrap_or(0)));
        entries.find(|(it, _)| *it == tag || *it == 0).filter(|(it, _)| *it == tag).map(|it| it.1)
    }

    /// Where a table is that two tags tell of, as offsets into the image.
    pub fn dynamic_table(&self, address: u64, len: u64) -> Option<Range<usize>> {
        let start = usize::try_from(self.dynamic(address)?.checked_sub(self.base)?).ok()?;
        let end = start.checked_add(usize::try_from(self.dynamic(len)?).ok()?)?;
        (end <= self.bytes.len()).then_some(start..end)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|it| u64::from_le_bytes(*it))
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|it| u32::from_le_bytes(*it))
}
