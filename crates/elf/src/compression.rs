//! What a section's bytes are compressed with, as its header says.
//!
//! Both forms are known: `SHF_COMPRESSED` with a header of ELF's, and the older
//! name `.zdebug_*` with one of GNU's. Nothing is decompressed here, so that
//! a size that lies costs nothing.

use crate::file::{ElfFile, Section};
use object::elf;

/// The bytes of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents<'a> {
    /// As they are.
    Plain(&'a [u8]),
    /// A zlib stream.
    Zlib {
        /// The stream.
        stream: &'a [u8],
        /// Bytes that come out of it, as the header says.
        size: u64,
    },
    /// A Zstandard frame.
    Zstd {
        /// The frame.
        stream: &'a [u8],
        /// Bytes that come out of it, as the header says.
        size: u64,
    },
    /// A method of this number, which elfin does not know, or no sound header.
    Unknown(u32),
}

impl<'a> ElfFile<'a> {
    /// Tells how the bytes of a section are compressed.
    pub fn compression(&self, section: &Section<'_>) -> Contents<'a> {
        let bytes = self.contents(section);
        if section.flags.contains(elf::SHF_COMPRESSED) {
            return self.headed(bytes).unwrap_or(Contents::Unknown(0));
        }
        match bytes.strip_prefix(b"ZLIB").and_then(<[u8]>::split_first_chunk) {
            Some((size, stream)) if section.name.starts_with(".zdebug") => {
                Contents::Zlib { stream, size: u64::from_be_bytes(*size) }
            }
            _ => Contents::Plain(bytes),
        }
    }

    fn headed(&self, bytes: &'a [u8]) -> Option<Contents<'a>> {
        let numbers = self.numbers();
        let method = numbers.u32(bytes, 0)?;
        // Elf64_Chdr has four reserved bytes behind the type.
        let size = numbers.word(bytes, numbers.pointer)?;
        let stream = bytes.get(3 * numbers.pointer..)?;
        Some(match elf::CompressionType(method) {
            elf::ELFCOMPRESS_ZLIB => Contents::Zlib { stream, size },
            elf::ELFCOMPRESS_ZSTD => Contents::Zstd { stream, size },
            _ => Contents::Unknown(method),
        })
    }
}
