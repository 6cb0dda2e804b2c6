//! The GNU build ID comes under the note segment.
//!
//! Go's internal linker writes the note and leaves it out of `PT_NOTE`, so that
//! who reads segments (core dumps, profilers in the kernel) does not find it:
//! golang/go `src/cmd/link/internal/ld/elf.go` (1.26).

use crate::program::{Program, Segment};
use elfin_elf::image::{PROGRAM_HEADER, ProgramHeader, SectionHeader};
use elfin_schema::{SlimOutcome, SlimRefusal};
use object::elf;

/// Makes a note segment hold the build ID.
pub(crate) fn mend(program: &mut Program<'_>) -> SlimOutcome {
    let note = program.sections.iter().map(|it| &it.header).find(|it| is_build_id(it)).cloned();
    let Some(note) = note else { return SlimOutcome::Nothing };
    let (start, end) = (note.offset, note.file().end);
    let notes = program.segments.iter().map(|it| &it.header).filter(|it| it.kind == elf::PT_NOTE);
    if notes.clone().any(|it| it.offset <= start && end <= it.file().end) {
        return SlimOutcome::Nothing;
    }
    let headers = program.segments.iter_mut().map(|it| &mut it.header);
    for segment in headers.filter(|it| it.kind == elf::PT_NOTE && it.align <= 4) {
        if segment.file().end.checked_next_multiple_of(4) == Some(start) {
            segment.file_size = end - segment.offset;
        } else if end.checked_next_multiple_of(4) == Some(segment.offset) {
            segment.file_size = segment.file().end - start;
            (segment.offset, segment.address, segment.physical) =
                (start, note.address, note.address);
        } else {
            continue;
        }
        segment.memory_size = segment.file_size;
        return SlimOutcome::Done;
    }
    if program.program_headers_end() + PROGRAM_HEADER > program.header_room.end {
        return SlimOutcome::Refused(SlimRefusal::NoRoom);
    }
    program.segments.push(Segment { header: of(&note), content: &[] });
    SlimOutcome::Done
}

fn is_build_id(section: &SectionHeader) -> bool {
    section.name == ".note.gnu.build-id" && section.is_loaded() && section.has_bytes()
}

fn of(note: &SectionHeader) -> ProgramHeader {
    ProgramHeader {
        kind: elf::PT_NOTE,
        flags: elf::PF_R,
        offset: note.offset,
        address: note.address,
        physical: note.address,
        file_size: note.size,
        memory_size: note.size,
        align: 4,
    }
}
