//! Which bits of a program's addresses vary, over many starts, against what the kernel could give.
//!
//! Bits that vary are counted as the lab counts them. That is more than the bits
//! of chance: a sum of a fixed and a random number carries into bits above. So
//! the number of places is told too, by how far apart the addresses lie and what
//! all distances are a multiple of.

use super::HardenOrder;
use crate::WatchError;
use crate::marks::Subject;
use elfin_lab::varying_bits;
use elfin_process::{Cancel, Held, Places, StartError};
use elfin_schema::{AddressBits, AddressOf, BitsOf, Message, Probe};
use std::collections::BTreeMap;
use std::fs;

/// Random pages of a stack on amd64: `STACK_RND_MASK`, 22 bits, and the 16-byte places of a page
/// and a half that the kernel adds below.
const STACK_BITS: u32 = 22 + 9;
/// Above this a place is not seen twice; the smallest step of a mapping is told by fewer.
const FEWEST: usize = 2;

/// Starts a program again and again and compares where its parts lie.
pub(super) fn bits(
    subject: &Subject<'_>,
    order: &HardenOrder,
    cancel: &Cancel,
) -> Result<Probe<AddressBits>, WatchError> {
    if !subject.runs_here() {
        let target = format!("linux/{}", subject.file.machine().go_name().unwrap_or("?"));
        return Ok(Probe::Skipped { why: Message::OtherTarget { target } });
    }
    if order.starts < FEWEST {
        return Ok(Probe::Skipped { why: Message::NotAsked });
    }
    let interpreter = subject.file.interpreter();
    let loader = interpreter.as_deref().and_then(|it| it.rsplit('/').next());
    let (last, at) = subject.marks.last();
    let mut seen: Vec<Places> = Vec::new();
    for _ in 0..order.starts {
        let held = Held::start(subject.program, subject.marks.entry, last, order.timeout, cancel);
        match held {
            Ok(held) => {
                seen.push(held.places(loader).map_err(subject.os("reading a memory map"))?);
            }
            Err(StartError::Interrupted) => return Err(WatchError::Interrupted),
            Err(StartError::NotPermitted { what }) => {
                return Ok(Probe::Skipped { why: Message::NotPermitted { what } });
            }
            Err(error) => return Ok(Probe::Failed { says: error.to_string() }),
        }
    }
    let limits = Limits::here();
    let mut mappings = BTreeMap::new();
    for (what, of) in PARTS {
        let addresses: Option<Vec<u64>> = seen.iter().map(of).collect();
        if let Some(addresses) = addresses {
            mappings.insert(what, limits.bits(what, &addresses));
        }
    }
    Ok(Probe::Measured {
        value: AddressBits {
            starts: seen.len(),
            at: at.to_owned(),
            mmap_rnd_bits: limits.mmap,
            randomize_va_space: limits.randomize,
            mappings,
        },
    })
}

type Part = (AddressOf, fn(&Places) -> Option<u64>);

const PARTS: [Part; 7] = [
    (AddressOf::Text, |it| it.text),
    (AddressOf::Heap, |it| it.heap),
    (AddressOf::Brk, |it| it.around.brk),
    (AddressOf::Stack, |it| it.stack),
    (AddressOf::Loader, |it| it.around.loader),
    (AddressOf::Libraries, |it| it.around.libraries),
    (AddressOf::Vdso, |it| it.around.vdso),
];

/// What this kernel gives.
struct Limits {
    mmap: Option<u32>,
    randomize: Option<u32>,
}

impl Limits {
    fn here() -> Limits {
        let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse().ok();
        Limits {
            mmap: number("/proc/sys/vm/mmap_rnd_bits"),
            randomize: number("/proc/sys/kernel/randomize_va_space"),
        }
    }

    fn bits(&self, what: AddressOf, addresses: &[u64]) -> BitsOf {
        let kernel = match what {
            // Of a program at a fixed address this is what it leaves to the taking.
            AddressOf::Text | AddressOf::Loader | AddressOf::Libraries => self.mmap,
            AddressOf::Stack => Some(STACK_BITS),
            // Go draws the place of its heap itself; brk and vdso differ from kernel to kernel.
            AddressOf::Heap | AddressOf::Brk | AddressOf::Vdso => None,
        };
        BitsOf { varying: varying_bits(addresses), entropy: entropy(addresses), kernel }
    }
}

/// Bits of the number of places over which addresses are spread evenly, as the samples tell.
fn entropy(addresses: &[u64]) -> f64 {
    let (Some(least), Some(most)) = (addresses.iter().min(), addresses.iter().max()) else {
        return 0.0;
    };
    let step = addresses.iter().fold(0, |step, it| divisor(step, it - least));
    if step == 0 {
        return 0.0;
    }
    // The range of n samples falls short of the whole by two parts of n + 1.
    let count = addresses.len() as f64;
    let places = (most - least) as f64 / step as f64 * (count + 1.0) / (count - 1.0).max(1.0) + 1.0;
    places.log2()
}

/// The greatest number that divides both.
fn divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::entropy;

    #[test]
    fn places_are_told_by_range_and_step() {
        assert_eq!(entropy(&[0x40_0000; 64]), 0.0);
        let mut random = fastrand::Rng::with_seed(7);
        let pages: Vec<u64> = (0..256).map(|_| random.u64(..1 << 28) << 12).collect();
        assert!((entropy(&pages) - 28.0).abs() < 0.1, "{}", entropy(&pages));
        let halves: Vec<u64> = (0..64).map(|_| random.u64(..2) << 21).collect();
        assert!((entropy(&halves) - 1.0).abs() < 0.1, "{}", entropy(&halves));
        assert_eq!(entropy(&[]), 0.0);
    }
}
