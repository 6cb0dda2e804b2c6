//! Symbols, relocations and addresses against what readelf prints of the same file.

use crate::programs;
use elfin_elf::{ElfFile, SymbolKind};
use elfin_model::{FileOffset, VirtAddr};

fn number(text: &str) -> u64 {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).unwrap(),
        None => text.parse().unwrap(),
    }
}

#[test]
fn symbols_are_those_that_readelf_prints() {
    let Some(program) = programs::hello(&[("CGO_ENABLED", "0")], &[]) else { return };
    let Some(says) = programs::says("readelf", &["-sW"], &program) else { return };
    let file = ElfFile::parse(&program).unwrap();
    let table = file.sections().iter().find(|it| it.is_symbol_table()).unwrap();
    let mut symbols = file.symbols(table);
    let mut seen = 0;
    for line in says.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let first = words.first().and_then(|it| it.strip_suffix(':'));
        if first.is_none_or(|it| it.parse::<u32>().is_err()) {
            continue;
        }
        let symbol = symbols.next().unwrap();
        assert_eq!(symbol.address.0, u64::from_str_radix(words[1], 16).unwrap(), "{line}");
        assert_eq!(symbol.size, number(words[2]), "{line}");
        assert_eq!(words[3] == "FUNC", symbol.kind == SymbolKind::Function, "{line}");
        let name = words.get(7..).unwrap_or_default().join(" ");
        assert_eq!(String::from_utf8_lossy(symbol.name), name, "{line}");
        assert_eq!(file.slice(symbol.name_range), [symbol.name, b"\0"].concat(), "{line}");
        seen += 1;
    }
    assert!(seen > 1000 && symbols.next().is_none(), "{seen} symbols");
}

#[test]
fn words_are_what_the_relocations_make_of_them() {
    let Some(program) = programs::hello(&[("CGO_ENABLED", "0")], &["-buildmode=pie"]) else {
        return;
    };
    let Some(says) = programs::says("readelf", &["-rW"], &program) else { return };
    let file = ElfFile::parse(&program).unwrap();
    let addends = file.addends();
    let mut seen = 0;
    for line in says.lines().filter(|it| it.contains("R_X86_64_RELATIVE")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let slot = VirtAddr(u64::from_str_radix(words[0], 16).unwrap());
        let addend = u64::from_str_radix(words[3], 16).unwrap();
        assert_eq!(addends.word(&file, slot), Some(addend), "{line}");
        seen += 1;
    }
    let tables = file.sections().iter().filter(|it| it.is_relocations());
    let entries: usize = tables.map(|it| file.relocations(it).count()).sum();
    assert!(seen > 1000 && entries >= seen, "{entries} entries, {seen} relative ones");
}

#[test]
fn an_address_and_its_offset_lead_to_each_other() {
    let Some(program) = programs::hello(&[("CGO_ENABLED", "0")], &[]) else { return };
    let file = ElfFile::parse(&program).unwrap();
    for section in file.sections().iter().filter(|it| it.is_loaded() && it.size > 0) {
        let address = VirtAddr(section.address);
        assert_eq!(file.offset_of(address), Some(FileOffset(section.offset)), "{}", section.name);
        assert_eq!(file.address_of(FileOffset(section.offset)), Some(address), "{}", section.name);
        assert_eq!(file.range_of(address, section.size), Some(section.range()), "{}", section.name);
    }
    assert_eq!(file.offset_of(VirtAddr(0)), None);
    assert_eq!(file.offset_of(VirtAddr(u64::MAX)), None);
}

#[test]
fn the_dynamic_table_tells_what_section_headers_tell() {
    let gnu = programs::c_program(&["-Wl,--hash-style=gnu"]);
    let sysv = programs::c_program(&["-Wl,--hash-style=sysv", "-no-pie"]);
    let go = programs::hello(&[("CGO_ENABLED", "0")], &["-buildmode=pie"]);
    for (program, least) in [(gnu, 8), (sysv, 8), (go, 4)] {
        let Some(program) = program else { return };
        let file = ElfFile::parse(&program).unwrap();
        let tables = file.dynamic_tables();
        // The words for functions may stand at the end of a larger table.
        let tables: Vec<_> = tables.iter().filter(|it| it.name != ".got.plt").collect();
        assert!(tables.len() >= least, "{tables:?}");
        for table in tables {
            let is_it = |it: &&elfin_elf::Section<'_>| it.range() == table.range();
            let section = file.sections().iter().find(is_it);
            assert!(section.is_some(), "{table:?}");
        }
    }
}
