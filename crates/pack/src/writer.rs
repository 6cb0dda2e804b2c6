//! The packed file: an ELF program whose segments are the packed bytes and the loader.
//!
//! In its order: ELF header, program headers, the container's [`Header`], the
//! table of kept ranges, notes, build information, loader, packed image; not
//! loaded behind these: the packed rest, names, section headers. All that is
//! loaded is mapped once to be read, and the loader's pages a second time to be
//! executed, so that no byte is spent on padding. The loader is before the
//! image, so that it can say so where the end of a file is missing.

use crate::original::{Original, PAGE};
use crate::readable::Readable;
use crate::stub::{DISTANCE, Stub};
use elfin_elf::image::{FILE_HEADER, ProgramHeader, SectionHeader, Tables, file_header_bytes};
use elfin_pack_format::checksum::checksum;
use elfin_pack_format::container::{HEADER, Header};
use object::LittleEndian as LE;
use object::elf;

/// Bytes of an ELF header and of a program header.
const HEADERS: usize = size_of::<elf::FileHeader64<LE>>();
const SEGMENT: usize = size_of::<elf::ProgramHeader64<LE>>();

/// Sections whose addresses stand in the packed file, without bytes: a debugger takes from them
/// how far code and variables have moved, for it compares with the debug file's section by section.
const MOVED: [&str; 5] = [".text", ".data", ".noptrdata", ".bss", ".noptrbss"];

/// All that goes into a packed file.
pub(crate) struct Contents<'c> {
    pub original: &'c Original<'c>,
    pub readable: &'c Readable,
    pub stub: Stub,
    pub image: &'c [u8],
    /// Bytes that it unpacks to.
    pub image_len: u64,
    pub rest: &'c [u8],
    pub hash: [u8; 32],
}

/// Where things stand in the packed file.
struct Places {
    header: usize,
    parts: Vec<u64>,
    image: usize,
    stub: usize,
    /// How far the loader's address is from the file's first byte.
    distance: u64,
    loaded: usize,
}

/// Writes the packed file.
pub(crate) fn write(contents: &Contents<'_>) -> Vec<u8> {
    let Contents { original, readable, .. } = contents;
    let stack = original.elf.segments.iter().find(|it| it.kind == elf::PT_GNU_STACK);
    let segments = 2 + readable.notes().count() + usize::from(stack.is_some());
    let address = if original.kind.is_fixed() { original.base + original.memory_len } else { 0 };
    let mut sections = vec![no_section()];
    let (mut file, places) = write_loaded(contents, segments, address, &mut sections);
    file.extend_from_slice(contents.rest);
    if !original.kind.is_fixed() {
        let named = MOVED.iter().filter_map(|it| original.elf.section(it));
        sections.extend(named.map(|it| SectionHeader {
            kind: elf::SHT_NOBITS,
            offset: 0,
            link: 0,
            info: 0,
            ..it.clone()
        }));
    }
    let tables = write_sections(&mut file, &mut sections, segments);

    let (stub, len) = (places.stub as u64, contents.stub.code.len() as u64);
    let mut headers = vec![
        load(0, address, places.loaded as u64, elf::PF_R),
        load(stub, address + places.distance, len, elf::PF_R | elf::PF_X),
    ];
    headers.extend(readable.notes().map(|(i, part)| {
        let at = places.parts[i];
        let note = load(at, address + at, part.bytes.len() as u64, elf::PF_R);
        ProgramHeader { kind: elf::PT_NOTE, align: part.align as u64, ..note }
    }));
    headers.extend(stack.copied());
    let mut elf_header = original.elf.header;
    elf_header.e_entry.set(LE, address + places.distance);
    let mut start = file_header_bytes(&elf_header, &tables);
    headers.iter().for_each(|it| start.extend(it.to_bytes()));
    file[..start.len()].copy_from_slice(&start);

    let mut header = header(contents, &places);
    header.tail_checksum = checksum(&file[places.loaded..], 0);
    let at = places.header..places.header + HEADER;
    file[at.clone()].copy_from_slice(&header.to_bytes());
    header.checksum = header.loaded_checksum(&file).unwrap_or_default();
    file[at].copy_from_slice(&header.to_bytes());
    file
}

/// Writes all that is loaded, with room for the headers.
fn write_loaded(
    contents: &Contents<'_>,
    segments: usize,
    address: u64,
    sections: &mut Vec<SectionHeader>,
) -> (Vec<u8>, Places) {
    let Contents { readable, stub, .. } = contents;
    // The loader stands behind all that is mapped to be read, by whole pages.
    let rest = [contents.image.len(), stub.code.len(), readable.len()].iter().sum::<usize>();
    let apart = (rest as u64 + 2 * PAGE).next_multiple_of(PAGE);
    let header = HEADERS + segments * SEGMENT;
    let kept = header + HEADER;
    let mut file = vec![0; kept + readable.table_len()];
    let mut parts = Vec::new();
    for part in &readable.parts {
        pad(&mut file, part.align);
        let at = file.len() as u64;
        parts.push(at);
        sections.push(part.section(at, if part.loaded { address + at } else { 0 }));
        file.extend_from_slice(&part.bytes);
    }
    let table = readable.table(&parts);
    file[kept..kept + table.len()].copy_from_slice(&table);
    pad(&mut file, 16);
    let at = file.len();
    let distance = at as u64 + apart;
    file.extend_from_slice(stub.code);
    file[at + DISTANCE..at + DISTANCE + 8].copy_from_slice(&distance.to_le_bytes());
    pad(&mut file, 8);
    let image = file.len();
    file.extend_from_slice(contents.image);
    let loaded = file.len();
    (file, Places { header, parts, image, stub: at, distance, loaded })
}

fn header(contents: &Contents<'_>, places: &Places) -> Header {
    let original = contents.original;
    Header {
        kind: original.kind,
        checksum: 0,
        tail_checksum: 0,
        loaded: places.loaded as u64,
        base: original.base,
        image_len: contents.image_len,
        memory_len: original.memory_len,
        entry: original.elf.header.e_entry.get(LE),
        program_headers: original.program_headers,
        program_header_count: original.elf.segments.len() as u64,
        image: (places.image as u64, contents.image.len() as u64),
        kept: ((places.header + HEADER) as u64, contents.readable.kept_count() as u64),
        rest: (places.loaded as u64, contents.rest.len() as u64),
        original_len: original.elf.data.len() as u64,
        original_hash: contents.hash,
    }
}

fn no_section() -> SectionHeader {
    SectionHeader {
        name: String::new(),
        kind: elf::SHT_NULL,
        flags: elf::SectionFlags(0),
        address: 0,
        offset: 0,
        size: 0,
        link: 0,
        info: 0,
        align: 0,
        entry_size: 0,
    }
}

fn pad(file: &mut Vec<u8>, align: usize) {
    file.resize(file.len().next_multiple_of(align.max(1)), 0);
}

fn load(offset: u64, address: u64, size: u64, flags: elf::ProgramFlags) -> ProgramHeader {
    ProgramHeader {
        kind: elf::PT_LOAD,
        flags,
        offset,
        address,
        physical: address,
        file_size: size,
        memory_size: size,
        align: PAGE,
    }
}

/// Writes the names and the headers of sections to the end.
fn write_sections(
    file: &mut Vec<u8>,
    sections: &mut Vec<SectionHeader>,
    segments: usize,
) -> Tables {
    let name = ".shstrtab";
    let mut names = vec![0_u8];
    let mut offsets = vec![0_u32];
    for section in sections.iter().skip(1).map(|it| it.name.as_str()).chain([name]) {
        offsets.push(u32::try_from(names.len()).unwrap_or_default());
        names.extend(section.bytes().chain([0]));
    }
    sections.push(SectionHeader {
        name: name.to_owned(),
        kind: elf::SHT_STRTAB,
        offset: file.len() as u64,
        size: names.len() as u64,
        align: 1,
        ..sections[0].clone()
    });
    file.extend(names);
    pad(file, 8);
    let at = file.len() as u64;
    for (section, name) in sections.iter().zip(offsets) {
        file.extend(section.to_bytes(name));
    }
    let count = |it: usize| u16::try_from(it).unwrap_or_default();
    Tables {
        program_headers: FILE_HEADER,
        segments: count(segments),
        section_headers: at,
        sections: count(sections.len()),
        names: count(sections.len() - 1),
    }
}
