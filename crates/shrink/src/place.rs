//! The place of the old relocations: what goes there, and the pages that leave the file.
//!
//! What is put there stands at its beginning; behind it the segment is split, so
//! that whole pages leave the middle of it without moving an address.

use crate::program::{Program, Segment};
use elfin_elf::image::{PROGRAM_HEADER, ProgramHeader};
use elfin_schema::SlimRefusal;
use object::elf;
use std::ops::Range;

/// How bytes that the loader writes to are put apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apart {
    /// In a page of their own.
    Writable,
    /// Where they are read-only once the program is relocated (RELRO).
    Protected,
}

/// The place of the old relocations, filled from its beginning; addresses.
#[derive(Debug)]
pub(crate) struct Place {
    whole: Range<u64>,
    bytes: Vec<u8>,
    apart: Option<(Vec<u8>, Apart)>,
}

impl Place {
    pub(crate) fn new(whole: &Range<u64>) -> Place {
        Place { whole: whole.clone(), bytes: Vec::new(), apart: None }
    }

    /// Puts bytes behind those that are there, at a multiple of eight; says where.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Range<u64> {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let start = self.whole.start + self.bytes.len() as u64;
        self.bytes.extend(bytes);
        start..start + bytes.len() as u64
    }

    /// Puts bytes that the loader writes to.
    pub(crate) fn put_apart(&mut self, bytes: Vec<u8>, how: Apart) {
        self.apart = Some((bytes, how));
    }

    /// Writes what was put, and takes the pages behind it out of the file; says where what was put
    /// apart is.
    pub(crate) fn give_back(
        mut self,
        program: &mut Program<'_>,
    ) -> Result<Option<Range<u64>>, SlimRefusal> {
        let index = program.load_with(&self.whole).ok_or(SlimRefusal::Dynamic)?;
        let apart = self.apart.take();
        let size = apart.as_ref().map_or(0, |(bytes, _)| bytes.len() as u64);
        let at = match apart.as_ref().map(|(_, how)| *how) {
            Some(Apart::Protected) => {
                Some(self.join_protected(program, index, size).ok_or(SlimRefusal::NoRoom)?)
            }
            Some(Apart::Writable) => {
                self.make_room_for_headers(program, 2)?;
                let segment = self.segment_apart(program, index, size)?;
                split(program, index, &self.left());
                program.segments.insert(index + 1, segment);
                Some(segment.header.memory())
            }
            None => {
                self.make_room_for_headers(program, 1)?;
                if self.left().is_empty() {
                    return Err(SlimRefusal::NoRoom);
                }
                split(program, index, &self.left());
                None
            }
        };
        program.patches.push((self.whole.start, self.bytes.into()));
        if let (Some(at), Some((bytes, _))) = (&at, apart) {
            program.patches.push((at.start, bytes.into()));
        }
        Ok(at)
    }

    fn left(&self) -> Range<u64> {
        self.whole.start + (self.bytes.len() as u64).next_multiple_of(8)..self.whole.end
    }

    /// The segment of what is apart. It begins as far into a page as the one before it ends, so
    /// that in the file it follows at once.
    fn segment_apart(
        &self,
        program: &Program<'_>,
        index: usize,
        size: u64,
    ) -> Result<Segment<'static>, SlimRefusal> {
        let load = program.segments.get(index).map(|it| it.header).ok_or(SlimRefusal::Dynamic)?;
        let (left, page) = (self.left(), load.align.max(1));
        let start = left.start.checked_add(page).ok_or(SlimRefusal::NoRoom)?;
        if start.checked_add(size).is_none_or(|end| end > left.end / page * page) {
            return Err(SlimRefusal::NoRoom);
        }
        let by = start - load.address;
        let header = ProgramHeader {
            flags: elf::PF_R | elf::PF_W,
            offset: load.offset + by,
            address: start,
            physical: load.physical.wrapping_add(by),
            file_size: size,
            memory_size: size,
            ..load
        };
        Ok(Segment { header, content: &[] })
    }

    /// Makes the protected segment, which comes next, begin at the end of the place, with what is
    /// apart: whatever stands between is read-only in the end as it was before. `None` where the
    /// two do not adjoin.
    fn join_protected(
        &self,
        program: &mut Program<'_>,
        index: usize,
        size: u64,
    ) -> Option<Range<u64>> {
        let left = self.left();
        let load = program.segments.get(index)?.header;
        let after = program.segments.iter().skip(index + 1).position(|it| it.header.is_load())?;
        let after = index + 1 + after;
        let next = program.segments.get(after)?.header;
        let is_it = |it: &ProgramHeader| {
            let within = it.address == next.address && it.memory().end <= next.memory().end;
            it.kind == elf::PT_GNU_RELRO && within
        };
        let relro = program.segments.iter().position(|it| is_it(&it.header))?;

        let page = load.align.max(next.align).max(1);
        let start = left.end.checked_sub(size)? / 16 * 16;
        let adjoins = load.memory_size == load.file_size
            && load.memory().end.checked_next_multiple_of(page)? == next.address / page * page
            && next.address.wrapping_sub(next.offset) == load.address.wrapping_sub(load.offset);
        let on_own_page = left.start.checked_next_multiple_of(page)? <= start / page * page;
        if !adjoins || !on_own_page {
            return None;
        }
        let by = next.address - start;
        let file = next.offset.checked_sub(by)?..next.offset.checked_add(next.file_size)?;
        let content = usize::try_from(file.start).ok()?..usize::try_from(file.end).ok()?;
        let content = program.data.get(content)?;
        split(program, index, &(left.start..load.memory().end));
        for index in [after, relro] {
            let segment = program.segments.get_mut(index)?;
            let header = &mut segment.header;
            (header.offset, header.address) = (file.start, start);
            header.physical = header.physical.wrapping_sub(by);
            header.file_size = header.file_size.saturating_add(by);
            header.memory_size = header.memory_size.saturating_add(by);
            segment.content = if header.is_load() { content } else { &[] };
        }
        Some(start..start + size)
    }

    /// More segments need more program headers. Where there is no room behind the others, what
    /// stands there makes room; headers anywhere else would not survive GNU strip.
    fn make_room_for_headers(
        &mut self,
        program: &mut Program<'_>,
        more: u64,
    ) -> Result<(), SlimRefusal> {
        let end = program.program_headers_end() + more * PROGRAM_HEADER;
        while program.header_room.end < end {
            self.take_in(program).ok_or(SlimRefusal::NoRoom)?;
        }
        Ok(())
    }

    /// Takes in what stands next behind the headers, if it is the name of the interpreter or notes,
    /// which are found by nothing but their headers.
    fn take_in(&mut self, program: &mut Program<'_>) -> Option<()> {
        let start = program.header_room.end;
        let movable = |it: &ProgramHeader| {
            let kinds = [elf::PT_INTERP, elf::PT_NOTE, elf::PT_GNU_PROPERTY];
            kinds.contains(&it.kind) && it.offset == start && it.align <= 8
        };
        let headers = || program.segments.iter().map(|it| it.header).filter(|it| !it.is_load());
        let unit = headers().filter(movable).max_by_key(|it| it.file_size)?;
        let within = |it: Range<u64>| unit.file().start <= it.start && it.end <= unit.file().end;
        let apart = |it: Range<u64>| it.end <= unit.file().start || unit.file().end <= it.start;
        let sections = || program.sections.iter().map(|it| &it.header).filter(|it| it.is_loaded());
        let whole = headers().all(|it| apart(it.file()) || (within(it.file()) && movable(&it)))
            && sections().all(|it| apart(it.file()) || within(it.file()));
        let loaded = program.offset_of(&unit.memory()) == Some(start);
        let left = self.left();
        let fits = (1..=left.end.saturating_sub(left.start)).contains(&unit.file_size);
        if !(whole && loaded && fits && unit.memory_size == unit.file_size) {
            return None;
        }
        let room_end = next_used(program, &unit);
        let to = self.put(program.at(&unit.memory())?);
        let (by, to_offset) = (to.start.wrapping_sub(unit.address), program.offset_of(&to)?);
        let sections = program.sections.iter().enumerate();
        let moved = sections.filter(|(_, it)| it.header.is_loaded() && within(it.header.file()));
        let moved: Vec<_> = moved.map(|(index, it)| (index, it.header.clone())).collect();
        for (index, was) in moved {
            let start = was.address.wrapping_add(by);
            program.move_section(index, &(start..start.wrapping_add(was.size)));
        }
        for header in program.segments.iter_mut().map(|it| &mut it.header) {
            if movable(header) {
                (header.offset, header.address) = (to_offset, to.start);
                header.physical = header.physical.wrapping_add(by);
            }
        }
        program.header_room.end = room_end;
        Some(())
    }
}

/// Where the first byte behind a header's is that means something; offset.
fn next_used(program: &Program<'_>, unit: &ProgramHeader) -> u64 {
    let (end, address) = (unit.file().end, unit.memory().end);
    let sections = program.sections.iter().map(|it| &it.header).filter(|it| it.is_loaded());
    let headers = program.segments.iter().map(|it| it.header.offset);
    let used = sections.map(|it| it.offset).chain(headers).filter(|it| *it >= end).min();
    let next = used.unwrap_or(end);
    let between = program.at(&(address..address.saturating_add(next - end)));
    if between.is_some_and(|it| it.iter().all(|byte| *byte == 0)) { next } else { end }
}

/// Splits a segment around addresses that leave it; both halves keep their addresses.
fn split(program: &mut Program<'_>, index: usize, hole: &Range<u64>) {
    let Some(front) = program.segments.get_mut(index) else { return };
    let whole = *front;
    let (before, after) = (hole.start - whole.header.address, hole.end - whole.header.address);
    let cut = |offset| usize::try_from(offset).unwrap_or(usize::MAX).min(whole.content.len());
    let (content, behind) = (whole.content.get(..cut(before)), whole.content.get(cut(after)..));
    front.content = content.unwrap_or_default();
    front.header.file_size = before;
    front.header.memory_size = before;
    let mut back = whole.header;
    back.offset += after;
    back.address += after;
    back.physical = back.physical.wrapping_add(after);
    back.file_size -= after;
    back.memory_size -= after;
    if back.memory_size > 0 {
        let back = Segment { header: back, content: behind.unwrap_or_default() };
        program.segments.insert(index + 1, back);
    }
}
