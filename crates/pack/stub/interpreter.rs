//! The dynamic linker of a program that needs one: mapped as the kernel maps it.

use crate::failure::Failure;
use crate::protect::protection;
use crate::system::{self, FIXED, PAGE};
use elfin_pack_format::program::Segment;

const PROGRAM_HEADER: usize = 56;
const ELF_HEADER: usize = 64;
/// `ET_DYN` of 64-bit little endian ELF, for amd64.
const MACHINE: [u8; 4] = [3, 0, 62, 0];

/// A dynamic linker in memory.
pub struct Interpreter {
    /// Where it is.
    pub base: usize,
    /// Where it is entered.
    pub entry: usize,
}

/// Maps the dynamic linker whose path ends with a zero.
pub fn map(path: &[u8]) -> Result<Interpreter, Failure> {
    let file = system::open(path)
        .map_err(|errno| Failure::System("its dynamic linker cannot be opened", errno))?;
    let mut page = [0; 2048];
    let len = system::read(file, &mut page)
        .map_err(|errno| Failure::System("its dynamic linker cannot be read", errno))?;
    let mapped = map_segments(file, page.get(..len).unwrap_or_default());
    system::close(file);
    mapped
}

fn map_segments(file: usize, page: &[u8]) -> Result<Interpreter, Failure> {
    const UNKNOWN: Failure = Failure::Damaged("its dynamic linker is of an unknown kind");
    if !page.starts_with(b"\x7fELF\x02\x01") || page.get(16..20) != Some(&MACHINE) {
        return Err(UNKNOWN);
    }
    let word = |at: usize| {
        let word = page.get(at..).and_then(|it| it.first_chunk::<8>());
        word.map_or(0, |it| usize::from_le_bytes(*it))
    };
    let (entry, table, count) = (word(24), word(32), word(56) & 0xffff);
    let table = page.get(table.max(ELF_HEADER)..).ok_or(UNKNOWN)?;
    let table = table.get(..count * PROGRAM_HEADER).ok_or(UNKNOWN)?;
    let loads = || {
        let headers = table.chunks_exact(PROGRAM_HEADER);
        headers.filter_map(|it| {
            let offset = it.get(8..)?.first_chunk::<8>()?;
            let segment = Segment::read(it).filter(Segment::is_load)?;
            Some((segment, usize::from_le_bytes(*offset)))
        })
    };
    let first = loads().next().ok_or(UNKNOWN)?.0.address as usize & !(PAGE - 1);
    let end = loads().map(|(it, _)| it.address.saturating_add(it.memory_size)).max();
    let len = (end.unwrap_or(0) as usize).checked_sub(first).ok_or(UNKNOWN)?;
    let says = |errno| Failure::System("its dynamic linker cannot be mapped", errno);
    let place = system::map_fresh(0, len).map_err(says)?;
    let base = place.wrapping_sub(first);
    system::protect(place, len, 0)?;
    for (segment, offset) in loads() {
        map_segment(file, &segment, offset, base, place..place + len).map_err(says)?;
    }
    Ok(Interpreter { base, entry: base.wrapping_add(entry) })
}

/// Maps one segment into the room that was reserved for all.
fn map_segment(
    file: usize,
    segment: &Segment,
    offset: usize,
    base: usize,
    room: core::ops::Range<usize>,
) -> Result<(), i32> {
    const INVALID: i32 = 22;
    let protection = protection(segment.flags);
    let start = base.wrapping_add(segment.address as usize);
    let from = start & !(PAGE - 1);
    let file_end = start.checked_add(segment.file_size as usize).ok_or(INVALID)?;
    let end = start.checked_add(segment.memory_size as usize).ok_or(INVALID)?;
    if from < room.start || end > room.end || file_end > end || offset < start - from {
        return Err(INVALID);
    }
    let page_end = (file_end + PAGE - 1) & !(PAGE - 1);
    if file_end > from {
        let offset = offset - (start - from);
        // SAFETY: it is inside of the room that `map_segments` reserved.
        unsafe { system::map_file(from, file_end - from, protection, FIXED, file, offset) }?;
    }
    if end > file_end && segment.flags & 2 != 0 {
        // To the end of the page and not of the segment: the dynamic linker uses what is left.
        let zero = page_end - file_end;
        // SAFETY: the last page of the file's part is writable memory that was mapped above.
        unsafe { core::ptr::write_bytes(file_end as *mut u8, 0, zero) };
    }
    if end > page_end {
        // SAFETY: it is inside of the room that `map_segments` reserved.
        unsafe { system::map_over(page_end, end - page_end, protection) }?;
    }
    Ok(())
}
