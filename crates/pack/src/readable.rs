//! What of the original stays readable in the packed file: who it is, and where its debug file is.
//!
//! Build information, build IDs and the debug link stand as they are in
//! sections of the packed file. What is in the program's memory too is not
//! packed a second time: the loader copies it from there.

use crate::original::Original;
use elfin_elf::image::SectionHeader;
use elfin_pack_format::container::{KEPT, Kept};
use object::elf;
use std::ops::Range;

const BUILD_INFO: &str = ".go.buildinfo";
const BUILD_INFO_MAGIC: &[u8] = b"\xff Go buildinf:";
/// A flag of the build information: the texts follow, and are not elsewhere.
const TEXTS_FOLLOW: u8 = 2;
const BUILD_INFO_HEADER: usize = 32;
const NOTES: [&str; 2] = [".note.go.buildid", ".note.gnu.build-id"];
const DEBUG_LINK: &str = ".gnu_debuglink";
/// A copy that is shorter is not worth an entry of the table.
const SHORTEST_COPY: usize = 64;

/// What stays readable.
#[derive(Debug, Default)]
pub(crate) struct Readable {
    /// The parts in their order.
    pub parts: Vec<Part>,
    copies: Vec<Copy>,
}

/// A part that stays readable, as a section.
#[derive(Debug)]
pub(crate) struct Part {
    header: SectionHeader,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its place is a multiple of.
    pub align: usize,
    /// True if it is mapped.
    pub loaded: bool,
}

/// Bytes of the program's memory that stand in a part too.
#[derive(Debug)]
struct Copy {
    part: usize,
    offset: usize,
    place: Range<usize>,
}

impl Part {
    /// Its section header, at an offset and an address.
    pub(crate) fn section(&self, offset: u64, address: u64) -> SectionHeader {
        SectionHeader { offset, address, link: 0, info: 0, ..self.header.clone() }
    }
}

impl Readable {
    /// Finds it in a program.
    pub(crate) fn find(original: &Original<'_>) -> Readable {
        let mut readable = Readable::default();
        for name in NOTES {
            readable.add(original, name, 4);
        }
        if original.section(BUILD_INFO).is_some_and(|it| texts_follow(&original.memory[it])) {
            readable.add(original, BUILD_INFO, 16);
            readable.find_copies(original);
        }
        if let Some(header) = original.elf.section(DEBUG_LINK) {
            let bytes = original.elf.slice(header.file()).to_vec();
            readable.parts.push(Part { header: header.clone(), bytes, align: 4, loaded: false });
        }
        readable
    }

    fn add(&mut self, original: &Original<'_>, name: &str, align: usize) {
        let Some((header, place)) = original.elf.section(name).zip(original.section(name)) else {
            return;
        };
        let bytes = original.memory[place.clone()].to_vec();
        self.copies.push(Copy { part: self.parts.len(), offset: 0, place });
        self.parts.push(Part { header: header.clone(), bytes, align, loaded: true });
    }

    /// The module information stands in the program a second time, as a string.
    fn find_copies(&mut self, original: &Original<'_>) {
        let Some((part, it)) = self.parts.iter().enumerate().next_back() else { return };
        let place = original.section(BUILD_INFO).unwrap_or_default();
        let marks = it.bytes.get(BUILD_INFO_HEADER..).and_then(longest_text);
        let Some(text) = marks.filter(|it| it.len() >= SHORTEST_COPY) else { return };
        let offset = BUILD_INFO_HEADER + text.start;
        let bytes = &it.bytes[offset..BUILD_INFO_HEADER + text.end];
        let found = memchr::memmem::find_iter(&original.memory, bytes);
        let elsewhere = found.map(|at| at..at + bytes.len());
        let elsewhere = elsewhere.filter(|it| it.end <= place.start || place.end <= it.start);
        let copies: Vec<Copy> = elsewhere.map(|place| Copy { part, offset, place }).collect();
        self.copies.extend(copies);
    }

    /// The parts that are notes, with their index.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts.iter().enumerate().filter(|(_, it)| it.header.kind == elf::SHT_NOTE)
    }

    /// Where the program's memory is copied from parts.
    pub(crate) fn kept(&self) -> impl Iterator<Item = Range<usize>> {
        self.copies.iter().map(|it| it.place.clone())
    }

    /// Bytes of all parts and of the table, and what aligning them may take.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|it| it.bytes.len() + it.align).sum::<usize>() + self.table_len()
    }

    /// How many entries the table has.
    pub(crate) fn kept_count(&self) -> usize {
        self.copies.len()
    }

    /// Bytes of the table.
    pub(crate) fn table_len(&self) -> usize {
        self.copies.len() * KEPT
    }

    /// The table of copies, with the parts at these places of the file.
    pub(crate) fn table(&self, places: &[u64]) -> Vec<u8> {
        let half = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let entries = self.copies.iter().map(|it| {
            let start = usize::try_from(places[it.part]).unwrap_or(usize::MAX);
            Kept {
                file: half(start.saturating_add(it.offset)),
                image: half(it.place.start),
                len: half(it.place.len()),
            }
            .to_bytes()
        });
        entries.flatten().collect()
    }
}

fn texts_follow(bytes: &[u8]) -> bool {
    bytes.starts_with(BUILD_INFO_MAGIC)
        && bytes.get(BUILD_INFO_MAGIC.len() + 1).is_some_and(|it| it & TEXTS_FOLLOW != 0)
}

/// The second text of the build information: the modules. Each is behind its length.
fn longest_text(bytes: &[u8]) -> Option<Range<usize>> {
    let first = text(bytes, 0)?;
    text(bytes, first.end)
}

fn text(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut len = 0_usize;
    for (i, byte) in bytes.get(at..)?.iter().enumerate().take(4) {
        len |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            let start = at + i + 1;
            return bytes.get(start..start.checked_add(len)?).map(|_| start..start + len);
        }
    }
    None
}
