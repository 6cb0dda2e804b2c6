//! The file as plain tables: header, segments, sections.
//!
//! 32-bit and 64-bit, little and big endian are read once into one shape, so
//! that no other file here is generic. Structure that a kernel needs must be
//! sound or parsing fails with its offset; everything beyond is read leniently
//! by who asks, because a packed or stripped program is still a program.

use crate::{ElfError, address};
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, ReadRef};
use std::ops::Range;

/// No section has a longer name, and a hostile table must not be read once per section.
const LONGEST_SECTION_NAME: usize = 256;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `ET_EXEC`: a program at a fixed address.
    Executable,
    /// `ET_DYN`: a shared library or a position-independent program.
    SharedOrPie,
    /// An object file, a core dump, or something of an operating system's own.
    Other,
}

/// The processor that a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// x86, 64-bit.
    Amd64,
    /// ARM, 64-bit.
    Arm64,
    /// x86, 32-bit.
    I386,
    /// ARM, 32-bit.
    Arm,
    /// RISC-V.
    Riscv,
    /// Power, 64-bit.
    Ppc64,
    /// IBM Z.
    S390x,
    /// Any other, by its ELF number.
    Other(u16),
}

impl Machine {
    /// Names it as GOARCH does; `None` where elfin does not know it.
    pub fn go_name(self) -> Option<&'static str> {
        match self {
            Machine::Amd64 => Some("amd64"),
            Machine::Arm64 => Some("arm64"),
            Machine::I386 => Some("386"),
            Machine::Arm => Some("arm"),
            Machine::Riscv => Some("riscv64"),
            Machine::Ppc64 => Some("ppc64le"),
            Machine::S390x => Some("s390x"),
            Machine::Other(_) => None,
        }
    }
}

/// A program header.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub(crate) kind: elf::ProgramType,
    pub(crate) flags: elf::ProgramFlags,
    /// Where it begins in the file.
    pub offset: u64,
    /// Where it is loaded.
    pub address: u64,
    /// Bytes of the file.
    pub file_size: u64,
    /// Bytes of memory; what the file does not have is zero.
    pub memory_size: u64,
}

/// A section header with its name; an unreadable name is empty.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its name.
    pub name: &'a str,
    pub(crate) kind: elf::SectionType,
    pub(crate) flags: elf::SectionFlags,
    /// Where it begins in the file.
    pub offset: u64,
    /// Bytes of the file; nothing for `SHT_NOBITS`.
    pub size: u64,
    /// Where it is loaded; 0 where it is not.
    pub address: u64,
    /// Bytes of memory, `SHT_NOBITS` included.
    pub memory_size: u64,
    /// What `address` is a multiple of.
    pub align: u64,
    /// The index of a section that it needs: a symbol table's names.
    pub link: u32,
    /// What this says hangs on the type of the section.
    pub info: u32,
}

/// An ELF file, read.
#[derive(Debug, Clone)]
pub struct ElfFile<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) endian: Endianness,
    pub(crate) is_64: bool,
    pub(crate) segments: Vec<Segment>,
    pub(crate) sections: Vec<Section<'a>>,
    /// Where the file header and the two header tables stand.
    pub(crate) headers: Vec<Range<u64>>,
    /// Where a packer's stub or a linker's program begins, an address.
    entry: u64,
    kind: FileKind,
    machine: Machine,
    /// The loaded segments by address.
    pub(crate) map: Vec<Segment>,
}

impl<'a> ElfFile<'a> {
    /// Reads the headers of a file.
    ///
    /// Returns an error if it is not ELF, or if a header lies outside the file.
    pub fn parse(data: &'a [u8]) -> Result<ElfFile<'a>, ElfError> {
        if !data.starts_with(&elf::ELFMAG) {
            return Err(ElfError::NotElf);
        }
        match data.get(4).copied().map(elf::FileClass) {
            Some(elf::ELFCLASS32) => read::<FileHeader32<Endianness>>(data),
            Some(elf::ELFCLASS64) => read::<FileHeader64<Endianness>>(data),
            class => Err(ElfError::Header {
                structure: "ELF class",
                offset: 4,
                says: format!("{class:?} is neither 32-bit nor 64-bit"),
            }),
        }
    }

    /// Tells what kind of file it is.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// Gives the address of its first instruction.
    pub fn entry(&self) -> u64 {
        self.entry
    }

    /// Tells which processor it is for.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// True if it is a position-independent program.
    ///
    /// A shared library is `ET_DYN` too: a program asks for an interpreter,
    /// says so in its dynamic table, or (packed) has no dynamic table at all.
    pub fn is_pie(&self) -> bool {
        self.kind == FileKind::SharedOrPie
            && self.entry_is_executable()
            && (self.segment(elf::PT_INTERP).is_some()
                || self.segment(elf::PT_DYNAMIC).is_none()
                || self.says_pie())
    }

    /// True if the kernel could start it: a program with code at its entry, not a library.
    pub fn is_executable_program(&self) -> bool {
        self.is_pie() || (self.kind == FileKind::Executable && self.entry_is_executable())
    }

    /// True if it asks for a stack that is not executable.
    ///
    /// A file that says nothing leaves it to the kernel, and that is not protection.
    pub fn nx(&self) -> bool {
        self.segment(elf::PT_GNU_STACK).is_some_and(|stack| !stack.flags.contains(elf::PF_X))
    }

    /// Counts loaded segments that are writable and executable at once.
    pub fn writable_executable_segments(&self) -> usize {
        let both = elf::PF_W | elf::PF_X;
        self.loads().filter(|load| load.flags.contains(both)).count()
    }

    /// True if `.symtab` is there and has an entry besides the empty first one.
    pub fn has_symtab(&self) -> bool {
        let entry = if self.is_64 { 24 } else { 16 };
        self.sections.iter().any(|it| it.kind == elf::SHT_SYMTAB && it.size > entry)
    }

    /// True if DWARF is there, compressed or not.
    pub fn has_dwarf(&self) -> bool {
        [".debug_info", ".zdebug_info"]
            .iter()
            .any(|name| self.section(name).is_some_and(|section| section.size > 0))
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(crate) fn segment(&self, kind: elf::ProgramType) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.kind == kind)
    }

    pub(crate) fn loads(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.kind == elf::PT_LOAD)
    }

    /// Bytes `offset..offset + size`, where all of them are in the file.
    pub(crate) fn bytes(&self, offset: u64, size: u64) -> Option<&'a [u8]> {
        self.data.read_bytes_at(offset, size).ok()
    }

    /// The file's bytes from a loaded address to the end of its segment.
    pub(crate) fn at_address(&self, address: u64) -> Option<&'a [u8]> {
        self.loads().find_map(|load| {
            let skip = address.checked_sub(load.address).filter(|skip| *skip < load.file_size)?;
            self.bytes(load.offset.checked_add(skip)?, load.file_size - skip)
        })
    }

    /// The file's loaded bytes, each once although segments may overlap.
    pub(crate) fn loaded(&self) -> Vec<&'a [u8]> {
        let file = self.data.len() as u64;
        let mut ranges: Vec<Range<u64>> = self
            .loads()
            .map(|load| load.offset.min(file)..load.offset.saturating_add(load.file_size).min(file))
            .collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges.dedup_by(|next, last| {
            let touches = next.start <= last.end;
            if touches {
                last.end = last.end.max(next.end);
            }
            touches
        });
        ranges.iter().filter_map(|range| self.bytes(range.start, range.end - range.start)).collect()
    }

    fn entry_is_executable(&self) -> bool {
        self.loads().any(|load| {
            load.flags.contains(elf::PF_X)
                && self.entry >= load.address
                && self.entry - load.address < load.memory_size
        })
    }
}

/// Cuts a string out of a table: from `offset` to the next NUL, if it is there within `longest`.
pub(crate) fn text_at(table: &[u8], offset: u64, longest: usize) -> Option<&str> {
    let rest = table.get(usize::try_from(offset).ok()?..)?;
    let window = rest.get(..longest).unwrap_or(rest);
    let end = window.iter().position(|byte| *byte == 0)?;
    std::str::from_utf8(&window[..end]).ok()
}

fn read<'a, H: FileHeader<Endian = Endianness>>(data: &'a [u8]) -> Result<ElfFile<'a>, ElfError> {
    let fails = |structure, offset| {
        move |error: object::Error| ElfError::Header { structure, offset, says: error.to_string() }
    };
    let header = H::parse(data).map_err(fails("ELF header", 0))?;
    let endian = header.endian().map_err(fails("ELF header", 5))?;
    let (phoff, shoff): (u64, u64) = (header.e_phoff(endian).into(), header.e_shoff(endian).into());
    let programs = header.program_headers(endian, data).map_err(fails("program headers", phoff))?;
    let table = header.section_headers(endian, data).map_err(fails("section headers", shoff))?;
    let sections = sections::<H>(header, endian, data, table);
    let segments: Vec<Segment> = programs.iter().map(|it| segment::<H>(it, endian)).collect();
    Ok(ElfFile {
        data,
        endian,
        is_64: header.is_type_64(),
        map: address::map(&segments),
        segments,
        sections,
        headers: vec![
            0..size_of::<H>() as u64,
            phoff..phoff.saturating_add(size_of_val(programs) as u64),
            shoff..shoff.saturating_add(size_of_val(table) as u64),
        ],
        entry: header.e_entry(endian).into(),
        kind: match header.e_type(endian) {
            elf::ET_EXEC => FileKind::Executable,
            elf::ET_DYN => FileKind::SharedOrPie,
            _ => FileKind::Other,
        },
        machine: match header.e_machine(endian) {
            elf::EM_X86_64 => Machine::Amd64,
            elf::EM_AARCH64 => Machine::Arm64,
            elf::EM_386 => Machine::I386,
            elf::EM_ARM => Machine::Arm,
            elf::EM_RISCV => Machine::Riscv,
            elf::EM_PPC64 => Machine::Ppc64,
            elf::EM_S390 => Machine::S390x,
            other => Machine::Other(other.0),
        },
    })
}

fn segment<H: FileHeader<Endian = Endianness>>(
    header: &H::ProgramHeader,
    endian: Endianness,
) -> Segment {
    Segment {
        kind: header.p_type(endian),
        flags: header.p_flags(endian),
        offset: header.p_offset(endian).into(),
        address: header.p_vaddr(endian).into(),
        file_size: header.p_filesz(endian).into(),
        memory_size: header.p_memsz(endian).into(),
    }
}

fn sections<'a, H: FileHeader<Endian = Endianness>>(
    header: &H,
    endian: Endianness,
    data: &'a [u8],
    table: &'a [H::SectionHeader],
) -> Vec<Section<'a>> {
    let names = header
        .section_strings_index(endian, data)
        .ok()
        .and_then(|index| table.get(index.0)?.data(endian, data).ok())
        .unwrap_or_default();
    table
        .iter()
        .map(|section| Section {
            name: text_at(names, section.sh_name(endian).into(), LONGEST_SECTION_NAME)
                .unwrap_or_default(),
            kind: section.sh_type(endian),
            flags: section.sh_flags(endian),
            offset: section.sh_offset(endian).into(),
            size: section.file_range(endian).map_or(0, |(_, size)| size),
            address: section.sh_addr(endian).into(),
            memory_size: section.sh_size(endian).into(),
            align: section.sh_addralign(endian).into(),
            link: section.sh_link(endian),
            info: section.sh_info(endian),
        })
        .collect()
}
