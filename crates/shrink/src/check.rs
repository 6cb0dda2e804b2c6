//! Which memory of a slim program must be as the original's, and which may differ and why.
//!
//! Both are held where the program's own code begins, and what the file loads
//! is compared word by word. Only what slim is meant to change is excepted, by
//! name, so that whoever checks sees what was not compared.

use crate::ShrinkError;
use crate::program::{tail, uses};
use elfin_elf::image::{Image, SectionHeader};
use object::LittleEndian as LE;
use object::elf;
use std::ops::Range;

/// What is to be compared of a program; addresses as it is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Where its own code begins.
    pub entry: u64,
    /// What must be the same.
    pub same: Vec<Range<u64>>,
    /// What may differ, by name.
    pub excepted: Vec<(String, Range<u64>)>,
}

/// Tells what of an original's memory must be the same in its slim program.
///
/// Returns an error if it is not ELF or is damaged.
pub fn memory(original: &[u8]) -> Result<Memory, ShrinkError> {
    let image = Image::parse(original)?;
    let loads = image.segments.iter().filter(|it| it.is_load());
    let mut same: Vec<Range<u64>> =
        loads.map(|it| it.address..it.address.saturating_add(it.file_size)).collect();
    let mut excepted = vec![("the headers".to_owned(), headers(&image))];
    let sections = image.sections.iter().filter(|it| it.size > 0 && may_differ(it));
    excepted.extend(
        sections.map(|it| (it.name.clone(), it.address..it.address.saturating_add(it.size))),
    );
    let (used, unused) = uses(image.segments.iter(), image.sections.iter());
    excepted.extend(image.segments.iter().filter(|it| it.is_load()).map(|load| {
        let tail = tail(load, image.slice(load.file()), &used, &unused);
        let address = |offset: u64| load.address.saturating_add(offset - load.offset);
        ("behind the last section".to_owned(), address(tail.start)..address(tail.end))
    }));
    for (_, hole) in &excepted {
        same = same.into_iter().flat_map(|range| without(&range, hole)).collect();
    }
    excepted.retain(|(_, range)| !range.is_empty());
    Ok(Memory { entry: image.header.e_entry.get(LE), same, excepted })
}

/// True for what slim moves or packs, and for what the dynamic linker fills with its own addresses.
fn may_differ(section: &SectionHeader) -> bool {
    let kinds = [elf::SHT_RELA, elf::SHT_DYNAMIC, elf::SHT_NOTE];
    let names = [".interp", ".got", ".got.plt"];
    let differs = kinds.contains(&section.kind) || names.contains(&section.name.as_str());
    section.is_loaded() && differs
}

/// From the beginning of the file to the first byte that a section has.
fn headers(image: &Image<'_>) -> Range<u64> {
    let Some(first) = image.segments.iter().find(|it| it.is_load() && it.offset == 0) else {
        return 0..0;
    };
    let sections = image.sections.iter().filter(|it| it.is_loaded() && it.has_bytes());
    let used = sections.map(|it| it.address).filter(|it| *it >= first.address).min();
    first.address..used.unwrap_or(first.address)
}

fn without(range: &Range<u64>, hole: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let before = range.start..range.end.min(hole.start);
    let behind = range.start.max(hole.end)..range.end;
    let parts = if hole.is_empty() { [range.clone(), 0..0] } else { [before, behind] };
    parts.into_iter().filter(|it| !it.is_empty())
}
