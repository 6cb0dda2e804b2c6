//! The debug file: what came off, in the shape in which debuggers look for it.
//!
//! It has every section header of the original under its old number, because
//! symbols and DWARF speak of sections by number and address; loaded sections
//! are headers without bytes. What debuggers read stands as Go wrote it, in
//! Go's own compressed streams. One section more, [`original::SECTION`], has
//! what it takes to make the original again. This is the layout of
//! `objcopy --only-keep-debug`, which gdb, Delve and perf know.

use crate::ShrinkError;
use crate::layout::{self, Run, Written};
use crate::original::{self, Source};
use crate::pieces::Pieces;
use crate::program::{Program, Section, Segment};
use elfin_elf::image::{FILE_HEADER, Image, PROGRAM_HEADER, ProgramHeader, SectionHeader};
use object::{LittleEndian as LE, elf};
use std::borrow::Cow;

/// The section by which debuggers find a debug file.
pub(crate) const LINK: &str = ".gnu_debuglink";

/// Writes the debug file of a program that was made from `image`.
///
/// Returns an error if headers speak of places that cannot be.
pub(crate) fn write<'a>(image: &Image<'a>, slim: &Written<'_>) -> Result<Pieces<'a>, ShrinkError> {
    let mut program = skeleton(image, slim)?;
    let headers: Vec<ProgramHeader> = program.segments.iter().map(|it| it.header).collect();
    let without = layout::write(program.clone())?;
    let runs = runs(image, &without.sections);
    let content = original::record(image.data, slim, &without.bytes, &runs)?;
    if let Some(last) = program.sections.last_mut() {
        last.content = Cow::Owned(content);
    }
    let mut bytes = layout::write(program)?.bytes;
    // Nothing is loaded from here, so they may say what the program's own say: perf makes offsets
    // of the program out of addresses by whichever of the two it opened.
    for (index, header) in headers.iter().enumerate().filter(|(_, it)| it.is_load()) {
        let place = FILE_HEADER + index as u64 * PROGRAM_HEADER;
        bytes.put(layout::at(place)?, header.to_bytes());
    }
    Ok(bytes)
}

/// The CRC by which a debugger knows that a debug file belongs to a program.
pub(crate) fn checksum(file: &Pieces<'_>) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    file.slices().for_each(|slice| crc.update(&slice));
    crc.finalize()
}

/// The section that names a debug file: the name, then the CRC at a multiple of four.
pub(crate) fn link(name: &str, crc: u32) -> Vec<u8> {
    let mut content = name.as_bytes().to_vec();
    content.resize((name.len() + 1).next_multiple_of(4), 0);
    content.extend(crc.to_le_bytes());
    content
}

/// Reads the name of the debug file that a program links to; `None` where it has no link.
///
/// Returns an error if the program is not ELF or is damaged.
pub fn debug_link(program: &[u8]) -> Result<Option<String>, ShrinkError> {
    Ok(linked(&Image::parse(program)?))
}

/// True for a debug file that holds what restores an original.
pub fn is_debug_file(data: &[u8]) -> bool {
    Image::parse(data).is_ok_and(|image| image.section(original::SECTION).is_some())
}

/// The name in the link of a program.
pub(crate) fn linked(image: &Image<'_>) -> Option<String> {
    let link = image.section(LINK)?;
    let name = image.slice(link.file()).split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The section headers of the original and then those that only the slim program has, its program
/// headers and entry, the bytes that are not loaded, and room for what restores the original.
fn skeleton<'a>(image: &Image<'a>, slim: &Written<'_>) -> Result<Program<'a>, ShrinkError> {
    let mut program = Program::new(image)?;
    program.program_headers = FILE_HEADER;
    // gdb takes two sections for the same by how far they are from the entries of their files.
    program.header.e_entry.set(LE, slim.entry);
    // Of no use without its bytes, and readers complain.
    let with_use =
        slim.segments.iter().filter(|it| !matches!(it.kind, elf::PT_PHDR | elf::PT_INTERP));
    let empty =
        with_use.map(|it| Segment { header: ProgramHeader { file_size: 0, ..*it }, content: &[] });
    program.segments = empty.collect();
    program.header_room = FILE_HEADER..program.program_headers_end();
    for section in program.sections.iter_mut().filter(|it| it.header.is_loaded()) {
        if section.header.kind == elf::SHT_NOTE {
            section.content = image.slice(section.header.file()).into();
        } else {
            section.header.kind = elf::SHT_NOBITS;
            section.header.offset = FILE_HEADER;
        }
    }
    let loaded = slim.sections.iter().filter(|it| it.is_loaded());
    for header in loaded.filter(|it| image.section(&it.name).is_none()) {
        let kind = elf::SHT_NOBITS;
        let header = SectionHeader { kind, offset: FILE_HEADER, link: 0, ..header.clone() };
        program.sections.push(Section { header, was: None, content: Cow::Borrowed(&[]) });
    }
    program.sections.push(Section {
        header: SectionHeader {
            name: original::SECTION.to_owned(),
            kind: elf::SHT_PROGBITS,
            flags: elf::SectionFlags(0),
            address: 0,
            offset: 0,
            size: 0,
            link: 0,
            info: 0,
            align: 8,
            entry_size: 0,
        },
        was: None,
        content: Cow::Borrowed(&[]),
    });
    Ok(program)
}

/// What of the original stands in the debug file as it was.
fn runs(image: &Image<'_>, written: &[SectionHeader]) -> Vec<(Source, Run)> {
    let pairs = image.sections.iter().zip(written);
    let unloaded = pairs.filter(|(was, now)| !was.is_loaded() && was.size == now.size);
    unloaded
        .filter(|(was, _)| was.has_bytes() && was.size > 0)
        .map(|(was, now)| {
            (Source::Debug, Run { from: was.offset, to: now.offset, bytes: was.size })
        })
        .collect()
}
