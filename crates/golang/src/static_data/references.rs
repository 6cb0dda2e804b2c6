//! What refers to data: instructions, and pointers in other data.
//!
//! A reference is eight bytes: the offset that it goes to above, and who
//! refers below. Sorted they say for each place of the data who needs it, and
//! where things begin that no symbol names any more.

use super::lent::{AllLent, Lent};
use super::loaded::Loaded;
use super::{Inlined, Program, amd64, arm64};
use elfin_elf::Machine;
use elfin_model::VirtAddr;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use std::ops::Range;

/// What code does with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It takes the address, so that something begins there.
    Takes,
    /// It reads or writes what is there, the middle of something as well as its beginning.
    Accesses,
}

/// Set in the source of a reference that only accesses what is there.
const ACCESSES: u32 = 1 << 31;
/// Set where the code is inlined from another package: who refers has it, but did not write it.
pub(crate) const LENT: u32 = 1 << 30;
/// Set for the one who wrote it.
pub(crate) const WRITTEN: u32 = 1 << 29;

/// A reference: the offset that it goes to, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference(u64);

impl Reference {
    pub(crate) const fn new(target: u32, source: u32) -> Reference {
        Reference((target as u64) << 32 | source as u64)
    }

    /// The offset that it goes to.
    pub(crate) fn target(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or(u32::MAX)
    }

    /// The offset of the pointer.
    pub(crate) fn source(self) -> u32 {
        u32::try_from(self.0 & 0xffff_ffff).unwrap_or(u32::MAX)
    }

    /// The owner of the code.
    pub(crate) fn owner(self) -> u32 {
        self.source() & !(ACCESSES | LENT | WRITTEN)
    }

    /// True if the package wrote the code that refers.
    pub(crate) fn is_by_writer(self) -> bool {
        self.source() & LENT == 0
    }

    /// True if the code that refers is in a function of the package.
    pub(crate) fn is_by_holder(self) -> bool {
        self.source() & WRITTEN == 0
    }

    /// True if code takes the address.
    pub(crate) fn takes(self) -> bool {
        self.source() & ACCESSES == 0
    }
}

/// Adds references to others, and keeps them sorted by target, as both are.
pub(crate) fn merge(all: &mut Vec<Reference>, mut others: Vec<Reference>) {
    let mut left = all.len();
    all.resize(left + others.len(), Reference(0));
    // From the end: what is moved goes where nothing is needed any more.
    for end in (0..all.len()).rev() {
        let Some(other) = others.last() else { return };
        let before = left.checked_sub(1).map(|it| all[it]);
        let before = before.filter(|it| it.target() > other.target());
        all[end] = before.unwrap_or(*other);
        match before {
            Some(_) => left -= 1,
            None => {
                others.pop();
            }
        }
    }
}

/// What tells the addresses in some code: where in the code, the address, how it is used; it is told
/// whether that can be one.
pub(crate) type Scan = fn(&[u8], u64, &mut dyn FnMut(usize, u64, Use) -> bool);

/// What reads the code of a processor; `None` where nothing does.
pub(crate) fn scanner(machine: Machine) -> Option<Scan> {
    match machine {
        Machine::Amd64 => Some(amd64::scan),
        Machine::Arm64 => Some(arm64::scan),
        _ => None,
    }
}

/// Collects what code refers to, by target: one reference for each owner of code.
pub(crate) fn from_code(program: &Program<'_, '_>, loaded: &Loaded<'_, '_>) -> Vec<Reference> {
    /// Functions that one thread scans at a time.
    const BATCH: usize = 512;
    let file = program.file;
    let Some(scan) = scanner(file.machine()) else { return Vec::new() };
    let wanted = Wanted::new(loaded);
    let batches: Vec<(Vec<Reference>, AllLent)> = program
        .code
        .par_chunks(BATCH)
        .map(|batch| {
            let (mut found, mut all_lent) = (Vec::new(), AllLent::default());
            for code in batch {
                let addresses = &code.addresses;
                let length = addresses.end.saturating_sub(addresses.start);
                let Some(range) = file.range_of(VirtAddr(addresses.start), length) else {
                    continue;
                };
                let inlined = (program.inlined)(code);
                let mut lent = Vec::new();
                scan(file.slice(range), addresses.start, &mut |at, target, how| {
                    let Some(target) = wanted.offset(target) else { return false };
                    let how = if how == Use::Takes { 0 } else { ACCESSES };
                    let next = inlined.partition_point(|it| it.code.end as usize <= at);
                    match inlined.get(next).filter(|it| it.code.start as usize <= at) {
                        None => found.push(Reference::new(target, code.owner | how)),
                        Some(&Inlined { name, owner: writer, .. }) => {
                            lent.push(Lent { target, name, writer, holder: code.owner, how });
                        }
                    }
                    true
                });
                all_lent.add(inlined.iter().map(|it| it.name).collect(), lent);
            }
            found.sort_unstable();
            found.dedup();
            (found, all_lent)
        })
        .collect();
    let (batches, lent): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
    let mut all = batches.concat();
    let mut all_lent = AllLent::default();
    lent.into_iter().for_each(|it| all_lent.append(it));
    all.append(&mut all_lent.references());
    all.sort_unstable();
    all.dedup();
    all
}

/// Collects the pointers in data to data, in the order of their places. `plain` has no pointers,
/// whatever it looks like.
pub(crate) fn from_data(loaded: &Loaded<'_, '_>, plain: &Range<u32>) -> Vec<Reference> {
    let wanted = Wanted::new(loaded);
    let all: Vec<Reference> = loaded
        .relocated()
        .filter(|(_, target)| wanted.has(*target))
        .map(|(slot, target)| Reference::new(target, slot))
        .collect();
    if all.is_empty() { words(loaded, &wanted, plain) } else { all }
}

/// The aligned words that are addresses of data.
fn words(loaded: &Loaded<'_, '_>, wanted: &Wanted, plain: &Range<u32>) -> Vec<Reference> {
    /// Bytes that one thread reads at a time.
    const BATCH: usize = 1 << 18;
    let (numbers, size) = (loaded.numbers, loaded.numbers.pointer);
    let mut batches = Vec::new();
    for region in loaded.regions() {
        let skip = region.start.wrapping_neg() as usize % size;
        let bytes = region.bytes.get(skip..).unwrap_or_default();
        let mut start = region.start + u32::try_from(skip).unwrap_or(0);
        for batch in bytes.chunks(BATCH) {
            batches.push((start, batch));
            start = start.saturating_add(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        }
    }
    let found: Vec<Vec<Reference>> = batches
        .into_par_iter()
        .map(|(start, batch)| {
            let step = u32::try_from(size).unwrap_or(8);
            let slots = (0..).map(move |index: u32| start.saturating_add(index * step));
            let words = slots.zip(batch.chunks_exact(size));
            let pointers = words.filter_map(|(slot, word)| {
                let target = wanted.offset(numbers.word(word, 0)?)?;
                (!plain.contains(&slot)).then_some(Reference::new(target, slot))
            });
            pointers.collect()
        })
        .collect();
    found.concat()
}

/// Which addresses are those of data.
struct Wanted {
    base: u64,
    /// The first and the last offset of all.
    bounds: Range<u32>,
    regions: Vec<Range<u32>>,
}

impl Wanted {
    fn new(loaded: &Loaded<'_, '_>) -> Wanted {
        let regions: Vec<_> = loaded.regions().iter().map(|it| it.start..it.end()).collect();
        let first = regions.first().map_or(0, |it| it.start);
        let bounds = first..regions.last().map_or(first, |it| it.end);
        Wanted { base: loaded.address(0), bounds, regions }
    }

    fn offset(&self, address: u64) -> Option<u32> {
        let offset = address.wrapping_sub(self.base);
        let inside = (u64::from(self.bounds.start)..u64::from(self.bounds.end)).contains(&offset);
        let offset = u32::try_from(offset).ok().filter(|_| inside)?;
        self.has(offset).then_some(offset)
    }

    fn has(&self, offset: u32) -> bool {
        let behind = self.regions.partition_point(|it| it.start <= offset);
        behind.checked_sub(1).and_then(|at| self.regions.get(at)).is_some_and(|it| offset < it.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_merged_is_sorted() {
        let of = |all: &[u32]| all.iter().map(|it| Reference::new(*it, 1)).collect::<Vec<_>>();
        for (one, other, merged) in [
            (&[1, 3, 3, 9][..], &[0, 3, 4][..], &[0, 1, 3, 3, 3, 4, 9][..]),
            (&[], &[1, 2], &[1, 2]),
            (&[1, 2], &[], &[1, 2]),
            (&[5], &[6, 7], &[5, 6, 7]),
        ] {
            let mut all = of(one);
            merge(&mut all, of(other));
            assert_eq!(all, of(merged));
        }
    }
}
