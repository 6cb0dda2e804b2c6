//! Where the program stands: at its own addresses, or at random ones.
//!
//! A kernel puts a program without an interpreter at a multiple of 2 MiB among
//! the libraries, so the packed file's own place will not do. The loader
//! chooses as the kernel chooses for other position independent programs:
//! from two thirds of the address space on, as many random bits as the kernel
//! uses, which is seen from how far down it put the packed file; and no random
//! bits where address randomisation is switched off.

use crate::failure::Failure;
use crate::system::{PAGE, call, map_fresh};
use elfin_pack_format::container::Header;

const SYS_PERSONALITY: usize = 135;
const SYS_GETRANDOM: usize = 318;
const NO_RANDOMIZE: usize = 0x0004_0000;
/// Where the kernel's own range for such programs begins.
const LOWEST: usize = 0x5555_5555_4000;
const TOP: usize = 0x7fff_ffff_f000;
/// `vm.mmap_rnd_bits` by default and at most.
const BITS: u32 = 28;
const MOST_BITS: u32 = 32;
/// More than the largest gap that the kernel leaves for the stack, and the file itself.
const GAP: usize = 0x10_0000_0000;
const TRIES: usize = 16;

/// Reserves the program's addresses, readable and writable; `file` is where the packed file is.
pub fn reserve(header: &Header, file: usize) -> Result<usize, Failure> {
    let len = header.memory_len as usize;
    if header.kind.is_fixed() {
        let says = |errno| Failure::System("there is no room at its addresses", errno);
        return map_fresh(header.base as usize, len).map_err(says);
    }
    let base = LOWEST.wrapping_add(header.base as usize);
    let Some(mut random) = Random::new() else {
        return map_fresh(base, len).or_else(|_| anywhere(len));
    };
    let bits = if TOP - file > GAP + (1 << (BITS as usize + 12)) { MOST_BITS } else { BITS };
    for _ in 0..TRIES {
        let pages = random.number() >> (usize::BITS - bits);
        if let Ok(place) = map_fresh(base + pages * PAGE, len) {
            return Ok(place);
        }
    }
    anywhere(len)
}

fn anywhere(len: usize) -> Result<usize, Failure> {
    map_fresh(0, len).map_err(|errno| Failure::System("there is not enough memory", errno))
}

struct Random(usize);

impl Random {
    /// `None` where addresses shall not be random, or no random number can be had.
    fn new() -> Option<Random> {
        // SAFETY: it asks and changes nothing.
        let personality = unsafe { call(SYS_PERSONALITY, [0xffff_ffff, 0, 0, 0, 0, 0]) };
        if personality.is_ok_and(|it| it & NO_RANDOMIZE != 0) {
            return None;
        }
        let mut number = [0_u8; 8];
        // SAFETY: it writes eight bytes to where eight are.
        let got = unsafe { call(SYS_GETRANDOM, [number.as_mut_ptr() as usize, 8, 1, 0, 0, 0]) };
        (got == Ok(8)).then(|| Random(usize::from_le_bytes(number)))
    }

    fn number(&mut self) -> usize {
        let number = self.0;
        self.0 = number.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        number
    }
}
