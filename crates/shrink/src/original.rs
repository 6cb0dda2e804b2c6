//! How a program and its debug file become the original again, byte by byte.
//!
//! Nearly all of the original stands in one of the two; the record says which
//! run of bytes stands where, which makes a prediction of the original, and
//! holds the difference (exclusive or) of prediction and original, compressed.
//! So whatever a step did, it can be undone without knowing how, and a hash
//! of the original proves it.
//!
//! The record, little endian: [`MAGIC`]; the original's length, u64; its
//! BLAKE3, 32 bytes; how many runs, u64; of each run its source (0 program, 1
//! debug file), offset in the original, offset in the source and length, u64
//! each; a zstd frame of the blocks that differ, ascending, of each its number,
//! u64, and the difference; then [`END`].

use crate::ShrinkError;
use crate::layout::{Run, Written, at};
use crate::pieces::Pieces;
use elfin_elf::image::Image;
use std::borrow::Cow;
use std::io::{Read, Write};

/// The section of the debug file that holds the record.
pub(crate) const SECTION: &str = ".elfin.original";
const MAGIC: &[u8; 16] = b"elfin.original/2";
/// Fast, and as good as any for what is nearly all zero.
const LEVEL: i32 = 3;
/// Bytes of a block.
const BLOCK: usize = 1 << 12;
/// The number of no block.
const END: u64 = u64::MAX;
/// What steps take out for good, relocations, is a fraction of a file.
const MOST_GROWTH: u64 = 8;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Program,
    Debug,
}

/// Makes the record of an original.
///
/// Returns an error if the compressor fails, which it does only for want of memory.
pub(crate) fn record(
    original: &[u8],
    slim: &Written<'_>,
    debug: &Pieces<'_>,
    runs: &[(Source, Run)],
) -> Result<Vec<u8>, ShrinkError> {
    let loads = slim.loads.iter().map(|run| (Source::Program, *run));
    let runs: Vec<(Source, Run)> = loads.chain(runs.iter().copied()).collect();
    let prediction = predict(original.len(), &runs, &slim.bytes, debug)?;
    let mut record = MAGIC.to_vec();
    record.extend((original.len() as u64).to_le_bytes());
    record.extend(blake3::hash(original).as_bytes());
    record.extend((runs.len() as u64).to_le_bytes());
    for (source, run) in &runs {
        for number in [*source as u64, run.from, run.to, run.bytes] {
            record.extend(number.to_le_bytes());
        }
    }
    let difference = compressed(original, &prediction);
    record.extend(difference.map_err(|_| says("cannot be compressed"))?);
    Ok(record)
}

/// Packs original xor prediction, block by block, where there is a difference.
fn compressed(original: &[u8], prediction: &Pieces<'_>) -> std::io::Result<Vec<u8>> {
    let mut out = zstd::Encoder::new(Vec::new(), LEVEL)?;
    for (number, block) in original.chunks(BLOCK).enumerate() {
        let predicted = || {
            let start = number * BLOCK;
            prediction.slices_of(start..start + block.len())
        };
        let mut rest = block;
        let mut differs = false;
        for predicted in predicted() {
            let (here, behind) = rest.split_at_checked(predicted.len()).unwrap_or((rest, &[]));
            // Most of a prediction is the original's own bytes, which need not be looked at.
            differs |= !std::ptr::eq(here, &raw const *predicted) && here != &*predicted;
            rest = behind;
        }
        if differs {
            out.write_all(&(number as u64).to_le_bytes())?;
            let pairs = block.iter().zip(predicted().flat_map(Cow::into_owned));
            let xor: Vec<u8> = pairs.map(|(one, other)| one ^ other).collect();
            out.write_all(&xor)?;
        }
    }
    out.write_all(&END.to_le_bytes())?;
    out.finish()
}

/// Puts the original together from a slim program and its debug file.
///
/// Returns an error if the debug file has no record, or the two do not belong together.
pub fn unslim(program: &[u8], debug: &[u8]) -> Result<Vec<u8>, ShrinkError> {
    let image = Image::parse(debug)?;
    let section = image.section(SECTION).filter(|it| it.has_bytes() && !it.is_loaded());
    let section = section.ok_or(says("has no record of the original"))?;
    let mut record = Reader(image.slice(section.file()));
    if record.take(MAGIC.len())? != MAGIC {
        return Err(says("has a record of a version that this elfin does not know"));
    }
    let length = record.number()?;
    if length / MOST_GROWTH > (program.len() + debug.len()) as u64 {
        return Err(says("tells of an original that cannot come from these files"));
    }
    let digest = record.take(32)?;
    let mut runs = Vec::new();
    for _ in 0..record.number()? {
        let source = if record.number()? == 0 { Source::Program } else { Source::Debug };
        let [from, to, bytes] = [record.number()?, record.number()?, record.number()?];
        runs.push((source, Run { from, to, bytes }));
    }
    let (program, debug) = (Pieces::from(program), Pieces::from(debug));
    let prediction = predict(at(length)?, &runs, &program, &debug)?;
    let original = mended(&prediction, record.0)?;
    if blake3::hash(&original).as_bytes() != digest {
        return Err(says("belongs to another program, or one of the two was changed since"));
    }
    Ok(original)
}

fn says(says: &'static str) -> ShrinkError {
    ShrinkError::NotRestorable { says }
}

/// The original as far as it stands in the two files; zeros elsewhere.
fn predict<'a>(
    length: usize,
    runs: &[(Source, Run)],
    program: &'a Pieces<'_>,
    debug: &'a Pieces<'_>,
) -> Result<Pieces<'a>, ShrinkError> {
    let mut prediction = Pieces::default();
    let damaged = || says("has a damaged record of the original");
    for (source, run) in runs {
        let from = match source {
            Source::Program => program,
            Source::Debug => debug,
        };
        let end = run.to.checked_add(run.bytes).ok_or_else(damaged)?;
        let fits = run.from.checked_add(run.bytes).is_some_and(|it| it <= length as u64);
        if end > from.len() as u64 || !fits {
            return Err(damaged());
        }
        prediction.put_range(at(run.from)?, from, at(run.to)?..at(end)?);
    }
    prediction.reach(length);
    Ok(prediction)
}

/// Reads the difference and applies it.
fn mended(prediction: &Pieces<'_>, difference: &[u8]) -> Result<Vec<u8>, ShrinkError> {
    let mut original = prediction.to_vec();
    let damaged = || says("has a damaged record of the original");
    let mut stream = zstd::Decoder::new(difference).map_err(|_| damaged())?;
    let mut read = |bytes: &mut [u8]| stream.read_exact(bytes).map_err(|_| damaged());
    let (mut blocks, mut next) = (original.chunks_mut(BLOCK), 0);
    loop {
        let mut number = [0; 8];
        read(&mut number)?;
        let number = u64::from_le_bytes(number);
        if number == END {
            return Ok(original);
        }
        let skip = number.checked_sub(next).and_then(|it| usize::try_from(it).ok());
        let block = skip.and_then(|it| blocks.nth(it)).ok_or_else(damaged)?;
        let mut difference = vec![0; block.len()];
        read(&mut difference)?;
        block.iter_mut().zip(difference).for_each(|(byte, by)| *byte ^= by);
        next = number + 1;
    }
}

/// Reads a record from its beginning to its end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], ShrinkError> {
        let cut = self.0.split_at_checked(bytes).ok_or(says("has a record that is cut off"))?;
        self.0 = cut.1;
        Ok(cut.0)
    }

    fn number(&mut self) -> Result<u64, ShrinkError> {
        let bytes = self.take(8)?.try_into().map_err(|_| says("has a record that is cut off"))?;
        Ok(u64::from_le_bytes(bytes))
    }
}
