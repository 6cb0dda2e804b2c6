//! Relocations are packed, and the room that they took leaves the file.
//!
//! What stays of the table, the packed words and the tables that had to grow go
//! to the old table's `place`; what they do not need of it leaves the file.

use crate::dynamic::{Dynamic, Relocations};
use crate::place::Place;
use crate::program::{Program, Section};
use crate::{home, layout, relr, versions};
use elfin_elf::image::SectionHeader;
use elfin_schema::{SlimOutcome, SlimRefusal};
use object::elf;
use std::ops::Range;

/// The smallest page; what takes less cannot leave a file.
const PAGE: u64 = 4096;

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
fn size(program: &Program<'_>) -> u64 {
    layout::size(program).unwrap_or(u64::MAX)
}

fn packed<'a>(program: &Program<'a>, loader: Loader) -> Result<Option<Program<'a>>, SlimRefusal> {
    let Some(mut dynamic) = Dynamic::read(program) else { return Ok(None) };
    let is_small = dynamic.get(elf::DT_RELASZ).is_none_or(|it| it < PAGE);
    if is_small || dynamic.get(elf::DT_RELR).is_some() {
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
    let Some(table) = Relocations::read(program, &dynamic)? else { return Ok(None) };
    let mut program = program.clone();
    program.pointers = Some(table.pointers.clone());
    let mut place = Place::new(&table.addresses);
    let others = place.put(&table.others);
    let relr = place.put(&bytes_of(&relr::encode(table.pointers.addresses())));
    move_table(&mut program, &mut dynamic, &others, &relr);
    if versions::needs_libc(&program, &dynamic) {
        let versions = versions::require(&program, &dynamic).ok_or(SlimRefusal::Dynamic)?;
        let (needs, strings) = (place.put(&versions.needs), place.put(&versions.strings));
        dynamic.set(elf::DT_STRSZ, strings.end - strings.start);
        for (tag, moved) in [(elf::DT_VERNEED, needs), (elf::DT_STRTAB, strings)] {
            let was = dynamic.get(tag).unwrap_or_default();
            let is_it = |it: &SectionHeader| it.is_loaded() && it.address == was && it.size > 0;
            if let Some(index) = program.sections.iter().position(|it| is_it(&it.header)) {
                program.move_section(index, &moved);
            }
            dynamic.set(tag, moved.start);
        }
    }
    if let Some(how) = home::write(&mut program, &dynamic)? {
        place.put_apart(dynamic.to_bytes(), how);
    }
    if let Some(at) = place.give_back(&mut program)? {
        home::point_at(&mut program, &at)?;
    }
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

pub(crate) fn bytes_of(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
