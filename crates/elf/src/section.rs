//! What sections and segments say of themselves, in words instead of numbers.

use crate::file::{ElfFile, Section, Segment};
use elfin_model::{FileOffset, FileRange, VirtAddr};
use object::elf;
use std::ops::Range;

impl Section<'_> {
    /// Its bytes of the file.
    pub fn range(&self) -> FileRange {
        FileRange::new(FileOffset(self.offset), self.size)
    }

    /// The addresses that it takes.
    pub fn addresses(&self) -> Range<u64> {
        self.address..self.address.saturating_add(self.memory_size)
    }

    /// True if it is part of the running program.
    pub fn is_loaded(&self) -> bool {
        self.flags.contains(elf::SHF_ALLOC)
    }

    /// True if it holds machine code.
    pub fn is_code(&self) -> bool {
        self.flags.contains(elf::SHF_EXECINSTR)
    }

    /// True if the program may write to it.
    pub fn is_writable(&self) -> bool {
        self.flags.contains(elf::SHF_WRITE)
    }

    /// True if it takes memory and no byte of the file.
    pub fn is_memory_only(&self) -> bool {
        self.kind == elf::SHT_NOBITS
    }

    /// True if it holds symbols: `.symtab` and `.dynsym`.
    pub fn is_symbol_table(&self) -> bool {
        matches!(self.kind, elf::SHT_SYMTAB | elf::SHT_DYNSYM)
    }

    /// True if it holds what the dynamic linker reads: its table, symbols, hashes, versions, what
    /// to call at the start and at the end.
    pub fn is_dynamic(&self) -> bool {
        matches!(
            self.kind,
            elf::SHT_DYNAMIC
                | elf::SHT_DYNSYM
                | elf::SHT_HASH
                | elf::SHT_GNU_HASH
                | elf::SHT_GNU_VERSYM
                | elf::SHT_GNU_VERNEED
                | elf::SHT_GNU_VERDEF
                | elf::SHT_INIT_ARRAY
                | elf::SHT_FINI_ARRAY
        )
    }

    /// True if it holds strings that another section refers to.
    pub fn is_string_table(&self) -> bool {
        self.kind == elf::SHT_STRTAB
    }

    /// True if it holds relocations of any form.
    pub fn is_relocations(&self) -> bool {
        matches!(self.kind, elf::SHT_REL | elf::SHT_RELA | elf::SHT_RELR)
    }

    /// True if it holds notes.
    pub fn is_notes(&self) -> bool {
        self.kind == elf::SHT_NOTE
    }
}

impl Segment {
    /// Its bytes of the file.
    pub fn range(&self) -> FileRange {
        FileRange::new(FileOffset(self.offset), self.file_size)
    }

    /// Where it is loaded.
    pub fn start(&self) -> VirtAddr {
        VirtAddr(self.address)
    }

    /// True if it is loaded.
    pub fn is_loaded(&self) -> bool {
        self.kind == elf::PT_LOAD
    }

    /// What its memory may be used for, as `r-x`.
    pub fn access(&self) -> String {
        let flags = [(elf::PF_R, 'r'), (elf::PF_W, 'w'), (elf::PF_X, 'x')];
        flags
            .map(|(flag, letter)| if self.flags.contains(flag) { letter } else { '-' })
            .iter()
            .collect()
    }

    /// True if its bytes may run.
    pub fn is_code(&self) -> bool {
        self.flags.contains(elf::PF_X)
    }

    /// True if the program may write to it.
    pub fn is_writable(&self) -> bool {
        self.flags.contains(elf::PF_W)
    }

    /// True if it holds notes.
    pub fn is_notes(&self) -> bool {
        self.kind == elf::PT_NOTE
    }

    /// True if it is what the dynamic linker reads: its table, or its name.
    pub fn is_dynamic(&self) -> bool {
        matches!(self.kind, elf::PT_DYNAMIC | elf::PT_INTERP)
    }

    /// True if it finds the unwind tables of C code.
    pub fn is_unwind(&self) -> bool {
        self.kind == elf::PT_GNU_EH_FRAME
    }

    /// True if it says what the stack is like.
    pub fn is_stack(&self) -> bool {
        self.kind == elf::PT_GNU_STACK
    }

    /// True if it is each thread's own memory.
    pub fn is_tls(&self) -> bool {
        self.kind == elf::PT_TLS
    }
}

impl<'a> ElfFile<'a> {
    /// Gives the sections in the order of their headers, the empty first one included.
    pub fn sections(&self) -> &[Section<'a>] {
        &self.sections
    }

    /// Gives the program headers in their order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Finds the first section of a name.
    pub fn section_named(&self, name: &str) -> Option<&Section<'a>> {
        self.section(name)
    }

    /// Gives the file header, the program headers and the section headers, each where it stands.
    pub fn header_ranges(&self) -> impl Iterator<Item = FileRange> {
        self.headers.iter().map(|it| FileRange::between(it.start, it.end))
    }

    /// Gives the bytes of a section; none where it has none in the file.
    pub fn contents(&self, section: &Section<'_>) -> &'a [u8] {
        self.slice(section.range())
    }
}
