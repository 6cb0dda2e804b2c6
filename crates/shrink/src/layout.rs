//! Where everything ends up in the file, and the headers that say so.
//!
//! Loaded bytes keep their addresses, so a segment may only move by its
//! alignment; what is not loaded goes into the padding between segments, and
//! what does not fit there behind the last one. Nothing is decided here about
//! what belongs into the file.

use crate::ShrinkError;
use crate::pieces::Pieces;
use crate::program::{Program, Section};
use elfin_elf::image::{
    PROGRAM_HEADER, ProgramHeader, SECTION_HEADER, SectionHeader, Tables, file_header_bytes,
};
use object::LittleEndian as LE;
use object::elf;
use object::write::StringTable;
use std::borrow::Cow;
use std::ops::Range;

/// A run of bytes that two files have in common; offsets and length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// Where it stands in the input.
    pub from: u64,
    /// Where it stands in the output.
    pub to: u64,
    /// How long it is.
    pub bytes: u64,
}

/// A file that was laid out.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    /// Its bytes.
    pub bytes: Pieces<'a>,
    /// Where it begins to run.
    pub entry: u64,
    /// Where loaded bytes of the input are, its headers excepted.
    pub loads: Vec<Run>,
    /// The program headers as they were written.
    pub segments: Vec<ProgramHeader>,
    /// The section headers as they were written.
    pub sections: Vec<SectionHeader>,
}

/// The bytes that a program takes as it is.
///
/// Returns an error where it cannot be written.
pub(crate) fn size(program: &Program<'_>) -> Result<u64, ShrinkError> {
    Ok(write(program.borrowed())?.bytes.len() as u64)
}

/// Writes a program.
///
/// Returns an error if its headers have no room, or a header points where nothing is loaded.
pub(crate) fn write(mut program: Program<'_>) -> Result<Written<'_>, ShrinkError> {
    let room = free_room(&program)?;
    renumber(&mut program.sections)?;
    let places = place_loads(&program);
    move_headers(&mut program, &places)?;
    let mut bytes = Pieces::default();
    let loads: Vec<_> = program.loads().map(|it| it.header).collect();
    put_loads(&mut program, &places, &mut bytes)?;
    bytes.put(at(room.start)?, vec![0; at(room.end - room.start)?]);
    for (address, patch) in std::mem::take(&mut program.patches) {
        bytes.put(at(place_of(&loads, &places, address, patch.len() as u64)?)?, patch);
    }

    let holes = if program.fill_holes { holes(&room, &places) } else { Vec::new() };
    let headers = program.program_headers..program.program_headers_end();
    program.program_headers = moved(&places, &headers).unwrap_or(headers.start);
    let tables = put_unloaded(&mut program, holes, &mut bytes)?;
    let segments = program.segments.iter().flat_map(|it| it.header.to_bytes());
    bytes.put(at(tables.program_headers)?, segments.collect::<Vec<u8>>());
    bytes.put(0, file_header_bytes(&program.header, &tables));
    Ok(Written {
        bytes,
        entry: program.header.e_entry.get(LE),
        loads: places.iter().filter_map(|run| behind(run, room.end)).collect(),
        segments: program.segments.iter().map(|it| it.header).collect(),
        sections: program.sections.into_iter().map(|it| it.header).collect(),
    })
}

/// What is free behind the headers once the program headers have their place.
fn free_room(program: &Program<'_>) -> Result<Range<u64>, ShrinkError> {
    let room = program.header_room.clone();
    let headers = program.program_headers..program.program_headers_end();
    if headers.end > room.end {
        return Err(ShrinkError::NoRoom { offset: headers.start });
    }
    Ok(headers.end..room.end)
}

/// A number of bytes as an index; a file in memory is never too long for one.
pub(crate) fn at(offset: u64) -> Result<usize, ShrinkError> {
    usize::try_from(offset).ok().filter(|it| *it <= isize::MAX as usize).ok_or(
        ShrinkError::Damaged { what: "a header".into(), offset, says: "is out of all bounds" },
    )
}

/// The part of a run that comes after the headers in the input.
fn behind(run: &Run, headers: u64) -> Option<Run> {
    let skip = headers.saturating_sub(run.from).min(run.bytes);
    let rest = Run { from: run.from + skip, to: run.to + skip, bytes: run.bytes - skip };
    (rest.bytes > 0).then_some(rest)
}

/// Makes links between sections follow the sections that are left.
fn renumber(sections: &mut [Section<'_>]) -> Result<(), ShrinkError> {
    let mut now = vec![0; sections.iter().filter_map(|it| it.was).max().map_or(0, |it| it + 1)];
    for (index, section) in sections.iter().enumerate() {
        if let Some(to) = section.was.and_then(|was| now.get_mut(was)) {
            *to = u32::try_from(index).unwrap_or_default();
        }
    }
    let find = |was: u32| now.get(was as usize).copied().unwrap_or_default();
    for section in sections {
        section.header.link = find(section.header.link);
        let is_index = section.header.flags.contains(elf::SHF_INFO_LINK)
            || matches!(section.header.kind, elf::SHT_RELA | elf::SHT_REL);
        if is_index {
            section.header.info = find(section.header.info);
        }
        if section.header.kind == elf::SHT_SYMTAB {
            crate::symbols::renumber(&mut section.content, &now);
        }
    }
    Ok(())
}

/// Gives each loaded segment its place: the first where it was, the others as early as their
/// addresses allow.
fn place_loads(program: &Program<'_>) -> Vec<Run> {
    // A first segment may have no bytes; then nothing but this keeps the others off the headers.
    let mut end = program.program_headers_end();
    let mut places: Vec<Run> = Vec::new();
    for load in program.loads().map(|it| &it.header) {
        let align = load.align.max(1);
        let to = match places.is_empty() {
            true => load.offset,
            false => end + (load.address % align + align - end % align) % align,
        };
        places.push(Run { from: load.offset, to, bytes: load.file_size });
        end = if load.file_size > 0 { to + load.file_size } else { end };
    }
    places
}

/// Where bytes of the input are in the output; `None` if no segment loads them.
fn moved(places: &[Run], range: &Range<u64>) -> Option<u64> {
    let holds = |run: &&Run| run.from <= range.start && range.end <= run.from + run.bytes;
    places.iter().rev().find(holds).map(|run| range.start - run.from + run.to)
}

/// Where the bytes of a header are in the output, by the segment that has its addresses; for a
/// segment that has grown reaches over others in the input's offsets.
fn moved_with(loads: &[ProgramHeader], places: &[Run], header: &ProgramHeader) -> Option<u64> {
    let (load, place) = loads.iter().zip(places).find(|(load, _)| {
        load.address <= header.address && header.memory().end <= load.address + load.file_size
    })?;
    let behind = header.address - load.address;
    (load.offset.checked_add(behind)? == header.offset).then(|| place.to + behind)
}

/// Moves what headers say along with the loaded bytes that they speak of.
fn move_headers(program: &mut Program<'_>, places: &[Run]) -> Result<(), ShrinkError> {
    let count = program.segments.len() as u64;
    let loads: Vec<_> = program.loads().map(|it| it.header).collect();
    for header in program.segments.iter_mut().map(|it| &mut it.header).filter(|it| !it.is_load()) {
        if header.kind == elf::PT_PHDR {
            header.file_size = count * PROGRAM_HEADER;
            header.memory_size = header.file_size;
        }
        if header.file_size > 0 {
            let place = moved_with(&loads, places, header);
            let place = place.or_else(|| moved(places, &header.file()));
            header.offset = place.ok_or(ShrinkError::Damaged {
                what: format!("a program header (type {:#x})", header.kind.0),
                offset: header.offset,
                says: "speaks of bytes that are not loaded",
            })?;
        } else {
            header.offset = moved(places, &header.file()).unwrap_or(header.offset);
        }
    }
    for header in program.sections.iter_mut().map(|it| &mut it.header).filter(|it| it.is_loaded()) {
        // By address, because what takes memory only has an offset that no segment loads.
        let load = loads.iter().zip(places).find(|(it, _)| it.memory().contains(&header.address));
        // Some linkers say 0 of it.
        let load = load.filter(|(_, place)| place.bytes > 0 && place.from <= header.offset);
        if let Some((_, place)) = load {
            header.offset = (header.offset - place.from).wrapping_add(place.to);
        } else if header.file().is_empty() {
            header.offset = moved(places, &header.file()).unwrap_or(header.offset);
        }
    }
    Ok(())
}

fn put_loads<'a>(
    program: &mut Program<'a>,
    places: &[Run],
    bytes: &mut Pieces<'a>,
) -> Result<(), ShrinkError> {
    let loads = program.segments.iter_mut().filter(|it| it.header.is_load());
    for (load, place) in loads.zip(places) {
        load.header.offset = place.to;
        let addresses = load.header.address..load.header.address + load.header.file_size;
        let pointers = program
            .pointers
            .as_ref()
            .filter(|it| it.last_before(addresses.end).is_some_and(|last| addresses.start <= last));
        match pointers {
            _ if load.content.is_empty() => {}
            Some(pointers) => {
                bytes.put_set(at(place.to)?, load.content, addresses.start, pointers);
            }
            None => bytes.put(at(place.to)?, load.content),
        }
    }
    Ok(())
}

/// Where loaded bytes go, by their address.
fn place_of(
    loads: &[ProgramHeader],
    places: &[Run],
    address: u64,
    size: u64,
) -> Result<u64, ShrinkError> {
    let holds = |it: &ProgramHeader| {
        let behind = address.checked_sub(it.address);
        behind.is_some_and(|behind| it.file_size.checked_sub(behind) >= Some(size))
    };
    let load = loads.iter().zip(places).find(|(load, _)| holds(load));
    load.map(|(load, place)| place.to + (address - load.address)).ok_or(ShrinkError::Damaged {
        what: format!("address {address:#x}"),
        offset: 0,
        says: "is in two segments",
    })
}

/// The padding between the headers and the segments.
fn holes(room: &Range<u64>, places: &[Run]) -> Vec<Range<u64>> {
    let mut taken: Vec<&Run> = places.iter().filter(|run| run.bytes > 0).collect();
    taken.sort_by_key(|run| run.to);
    let between = taken.windows(2).filter_map(|pair| match pair {
        [one, next] => Some(one.to + one.bytes..next.to),
        _ => None,
    });
    std::iter::once(room.clone()).chain(between).filter(|hole| !hole.is_empty()).collect()
}

/// Puts sections that are not loaded and the section headers where there is room.
fn put_unloaded<'a>(
    program: &mut Program<'a>,
    mut holes: Vec<Range<u64>>,
    bytes: &mut Pieces<'a>,
) -> Result<Tables, ShrinkError> {
    let (names, name_offsets) = names(&program.sections)?;
    let count = u16::try_from(program.sections.len()).unwrap_or(u16::MAX);
    let mut end = bytes.len() as u64;
    let mut take = |size: u64, align: u64| take(&mut holes, &mut end, size, align);
    let section_headers = take(u64::from(count) * SECTION_HEADER, 8);
    let names_was = usize::from(program.header.e_shstrndx.get(LE).0);
    let mut names_index = None;
    for (index, section) in program.sections.iter_mut().enumerate() {
        let header = &mut section.header;
        // A note is loaded, and yet stands in a debug file, where nothing is.
        let elsewhere = header.is_loaded() && section.content.is_empty();
        if elsewhere || !header.has_bytes() {
            continue;
        }
        if section.was == Some(names_was) {
            section.content = Cow::Owned(names.clone());
            names_index = u16::try_from(index).ok();
        }
        header.size = section.content.len() as u64;
        header.offset = take(header.size, header.align);
        bytes.put(at(header.offset)?, std::mem::take(&mut section.content));
    }
    let is_shared = |it: &Section<'_>| {
        it.header.kind == elf::SHT_SYMTAB && Some(it.header.link) == names_index.map(u32::from)
    };
    let names_index = names_index.filter(|_| !program.sections.iter().any(is_shared));
    let names_index = names_index.ok_or(ShrinkError::Damaged {
        what: "the names of sections".into(),
        offset: 0,
        says: "are not in a section of their own",
    })?;
    let rows = program.sections.iter().zip(name_offsets);
    let table: Vec<u8> = rows.flat_map(|(it, name)| it.header.to_bytes(name)).collect();
    bytes.put(at(section_headers)?, table);
    Ok(Tables {
        program_headers: program.program_headers,
        segments: u16::try_from(program.segments.len()).unwrap_or(u16::MAX),
        section_headers,
        sections: count,
        names: names_index,
    })
}

/// Takes room from the smallest hole that has it, else from the end of the file.
fn take(holes: &mut [Range<u64>], end: &mut u64, size: u64, align: u64) -> u64 {
    // Nothing that is not loaded wants more, and a hostile file may not ask for room without end.
    let align = if align.is_power_of_two() && align <= 64 { align } else { 1 };
    let fits = |hole: &&mut Range<u64>| {
        hole.start.checked_next_multiple_of(align).is_some_and(|it| it + size <= hole.end)
    };
    let hole = holes.iter_mut().filter(fits).min_by_key(|hole| hole.end - hole.start);
    let start = match hole {
        Some(hole) => &mut hole.start,
        None => end,
    };
    let place = start.checked_next_multiple_of(align).unwrap_or(*start);
    *start = place.saturating_add(size);
    place
}

/// The table of names, and where in it each section's is.
fn names(sections: &[Section<'_>]) -> Result<(Vec<u8>, Vec<u32>), ShrinkError> {
    let mut table = StringTable::new();
    let named = |it: &Section<'_>| !it.header.name.is_empty();
    let ids: Vec<_> =
        sections.iter().map(|it| named(it).then(|| table.add(it.header.name.as_bytes()))).collect();
    let mut bytes = vec![0];
    table.write(&mut bytes, 1).map_err(|_| ShrinkError::Damaged {
        what: "the names of sections".into(),
        offset: 0,
        says: "are too long for a table",
    })?;
    Ok((bytes, ids.into_iter().map(|id| table.maybe_get_offset(id)).collect()))
}
