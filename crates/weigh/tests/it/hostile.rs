//! Small files that claim to be enormous: the weighing says which section it leaves alone.

use elfin_schema::{Message, Weighing};
use elfin_weigh::{Options, weigh};
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;

const SHF_COMPRESSED: u64 = 0x800;

/// An ELF file of nothing but sections; those with a size are compressed and inflate to it.
fn elf(sections: &[(&str, &[u8], Option<usize>)]) -> Vec<u8> {
    let mut names = vec![0];
    let mut file = vec![0; 64];
    let mut headers = vec![0; 64];
    let header = |name: usize, kind: u32, flags: u64, start: usize, size: usize| {
        let mut header = Vec::new();
        header.extend(u32::try_from(name).unwrap().to_le_bytes());
        header.extend(kind.to_le_bytes());
        for field in [flags, 0, start as u64, size as u64, 0, 1, 0] {
            header.extend(field.to_le_bytes());
        }
        header
    };
    for (name, bytes, inflates) in sections {
        let start = file.len();
        if let Some(size) = inflates {
            for field in [1, *size as u64, 1] {
                file.extend(field.to_le_bytes()); // ELFCOMPRESS_ZLIB and four reserved bytes
            }
        }
        file.extend(*bytes);
        let flags = if inflates.is_some() { SHF_COMPRESSED } else { 0 };
        headers.extend(header(names.len(), 1, flags, start, file.len() - start));
        names.extend(name.bytes().chain([0]));
    }
    let start = file.len();
    headers.extend(header(names.len(), 3, 0, start, names.len() + 10));
    names.extend(b".shstrtab\0");
    file.extend(&names);
    let (table, count) = (file.len() as u64, u16::try_from(headers.len() / 64).unwrap());
    file.extend(&headers);
    file[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    file[16..24].copy_from_slice(&[2, 0, 62, 0, 1, 0, 0, 0]);
    file[0x28..0x30].copy_from_slice(&table.to_le_bytes());
    file[0x34..0x3a].copy_from_slice(&[64, 0, 56, 0, 0, 0]);
    file[0x3a..0x3c].copy_from_slice(&64_u16.to_le_bytes());
    file[0x3c..0x3e].copy_from_slice(&count.to_le_bytes());
    file[0x3e..0x40].copy_from_slice(&(count - 1).to_le_bytes());
    file
}

/// So many times the same bytes, compressed no better than a 50th: filled up with what is not read.
fn inflating(pattern: &[u8], times: usize) -> (Vec<u8>, usize) {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        encoder.write_all(pattern).unwrap();
    }
    let size = pattern.len() * times;
    let mut bytes = encoder.finish().unwrap();
    bytes.resize(bytes.len().max(size / 50), 0xaa);
    (bytes, size)
}

fn weighed(sections: &[(&str, &[u8], Option<usize>)]) -> Weighing {
    let file = elf(sections);
    let weighing = weigh(&file, &Options::default()).unwrap();
    let rows: u64 = weighing.rows.iter().map(|it| it.bytes).sum();
    assert_eq!(rows + weighing.unknown_bytes, file.len() as u64);
    weighing
}

/// The sections that warnings name.
fn unreadable(weighing: &Weighing) -> Vec<&str> {
    let named = weighing.warnings.iter().filter_map(|it| match it {
        Message::SectionUnreadable { section, .. } => Some(section.as_str()),
        _ => None,
    });
    named.collect()
}

/// A unit of version 4 whose root has abbreviation 1 and a name in `.debug_str`.
const UNIT: [u8; 16] = [12, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 0];
/// Abbreviation 1: a compilation unit with DW_AT_name as DW_FORM_strp.
const ABBREVIATION: [u8; 8] = [1, 0x11, 0, 3, 0x0e, 0, 0, 0];

#[test]
fn strings_that_inflate_enormously_are_left_alone() {
    let (strings, size) = inflating(&[b'x'; 1 << 20], 100);
    let info = (".debug_info", &UNIT[..], None);
    let abbreviations = (".debug_abbrev", &ABBREVIATION[..], None);
    for name in [".debug_str", ".debug_line_str", ".debug_abbrev"] {
        let mut sections = vec![info, (name, &strings, Some(size))];
        sections.extend((name != ".debug_abbrev").then_some(abbreviations));
        let weighing = weighed(&sections);
        assert!(unreadable(&weighing).contains(&name), "{name}: {:?}", weighing.warnings);
    }
    // The same strings where they are as large as they look.
    let (strings, size) = inflating(b"main.c\0", 1000);
    let weighing = weighed(&[info, abbreviations, (".debug_str", &strings, Some(size))]);
    assert_eq!(unreadable(&weighing), [""; 0]);
    assert!(weighing.rows.iter().any(|it| it.library.as_deref() == Some("main.c")));
}

#[test]
fn tables_are_paid_from_one_budget() {
    // Each alone is allowed, together they are not.
    let (strings, size) = inflating(&[0; 1 << 20], 10);
    let info = (".debug_info", &UNIT[..], None);
    let abbreviations = (".debug_abbrev", &ABBREVIATION[..], None);
    let one = weighed(&[info, abbreviations, (".debug_str", &strings, Some(size))]);
    assert_eq!(unreadable(&one), [""; 0]);
    let (first, second) =
        ((".debug_str", &*strings, Some(size)), (".debug_line_str", &*strings, Some(size)));
    let both = weighed(&[info, abbreviations, first, second]);
    assert_eq!(unreadable(&both), [".debug_str"]);
}

#[test]
fn abbreviations_that_would_be_large_are_not_parsed() {
    // Without attributes, and of one attribute after the other.
    let many: Vec<u8> = (1..60_000_u32)
        .flat_map(|code| {
            // LEB128 in three bytes.
            let code = (code & 0x7f) | (code & 0x3f80) << 1 | (code & 0x1f_c000) << 2 | 0x8080;
            let [a, b, c, _] = code.to_le_bytes();
            [a, b, c, 0x11, 0, 0, 0]
        })
        .collect();
    let wide = [&[1, 0x11, 0][..], &[3, 0x19].repeat(300_000), &[0, 0, 0]].concat();
    for table in [many, wide] {
        let weighing = weighed(&[(".debug_info", &UNIT, None), (".debug_abbrev", &table, None)]);
        assert_eq!(unreadable(&weighing), [".debug_info"], "{:?}", weighing.warnings);
    }
}

#[test]
fn more_units_than_a_file_can_have_are_not_kept() {
    let (info, size) = inflating(&UNIT, 400_000);
    let abbreviations = (".debug_abbrev", &ABBREVIATION[..], None);
    let weighing = weighed(&[(".debug_info", &info, Some(size)), abbreviations]);
    assert_eq!(unreadable(&weighing), [".debug_info"]);
    let (info, size) = inflating(&UNIT, 400);
    let weighing = weighed(&[(".debug_info", &info, Some(size)), abbreviations]);
    assert_eq!(unreadable(&weighing), [""; 0]);
}
