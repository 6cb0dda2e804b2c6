//! The protection of every segment, as the kernel and the dynamic linker would set it.

use crate::failure::Failure;
use crate::system::{self, EXECUTE, PAGE, READ, WRITE};
use elfin_pack_format::container::Kind;
use elfin_pack_format::program::{Loaded, Segment};

/// Protects a program that is at `place`.
///
/// # Errors
/// Where the kernel refuses.
pub fn protect(program: &Loaded<'_>, kind: Kind, place: usize, len: usize) -> Result<(), Failure> {
    let by = place.wrapping_sub(program.base as usize);
    let pages = |it: &Segment| {
        let start = (it.address as usize).wrapping_add(by);
        let end = start.saturating_add(it.memory_size as usize);
        (start & !(PAGE - 1), end.saturating_add(PAGE - 1) & !(PAGE - 1))
    };
    let end = place + len;
    let mut done = place;
    for segment in program.segments().filter(Segment::is_load) {
        let (from, to) = pages(&segment);
        let (from, to) = (from.max(done), to.min(end));
        if from > done {
            system::protect(done, from - done, 0)?; // A gap; the kernel would leave it unmapped.
        }
        if to > from {
            let wanted = protection(segment.flags);
            if wanted & WRITE != 0 && wanted & EXECUTE != 0 {
                return Err(Failure::Damaged("a segment is writable and executable at once"));
            }
            if wanted != READ | WRITE {
                system::protect(from, to - from, wanted)?;
            }
            done = to;
        }
    }
    if kind == Kind::Relocated {
        for segment in program.segments().filter(Segment::is_relro) {
            let start = (segment.address as usize).wrapping_add(by);
            let (from, to) =
                (start & !(PAGE - 1), (start + segment.memory_size as usize) & !(PAGE - 1));
            if from >= place && to <= end && to > from {
                system::protect(from, to - from, READ)?;
            }
        }
    }
    Ok(())
}

/// Says how a segment of these flags is protected.
pub fn protection(flags: u32) -> usize {
    let bit = |flag: u32, protection: usize| if flags & flag != 0 { protection } else { 0 };
    bit(4, READ) | bit(2, WRITE) | bit(1, EXECUTE)
}
