//! Real programs, and what readelf says of them.

use crate::programs::{c_program, hello, packed, says};
use elfin_elf::{ElfFile, Machine, Part, Relro};
use std::collections::BTreeSet;

const PURE: (&str, &str) = ("CGO_ENABLED", "0");

#[test]
fn a_go_program_is_read_in_full() {
    let Some(data) = hello(&[PURE], &[]) else { return };
    let file = ElfFile::parse(&data).unwrap();
    assert!(file.is_executable_program() && !file.is_pie());
    assert!(file.has_symtab() && file.has_dwarf() && file.has_pclntab() && file.has_build_info());
    assert!(file.go_version().unwrap().starts_with("go1."));
    assert_eq!((file.interpreter(), file.needed(), file.version_needs()), (None, vec![], vec![]));
    assert_eq!((file.nx(), file.relro()), (true, Relro::None));

    let parts = file.composition().unwrap();
    assert_eq!(parts.values().sum::<u64>(), data.len() as u64);
    for (part, least) in [(Part::Text, 400_000), (Part::Pclntab, 300_000), (Part::Debug, 400_000)] {
        assert!(parts[&part] > least, "{part:?} of {parts:?}");
    }
    for absent in [Part::Relocations, Part::Dynamic, Part::Packed] {
        assert!(!parts.contains_key(&absent), "{absent:?} in {parts:?}");
    }
}

#[test]
fn a_stripped_go_program_has_lost_its_symbols_and_nothing_else() {
    let Some(data) = hello(&[PURE], &["-ldflags=-s -w"]) else { return };
    let file = ElfFile::parse(&data).unwrap();
    assert!(!file.has_symtab() && !file.has_dwarf());
    assert!(file.has_pclntab() && file.has_build_info());
    let parts = file.composition().unwrap();
    assert!(!parts.contains_key(&Part::Debug) && !parts.contains_key(&Part::Symtab), "{parts:?}");
}

#[test]
fn a_position_independent_go_program_asks_for_an_interpreter() {
    let Some(data) = hello(&[PURE], &["-buildmode=pie"]) else { return };
    let file = ElfFile::parse(&data).unwrap();
    assert!(file.is_pie() && file.is_executable_program());
    assert!(file.interpreter().unwrap().contains("ld-linux"));
    assert!(file.composition().unwrap()[&Part::Relocations] > 10_000);
}

#[test]
fn a_packed_program_is_a_program_that_shows_nothing() {
    let Some(data) = hello(&[PURE], &[]).and_then(|it| packed(&it)) else { return };
    let file = ElfFile::parse(&data).unwrap();
    assert!(file.is_executable_program() && !file.is_pie());
    assert!(!file.has_symtab() && !file.has_pclntab() && !file.has_build_info());
    let parts = file.composition().unwrap();
    assert_eq!(Vec::from_iter(parts.keys().copied()), [Part::Headers, Part::Packed]);
}

#[test]
fn other_processors_and_byte_orders_are_read() {
    let machines = [("386", Machine::I386), ("arm64", Machine::Arm64), ("s390x", Machine::S390x)];
    for (arch, machine) in machines {
        let Some(data) = hello(&[PURE, ("GOARCH", arch)], &[]) else { return };
        let file = ElfFile::parse(&data).unwrap();
        assert_eq!(file.machine(), machine, "{arch}");
        assert!(file.has_symtab() && file.has_pclntab() && file.go_version().is_some(), "{arch}");
        assert_eq!(file.composition().unwrap().values().sum::<u64>(), data.len() as u64, "{arch}");
    }
}

#[test]
fn a_shared_library_is_no_program() {
    let Some(data) = c_program(&["-shared", "-fPIC"]) else { return };
    let file = ElfFile::parse(&data).unwrap();
    assert!(!file.is_pie() && !file.is_executable_program());
}

#[test]
fn relro_is_told_apart() {
    let relro = |arguments: &[&str]| {
        let data = c_program(arguments)?;
        Some(ElfFile::parse(&data).unwrap().relro())
    };
    let Some(full) = relro(&["-Wl,-z,relro,-z,now"]) else { return };
    assert_eq!(full, Relro::Full);
    assert_eq!(relro(&["-Wl,-z,relro,-z,lazy"]), Some(Relro::Partial));
    assert_eq!(relro(&["-Wl,-z,norelro"]), Some(Relro::None));
}

#[test]
fn needs_and_ids_are_what_readelf_says() {
    let cases = [&["-Wl,--hash-style=gnu"][..], &["-Wl,--hash-style=sysv", "-no-pie"], &["-g"]];
    for arguments in cases {
        let Some(data) = c_program(arguments) else { return };
        agrees_with_readelf(&data);
    }
    if let Some(data) = hello(&[("CGO_ENABLED", "1")], &["-buildmode=pie"]) {
        agrees_with_readelf(&data);
    }
}

fn agrees_with_readelf(data: &[u8]) {
    let file = ElfFile::parse(data).unwrap();
    let Some(dynamic) = says("readelf", &["-dW"], data) else { return };
    let bracketed = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
    let needed: Vec<_> =
        dynamic.lines().filter(|it| it.contains("(NEEDED)")).filter_map(bracketed).collect();
    assert_eq!(file.needed(), needed);

    let notes = says("readelf", &["-nW"], data).unwrap_or_default();
    let build_id = notes.lines().find_map(|it| Some(it.split_once("Build ID: ")?.1.trim().into()));
    assert_eq!(file.gnu_build_id(), build_id);

    let symbols = says("readelf", &["--dyn-syms", "-W"], data).unwrap_or_default();
    for need in file.version_needs() {
        let suffix = format!("@{}", need.version);
        let forcing: BTreeSet<_> = symbols
            .lines()
            .flat_map(str::split_whitespace)
            .filter_map(|it| it.strip_suffix(&suffix).map(|it| it.trim_end_matches('@').to_owned()))
            .collect();
        assert_eq!(need.symbols, Vec::from_iter(forcing), "{}", need.version);
    }

    let sections = says("readelf", &["-SW"], data).unwrap_or_default();
    let text: u64 = sections.lines().filter_map(executable_bytes).sum();
    assert_eq!(file.composition().unwrap()[&Part::Text], text, "{sections}");
}

/// Size of an executable section, from a line such as
/// `  [ 1] .text PROGBITS 0000000000401000 001000 07f5a1 00  AX  0   0 64`.
fn executable_bytes(line: &str) -> Option<u64> {
    let (_, row) = line.split_once(']')?;
    let fields: Vec<_> = row.split_whitespace().collect();
    let is_text = *fields.get(6)? == "AX" && !fields[0].starts_with(".plt");
    is_text.then(|| u64::from_str_radix(fields[4], 16).unwrap())
}

#[test]
fn a_program_with_threads_needs_the_glibc_that_has_them() {
    let Some(data) = c_program(&[]) else { return };
    let needs = ElfFile::parse(&data).unwrap().version_needs();
    let libc =
        needs.iter().find(|it| it.library == "libc.so.6" && it.version != "GLIBC_ABI_DT_RELR");
    // Another C library has no versions at all.
    if let Some(libc) = libc {
        assert!(libc.version.starts_with("GLIBC_2.") && !libc.symbols.is_empty(), "{libc:?}");
    }
}
