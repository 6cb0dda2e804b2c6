//! What a debugger that attaches is told: the auxiliary vector that the kernel shows it.
//!
//! A debugger compares the entry point in that vector with the one of the file
//! that runs, which is the packed one, to find out how far the program has
//! moved. So of a program at random addresses the vector says that its entry is
//! where the packed file's would be, had that moved as far, and its program
//! headers are the packed file's, by which the debugger knows the file again.
//! The program finds the right vector on its stack. `PR_SET_MM_MAP` sets what
//! the kernel shows; where that is not permitted, the program runs all the same.

use crate::auxiliary::{AT_ENTRY, AT_NULL, AT_PHDR, AT_PHNUM, Auxiliary};
use crate::system::call;
use elfin_pack_format::container::Header;
use elfin_pack_format::program::Loaded;

const SYS_BRK: usize = 12;
const SYS_PRCTL: usize = 157;
const PR_SET_MM: usize = 35;
const PR_SET_MM_MAP: usize = 14;
const WRITABLE: u32 = 2;
const EXECUTABLE: u32 = 1;
/// More entries than any kernel's vector has.
const ENTRIES: usize = 48;
const ELF_HEADER: usize = 64;

/// The structure that `PR_SET_MM_MAP` takes.
#[repr(C)]
struct MemoryMap {
    code: [usize; 2],
    data: [usize; 2],
    brk: [usize; 2],
    stack: usize,
    arguments: [usize; 2],
    environment: [usize; 2],
    vector: usize,
    vector_len: u32,
    executable: u32,
}

/// Tells the kernel of a program that moved `by` from where it is linked.
pub fn tell(
    header: &Header,
    program: &Loaded<'_>,
    auxiliary: &Auxiliary,
    stack: usize,
    file: &[u8],
    by: usize,
) {
    let mut vector = [[AT_NULL, 0]; ENTRIES];
    let len = auxiliary.entries.len().min(ENTRIES - 1);
    for (to, from) in vector.iter_mut().zip(auxiliary.entries.iter()).take(len) {
        *to = match from[0] {
            AT_ENTRY if !header.kind.is_fixed() => [AT_ENTRY, packed_entry(file).wrapping_add(by)],
            AT_PHDR if !header.kind.is_fixed() => [AT_PHDR, file.as_ptr() as usize + ELF_HEADER],
            AT_PHNUM if !header.kind.is_fixed() => [AT_PHNUM, packed_count(file)],
            _ => *from,
        };
    }
    let bounds = |flag: u32| {
        let mut bounds = [usize::MAX, 0];
        for it in program.segments().filter(|it| it.is_load() && it.flags & flag != 0) {
            let start = (it.address as usize).wrapping_add(by);
            bounds =
                [bounds[0].min(start), bounds[1].max(start.wrapping_add(it.file_size as usize))];
        }
        bounds
    };
    // SAFETY: it asks where the heap ends.
    let brk = unsafe { call(SYS_BRK, [0; 6]) }.unwrap_or(0);
    let environment = auxiliary.environment_bounds();
    let map = MemoryMap {
        code: bounds(EXECUTABLE),
        data: bounds(WRITABLE),
        brk: [brk, brk],
        stack,
        arguments: [auxiliary.arguments.first().copied().unwrap_or(environment[0]), environment[0]],
        environment,
        vector: vector.as_ptr() as usize,
        vector_len: ((len + 1) * size_of::<[usize; 2]>()) as u32,
        executable: u32::MAX,
    };
    let map_at = &raw const map as usize;
    let arguments = [PR_SET_MM, PR_SET_MM_MAP, map_at, size_of::<MemoryMap>(), 0, 0];
    // SAFETY: it reads the structure and the vector, and changes what the kernel shows.
    let _ = unsafe { call(SYS_PRCTL, arguments) };
}

fn packed_entry(file: &[u8]) -> usize {
    let word = file.get(24..).and_then(|it| it.first_chunk::<8>());
    word.map_or(0, |it| usize::from_le_bytes(*it))
}

fn packed_count(file: &[u8]) -> usize {
    let half = file.get(56..).and_then(|it| it.first_chunk::<2>());
    half.map_or(0, |it| usize::from(u16::from_le_bytes(*it)))
}
