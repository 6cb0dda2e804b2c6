//! One section or one symbol of the program as it is built without any flags.

use super::{Ground, Seen, Unmeasured, bytes};
use crate::file::Claim;
use elfin_elf::ElfFile;
use std::io::Write;

pub(super) const SECTION: &[&str] =
    &["present", "file_bytes", "memory_bytes", "in_file", "entropy", "compressed", "ratio"];
pub(super) const SYMBOL: &[&str] = &["present", "section", "file_bytes", "memory_bytes", "in_file"];

fn program(ground: &mut Ground<'_>) -> Result<Vec<u8>, Unmeasured> {
    let path = ground.program("default", &[], &[])?;
    bytes(&path)
}

pub(super) fn section(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let name = claim.with.get("section").map_or(".text", String::as_str);
    let data = program(ground)?;
    let command = format!("elfin weigh ./app --by section --compressed --filter '^{name}$'");
    let file = ElfFile::parse(&data).map_err(|error| Unmeasured::failed(error, &command))?;
    let mut seen = Seen::of(&command);
    let Some(section) = file.section_named(name) else {
        seen.yes("present", false);
        return Ok(seen);
    };
    let content = file.contents(section);
    seen.yes("present", true);
    seen.yes("in_file", !content.is_empty());
    seen.number("file_bytes", content.len() as f64);
    seen.number("memory_bytes", section.memory_size as f64);
    if !content.is_empty() {
        seen.number("entropy", entropy(content));
        // LZMA, as UPX has it in its best pack.
        let compressed = lzma(content).map_err(|error| Unmeasured::failed(error, &command))?;
        seen.number("compressed", compressed as f64);
        seen.number("ratio", content.len() as f64 / compressed as f64);
    }
    Ok(seen)
}

pub(super) fn symbol(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let name = claim.with.get("symbol").cloned().unwrap_or_default();
    let data = program(ground)?;
    let command = format!("go tool nm -size -type ./app | grep {}", shell_words::quote(&name));
    let file = ElfFile::parse(&data).map_err(|error| Unmeasured::failed(error, &command))?;
    let mut seen = Seen::of(&command);
    let tables = file.sections().iter().filter(|it| it.is_symbol_table());
    let found = tables.flat_map(|it| file.symbols(it)).find(|it| it.name == name.as_bytes());
    seen.yes("present", found.is_some());
    if let Some(symbol) = found {
        let section = file.sections().get(usize::from(symbol.section));
        let in_file = section.is_some_and(|it| !it.is_memory_only());
        seen.text("section", section.map_or("", |it| it.name));
        seen.yes("in_file", in_file);
        seen.number("memory_bytes", symbol.size as f64);
        seen.number("file_bytes", if in_file { symbol.size as f64 } else { 0.0 });
    }
    Ok(seen)
}

/// Bits that a byte takes, by how often each value occurs.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u64; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = bytes.len() as f64;
    let parts = counts.iter().filter(|it| **it > 0).map(|it| *it as f64 / all);
    parts.map(|part| -part * part.log2()).sum()
}

fn lzma(bytes: &[u8]) -> std::io::Result<usize> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 6);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_the_values() {
        assert_eq!(entropy(&[7; 100]), 0.0);
        assert_eq!(entropy(&[0, 1, 2, 3]), 2.0);
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(entropy(&all), 8.0);
    }
}
