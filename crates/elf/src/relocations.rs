//! Relocations, and the words of the running program that they make.
//!
//! A position-independent program has zeros where its pointers will be; what
//! they will point to stands in the relocations. [`Addends`] looks that up
//! where it is needed, in the file itself, because a large program has a
//! million of them.

use crate::file::{ElfFile, Machine, Section};
use crate::numbers::Numbers;
use elfin_model::{FileOffset, FileRange, VirtAddr};
use object::elf;

/// An entry of a table of relocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relocation {
    /// Where the entry stands.
    pub entry: FileRange,
    /// The word that it patches, of a bitmap of `SHT_RELR` the first.
    pub slot: VirtAddr,
}

impl<'a> ElfFile<'a> {
    /// Goes through a table of relocations of any form.
    pub fn relocations(&self, table: &Section<'_>) -> impl Iterator<Item = Relocation> + use<'a> {
        let numbers = self.numbers();
        let words = match table.kind {
            elf::SHT_RELR => 1,
            elf::SHT_REL => 2,
            _ => 3,
        };
        let size = words * numbers.pointer;
        let start = table.offset;
        let mut next = 0;
        let entries = self.contents(table).chunks_exact(size).enumerate();
        entries.filter_map(move |(index, bytes)| {
            let word = numbers.word(bytes, 0)?;
            let entry = FileRange::new(FileOffset(start + (index * size) as u64), size as u64);
            let slot = if words == 1 { relr_slot(word, &mut next, numbers.pointer) } else { word };
            Some(Relocation { entry, slot: VirtAddr(slot) })
        })
    }

    /// Opens the addends of the relocations that only add the address of loading.
    pub fn addends(&self) -> Addends<'a> {
        let named = self.sections.iter().filter(|it| it.kind == elf::SHT_RELA && it.is_loaded());
        let mut tables: Vec<&[u8]> = named.map(|it| self.contents(it)).collect();
        if self.sections.is_empty() {
            let described = self.dynamic_tables();
            let described = described.iter().filter(|it| it.kind == elf::SHT_RELA);
            tables.extend(described.map(|it| self.contents(it)));
        }
        let (numbers, kind) = (self.numbers(), relative(self.machine()));
        let tables = tables.into_iter().filter(|it| !it.is_empty());
        Addends { numbers, kind, tables: tables.map(|it| Table::new(it, numbers)).collect() }
    }
}

/// Reads an entry of `SHT_RELR`: an address, or a bitmap of the words that follow it.
///
/// `next` is the first word that the next bitmap is about.
fn relr_slot(word: u64, next: &mut u64, pointer: usize) -> u64 {
    let pointer = pointer as u64;
    if word & 1 == 0 {
        *next = word.wrapping_add(pointer);
        return word;
    }
    let first = u64::from((word >> 1).trailing_zeros()).min(8 * pointer - 1);
    let slot = next.wrapping_add(first * pointer);
    *next = next.wrapping_add((8 * pointer - 1) * pointer);
    slot
}

/// The number of the relocation that adds the address of loading to its addend.
fn relative(machine: Machine) -> u32 {
    match machine {
        Machine::Amd64 | Machine::I386 => elf::R_X86_64_RELATIVE.0,
        Machine::Arm64 => elf::R_AARCH64_RELATIVE.0,
        Machine::Arm => elf::R_ARM_RELATIVE.0,
        Machine::Riscv => elf::R_RISCV_RELATIVE.0,
        Machine::Ppc64 => elf::R_PPC64_RELATIVE.0,
        Machine::S390x => elf::R_390_RELATIVE.0,
        Machine::Other(_) => u32::MAX,
    }
}

/// From the address of a pointer to what it will point to.
#[derive(Debug, Clone)]
pub struct Addends<'a> {
    numbers: Numbers,
    kind: u32,
    tables: Vec<Table<'a>>,
}

/// A table of relocations with its order by address, where it does not have it itself.
#[derive(Debug, Clone)]
struct Table<'a> {
    entries: &'a [u8],
    order: Vec<u32>,
}

impl<'a> Table<'a> {
    fn new(entries: &'a [u8], numbers: Numbers) -> Table<'a> {
        let size = 3 * numbers.pointer;
        let slots = || entries.chunks_exact(size).map(|it| numbers.word(it, 0));
        let mut order = Vec::new();
        if !slots().is_sorted() {
            order = (0..).zip(slots()).map(|(index, _)| index).collect();
            let slot = |index: &u32| numbers.word(entries, *index as usize * size);
            order.sort_by_key(slot);
        }
        Table { entries, order }
    }

    /// The entry of a slot.
    fn find(&self, slot: u64, numbers: Numbers) -> Option<&'a [u8]> {
        let size = 3 * numbers.pointer;
        let entry = |place: usize| {
            let index = self.order.get(place).map_or(place, |it| *it as usize);
            self.entries.get(index * size..)?.get(..size)
        };
        let mut places = 0..self.entries.len() / size;
        while !places.is_empty() {
            let middle = places.start + places.len() / 2;
            if numbers.word(entry(middle)?, 0)? < slot {
                places.start = middle + 1;
            } else {
                places.end = middle;
            }
        }
        entry(places.start).filter(|it| numbers.word(it, 0) == Some(slot))
    }
}

impl Addends<'_> {
    /// Finds what the word at an address will be before the address of loading is added.
    pub fn at(&self, slot: VirtAddr) -> Option<VirtAddr> {
        self.addend(self.tables.iter().find_map(|it| it.find(slot.0, self.numbers))?)
    }

    /// Goes through the words that will be pointers: where each is and what it will point at,
    /// table by table.
    pub fn pointers(&self) -> impl Iterator<Item = (VirtAddr, VirtAddr)> {
        let entries = self.tables.iter().flat_map(|it| it.entries.chunks_exact(self.entry_size()));
        entries.filter_map(|entry| {
            let slot = self.numbers.word(entry, 0)?;
            self.addend(entry).map(|target| (VirtAddr(slot), target))
        })
    }

    fn entry_size(&self) -> usize {
        3 * self.numbers.pointer
    }

    /// The addend of an entry that only adds the address of loading.
    fn addend(&self, entry: &[u8]) -> Option<VirtAddr> {
        let info = self.numbers.word(entry, self.numbers.pointer)?;
        let kind = if self.numbers.pointer == 8 { info & 0xffff_ffff } else { info & 0xff };
        let addend = self.numbers.word(entry, 2 * self.numbers.pointer)?;
        (kind == u64::from(self.kind)).then_some(VirtAddr(addend))
    }

    /// Lists the slots whose words will point at an address, table by table.
    pub fn pointers_to(&self, target: VirtAddr) -> impl Iterator<Item = VirtAddr> {
        self.pointers().filter(move |(_, to)| *to == target).map(|(slot, _)| slot)
    }

    /// Reads the word at an address as the running program has it, loaded at 0 more than it asks.
    pub fn word(&self, file: &ElfFile<'_>, address: VirtAddr) -> Option<u64> {
        let stored = self.numbers.word(file.from_address(address), 0)?;
        if stored != 0 || self.tables.is_empty() {
            return Some(stored);
        }
        Some(self.at(address).map_or(0, |addend| addend.0))
    }
}
