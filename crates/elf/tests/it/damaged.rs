//! Damaged files: an error or an answer, never a panic; and the parts always add up.

use crate::programs;
use elfin_elf::ElfFile;
use elfin_model::VirtAddr;

/// Asks everything that can be asked.
fn ask_everything(data: &[u8]) {
    let Ok(file) = ElfFile::parse(data) else { return };
    if let Ok(composition) = file.composition() {
        assert_eq!(composition.values().sum::<u64>(), data.len() as u64);
    }
    let names = file.needed().iter().chain(&file.interpreter()).map(String::len).sum::<usize>();
    let versions = file.version_needs();
    let symbols = versions.iter().flat_map(|it| &it.symbols).map(String::len).sum::<usize>();
    assert!(names <= data.len() + 4096 && symbols <= data.len(), "more is given than is there");
    let _ = (file.kind(), file.machine().go_name(), file.relro(), file.nx(), file.is_pie());
    let _ = (file.writable_executable_segments(), file.is_executable_program());
    let _ = (file.has_symtab(), file.has_dwarf(), file.has_pclntab(), file.has_build_info());
    let _ = (file.go_version(), file.gnu_build_id());
    let _ = (file.library_paths(), file.checked_calls(), file.control_flow());
    let _ = (file.relocation_types(), file.relocation_bytes());
    let inside = |it: elfin_elf::Section<'_>| it.range().end() <= data.len() as u64;
    assert!(file.dynamic_tables().into_iter().all(inside));
    let addends = file.addends();
    for section in file.sections() {
        let symbols = section.is_symbol_table().then(|| file.symbols(section));
        let names: usize = symbols.into_iter().flatten().map(|it| it.name.len()).sum();
        assert!(names <= 8 * data.len(), "more is given than is there");
        let relocations = section.is_relocations().then(|| file.relocations(section));
        for relocation in relocations.into_iter().flatten().take(100) {
            let _ = addends.word(&file, relocation.slot);
        }
        let at = file.offset_of(VirtAddr(section.address)).and_then(|it| file.address_of(it));
        let _ = (at, file.compression(section));
    }
}

#[test]
fn a_small_program_may_be_cut_anywhere() {
    let Some(whole) = programs::c_program(&[]) else { return };
    for length in 0..whole.len() {
        ask_everything(&whole[..length]);
    }
}

#[test]
fn a_small_program_may_have_any_bit_flipped() {
    for arguments in [&["-Wl,--hash-style=gnu"][..], &["-Wl,--hash-style=sysv", "-no-pie"]] {
        let Some(mut data) = programs::c_program(arguments) else { return };
        for at in 0..data.len() {
            for bit in 0..8 {
                data[at] ^= 1 << bit;
                ask_everything(&data);
                data[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn any_byte_of_a_small_program_may_be_all_ones() {
    let Some(mut data) = programs::c_program(&[]) else { return };
    for at in 0..data.len() - 8 {
        for width in [1, 2, 4, 8] {
            let kept: [u8; 8] = data[at..at + 8].try_into().unwrap();
            data[at..at + width].fill(0xff);
            ask_everything(&data);
            data[at..at + 8].copy_from_slice(&kept);
        }
    }
}

#[test]
fn a_go_program_may_be_cut_or_flipped_in_many_places() {
    let Some(whole) = programs::hello(&[("CGO_ENABLED", "0")], &["-buildmode=pie"]) else { return };
    // Go's linker puts all headers first, so that is where damage matters most.
    let places = (0..4096).step_by(3).chain((4096..whole.len()).step_by(whole.len() / 200));
    let mut data = whole.clone();
    for at in places {
        ask_everything(&whole[..at]);
        data[at] ^= 1 << (at % 8);
        ask_everything(&data);
        data[at] = whole[at];
    }
}

#[test]
fn what_is_not_elf_is_refused() {
    for data in [&b""[..], b"\x7f", b"\x7fELF", b"#!/bin/sh\n", b"MZ\x90\0\x03\0\0\0"] {
        let error = ElfFile::parse(data).map(|_| ()).unwrap_err();
        assert!(!error.to_string().is_empty(), "{error}");
    }
}
