//! A PIE that needs no library becomes one that needs no dynamic linker either.
//!
//! Go's linker names ld.so as the interpreter of every PIE, only to have it add
//! the load address to pointers. The program gets a `stub` that
//! does it, starts where there is no ld.so, and starts sooner. What only the
//! dynamic linker reads is taken out. A kernel maps a program without an
//! interpreter among the libraries, and a large one at a multiple of 2 MiB, so
//! that fewer bits of its address are random: docs/guide/slim.md has figures.

use crate::dynamic::{Dynamic, Relocations};
use crate::mover::Mover;
use crate::place::Place;
use crate::program::{Program, Section};
use crate::relocations::{bytes_of, name_relr};
use crate::relr;
use crate::stub::{self, Stub};
use elfin_elf::image::SectionHeader;
use elfin_schema::{SlimOutcome, SlimRefusal};
use object::LittleEndian as LE;
use object::elf;
use std::ops::Range;

/// The smallest page of amd64, to which mprotect rounds.
const PAGE: u64 = 4096;

/// Makes a program relocate itself, and first move to an address of its own if it is to.
pub(crate) fn make(program: &mut Program<'_>, full_aslr: bool) -> SlimOutcome {
    match made(program, full_aslr) {
        Ok(made) => {
            *program = made;
            SlimOutcome::Done
        }
        Err(why) => SlimOutcome::Refused(why),
    }
}

fn made<'a>(program: &Program<'a>, full_aslr: bool) -> Result<Program<'a>, SlimRefusal> {
    if program.header.e_machine.get(LE) != elf::EM_X86_64 {
        return Err(SlimRefusal::OnlyAmd64);
    }
    let is_pie = program.header.e_type.get(LE) == elf::ET_DYN;
    if !is_pie || program.segment(elf::PT_INTERP).is_none() {
        return Err(SlimRefusal::NotPie);
    }
    let dynamic = Dynamic::read(program).ok_or(SlimRefusal::NotPie)?;
    refuse_work_for_a_linker(&dynamic)?;
    let table = Relocations::read(program, &dynamic)?.ok_or(SlimRefusal::Dynamic)?;
    if !table.others.is_empty() {
        return Err(SlimRefusal::NotRelative);
    }
    let mut program = program.clone();
    program.pointers = Some(table.pointers.clone());
    let mut place = Place::new(&table.addresses);
    let none = place.put(&[]);
    let words = place.put(&bytes_of(&relr::encode(table.pointers.addresses())));
    name_relr(&mut program, &none, &words);
    let relro = read_only(&program)?;
    remove_dynamic(&mut program);
    place.give_back(&mut program)?;
    program.trim(); // What is moved must be what is mapped in the end.
    let mover = match full_aslr {
        true => Some(Mover::plan(program.loads()).ok_or(SlimRefusal::NoRoom)?),
        false => None,
    };
    put_stub(&mut program, words, relro, mover.as_ref())?;
    Ok(program)
}

/// Whatever is in the dynamic table that the stub does not do.
fn refuse_work_for_a_linker(dynamic: &Dynamic) -> Result<(), SlimRefusal> {
    if dynamic.get(elf::DT_NEEDED).is_some() {
        return Err(SlimRefusal::NeedsLibraries);
    }
    let nothing = |tag| dynamic.get(tag).is_none_or(|it| it == 0);
    let sizes = [elf::DT_PLTRELSZ, elf::DT_INIT_ARRAYSZ, elf::DT_FINI_ARRAYSZ];
    let others = [elf::DT_PREINIT_ARRAYSZ, elf::DT_INIT, elf::DT_FINI, elf::DT_RELR, elf::DT_REL];
    let plain = sizes.into_iter().chain(others).all(nothing);
    if plain { Ok(()) } else { Err(SlimRefusal::NotRelative) }
}

/// What is read-only once it is relocated: to the end of its last page, if that is its alone.
fn read_only(program: &Program<'_>) -> Result<Range<u64>, SlimRefusal> {
    let header = program.segment(elf::PT_GNU_RELRO).ok_or(SlimRefusal::Dynamic)?;
    let (start, end) = (header.address / PAGE * PAGE, header.memory().end);
    let page_end = end.checked_next_multiple_of(PAGE).ok_or(SlimRefusal::Dynamic)?;
    let others = program.loads().map(|it| it.header.memory());
    let shared = others.filter(|it| it.start < page_end && end < it.end).count() > 0;
    Ok(start..if shared { end / PAGE * PAGE } else { page_end })
}

/// Takes out what only a dynamic linker reads: headers alone, for the bytes keep their places.
fn remove_dynamic(program: &mut Program<'_>) {
    program.segments.retain(|it| !matches!(it.header.kind, elf::PT_INTERP | elf::PT_DYNAMIC));
    let names =
        [".interp", ".dynamic", ".dynsym", ".dynstr", ".hash", ".gnu.version", ".gnu.version_r"];
    program.sections.retain(|it| {
        let empty = it.header.kind == elf::SHT_RELA && it.header.size == 0;
        !(it.header.is_loaded() && (empty || names.contains(&it.header.name.as_str())))
    });
}

/// Puts the code into the room behind the program headers, which Go's linker loads as code.
fn put_stub(
    program: &mut Program<'_>,
    relr: Range<u64>,
    relro: Range<u64>,
    mover: Option<&Mover>,
) -> Result<(), SlimRefusal> {
    let (mover_size, table_size) = mover.map_or((0, 0), Mover::size);
    let size = mover_size + stub::size() + table_size;
    let room = &program.header_room;
    let offset = room.end.checked_sub(size).ok_or(SlimRefusal::NoRoom)? / 16 * 16;
    if offset < program.program_headers_end().max(room.start) {
        return Err(SlimRefusal::NoRoom);
    }
    let code = program.loads().map(|it| it.header).find(|it| it.file().contains(&offset));
    let code = code.filter(|it| it.flags.contains(elf::PF_X)).ok_or(SlimRefusal::NoRoom)?;
    let at = code.address + (offset - code.offset);
    if mover.is_some_and(|it| !it.holds(at, at + size)) {
        return Err(SlimRefusal::NoRoom);
    }
    let (stub_at, table) = (at + mover_size, at + mover_size + stub::size());
    let stub = Stub { at: stub_at, relr, relro, entry: program.header.e_entry.get(LE) };
    let stub = stub.assemble().ok_or(SlimRefusal::NoRoom)?;
    let code = match mover {
        Some(mover) => {
            let (move_it, moves) = mover.assemble(at, table).ok_or(SlimRefusal::NoRoom)?;
            [move_it, stub, moves].concat()
        }
        None => stub,
    };
    // With a section of its own, for strip drops what no section has.
    let section = Section {
        header: SectionHeader {
            name: ".elfin.start".to_owned(),
            kind: elf::SHT_PROGBITS,
            flags: elf::SHF_ALLOC | elf::SHF_EXECINSTR,
            address: at,
            offset,
            size,
            link: 0,
            info: 0,
            align: 16,
            entry_size: 0,
        },
        was: None,
        content: [].as_slice().into(),
    };
    let first = program.sections.len().min(1); // behind the empty one, for its address is the lowest
    program.sections.insert(first, section);
    program.patches.push((at, code.into()));
    program.header_room.end = offset;
    program.header.e_entry.set(LE, at);
    Ok(())
}
