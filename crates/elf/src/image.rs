//! The editable layout: the headers of a program as plain values, read strictly and written back.
//!
//! Who shrinks or packs a file moves its parts, so a header that lies would
//! become damage. [`Image::parse`] therefore refuses what the lenient
//! [`ElfFile`](crate::ElfFile) reads past: tables outside of the file, loaded
//! segments out of order or over each other. It reads the one shape that elfin
//! writes, 64-bit little endian (amd64, arm64, riscv64, ppc64le, loong64), and
//! it decides nothing about what goes where.
//!
//! The format is that of the System V ABI, as in golang/go `src/debug/elf/elf.go` (1.26).

use crate::ElfError;
use crate::file::text_at;
use object::elf::{self, FileHeader64, ProgramHeader64, SectionHeader64};
use object::{LittleEndian as LE, U16, U32, U64, pod};
use std::ops::Range;

/// Bytes of the header at the beginning of a file.
pub const FILE_HEADER: u64 = size_of::<FileHeader64<LE>>() as u64;
/// Bytes of a program header.
pub const PROGRAM_HEADER: u64 = size_of::<ProgramHeader64<LE>>() as u64;
/// Bytes of a section header.
pub const SECTION_HEADER: u64 = size_of::<SectionHeader64<LE>>() as u64;

const LONGEST_NAME: usize = 256;
/// No program has as many segments, and a hostile one's must not be read once per relocation.
const MOST_SEGMENTS: u64 = 128;
/// From here on numbers of sections mean something else (`SHN_LORESERVE`).
const MOST_SECTIONS: u64 = 0xff00;

/// Why a file cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It is not ELF, or it is cut off.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// It is ELF of a shape that is not written.
    #[error("{what} at offset {offset:#x}: {says}; elfin leaves such a file as it is")]
    Shape {
        /// What was being read.
        what: &'static str,
        /// Where it stands in the file.
        offset: u64,
        /// What is not supported about it.
        says: &'static str,
    },
}

/// A program header; sizes and offsets in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the format's own")]
pub struct ProgramHeader {
    pub kind: elf::ProgramType,
    pub flags: elf::ProgramFlags,
    pub offset: u64,
    pub address: u64,
    pub physical: u64,
    pub file_size: u64,
    pub memory_size: u64,
    pub align: u64,
}

/// A section header with its name; sizes and offsets in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the format's own")]
pub struct SectionHeader {
    pub name: String,
    pub kind: elf::SectionType,
    pub flags: elf::SectionFlags,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
    pub link: u32,
    pub info: u32,
    pub align: u64,
    pub entry_size: u64,
}

/// The headers of a program.
#[derive(Debug, Clone)]
pub struct Image<'a> {
    /// The whole file.
    pub data: &'a [u8],
    /// The header at offset 0; the counts in it are written from the tables.
    pub header: FileHeader64<LE>,
    /// The program headers in the file's order.
    pub segments: Vec<ProgramHeader>,
    /// The section headers in the file's order, the empty first one included.
    pub sections: Vec<SectionHeader>,
}

impl ProgramHeader {
    /// True if it is loaded.
    pub fn is_load(&self) -> bool {
        self.kind == elf::PT_LOAD
    }

    /// Its bytes of the file.
    pub fn file(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.file_size)
    }

    /// Its addresses.
    pub fn memory(&self) -> Range<u64> {
        self.address..self.address.saturating_add(self.memory_size)
    }

    /// Gives its bytes as they stand in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        pod::bytes_of(&ProgramHeader64 {
            p_type: U32::new(LE, self.kind),
            p_flags: U32::new(LE, self.flags),
            p_offset: U64::new(LE, self.offset),
            p_vaddr: U64::new(LE, self.address),
            p_paddr: U64::new(LE, self.physical),
            p_filesz: U64::new(LE, self.file_size),
            p_memsz: U64::new(LE, self.memory_size),
            p_align: U64::new(LE, self.align),
        })
        .to_vec()
    }
}

impl SectionHeader {
    /// True if it is part of the running program.
    pub fn is_loaded(&self) -> bool {
        self.flags.contains(elf::SHF_ALLOC)
    }

    /// True if the file holds bytes of it.
    pub fn has_bytes(&self) -> bool {
        self.kind != elf::SHT_NOBITS && self.kind != elf::SHT_NULL
    }

    /// Its bytes of the file; none where it has none.
    pub fn file(&self) -> Range<u64> {
        let size = if self.has_bytes() { self.size } else { 0 };
        self.offset..self.offset.saturating_add(size)
    }

    /// Gives its bytes as they stand in a file, its name at `name` of the table of names.
    pub fn to_bytes(&self, name: u32) -> Vec<u8> {
        pod::bytes_of(&SectionHeader64 {
            sh_name: U32::new(LE, name),
            sh_type: U32::new(LE, self.kind),
            sh_flags: U64::new(LE, self.flags),
            sh_addr: U64::new(LE, self.address),
            sh_offset: U64::new(LE, self.offset),
            sh_size: U64::new(LE, self.size),
            sh_link: U32::new(LE, self.link),
            sh_info: U32::new(LE, self.info),
            sh_addralign: U64::new(LE, self.align),
            sh_entsize: U64::new(LE, self.entry_size),
        })
        .to_vec()
    }
}

impl<'a> Image<'a> {
    /// Reads the headers of a program or a library.
    ///
    /// Returns an error if it is not ELF, is cut off, or is not of a shape that can be edited.
    pub fn parse(data: &'a [u8]) -> Result<Image<'a>, ImageError> {
        if !data.starts_with(&elf::ELFMAG) {
            return Err(ElfError::NotElf.into());
        }
        let (header, _) = pod::from_bytes::<FileHeader64<LE>>(data)
            .map_err(|()| outside("the ELF header".into(), 0..FILE_HEADER, data))?;
        let header = *header;
        let shape = |what, offset, says| ImageError::Shape { what, offset, says };
        let ident = header.e_ident;
        if (ident.class, ident.data) != (elf::ELFCLASS64, elf::ELFDATA2LSB) {
            return Err(shape("the ELF class", 4, "is not 64-bit little endian"));
        }
        if !matches!(header.e_type.get(LE), elf::ET_EXEC | elf::ET_DYN) {
            return Err(shape("the ELF type", 16, "is neither a program nor a library"));
        }
        let sizes = (header.e_phentsize.get(LE), header.e_shentsize.get(LE));
        let no_sections = header.e_shnum.get(LE) == 0;
        if u64::from(sizes.0) != PROGRAM_HEADER
            || (u64::from(sizes.1) != SECTION_HEADER && !no_sections)
        {
            return Err(shape("the ELF header", 54, "has header entries of another size"));
        }
        let sections = sections(&header, data)?;
        let image = Image { data, header, segments: segments(&header, data)?, sections };
        image.check_loads()?;
        Ok(image)
    }

    /// Where the program headers stand in the input.
    pub fn program_headers(&self) -> Range<u64> {
        let start = self.header.e_phoff.get(LE);
        start..start + self.segments.len() as u64 * PROGRAM_HEADER
    }

    /// Where the section headers stand in the input.
    pub fn section_headers(&self) -> Range<u64> {
        let start = self.header.e_shoff.get(LE);
        start..start + self.sections.len() as u64 * SECTION_HEADER
    }

    /// Gives bytes of the input; none where they are outside of it.
    pub fn slice(&self, range: Range<u64>) -> &'a [u8] {
        slice(self.data, range).unwrap_or_default()
    }

    /// Finds a section by its name.
    pub fn section(&self, name: &str) -> Option<&SectionHeader> {
        self.sections.iter().find(|it| it.name == name)
    }

    /// Where the parts that headers tell of come to an end; what is behind is not ELF's.
    pub fn end(&self) -> u64 {
        let segments = self.segments.iter().map(|it| it.file().end);
        // One without bytes stands where it would go on, often behind the end.
        let sections = self.sections.iter().filter(|it| it.has_bytes()).map(|it| it.file().end);
        let tables = [self.program_headers().end, self.section_headers().end];
        segments.chain(sections).chain(tables).max().unwrap_or_default()
    }

    /// Loaded segments ascend in the file and in memory and share no byte of either.
    fn check_loads(&self) -> Result<(), ImageError> {
        let says = |says| ImageError::Shape {
            what: "the program headers",
            offset: self.header.e_phoff.get(LE),
            says,
        };
        let (mut file, mut memory) = (0, 0);
        let mut any = false;
        for load in self.segments.iter().filter(|it| it.is_load()) {
            if load.address < memory || (load.file_size > 0 && load.offset < file) {
                return Err(says("load segments out of order or over each other"));
            }
            if load.file_size > load.memory_size || load.memory().end == u64::MAX {
                return Err(says("load a segment that is larger in the file than in memory"));
            }
            let align = load.align.max(1);
            if !align.is_power_of_two() || load.offset % align != load.address % align {
                return Err(says("load a segment whose offset does not fit its address"));
            }
            (file, memory, any) = (load.file().end.max(file), load.memory().end, true);
        }
        if any { Ok(()) } else { Err(says("load nothing")) }
    }
}

fn slice(data: &[u8], range: Range<u64>) -> Option<&[u8]> {
    data.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

fn outside(structure: String, range: Range<u64>, data: &[u8]) -> ImageError {
    let size = range.end.saturating_sub(range.start);
    let file = data.len() as u64;
    ElfError::Outside { structure, offset: range.start, size, file }.into()
}

fn table<'a, T: pod::Pod>(
    what: &'static str,
    data: &'a [u8],
    start: u64,
    count: u64,
) -> Result<&'a [T], ImageError> {
    let range = start..start.saturating_add(count * size_of::<T>() as u64);
    slice(data, range.clone())
        .and_then(|it| pod::slice_from_all_bytes(it).ok())
        .ok_or_else(|| outside(what.to_owned(), range, data))
}

fn segments(header: &FileHeader64<LE>, data: &[u8]) -> Result<Vec<ProgramHeader>, ImageError> {
    let (start, count) = (header.e_phoff.get(LE), header.e_phnum.get(LE).into());
    if count > MOST_SEGMENTS {
        let says = "are more than any program has";
        return Err(ImageError::Shape { what: "the program headers", offset: start, says });
    }
    let table = table::<ProgramHeader64<LE>>("program headers", data, start, count)?;
    let read = |(index, it): (usize, &ProgramHeader64<LE>)| {
        let it = ProgramHeader {
            kind: it.p_type.get(LE),
            flags: it.p_flags.get(LE),
            offset: it.p_offset.get(LE),
            address: it.p_vaddr.get(LE),
            physical: it.p_paddr.get(LE),
            file_size: it.p_filesz.get(LE),
            memory_size: it.p_memsz.get(LE),
            align: it.p_align.get(LE),
        };
        let inside = it.file_size == 0 || slice(data, it.file()).is_some();
        inside.then_some(it).ok_or_else(|| outside(format!("segment {index}"), it.file(), data))
    };
    table.iter().enumerate().map(read).collect()
}

fn sections(header: &FileHeader64<LE>, data: &[u8]) -> Result<Vec<SectionHeader>, ImageError> {
    let (start, count) = (header.e_shoff.get(LE), u64::from(header.e_shnum.get(LE)));
    let shape = |says| ImageError::Shape { what: "the section headers", offset: start, says };
    if count == 0 || count >= MOST_SECTIONS {
        return Err(shape("are not there (is it packed?), or are too many"));
    }
    let table = table::<SectionHeader64<LE>>("section headers", data, start, count)?;
    let names = table
        .get(usize::from(header.e_shstrndx.get(LE).0))
        .and_then(|it| {
            let start = it.sh_offset.get(LE);
            slice(data, start..start.checked_add(it.sh_size.get(LE))?)
        })
        .ok_or_else(|| shape("have no names"))?;
    let mut sections = Vec::with_capacity(table.len());
    for (index, it) in table.iter().enumerate() {
        let name = text_at(names, it.sh_name.get(LE).into(), LONGEST_NAME);
        let section = SectionHeader {
            name: name.ok_or_else(|| shape("have a name that cannot be read"))?.to_owned(),
            kind: it.sh_type.get(LE),
            flags: it.sh_flags.get(LE),
            address: it.sh_addr.get(LE),
            offset: it.sh_offset.get(LE),
            size: it.sh_size.get(LE),
            link: it.sh_link.get(LE),
            info: it.sh_info.get(LE),
            align: it.sh_addralign.get(LE),
            entry_size: it.sh_entsize.get(LE),
        };
        if section.has_bytes() && slice(data, section.file()).is_none() {
            return Err(outside(
                format!("section {index} ({})", section.name),
                section.file(),
                data,
            ));
        }
        sections.push(section);
    }
    Ok(sections)
}

/// Writes the header of a file with its counts and places.
pub fn file_header_bytes(header: &FileHeader64<LE>, layout: &Tables) -> Vec<u8> {
    let mut header = *header;
    header.e_phoff.set(LE, layout.program_headers);
    header.e_shoff.set(LE, layout.section_headers);
    header.e_phnum = U16::new(LE, layout.segments);
    header.e_shnum = U16::new(LE, layout.sections);
    header.e_shstrndx = U16::new(LE, elf::SymbolSection(layout.names));
    pod::bytes_of(&header).to_vec()
}

/// Where the tables of a file stand, and how long they are.
#[derive(Debug, Clone, Copy)]
pub struct Tables {
    /// File offset of the program headers.
    pub program_headers: u64,
    /// How many they are.
    pub segments: u16,
    /// File offset of the section headers.
    pub section_headers: u64,
    /// How many they are.
    pub sections: u16,
    /// The index of the section that holds the names.
    pub names: u16,
}
