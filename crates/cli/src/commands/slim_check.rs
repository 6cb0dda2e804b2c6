//! `elfin slim --check`: both programs are started and their memory compared where it must be the
//! same.

use crate::commands::print;
use crate::placing::Input;
use anyhow::{Context, Result};
use elfin_process::{Cancel, Held, Program};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// How long a dynamic linker may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Bytes that are compared at a time, whole words.
const CHUNK: u64 = 1 << 16;
/// Where words differ, so many are told.
const TOLD: usize = 8;

/// Starts both as far as their own code, compares and tells; false where memory differs.
pub(crate) fn run(original: &Path, slim: &Path) -> Result<bool> {
    let (original, slim) = (Input::read(original)?, Input::read(slim)?);
    let memory = elfin_shrink::memory(&original.data)?;
    let (one, other) = (hold(&original, memory.entry)?, hold(&slim, memory.entry)?);
    let (mut words, mut wrong) = (0, Vec::new());
    for range in &memory.same {
        let mut at = range.start;
        while at < range.end {
            // Pointers are aligned, and so are the words from the first step on.
            let step = if at.is_multiple_of(8) { CHUNK } else { 8 - at % 8 };
            let end = at.saturating_add(step).min(range.end);
            words += compare(&one, &other, at..end, &mut wrong)?;
            at = end;
        }
    }
    let mut text = format!("{words} words of loaded memory compared");
    let differ = wrong.len();
    let _ = match differ {
        0 => writeln!(text, ", all the same."),
        _ => writeln!(text, ", {differ} differ:"),
    };
    for (address, was, is) in wrong.iter().take(TOLD) {
        let _ = writeln!(text, "  at {address:#x}: {was:#x} is {is:#x}");
    }
    let _ = writeln!(text, "Not compared, because slim or the dynamic linker changes it:");
    for (name, range) in &memory.excepted {
        let _ = writeln!(text, "  {name}, {:#x} to {:#x}", range.start, range.end);
    }
    print(text.as_bytes())?;
    Ok(differ == 0)
}

/// Starts a program and stops it where the original's code begins.
fn hold(program: &Input, at: u64) -> Result<Held> {
    let named = || program.path.display().to_string();
    let entry = elfin_shrink::memory(&program.data).with_context(named)?.entry;
    let program = Program { path: program.path.clone(), ..Program::default() };
    Held::start(&program, entry, at, LIMIT, &Cancel::default()).with_context(named)
}

/// Compares words, of which pointers differ by how far each program was moved; counts them.
fn compare(
    one: &Held,
    other: &Held,
    range: std::ops::Range<u64>,
    wrong: &mut Vec<(u64, u64, u64)>,
) -> Result<usize> {
    let size = usize::try_from(range.end - range.start)?;
    let (mut was, mut is) = (vec![0; size], vec![0; size]);
    one.read(range.start, &mut was).context("the original's memory cannot be read")?;
    other.read(range.start, &mut is).context("the slim program's memory cannot be read")?;
    let words = |bytes: &[u8]| -> Vec<u64> {
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(8), 0);
        padded.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
    };
    let (was, is) = (words(&was), words(&is));
    for (index, (was, is)) in was.iter().zip(&is).enumerate() {
        let unmoved = (was.wrapping_sub(one.moved()), is.wrapping_sub(other.moved()));
        if was != is && unmoved.0 != unmoved.1 {
            wrong.push((range.start + 8 * index as u64, unmoved.0, unmoved.1));
        }
    }
    Ok(was.len())
}
