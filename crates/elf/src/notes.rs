//! The GNU build ID, by which debuggers and profilers find a program's symbols.
//!
//! Sections are asked first: with Go's internal linker the note segment covers
//! only Go's own note, so a reader of segments does not find the GNU one.

use crate::file::ElfFile;
use object::elf;
use object::{Endianness, ReadRef};
use std::fmt::Write;

/// A program has two or three tables of notes; hostile ones are not read over and over.
const MOST_TABLES: usize = 64;

impl ElfFile<'_> {
    /// Gives the GNU build ID in hexadecimal.
    pub fn gnu_build_id(&self) -> Option<String> {
        let sections = self.sections.iter().filter(|it| it.kind == elf::SHT_NOTE);
        let segments = self.segments.iter().filter(|it| it.kind == elf::PT_NOTE);
        let id = sections
            .map(|it| (it.offset, it.size))
            .chain(segments.map(|it| (it.offset, it.file_size)))
            .take(MOST_TABLES)
            .find_map(|(offset, size)| self.build_id_in(self.bytes(offset, size)?))?;
        Some(id.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // Writing to a string does not fail.
            hex
        }))
    }
    fn build_id_in<'n>(&self, mut notes: &'n [u8]) -> Option<&'n [u8]> {
        loop {
            let head = notes.read_at::<elf::NoteHeader32<Endianness>>(0).ok()?;
            let name_size = head.n_namesz.get(self.endian);
            let size = head.n_descsz.get(self.endian);
            let name_at = size_of_val(head) as u64;
            let at = name_at + padded(name_size);
            let name = notes.read_bytes_at(name_at, name_size.into()).ok()?;
            if name == b"GNU\0" && head.n_type.get(self.endian) == elf::NT_GNU_BUILD_ID {
                return notes.read_bytes_at(at, size.into()).ok();
            }
            notes = notes.get(usize::try_from(at + padded(size)).ok()?..)?;
        }
    }
}

/// Names and contents of notes are padded to four bytes.
fn padded(size: u32) -> u64 {
    u64::from(size).next_multiple_of(4)
}
