//! Headers written by hand: each says one thing that a linker would not.

use elfin_elf::{Composition, ElfError, ElfFile, FileKind, Machine, Part, Relro};

const EXEC: u16 = 2;
const DYN: u16 = 3;

const LOAD: u32 = 1;
const STACK: u32 = 0x6474_e551;
const RELRO: u32 = 0x6474_e552;
const READ: u32 = 4;
const WRITE: u32 = 2;
const EXECUTE: u32 = 1;

const PROGBITS: u32 = 1;
const NOBITS: u32 = 8;
const ALLOC_WRITE: u64 = 3;
const ALLOC_EXECUTE: u64 = 6;

/// A program header: type, flags, file offset (its address too), size.
type Segment = (u32, u32, u64, u64);
/// A section header: type, flags, file offset, size. Names are not needed.
type Section = (u32, u64, u64, u64);

/// A 64-bit little-endian file of 4096 bytes with its entry at 0x400.
fn craft(kind: u16, segments: &[Segment], sections: &[Section]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let section_at = 64 + 56 * segments.len() as u64;
    let section_at = if sections.is_empty() { 0 } else { section_at };
    for half in [kind, 62, 1, 0] {
        file.extend(half.to_le_bytes());
    }
    for word in [0x400, 64, section_at] {
        file.extend(word.to_le_bytes());
    }
    let [segment_count, section_count] = [segments.len(), sections.len()];
    for half in [0, 0, 64, 56, segment_count, 64, section_count, 0] {
        file.extend(u16::try_from(half).unwrap().to_le_bytes());
    }
    for &(kind, flags, at, size) in segments {
        file.extend(kind.to_le_bytes());
        file.extend(flags.to_le_bytes());
        for word in [at, at, at, size, size, 1] {
            file.extend(word.to_le_bytes());
        }
    }
    for &(kind, flags, at, size) in sections {
        file.extend(0u32.to_le_bytes());
        file.extend(kind.to_le_bytes());
        for word in [flags, at, at, size, 0, 1, 0] {
            file.extend(word.to_le_bytes());
        }
    }
    file.resize(4096, 0);
    file
}

fn parts(expected: &[(Part, u64)]) -> Composition {
    expected.iter().copied().collect()
}

#[test]
fn without_sections_all_but_the_headers_is_packed() {
    let file = craft(EXEC, &[(LOAD, READ | EXECUTE, 0x400, 0x200)], &[]);
    let file = ElfFile::parse(&file).unwrap();
    let expected = [(Part::Headers, 64 + 56), (Part::Packed, 4096 - 64 - 56)];
    assert_eq!(file.composition().unwrap(), parts(&expected));
    assert_eq!((file.kind(), file.machine()), (FileKind::Executable, Machine::Amd64));
    assert!(file.is_executable_program() && !file.is_pie());
}

#[test]
fn bytes_claimed_twice_are_counted_once_for_the_first_part() {
    let file = craft(
        EXEC,
        &[],
        &[
            (PROGBITS, ALLOC_WRITE, 0x400, 0x100),
            (PROGBITS, ALLOC_EXECUTE, 0x480, 0x100),
            (PROGBITS, ALLOC_EXECUTE, 0x500, 0x10),
            (NOBITS, ALLOC_WRITE, 0x400, 0xffff_ffff),
            (PROGBITS, ALLOC_WRITE, 0, 0x40),
        ],
    );
    let headers = 64 + 5 * 64;
    let expected = [
        (Part::Headers, headers),
        (Part::Text, 0x100),
        (Part::Data, 0x80),
        (Part::Padding, 4096 - headers - 0x180),
    ];
    assert_eq!(ElfFile::parse(&file).unwrap().composition().unwrap(), parts(&expected));
}

#[test]
fn a_section_beyond_the_end_is_an_error_that_says_where() {
    for size in [3073, u64::MAX, u64::MAX - 0x400] {
        let file = craft(EXEC, &[], &[(PROGBITS, ALLOC_WRITE, 0x400, size)]);
        let error = ElfFile::parse(&file).unwrap().composition().unwrap_err();
        assert_eq!(
            error,
            ElfError::Outside { structure: "section \"\"".into(), offset: 0x400, size, file: 4096 }
        );
    }
}

#[test]
fn a_loaded_segment_beyond_the_end_is_an_error_where_only_segments_tell() {
    let file = craft(EXEC, &[(LOAD, READ | EXECUTE, 0x400, 4096)], &[]);
    let error = ElfFile::parse(&file).unwrap().composition().unwrap_err();
    assert!(error.to_string().starts_with("loaded segment 0 at offset 0x400"), "{error}");
}

#[test]
fn headers_beyond_the_end_are_an_error_that_says_where() {
    let mut file = craft(EXEC, &[(LOAD, READ, 0, 64)], &[]);
    file[32..40].copy_from_slice(&4090u64.to_le_bytes());
    let error = ElfFile::parse(&file).map(|_| ()).unwrap_err();
    assert!(
        matches!(error, ElfError::Header { structure: "program headers", offset: 4090, .. }),
        "{error}"
    );
}

#[test]
fn protection_is_read_from_segments() {
    let file = craft(
        DYN,
        &[
            (LOAD, READ | WRITE | EXECUTE, 0x400, 0x10),
            (LOAD, READ | WRITE, 0x800, 0x10),
            (STACK, READ | WRITE, 0, 0),
            (RELRO, READ, 0x800, 0x10),
        ],
        &[],
    );
    let file = ElfFile::parse(&file).unwrap();
    assert_eq!(file.writable_executable_segments(), 1);
    assert_eq!((file.nx(), file.relro(), file.is_pie()), (true, Relro::Partial, true));

    let file = craft(DYN, &[(LOAD, READ, 0x400, 0x10), (STACK, READ | EXECUTE, 0, 0)], &[]);
    let file = ElfFile::parse(&file).unwrap();
    assert_eq!((file.nx(), file.relro()), (false, Relro::None));
    assert!(!file.is_executable_program(), "there is no code at its entry");
}

#[test]
fn build_information_counts_only_with_a_version_behind_its_magic() {
    let mut file = craft(EXEC, &[(LOAD, READ, 0, 4096)], &[]);
    file[0x800..0x80e].copy_from_slice(b"\xff Go buildinf:");
    assert!(!ElfFile::parse(&file).unwrap().has_build_info());
    file[0x80e..0x810].copy_from_slice(&[8, 2]);
    file[0x820..0x829].copy_from_slice(b"\x08go1.26.8");
    assert_eq!(ElfFile::parse(&file).unwrap().go_version().as_deref(), Some("go1.26.8"));
    file[0x820] = 0x7f;
    assert!(!ElfFile::parse(&file).unwrap().has_build_info());
}

#[test]
fn a_pclntab_is_found_by_its_magic_where_sections_are_gone() {
    let mut file = craft(EXEC, &[(LOAD, READ, 0, 4096)], &[]);
    assert!(!ElfFile::parse(&file).unwrap().has_pclntab());
    file[0x800..0x808].copy_from_slice(&[0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]);
    assert!(ElfFile::parse(&file).unwrap().has_pclntab());
}
