//! Relocations are packed, and the room that they took leaves the file.
//!
//! What stays of the table, the packed words and the tables that had to grow go
//! to the beginning of the old table's place; behind them the segment is split,
//! so that whole pages leave the middle of it without moving an address.

use crate::dynamic::{Dynamic, RELA, Relocations};
use crate::program::{Program, Section, Segment};
use crate::{layout, relr, versions};
use elfin_elf::image::{PROGRAM_HEADER, SectionHeader};
use elfin_schema::{SlimOutcome, SlimRefusal};
use object::elf;
use std::borrow::Cow;
use std::ops::Range;

/// The dynamic linkers that a program will meet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Loader {
    /// Nobody said which.
    #[default]
    Unknown,
    /// One of them does not read RELR.
    Old,
    /// All of them read RELR: glibc 2.36, musl 1.2.4.
    New,
}

/// Packs relocations for a dynamic linker.
pub(crate) fn pack(program: &mut Program<'_>, loader: Loader) -> SlimOutcome {
    match packed(program, loader) {
        Ok(Some(packed)) if size(&packed) < size(program) => {
            *program = packed;
            SlimOutcome::Done
        }
        Ok(_) => SlimOutcome::Nothing,
        Err(why) => SlimOutcome::Refused(why),
    }
}

/// The bytes that a program takes as it is; what cannot be written is too large.
fn size(program: &Program<'_>) -> usize {
    layout::write(program.clone()).map_or(usize::MAX, |it| it.bytes.len())
}

fn packed<'a>(program: &Program<'a>, loader: Loader) -> Result<Option<Program<'a>>, SlimRefusal> {
    let Some(mut dynamic) = Dynamic::read(program) else { return Ok(None) };
    if dynamic.get(elf::DT_RELR).is_some() {
        return Ok(None);
    }
    let Some(table) = Relocations::read(program, &dynamic)? else { return Ok(None) };
    let words = relr::encode(&table.pointers());
    if (words.len() as u64) * 8 + RELA >= table.relative.len() as u64 * RELA {
        return Ok(None);
    }
    match loader {
        Loader::Old => return Err(SlimRefusal::LoaderOld),
        _ if relocates_itself(program, &dynamic) => return Err(SlimRefusal::OwnLoader),
        Loader::Unknown if !versions::needs_libc(program, &dynamic) => {
            return Err(SlimRefusal::LoaderUnknown);
        }
        Loader::Unknown | Loader::New => {}
    }
    let mut program = program.clone();
    let mut place = Place::new(&table.addresses);
    let others = place.put(&table.others);
    let relr = place.put(&bytes_of(&words));
    move_table(&mut program, &mut dynamic, &others, &relr);
    if versions::needs_libc(&program, &dynamic) {
        let versions = versions::require(&program, &dynamic).ok_or(SlimRefusal::Dynamic)?;
        let (needs, strings) = (place.put(&versions.needs), place.put(&versions.strings));
        dynamic.set(elf::DT_STRSZ, strings.end - strings.start);
        for (tag, moved) in [(elf::DT_VERNEED, needs), (elf::DT_STRTAB, strings)] {
            let was = dynamic.get(tag).unwrap_or_default();
            let section = program
                .sections
                .iter_mut()
                .find(|it| it.header.is_loaded() && it.header.address == was && it.header.size > 0);
            if let Some(section) = section {
                set_place(&mut section.header, &moved);
            }
            dynamic.set(tag, moved.start);
        }
    }
    write_dynamic(&mut program, &mut dynamic)?;
    set_pointers(&mut program, &table)?;
    give_back(&mut program, place)?;
    Ok(Some(program))
}

/// True for a static PIE of a C library, whose own code is its loader and as old as the library.
fn relocates_itself(program: &Program<'_>, dynamic: &Dynamic) -> bool {
    let flags = dynamic.get(elf::DT_FLAGS_1).unwrap_or_default();
    let is_program = flags & elf::DF_1_PIE.0 != 0;
    let needs_nothing = dynamic.get(elf::DT_NEEDED).is_none();
    program.segment(elf::PT_INTERP).is_none() && (is_program || needs_nothing)
}

/// Makes table, sections and dynamic entries speak of the packed words.
fn move_table(
    program: &mut Program<'_>,
    dynamic: &mut Dynamic,
    others: &Range<u64>,
    relr: &Range<u64>,
) {
    dynamic.remove(&[elf::DT_RELACOUNT]);
    dynamic.set(elf::DT_RELASZ, others.end - others.start);
    if others.is_empty() {
        dynamic.remove(&[elf::DT_RELA, elf::DT_RELASZ, elf::DT_RELAENT]);
    }
    dynamic.set(elf::DT_RELR, relr.start);
    dynamic.set(elf::DT_RELRSZ, relr.end - relr.start);
    dynamic.set(elf::DT_RELRENT, 8);
    name_relr(program, others, relr);
}

/// Gives the packed words a section header, in the place of the table's where that is empty now.
pub(crate) fn name_relr(program: &mut Program<'_>, others: &Range<u64>, relr: &Range<u64>) {
    let is_table = |it: &Section<'_>| {
        it.header.kind == elf::SHT_RELA && it.header.address == others.start && it.header.size > 0
    };
    let Some(index) = program.sections.iter().position(is_table) else { return };
    let Some(table) = program.sections.get_mut(index) else { return };
    let mut section = table.clone();
    table.header.size = others.end - others.start;
    section.header = SectionHeader {
        name: ".relr.dyn".to_owned(),
        kind: elf::SHT_RELR,
        size: relr.end - relr.start,
        offset: table.header.offset + (relr.start - others.start),
        address: relr.start,
        link: 0,
        info: 0,
        entry_size: 8,
        ..section.header
    };
    section.was = None;
    if others.is_empty() {
        *table = section;
    } else {
        // Behind all loaded ones, whose numbers stand in the dynamic symbol table.
        let last = program.sections.iter().rposition(|it| it.header.is_loaded());
        program.sections.insert(last.unwrap_or(index) + 1, section);
    }
}

/// Moves a section to where its new bytes are, within the place of the old relocations.
fn set_place(header: &mut SectionHeader, to: &Range<u64>) {
    header.offset = header.offset.wrapping_add(to.start.wrapping_sub(header.address));
    header.address = to.start;
    header.size = to.end - to.start;
}

/// Writes the dynamic table to its place, or, where it has grown, to padding behind its segment.
fn write_dynamic(program: &mut Program<'_>, dynamic: &mut Dynamic) -> Result<(), SlimRefusal> {
    if dynamic.entries.len() > dynamic.room() {
        move_dynamic(program, dynamic)?;
    }
    let bytes = dynamic.to_bytes();
    let at = dynamic.addresses.start..dynamic.addresses.start + bytes.len() as u64;
    program.at_mut(&at).ok_or(SlimRefusal::Dynamic)?.copy_from_slice(&bytes);
    Ok(())
}

/// Moves the dynamic table behind the bytes of its segment, into what is left of the last page or
/// what LLD fills it with.
fn move_dynamic(program: &mut Program<'_>, dynamic: &mut Dynamic) -> Result<(), SlimRefusal> {
    let index = program.load_with(&dynamic.addresses).ok_or(SlimRefusal::Dynamic)?;
    let addresses: Vec<u64> = program.loads().map(|it| it.header.address).collect();
    let whole = program.segments.get(index).ok_or(SlimRefusal::Dynamic)?.header;
    let (file_end, old_end) = (whole.address + whole.file_size, whole.memory().end);
    let is_padding = |it: &SectionHeader| {
        it.name == ".relro_padding" && it.address == file_end && it.size == old_end - file_end
    };
    let nothing_behind =
        file_end == old_end || program.sections.iter().any(|it| is_padding(&it.header));
    let load = program.segments.get_mut(index).ok_or(SlimRefusal::Dynamic)?;
    let page = load.header.align.max(1);
    let start = file_end.checked_next_multiple_of(16).ok_or(SlimRefusal::NoRoom)?;
    let end = start.saturating_add((dynamic.entries.len() as u64 + 1) * 16);
    let page_end = old_end.checked_next_multiple_of(page).ok_or(SlimRefusal::NoRoom)?;
    let next = addresses.into_iter().filter(|it| *it >= old_end).min().unwrap_or(u64::MAX);
    let is_free = end <= page_end && end <= next / page * page;
    if !nothing_behind || !is_free {
        return Err(SlimRefusal::NoRoom);
    }
    let size = usize::try_from(end - load.header.address).map_err(|_| SlimRefusal::NoRoom)?;
    load.content.to_mut().resize(size, 0);
    load.header.file_size = size as u64;
    load.header.memory_size = load.header.memory_size.max(size as u64);
    let offset = load.header.offset + (start - load.header.address);
    for header in program.segments.iter_mut().map(|it| &mut it.header) {
        if header.kind == elf::PT_DYNAMIC {
            (header.offset, header.address, header.physical) = (offset, start, start);
            (header.file_size, header.memory_size) = (end - start, end - start);
        } else if header.kind == elf::PT_GNU_RELRO && header.memory().end == old_end {
            header.memory_size = header.memory_size.max(end - header.address);
            header.file_size = end - header.address;
        }
    }
    for header in program.sections.iter_mut().map(|it| &mut it.header) {
        if header.kind == elf::SHT_DYNAMIC {
            (header.offset, header.address, header.size) = (offset, start, end - start);
        } else if header.name == ".relro_padding" && header.address == file_end {
            header.offset = offset + (end - start);
            header.size = old_end.saturating_sub(end);
            header.address = end;
        }
    }
    dynamic.addresses = start..end;
    Ok(())
}

/// Writes each addend to where its pointer is.
pub(crate) fn set_pointers(
    program: &mut Program<'_>,
    table: &Relocations,
) -> Result<(), SlimRefusal> {
    for (address, addend) in &table.relative {
        let pointer = program.at_mut(&(*address..address + 8)).ok_or(SlimRefusal::Dynamic)?;
        pointer.copy_from_slice(&addend.to_le_bytes());
    }
    Ok(())
}

pub(crate) fn bytes_of(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The place of the old relocations, filled from its beginning; addresses.
#[derive(Debug)]
pub(crate) struct Place {
    whole: Range<u64>,
    bytes: Vec<u8>,
}

impl Place {
    pub(crate) fn new(whole: &Range<u64>) -> Place {
        Place { whole: whole.clone(), bytes: Vec::new() }
    }

    /// Puts bytes behind those that are there, at a multiple of eight; says where.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Range<u64> {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let start = self.whole.start + self.bytes.len() as u64;
        self.bytes.extend(bytes);
        start..start + bytes.len() as u64
    }

    fn left(&self) -> Range<u64> {
        self.whole.start + (self.bytes.len() as u64).next_multiple_of(8)..self.whole.end
    }
}

/// Writes what was put, and takes the pages behind it out of the file.
pub(crate) fn give_back(program: &mut Program<'_>, mut place: Place) -> Result<(), SlimRefusal> {
    let index = program.load_with(&place.whole).ok_or(SlimRefusal::Dynamic)?;
    if place.left().is_empty() {
        return Err(SlimRefusal::NoRoom);
    }
    make_room_for_header(program, index, &mut place)?;
    let load = program.segments.get(index).map(|it| it.header).ok_or(SlimRefusal::Dynamic)?;
    split(program, index, &place.left());
    program.patches.push((load.offset + (place.whole.start - load.address), place.bytes));
    Ok(())
}

/// A segment more needs a program header more: where there is no room behind the others, all of
/// them move to the place of the relocations, if the kernel and loaders find them there.
fn make_room_for_header(
    program: &mut Program<'_>,
    index: usize,
    place: &mut Place,
) -> Result<(), SlimRefusal> {
    let end = program.program_headers_end() + PROGRAM_HEADER;
    let at_home = program.program_headers == program.header_room.start;
    if at_home && end <= program.header_room.end {
        return Ok(());
    }
    let first = program.loads().next().map(|it| it.header);
    let load = program.segments.get(index).map(|it| it.header);
    let (Some(first), Some(load)) = (first, load) else { return Err(SlimRefusal::NoRoom) };
    // Kernels before 5.18 take it that program headers are loaded as the first segment is.
    let as_first =
        load.address.wrapping_sub(load.offset) == first.address.wrapping_sub(first.offset);
    let size = (program.segments.len() as u64 + 1) * PROGRAM_HEADER;
    if !as_first || place.left().end.saturating_sub(place.left().start) < size {
        return Err(SlimRefusal::NoRoom);
    }
    let headers = place.put(&vec![0; usize::try_from(size).unwrap_or_default()]);
    program.program_headers = load.offset + (headers.start - load.address);
    Ok(())
}

/// Splits a segment around addresses that leave it; both halves keep their addresses.
fn split(program: &mut Program<'_>, index: usize, hole: &Range<u64>) {
    let Some(front) = program.segments.get_mut(index) else { return };
    let whole = front.header;
    let (before, after) = (hole.start - whole.address, hole.end - whole.address);
    let behind = split_content(&mut front.content, before, after);
    front.header.file_size = before;
    front.header.memory_size = before;
    let mut back = whole;
    back.offset += after;
    back.address += after;
    back.physical = back.physical.wrapping_add(after);
    back.file_size -= after;
    back.memory_size -= after;
    if back.memory_size > 0 {
        program.segments.insert(index + 1, Segment { header: back, content: behind });
    }
}

/// Cuts content off at `before`, and gives what begins at `after`.
fn split_content<'a>(content: &mut Cow<'a, [u8]>, before: u64, after: u64) -> Cow<'a, [u8]> {
    let index = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
    let (before, after) = (index(before).min(content.len()), index(after).min(content.len()));
    match content {
        Cow::Borrowed(whole) => {
            let (front, back) = (whole.get(..before), whole.get(after..));
            *whole = front.unwrap_or_default();
            Cow::Borrowed(back.unwrap_or_default())
        }
        Cow::Owned(whole) => {
            let back = whole.split_off(after);
            whole.truncate(before);
            Cow::Owned(back)
        }
    }
}
