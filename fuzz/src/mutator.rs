//! Damage as it happens and as an attacker does it: mostly in headers and tables, seldom elsewhere.

use fastrand::Rng;

/// Where ELF keeps its headers; bytes from the beginning and from the end of a file.
const TABLES: usize = 4096;
/// Numbers at which arithmetic goes wrong.
const NUMBERS: [u64; 9] =
    [0, 1, 7, 0x7f, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX];

/// Damages programs, the same ones in the same way for the same seed.
#[derive(Debug)]
pub(crate) struct Mutator {
    programs: Vec<Vec<u8>>,
    rng: Rng,
}

impl Mutator {
    pub(crate) fn new(programs: Vec<Vec<u8>>, seed: u64) -> Mutator {
        Mutator { programs, rng: Rng::with_seed(seed) }
    }

    /// Gives the next input.
    pub(crate) fn input(&mut self) -> Vec<u8> {
        let rng = &mut self.rng;
        let which = rng.usize(..self.programs.len().max(1));
        let mut input = self.programs.get(which).cloned().unwrap_or_default();
        for _ in 0..=rng.usize(..8) {
            damage(&mut input, rng);
        }
        input
    }
}

fn damage(input: &mut Vec<u8>, rng: &mut Rng) {
    let length = input.len();
    if length == 0 {
        return;
    }
    let at = match rng.u8(..4) {
        0 | 1 => rng.usize(..length.min(TABLES)),
        2 => length - 1 - rng.usize(..length.min(TABLES)),
        _ => rng.usize(..length),
    };
    match rng.u8(..12) {
        0 => input.truncate(at),
        1 => {
            let from = rng.usize(..length);
            let bytes = rng.usize(..64).min(length - at).min(length - from);
            input.copy_within(from..from + bytes, at);
        }
        2..6 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.u8(..8);
            }
        }
        kind => {
            // Fields are aligned; a wrong one that is nearly right says more than any number.
            let at = if kind % 2 == 0 { at / 8 * 8 } else { at };
            let Some((bytes, _)) = input.get_mut(at..).and_then(<[u8]>::split_first_chunk_mut)
            else {
                return;
            };
            let was = u64::from_le_bytes(*bytes);
            let is = match kind {
                6 | 7 => NUMBERS.get(rng.usize(..NUMBERS.len())).copied().unwrap_or_default(),
                8 | 9 => was.wrapping_add(rng.u64(..16)).wrapping_sub(8),
                _ => (was & !0xffff_ffff) | u64::from(rng.u32(..)),
            };
            *bytes = is.to_le_bytes();
        }
    }
}
