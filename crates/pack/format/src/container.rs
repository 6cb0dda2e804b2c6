//! What stands around the packed image: the header behind the program headers of a packed file.
//!
//! A packed file is an ELF program whose loaded bytes are: ELF header, program
//! headers, this [`Header`], the table of [kept](Kept) ranges, what stays
//! readable, the loader, the packed image. Behind that, not loaded and not
//! read at a start, is the packed rest of the original file. All numbers are
//! little endian; offsets count from the file's first byte.

use crate::Damaged;
use crate::checksum::checksum;
use core::ops::Range;

/// What a packed file's header begins with.
pub const MAGIC: [u8; 8] = *b"elfinpak";
/// The version of the format; a loader reads only its own.
pub const VERSION: u32 = 2;
/// Bytes of a [`Header`].
pub const HEADER: usize = 192;
/// Bytes of a [`Kept`] range.
pub const KEPT: usize = 12;
/// Where the checksum stands in the header.
const CHECKSUM: usize = 16;
/// Where the length of what is loaded stands in it.
const LOADED: usize = 32;
const ELF_HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;

/// How the unpacked program is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// At its own addresses, by itself.
    Fixed,
    /// Anywhere, and it relocates itself.
    SelfRelocating,
    /// Anywhere; the loader relocates it, for its relocations need no library.
    Relocated,
    /// By its dynamic linker, at its own addresses.
    FixedInterpreted,
    /// By its dynamic linker, anywhere.
    Interpreted,
}

/// The header of a packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the program is started.
    pub kind: Kind,
    /// Checksum of the loaded bytes, without these eight.
    pub checksum: u64,
    /// Checksum of what is behind the loaded bytes.
    pub tail_checksum: u64,
    /// How many bytes of the file are loaded, from its first on.
    pub loaded: u64,
    /// Address of the image's first byte, as the original file says it.
    pub base: u64,
    /// How many bytes of the image are unpacked.
    pub image_len: u64,
    /// How many bytes of addresses the program takes, from `base` on.
    pub memory_len: u64,
    /// Address of the original's entry point.
    pub entry: u64,
    /// Address of the original's program headers.
    pub program_headers: u64,
    /// How many they are.
    pub program_header_count: u64,
    /// The packed image.
    pub image: (u64, u64),
    /// Offset and number of the kept ranges.
    pub kept: (u64, u64),
    /// Offset and length of the packed rest of the original file.
    pub rest: (u64, u64),
    /// Length of the original file.
    pub original_len: u64,
    /// SHA-256 of the original file.
    pub original_hash: [u8; 32],
}

/// A range of the image that is not packed, because it stays readable in the packed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Offset in the packed file.
    pub file: u32,
    /// Offset in the image.
    pub image: u32,
    /// Length in bytes.
    pub len: u32,
}

const KINDS: [Kind; 5] =
    [Kind::Fixed, Kind::SelfRelocating, Kind::Relocated, Kind::FixedInterpreted, Kind::Interpreted];

impl Kind {
    /// True if the program stands at addresses of its own choice.
    pub fn is_fixed(self) -> bool {
        matches!(self, Kind::Fixed | Kind::FixedInterpreted)
    }

    /// True if a dynamic linker starts it.
    pub fn is_interpreted(self) -> bool {
        matches!(self, Kind::Interpreted | Kind::FixedInterpreted)
    }
}

/// Where the header stands: behind the program headers, which are behind the ELF header.
///
/// Returns an error if the bytes are not those of an ELF file that elfin wrote.
pub fn header_offset(file: &[u8]) -> Result<usize, Damaged> {
    let not_packed = Damaged("this is not a packed program");
    let count = file.get(56..58).and_then(|it| it.first_chunk::<2>()).ok_or(not_packed)?;
    let at = ELF_HEADER + usize::from(u16::from_le_bytes(*count)) * PROGRAM_HEADER;
    let magic = file.get(at..).and_then(|it| it.first_chunk::<8>());
    if magic == Some(&MAGIC) && file.starts_with(b"\x7fELF") { Ok(at) } else { Err(not_packed) }
}

impl Header {
    /// Reads the header of a packed file and holds its places against each other.
    ///
    /// Returns an error if `file` is not a packed file, or if the header cannot be right.
    pub fn read(file: &[u8]) -> Result<Header, Damaged> {
        let at = header_offset(file)?;
        let bytes = file.get(at..).and_then(|it| it.first_chunk::<HEADER>());
        let bytes = bytes.ok_or(Damaged("the header is cut off"))?;
        let word = |at: usize| {
            let word = bytes.get(at..).and_then(|it| it.first_chunk::<8>());
            word.map_or(0, |it| u64::from_le_bytes(*it))
        };
        if word(8) & u64::from(u32::MAX) != u64::from(VERSION) {
            return Err(OTHER_VERSION);
        }
        let kind = KINDS.get((word(8) >> 32) as usize);
        let mut original_hash = [0; 32];
        original_hash.copy_from_slice(&bytes[HEADER - 32..]);
        let header = Header {
            kind: *kind.ok_or(Damaged("the kind of program is unknown"))?,
            checksum: word(16),
            tail_checksum: word(24),
            loaded: word(32),
            base: word(40),
            image_len: word(48),
            memory_len: word(56),
            entry: word(64),
            program_headers: word(72),
            program_header_count: word(80),
            image: (word(88), word(96)),
            kept: (word(104), word(112)),
            rest: (word(120), word(128)),
            original_len: word(136),
            original_hash,
        };
        header.check(file.len() as u64)?;
        Ok(header)
    }

    /// How many bytes of the file are loaded, read from its first page alone.
    ///
    /// Returns an error if `page` does not begin a packed file.
    pub fn loaded_len(page: &[u8]) -> Result<usize, Damaged> {
        let at = header_offset(page)?.saturating_add(LOADED);
        let word = page.get(at..).and_then(|it| it.first_chunk::<8>());
        let loaded = word.and_then(|it| usize::try_from(u64::from_le_bytes(*it)).ok());
        loaded.filter(|it| isize::try_from(*it).is_ok()).ok_or(WRONG)
    }

    /// Gives the header's bytes.
    pub fn to_bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let kind = KINDS.iter().position(|it| *it == self.kind).unwrap_or_default();
        let words = [
            u64::from_le_bytes(MAGIC),
            u64::from(VERSION) | (kind as u64) << 32,
            self.checksum,
            self.tail_checksum,
            self.loaded,
            self.base,
            self.image_len,
            self.memory_len,
            self.entry,
            self.program_headers,
            self.program_header_count,
            self.image.0,
            self.image.1,
            self.kept.0,
            self.kept.1,
            self.rest.0,
            self.rest.1,
            self.original_len,
        ];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes[HEADER - 32..].copy_from_slice(&self.original_hash);
        bytes
    }

    /// `mapped` is how many bytes from the file's first on can be read.
    fn check(&self, mapped: u64) -> Result<(), Damaged> {
        let page = 4095;
        let inside =
            |(start, len): (u64, u64)| start.checked_add(len).is_some_and(|end| end <= self.loaded);
        let kept = self.kept.1.checked_mul(KEPT as u64).ok_or(WRONG)?;
        let end = self.base.checked_add(self.memory_len).ok_or(WRONG)?;
        let table = self.program_header_count.checked_mul(PROGRAM_HEADER as u64).ok_or(WRONG)?;
        let table_end = self.program_headers.checked_add(table).ok_or(WRONG)?;
        let fine = self.loaded <= mapped
            && inside(self.image)
            && inside((self.kept.0, kept))
            && self.base & page == 0
            && self.memory_len & page == 0
            && end < 1 << 47
            && self.image_len <= self.memory_len
            && self.program_headers >= self.base
            && self.program_header_count <= 128
            && table_end <= self.base + self.image_len
            && (self.base..end).contains(&self.entry);
        if fine { Ok(()) } else { Err(WRONG) }
    }

    /// Finds the checksum of the loaded bytes of a packed file.
    ///
    /// Returns an error if they are cut off.
    pub fn loaded_checksum(&self, file: &[u8]) -> Result<u64, Damaged> {
        let at = header_offset(file)? + CHECKSUM;
        let loaded = file.get(..usize::try_from(self.loaded).map_err(|_| WRONG)?).ok_or(WRONG)?;
        let (before, after) = loaded.split_at_checked(at).ok_or(WRONG)?;
        Ok(checksum(after.get(8..).ok_or(WRONG)?, checksum(before, 0)))
    }

    /// Gives the packed image.
    pub fn image_bytes<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], Damaged> {
        part(file, self.image.0, self.image.1)
    }

    /// Gives the packed rest of the original file.
    pub fn rest_bytes<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], Damaged> {
        part(file, self.rest.0, self.rest.1)
    }

    /// Puts the kept ranges into the image.
    ///
    /// Returns an error if one is outside of the file or of the image.
    pub fn put_kept(&self, file: &[u8], image: &mut [u8]) -> Result<(), Damaged> {
        let table = part(file, self.kept.0, self.kept.1.saturating_mul(KEPT as u64))?;
        for bytes in table.chunks_exact(KEPT) {
            let kept = Kept::from_bytes(bytes);
            let from = part(file, kept.file.into(), kept.len.into())?;
            let to = kept.place();
            image.get_mut(to).ok_or(WRONG)?.copy_from_slice(from);
        }
        Ok(())
    }
}

impl Kept {
    fn from_bytes(bytes: &[u8]) -> Kept {
        let word = |at: usize| {
            let word = bytes.get(at..).and_then(|it| it.first_chunk::<4>());
            word.map_or(0, |it| u32::from_le_bytes(*it))
        };
        Kept { file: word(0), image: word(4), len: word(8) }
    }

    /// Gives its bytes.
    pub fn to_bytes(&self) -> [u8; KEPT] {
        let mut bytes = [0; KEPT];
        for (place, word) in bytes.chunks_exact_mut(4).zip([self.file, self.image, self.len]) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Where it stands in the image.
    pub fn place(&self) -> Range<usize> {
        let start = self.image as usize;
        start..start.saturating_add(self.len as usize)
    }
}

/// Packed into another format.
pub const OTHER_VERSION: Damaged = Damaged("it was packed by another version of elfin");

const WRONG: Damaged = Damaged("the header cannot be right");

fn part(file: &[u8], start: u64, len: u64) -> Result<&[u8], Damaged> {
    let range = usize::try_from(start).ok().zip(usize::try_from(start.saturating_add(len)).ok());
    range.and_then(|(start, end)| file.get(start..end)).ok_or(WRONG)
}
