//! Where the dynamic table is, and where it goes when it has grown.
//!
//! The loader writes to it (the addresses in it, and for debuggers where its
//! own list of libraries is), so it is never moved to where it cannot, nor from
//! where it is read-only afterwards to where it is not.

use crate::dynamic::Dynamic;
use crate::place::Apart;
use crate::program::Program;
use elfin_elf::image::SectionHeader;
use elfin_schema::SlimRefusal;
use object::elf;
use std::ops::Range;

/// Writes the table to its place, or, where it has grown, to padding behind its segment; where there
/// is no room, says what the new place has to be.
pub(crate) fn write(
    program: &mut Program<'_>,
    dynamic: &Dynamic,
) -> Result<Option<Apart>, SlimRefusal> {
    let bytes = dynamic.to_bytes();
    let mut at = dynamic.addresses.clone();
    if bytes.len() as u64 > at.end - at.start {
        at = match behind_segment(program, &at, bytes.len() as u64) {
            Some(behind) => behind,
            None if is_protected(program, &at) => return Ok(Some(Apart::Protected)),
            None => return Ok(Some(Apart::Writable)),
        };
        point_at(program, &at)?;
    }
    program.patches.push((at.start, bytes.into()));
    Ok(None)
}

/// Makes program header, section header and symbols say where the table is now.
pub(crate) fn point_at(program: &mut Program<'_>, at: &Range<u64>) -> Result<(), SlimRefusal> {
    let offset = program.offset_of(at).ok_or(SlimRefusal::Dynamic)?;
    for header in program.segments.iter_mut().map(|it| &mut it.header) {
        if header.kind == elf::PT_DYNAMIC {
            (header.offset, header.address, header.physical) = (offset, at.start, at.start);
            (header.file_size, header.memory_size) = (at.end - at.start, at.end - at.start);
        }
    }
    let section = program.sections.iter().position(|it| it.header.kind == elf::SHT_DYNAMIC);
    if let Some(index) = section {
        program.move_section(index, at);
    }
    Ok(())
}

/// True if the table is made read-only once the program is loaded.
fn is_protected(program: &Program<'_>, at: &Range<u64>) -> bool {
    program.segment(elf::PT_GNU_RELRO).is_some_and(|it| it.memory().contains(&at.start))
}

/// Makes room behind the bytes of the segment of the table, in what is left of the last page or
/// what LLD fills it with; `None` where there is none.
fn behind_segment(program: &mut Program<'_>, at: &Range<u64>, bytes: u64) -> Option<Range<u64>> {
    let index = program.load_with(at)?;
    let whole = program.segments.get(index)?.header;
    let (file_end, old_end) = (whole.address + whole.file_size, whole.memory().end);
    let is_padding = |it: &SectionHeader| {
        it.name == ".relro_padding" && it.address == file_end && it.size == old_end - file_end
    };
    let nothing_behind =
        file_end == old_end || program.sections.iter().any(|it| is_padding(&it.header));
    let page = whole.align.max(1);
    let start = file_end.checked_next_multiple_of(16)?;
    let end = start.checked_add(bytes)?;
    let next = program.loads().map(|it| it.header.address).filter(|it| *it >= old_end).min();
    let is_free = end <= old_end.checked_next_multiple_of(page)?
        && end <= next.unwrap_or(u64::MAX) / page * page;
    if !nothing_behind || !is_free {
        return None;
    }
    let load = program.segments.get_mut(index)?;
    let size = end - whole.address;
    load.header.file_size = size;
    load.header.memory_size = load.header.memory_size.max(size);
    for header in program.segments.iter_mut().map(|it| &mut it.header) {
        if header.kind == elf::PT_GNU_RELRO && header.memory().end == old_end {
            header.memory_size = header.memory_size.max(end - header.address);
            header.file_size = end - header.address;
        }
    }
    for header in program.sections.iter_mut().map(|it| &mut it.header) {
        if header.name == ".relro_padding" && header.address == file_end {
            header.offset = whole.offset + size;
            header.size = old_end.saturating_sub(end);
            header.address = end;
        }
    }
    Some(start..end)
}
