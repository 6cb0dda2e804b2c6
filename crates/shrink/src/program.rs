//! A program on the bench: its headers, and the bytes of each part beside them.
//!
//! Steps change this, and `layout` writes it. All offsets in it are those of
//! the input, so that a step can name a place without knowing what other steps
//! took away; `layout` alone knows where things end up.

use crate::pointers::Pointers;
use crate::{ShrinkError, symbols};
use elfin_elf::image::{FILE_HEADER, Image, PROGRAM_HEADER, ProgramHeader, SectionHeader};
use object::LittleEndian as LE;
use object::elf::{self, FileHeader64};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// No program is loaded higher; what is rounded up from here is still a number.
const HIGHEST: u64 = 1 << 62;

/// A program header, and what is loaded by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// Its offset is that of the input.
    pub header: ProgramHeader,
    /// The bytes that it loads as they were; nothing for headers that only point into others.
    pub content: &'a [u8],
}

/// A section header, and the bytes that no segment has.
#[derive(Debug, Clone)]
pub(crate) struct Section<'a> {
    /// Its offset is that of the input.
    pub header: SectionHeader,
    /// Its index in the input; `None` for a new one.
    pub was: Option<usize>,
    /// Its bytes, where it is not loaded.
    pub content: Cow<'a, [u8]>,
}

/// A program that is being changed.
#[derive(Debug, Clone)]
pub(crate) struct Program<'a> {
    /// The input.
    pub data: &'a [u8],
    /// The file header.
    pub header: FileHeader64<LE>,
    /// Where the program headers are.
    pub program_headers: u64,
    /// Bytes behind the file header that are free for tables, the program headers among them.
    pub header_room: Range<u64>,
    /// The program headers in order.
    pub segments: Vec<Segment<'a>>,
    /// Pointers that are set where they are loaded.
    pub pointers: Option<Arc<Pointers<'a>>>,
    /// Bytes that are written over loaded ones, each with its address.
    pub patches: Vec<(u64, Cow<'a, [u8]>)>,
    /// The section headers in order.
    pub sections: Vec<Section<'a>>,
    /// Whether tables may stand in the padding between segments.
    pub fill_holes: bool,
}

impl<'a> Program<'a> {
    /// Takes a program apart.
    ///
    /// Returns an error if bytes stand behind its end, which a signature or an archive is, or if
    /// sections share bytes.
    pub(crate) fn new(image: &Image<'a>) -> Result<Program<'a>, ShrinkError> {
        let (end, file) = (image.end(), image.data.len() as u64);
        // Zeros are what older linkers filled the last page with.
        if let Some(zeros) = image.slice(end..file).iter().position(|it| *it != 0) {
            let offset = end + zeros as u64;
            return Err(ShrinkError::Appended { offset, bytes: file - offset });
        }
        let unloaded = image.sections.iter().filter(|it| !it.is_loaded());
        let bytes = unloaded.map(|it| it.file().end - it.offset);
        if bytes.fold(0, u64::saturating_add) > file {
            return Err(ShrinkError::Damaged {
                what: "the section headers".into(),
                offset: image.section_headers().start,
                says: "speak of more bytes than there are",
            });
        }
        let is_bounded = |it: &ProgramHeader| {
            let end = it.address.checked_add(it.file_size.max(it.memory_size));
            end.is_some_and(|end| end <= HIGHEST)
        };
        if let Some(load) = image.segments.iter().find(|it| it.is_load() && !is_bounded(it)) {
            return Err(ShrinkError::Damaged {
                what: format!("the program header of address {:#x}", load.address),
                offset: image.program_headers().start,
                says: "speaks of memory that no machine has",
            });
        }
        let segments = image.segments.iter().map(|header| Segment {
            header: *header,
            content: if header.is_load() { image.slice(header.file()) } else { &[] },
        });
        let sections = image.sections.iter().enumerate().map(|(index, header)| Section {
            header: header.clone(),
            was: Some(index),
            content: if header.is_loaded() { &[] } else { image.slice(header.file()) }.into(),
        });
        Ok(Program {
            data: image.data,
            header: image.header,
            program_headers: image.program_headers().start,
            header_room: header_room(image),
            segments: segments.collect(),
            pointers: None,
            patches: Vec::new(),
            sections: sections.collect(),
            fill_holes: false,
        })
    }

    /// The loaded segments.
    pub(crate) fn loads(&self) -> impl Iterator<Item = &Segment<'a>> {
        self.segments.iter().filter(|it| it.header.is_load())
    }

    /// Cuts off what segments load behind all that the program uses.
    pub(crate) fn trim(&mut self) {
        let table = self.program_headers..self.program_headers_end();
        let patches = self.patches.iter().map(|(at, it)| *at..at.saturating_add(it.len() as u64));
        let last = self.loads().filter_map(|it| {
            let last =
                self.pointers.as_ref()?.last_before(it.header.address + it.header.file_size)?;
            Some(last..last.saturating_add(8))
        });
        let written: Vec<_> = patches.chain(last).collect();
        let written = written.iter().filter_map(|it| {
            let start = self.offset_of(&(it.start..it.start.saturating_add(1)))?;
            Some(start..start.saturating_add(it.end - it.start))
        });
        let (headers, sections) =
            (self.segments.iter().map(|it| &it.header), self.sections.iter().map(|it| &it.header));
        let (mut used, unused) = uses(headers, sections);
        used.extend(std::iter::once(table).chain(written));
        for segment in self.segments.iter_mut().filter(|it| it.header.is_load()) {
            let header = &mut segment.header;
            let tail = tail(header, segment.content, &used, &unused);
            if header.memory_size == header.file_size {
                header.memory_size = tail.start - header.offset;
            }
            header.file_size = tail.start - header.offset;
            let keep = usize::try_from(header.file_size).unwrap_or(usize::MAX);
            segment.content = segment.content.get(..keep).unwrap_or(segment.content);
        }
    }

    /// Where the program headers end, in the input's offsets.
    pub(crate) fn program_headers_end(&self) -> u64 {
        self.program_headers + self.segments.len() as u64 * PROGRAM_HEADER
    }

    /// Finds a program header by its kind.
    pub(crate) fn segment(&self, kind: elf::ProgramType) -> Option<&ProgramHeader> {
        self.segments.iter().map(|it| &it.header).find(|it| it.kind == kind)
    }

    /// Finds the loaded segment that has all these addresses in the file.
    pub(crate) fn load_with(&self, addresses: &Range<u64>) -> Option<usize> {
        self.segments.iter().position(|it| {
            let in_file = it.header.address..it.header.address.saturating_add(it.header.file_size);
            it.header.is_load() && in_file.start <= addresses.start && addresses.end <= in_file.end
        })
    }

    /// Where loaded bytes stand, in the input's offsets.
    pub(crate) fn offset_of(&self, addresses: &Range<u64>) -> Option<u64> {
        let load = self.segments.get(self.load_with(addresses)?)?.header;
        load.offset.checked_add(addresses.start - load.address)
    }

    /// Gives a loaded section another place and size, and moves its symbols along.
    pub(crate) fn move_section(&mut self, index: usize, to: &Range<u64>) {
        let offset = self.offset_of(to);
        let Some(Section { header, was, .. }) = self.sections.get_mut(index) else { return };
        let by = to.start.wrapping_sub(header.address);
        header.offset = offset.unwrap_or(header.offset);
        (header.address, header.size) = (to.start, to.end - to.start);
        let Some(was) = *was else { return };
        for table in self.sections.iter_mut().filter(|it| it.header.kind == elf::SHT_SYMTAB) {
            symbols::shift(table.content.to_mut(), was, by);
        }
    }

    /// Gives loaded bytes as they were, where the file has all of them.
    pub(crate) fn at(&self, addresses: &Range<u64>) -> Option<&'a [u8]> {
        let load = self.segments.get(self.load_with(addresses)?)?;
        let at = |address: u64| usize::try_from(address - load.header.address).ok();
        load.content.get(at(addresses.start)?..at(addresses.end)?)
    }

    /// Gives the program without a copy of any of its bytes, to be laid out.
    pub(crate) fn borrowed(&self) -> Program<'_> {
        let sections = self.sections.iter().map(|it| Section {
            header: it.header.clone(),
            was: it.was,
            content: Cow::Borrowed(&it.content),
        });
        let patches = self.patches.iter().map(|(at, bytes)| (*at, Cow::Borrowed(&bytes[..])));
        Program {
            data: self.data,
            header: self.header,
            program_headers: self.program_headers,
            header_room: self.header_room.clone(),
            segments: self.segments.clone(),
            pointers: self.pointers.clone(),
            patches: patches.collect(),
            sections: sections.collect(),
            fill_holes: self.fill_holes,
        }
    }
}

/// Ranges of the file that the running program may use, and those that only readers of the file do.
pub(crate) fn uses<'h>(
    headers: impl Iterator<Item = &'h ProgramHeader>,
    sections: impl Iterator<Item = &'h SectionHeader>,
) -> (Vec<Range<u64>>, Vec<Range<u64>>) {
    let (loaded, unloaded): (Vec<_>, Vec<_>) =
        sections.filter(|it| it.has_bytes()).partition(|it| it.is_loaded());
    let pointers = headers.filter(|it| !it.is_load()).map(ProgramHeader::file);
    let used = loaded.into_iter().map(SectionHeader::file).chain(pointers).collect();
    (used, unloaded.into_iter().map(SectionHeader::file).collect())
}

/// What a segment loads behind all that is used of it: zeros, and what is there for readers of the
/// file only, as the `.shstrtab` of Go 1.19; offsets in the file.
pub(crate) fn tail(
    load: &ProgramHeader,
    content: &[u8],
    used: &[Range<u64>],
    unused: &[Range<u64>],
) -> Range<u64> {
    let file = load.file();
    let used = used.iter().filter(|it| file.contains(&it.start) && !it.is_empty());
    // What has no section at all may be anything.
    let Some(start) = used.map(|it| it.end.min(file.end)).max() else { return file.end..file.end };
    // Where memory goes on, the kernel loads zeros in place of what is cut off.
    let goes_on = load.memory_size > load.file_size;
    let apart = unused.iter().filter(|it| !goes_on && start <= it.start && it.end <= file.end);
    let apart = apart.cloned().reduce(|one, two| one.start.min(two.start)..one.end.max(two.end));
    let apart = apart.unwrap_or(file.end..file.end);
    let index = usize::try_from(start - file.start).unwrap_or(usize::MAX);
    let mut bytes = (start..).zip(content.get(index..).unwrap_or_default());
    let nothing = bytes.all(|(offset, byte)| *byte == 0 || apart.contains(&offset));
    if nothing { start..file.end } else { file.end..file.end }
}

/// The bytes behind the file header that are not the program's: those of the program headers, and
/// the room that Go's linker keeps behind them, where it puts the section headers. Any byte there
/// that is none of these and not zero ends it.
fn header_room(image: &Image<'_>) -> Range<u64> {
    let headers = image.program_headers();
    if headers.start != FILE_HEADER {
        return headers;
    }
    let sections = image.sections.iter().filter(|it| it.is_loaded()).map(|it| it.offset);
    let segments = image.segments.iter().map(|it| it.offset);
    let used = sections.chain(segments).filter(|offset| *offset >= headers.end).min();
    let end = used.unwrap_or(headers.end);
    let tables = image.section_headers();
    let (before, behind) = (headers.end..tables.start.min(end), tables.end.max(headers.end)..end);
    let zero = |range: Range<u64>| image.slice(range).iter().all(|byte| *byte == 0);
    if zero(before) && zero(behind) { FILE_HEADER..end } else { headers }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_nothing_is_cut_off_a_segment() {
        let load = |memory_size| ProgramHeader {
            kind: elf::PT_LOAD,
            flags: elf::PF_R,
            offset: 100,
            address: 0x1000,
            physical: 0x1000,
            file_size: 20,
            memory_size,
            align: 1,
        };
        let mut content = [0; 20];
        let mut cut = |memory, used: &[Range<u64>], unused: &[Range<u64>], byte: usize| {
            content = [0; 20];
            content[byte] = 1;
            tail(&load(memory), &content, used, unused)
        };
        let (front, names) = ([90..95, 100..110, 130..140], [0..9, 112..116]);
        assert_eq!(cut(20, &front, &[], 9), 110..120, "zeros");
        assert_eq!(cut(20, &front, &names, 13), 110..120, "a table for readers of files");
        assert_eq!(cut(20, &front, &names, 17), 120..120, "nobody knows what");
        assert_eq!(cut(40, &front, &names, 13), 120..120, "memory would be another");
        assert_eq!(cut(40, &front, &names, 9), 110..120, "the kernel loads zeros too");
        assert_eq!(cut(20, &front[..1], &[], 0), 120..120, "no section at all");
    }
}
