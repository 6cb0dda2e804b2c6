//! What can be told of a file without running it: what its bytes are, what it needs, what
//! protects it, and what it costs as a download.
//!
//! This runs in a process of its own, once for each file: xz -9 alone wants
//! hundreds of megabytes, which the process that times starts must not hold.

use elfin_elf::{ElfError, ElfFile};
use elfin_schema::{Bytes, Composition, Part, Relro, Transfer, VersionNeed};
use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// What is told of a file without running it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// The file as a download.
    pub transfer: Transfer,
    /// What its structure says; `None` where it is no ELF file, but for Windows or macOS.
    pub elf: Option<ElfFacts>,
}

/// What the structure of an ELF file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ElfFacts {
    /// What the bytes are; they add up to the file.
    pub composition: Composition,
    /// PT_INTERP.
    pub interpreter: Option<String>,
    /// DT_NEEDED.
    pub needed: Vec<String>,
    /// Highest version needed of each library.
    pub versions: Vec<VersionNeed>,
    /// Position-independent.
    pub pie: bool,
    /// RELRO.
    pub relro: Relro,
    /// The stack is not executable.
    pub nx: bool,
    /// PT_LOAD segments that are writable and executable.
    pub writable_executable_segments: usize,
    /// `.symtab` has entries.
    pub has_symtab: bool,
    /// There is DWARF.
    pub has_dwarf: bool,
    /// There is a pclntab.
    pub has_pclntab: bool,
    /// There is Go build information.
    pub has_build_info: bool,
    /// The GNU build ID.
    pub gnu_build_id: Option<String>,
    /// The Go version in the build information.
    pub go_version: Option<String>,
}

/// Why a file's facts could not be told.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// It is an ELF file that cannot be understood.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// A compressor failed.
    #[error("a compressor failed: {0}")]
    Compress(#[from] io::Error),
}

impl FileFacts {
    /// Tells what a file's bytes say.
    ///
    /// Returns an error if they are a damaged ELF file.
    pub fn of(data: &[u8]) -> Result<FileFacts, FactsError> {
        let elf = match ElfFile::parse(data) {
            Ok(elf) => Some(ElfFacts::of(&elf)?),
            Err(ElfError::NotElf) => None,
            Err(damaged) => return Err(damaged.into()),
        };
        Ok(FileFacts { transfer: transfer(data)?, elf })
    }
}

impl ElfFacts {
    fn of(elf: &ElfFile<'_>) -> Result<ElfFacts, ElfError> {
        let composition = elf.composition()?.into_iter();
        Ok(ElfFacts {
            composition: composition.map(|(part, bytes)| (published(part), bytes)).collect(),
            interpreter: elf.interpreter(),
            needed: elf.needed(),
            versions: elf
                .version_needs()
                .into_iter()
                .map(|need| VersionNeed {
                    library: need.library,
                    version: need.version,
                    symbols: need.symbols,
                })
                .collect(),
            pie: elf.is_pie(),
            relro: match elf.relro() {
                elfin_elf::Relro::None => Relro::None,
                elfin_elf::Relro::Partial => Relro::Partial,
                elfin_elf::Relro::Full => Relro::Full,
            },
            nx: elf.nx(),
            writable_executable_segments: elf.writable_executable_segments(),
            has_symtab: elf.has_symtab(),
            has_dwarf: elf.has_dwarf(),
            has_pclntab: elf.has_pclntab(),
            has_build_info: elf.has_build_info(),
            gnu_build_id: elf.gnu_build_id(),
            go_version: elf.go_version(),
        })
    }
}

/// The published name of a part; `elf` knows nothing of documents.
fn published(part: elfin_elf::Part) -> Part {
    match part {
        elfin_elf::Part::Text => Part::Text,
        elfin_elf::Part::Rodata => Part::Rodata,
        elfin_elf::Part::Pclntab => Part::Pclntab,
        elfin_elf::Part::Data => Part::Data,
        elfin_elf::Part::Symtab => Part::Symtab,
        elfin_elf::Part::Strtab => Part::Strtab,
        elfin_elf::Part::Debug => Part::Debug,
        elfin_elf::Part::Relocations => Part::Relocations,
        elfin_elf::Part::Notes => Part::Notes,
        elfin_elf::Part::Dynamic => Part::Dynamic,
        elfin_elf::Part::Headers => Part::Headers,
        elfin_elf::Part::Packed => Part::Packed,
        elfin_elf::Part::Padding => Part::Padding,
    }
}

/// Counts what is written to it.
#[derive(Debug, Default)]
struct Count(Bytes);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as Bytes;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn transfer(data: &[u8]) -> io::Result<Transfer> {
    Ok(Transfer {
        gzip_6: gzip(data)?,
        zstd_3: zstd(data, 3)?,
        zstd_19: zstd(data, 19)?,
        xz_9: xz(data)?,
    })
}

/// What a registry transfers of a file: layers of gzip -6 and of zstd -3.
///
/// Returns an error if a compressor fails, which it does for want of memory.
pub fn layers(data: &[u8]) -> io::Result<[Bytes; 2]> {
    Ok([gzip(data)?, zstd(data, 3)?])
}

fn gzip(data: &[u8]) -> io::Result<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Count::default(), flate2::Compression::new(6));
    encoder.write_all(data)?;
    Ok(encoder.finish()?.0)
}

fn zstd(data: &[u8], level: i32) -> io::Result<Bytes> {
    let mut encoder = zstd::stream::write::Encoder::new(Count::default(), level)?;
    // As the command line tool does, which knows the size of a file.
    encoder.set_pledged_src_size(Some(data.len() as u64))?;
    encoder.include_checksum(true)?;
    encoder.write_all(data)?;
    Ok(encoder.finish()?.0)
}

fn xz(data: &[u8]) -> io::Result<Bytes> {
    let mut options = LzmaOptions::new_preset(9).map_err(io::Error::from)?;
    // A dictionary beyond the file only costs memory.
    let whole = u32::try_from(data.len()).unwrap_or(u32::MAX).max(1 << 16);
    options.dict_size(whole.min(64 << 20));
    let mut filters = Filters::new();
    filters.lzma2(&options);
    let stream = Stream::new_stream_encoder(&filters, Check::Crc64).map_err(io::Error::from)?;
    let mut encoder = liblzma::write::XzEncoder::new_stream(Count::default(), stream);
    encoder.write_all(data)?;
    Ok(encoder.finish()?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_small_to_download() {
        let data: Vec<u8> = b"the same again and again. ".repeat(40_000);
        let transfer = transfer(&data).unwrap();
        for size in [transfer.gzip_6, transfer.zstd_3, transfer.zstd_19, transfer.xz_9] {
            assert!(size > 20 && size < data.len() as Bytes / 50, "{transfer:?}");
        }
    }

    #[test]
    fn what_is_no_elf_file_still_has_a_size_as_a_download() {
        let facts = FileFacts::of(b"MZ for Windows").unwrap();
        assert!(facts.elf.is_none() && facts.transfer.gzip_6 > 0);
        assert!(matches!(FileFacts::of(b"\x7fELF cut off"), Err(FactsError::Elf(_))));
    }
}
