//! DWARF that stays is compressed anew: Go's linker takes the fastest level.
//!
//! golang/go `src/cmd/link/internal/ld/data.go` (1.26), `compressSyms`, writes zlib at
//! `BestSpeed`; the best level says the same in fewer bytes to every reader.

use crate::program::{Program, Section};
use elfin_schema::SlimOutcome;
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use object::LittleEndian as LE;
use object::elf::{self, CompressionHeader64};
use object::pod;
use std::io::Read;

/// DWARF shrinks to a third or so; what says that it shrank more is left alone.
const MOST_GROWTH: u64 = 64;

/// Compresses what is compressed by zlib once more, where that makes it smaller.
pub(crate) fn recompress(program: &mut Program<'_>) -> SlimOutcome {
    let mut outcome = SlimOutcome::Nothing;
    let sections = program.sections.iter_mut();
    for section in sections.filter(|it| it.header.flags.contains(elf::SHF_COMPRESSED)) {
        if let Some(smaller) = smaller(section) {
            section.content = smaller.into();
            outcome = SlimOutcome::Done;
        }
    }
    outcome
}

fn smaller(section: &Section<'_>) -> Option<Vec<u8>> {
    let (header, stream) = pod::from_bytes::<CompressionHeader64<LE>>(&section.content).ok()?;
    let size = header.ch_size.get(LE);
    let most = (stream.len() as u64).saturating_mul(MOST_GROWTH);
    if header.ch_type.get(LE) != elf::ELFCOMPRESS_ZLIB || size > most {
        return None;
    }
    let mut plain = Vec::new();
    ZlibDecoder::new(stream).take(size + 1).read_to_end(&mut plain).ok()?;
    if plain.len() as u64 != size {
        return None;
    }
    let mut packed = pod::bytes_of(header).to_vec();
    ZlibEncoder::new(&plain[..], Compression::best()).read_to_end(&mut packed).ok()?;
    (packed.len() < section.content.len()).then_some(packed)
}
