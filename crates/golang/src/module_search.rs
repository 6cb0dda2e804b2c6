//! Where module data and pclntab are: by section, by symbol, or by what points at what.
//!
//! Stripping takes the names away and an external linker merges sections, but
//! module data still begins with the address of pclntab, and pclntab with its
//! magic number.

use crate::module_data::ModuleData;
use crate::pclntab::is_header;
use elfin_elf::{Addends, ElfFile};
use elfin_model::{FileOffset, VirtAddr};

/// A program has few words that hold the address of pclntab; a hostile file has any number.
const MOST_TRIES: usize = 64;

impl ModuleData {
    /// Finds the module data of the program.
    ///
    /// `None` if there is none that its own fields and the rest of the file agree with.
    pub fn find(file: &ElfFile<'_>, addends: &Addends<'_>) -> Option<ModuleData> {
        let section = file.section_named(".go.module").map(|it| VirtAddr(it.address));
        let read = |address| {
            let module = ModuleData::read(file, addends, address)?;
            is_header(file.numbers(), file.from_address(module.pc_header)).then_some(module)
        };
        section.and_then(read).or_else(|| {
            let tables = pclntabs(file);
            let pointers = tables.iter().flat_map(|table| pointers_to(file, addends, *table));
            pointers.take(MOST_TRIES).find_map(read)
        })
    }
}

/// Lists where a pclntab may begin.
pub(crate) fn pclntabs(file: &ElfFile<'_>) -> Vec<VirtAddr> {
    let named = file.sections().iter().filter(|it| it.name.ends_with(".gopclntab"));
    // Some strips leave names shifted: what is called so need not be one.
    let is_table = |it: &VirtAddr| is_header(file.numbers(), file.from_address(*it));
    let mut found: Vec<VirtAddr> = named.map(|it| VirtAddr(it.address)).filter(is_table).collect();
    if found.is_empty() {
        let loads = file.segments().iter().filter(|it| it.is_loaded() && !it.is_code());
        found = loads.flat_map(|load| headers_in(file, load.start())).take(MOST_TRIES).collect();
    }
    found
}

/// Looks for headers of pclntab from an address to the end of its segment.
fn headers_in(file: &ElfFile<'_>, start: VirtAddr) -> Vec<VirtAddr> {
    let numbers = file.numbers();
    let bytes = file.from_address(start);
    // The magic's upper bytes and the zeros behind it: 0xfffffff0 and 0xfffffff1 share them.
    let (needle, before): (&[u8], usize) =
        if numbers.little { (&[0xff, 0xff, 0xff, 0, 0], 1) } else { (&[0xff, 0xff, 0xff], 0) };
    memchr::memmem::find_iter(bytes, needle)
        .filter_map(|at| at.checked_sub(before))
        .filter(|at| is_header(numbers, bytes.get(*at..).unwrap_or_default()))
        .filter_map(|at| start.plus(at as u64))
        .take(MOST_TRIES)
        .collect()
}

/// Looks for words that point at an address: in writable data, and in relocations.
fn pointers_to(file: &ElfFile<'_>, addends: &Addends<'_>, target: VirtAddr) -> Vec<VirtAddr> {
    let relocated = addends.pointers_to(target).take(MOST_TRIES);
    let mut found: Vec<VirtAddr> = relocated.collect();
    let numbers = file.numbers();
    let word = if numbers.little { target.0.to_le_bytes() } else { target.0.to_be_bytes() };
    let word = match (numbers.pointer, numbers.little) {
        (8, _) => &word[..],
        (_, true) => &word[..4],
        (_, false) => &word[4..],
    };
    let loads = file.segments().iter().filter(|it| it.is_loaded() && it.is_writable());
    for load in loads {
        let bytes = file.slice(load.range());
        let places = memchr::memmem::find_iter(bytes, word)
            .filter(|at| at.is_multiple_of(numbers.pointer))
            .filter_map(|at| file.address_of(FileOffset(load.offset + at as u64)));
        found.extend(places.take(MOST_TRIES));
    }
    found
}
