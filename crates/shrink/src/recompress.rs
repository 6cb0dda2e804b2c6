//! DWARF that stays is compressed anew: Go's linker takes the fastest level.
//!
//! golang/go `src/cmd/link/internal/ld/data.go` (1.26), `compressSyms`, writes zlib at
//! `BestSpeed`; the best level says the same in fewer bytes to every reader. What is
//! decompressed goes straight to the compressor, so that no section, however much it says it
//! holds, is in memory as a whole.

use crate::program::{Program, Section};
use elfin_schema::SlimOutcome;
use flate2::Compression as Level;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use object::LittleEndian as LE;
use object::elf::{self, CompressionHeader64};
use object::pod;
use std::io::Read;

/// How sections that stay are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// What every reader knows.
    #[default]
    Zlib,
    /// Smaller, and for readers of today: gdb 13, binutils 2.40, Go 1.21.
    Zstd,
}

/// The best level of zstd that needs no more memory to read than others do.
const ZSTD_LEVEL: i32 = 19;
/// DWARF shrinks to a third or so; what says that it shrank more is left alone.
const MOST_GROWTH: u64 = 16;

/// Compresses what is compressed by zlib once more, where that makes it smaller.
pub(crate) fn recompress(program: &mut Program<'_>, to: Compression) -> SlimOutcome {
    let mut outcome = SlimOutcome::Nothing;
    let sections = program.sections.iter_mut();
    for section in sections.filter(|it| it.header.flags.contains(elf::SHF_COMPRESSED)) {
        if let Some(smaller) = smaller(section, to) {
            section.content = smaller.into();
            outcome = SlimOutcome::Done;
        }
    }
    outcome
}

fn smaller(section: &Section<'_>, to: Compression) -> Option<Vec<u8>> {
    let (header, stream) = pod::from_bytes::<CompressionHeader64<LE>>(&section.content).ok()?;
    let size = header.ch_size.get(LE);
    let most = (stream.len() as u64).saturating_mul(MOST_GROWTH);
    if header.ch_type.get(LE) != elf::ELFCOMPRESS_ZLIB || size > most {
        return None;
    }
    let mut header = *header;
    let mut plain = ZlibDecoder::new(stream);
    // One byte more than it says, for a stream that says too little.
    let whole = plain.by_ref().take(size + 1);
    let packed = match to {
        Compression::Zlib => read(ZlibEncoder::new(whole, Level::best()), section),
        Compression::Zstd => {
            header.ch_type.set(LE, elf::ELFCOMPRESS_ZSTD);
            read(
                zstd::stream::read::Encoder::new(std::io::BufReader::new(whole), ZSTD_LEVEL)
                    .ok()?,
                section,
            )
        }
    }?;
    (plain.total_out() == size).then(|| [pod::bytes_of(&header), &packed].concat())
}

/// Reads a packed stream as long as a section with it is smaller than the section that is there.
fn read(packed: impl Read, section: &Section<'_>) -> Option<Vec<u8>> {
    let least = section.content.len().checked_sub(size_of::<CompressionHeader64<LE>>())?;
    let mut bytes = Vec::new();
    packed.take(least as u64).read_to_end(&mut bytes).ok()?;
    (bytes.len() < least).then_some(bytes)
}
