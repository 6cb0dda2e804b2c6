//! Which of the words that look like pointers are some.
//!
//! A program at a fixed address does not say where its pointers are, and a
//! number or four letters with zeros behind them may be an address by chance.
//! So text has none, a type and an itab have theirs in known places, what the
//! garbage collector knows the words of has those, and a pointer to a string
//! has a length behind it that fits the order of the strings.

use super::descriptor::{Descriptor, Descriptors};
use super::gc_program;
use super::in_order::in_order;
use super::itabs::Itab;
use super::loaded::Loaded;
use super::radix::sort_by_target;
use super::references::Reference;
use crate::module_data::ModuleData;
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSliceMut;
use std::ops::Range;

/// What is known of the places of pointers.
pub(crate) struct Plausible<'a, 'l> {
    pub(crate) descriptors: Descriptors<'a, 'l>,
    /// The descriptors by offset.
    pub(crate) types: Vec<Descriptor>,
    /// The itabs by offset.
    pub(crate) itabs: Vec<Itab>,
    /// The names by offset, with their lengths.
    pub(crate) names: Vec<(u32, u32)>,
}

/// The last of some places that is not behind an offset, for offsets that mostly ascend.
struct Walk<'p, T> {
    places: &'p [T],
    start: fn(&T) -> u32,
    next: usize,
}

impl<'p, T> Walk<'p, T> {
    fn new(places: &'p [T], start: fn(&T) -> u32) -> Walk<'p, T> {
        Walk { places, start, next: 0 }
    }

    fn last(&mut self, offset: u32) -> Option<&'p T> {
        /// More steps than that take longer than a search.
        const STEPS: usize = 16;
        let last = self.next.checked_sub(1).and_then(|it| self.places.get(it));
        let rest = self.places.get(self.next..).unwrap_or_default();
        let steps = rest.iter().take(STEPS).take_while(|it| (self.start)(it) <= offset).count();
        self.next += steps;
        if steps == STEPS || last.is_some_and(|it| (self.start)(it) > offset) {
            self.next = self.places.partition_point(|it| (self.start)(it) <= offset);
        }
        self.places.get(self.next.checked_sub(1)?)
    }
}

/// The ways to what words are in.
struct Walks<'p> {
    types: Walk<'p, Descriptor>,
    itabs: Walk<'p, Itab>,
    names: Walk<'p, (u32, u32)>,
}

impl Plausible<'_, '_> {
    /// Takes out the words that only look like pointers; what is left is sorted by target.
    pub(crate) fn retain(
        &self,
        module: &ModuleData,
        strings: &Range<u32>,
        all: &mut Vec<Reference>,
        spare: &mut Vec<Reference>,
    ) {
        /// Nothing is as far behind the data.
        const NO_POINTER: Reference = Reference::new(u32::MAX, u32::MAX);
        let loaded = self.descriptors.loaded;
        let pointer = loaded.pointer_size();
        let data = loaded.span(&module.data).unwrap_or_default();
        let program = loaded.offset(module.gcdata.0).map(|it| loaded.bytes(it));
        let words = (data.len() / pointer as usize).next_multiple_of(8);
        let mask = program.and_then(|it| gc_program::run(it, words)).unwrap_or_default();
        let is_pointer = |walks: &mut Walks<'_>, it: &Reference| {
            let slot = it.source();
            if data.contains(&slot) && !mask.is_empty() {
                // A list of types may be longer than the type of its variable says.
                let word = ((slot - data.start) / pointer) as usize;
                return mask.get(word) == Some(&true) || self.is_type(it.target());
            }
            !strings.contains(&slot) && self.may_hold_pointer(walks, slot)
        };
        // In place, because here as much is in memory as anywhere.
        all.par_chunks_mut(1 << 14).for_each(|chunk| {
            let mut walks = Walks {
                types: Walk::new(&self.types, |it| it.at),
                itabs: Walk::new(&self.itabs, |it| it.start),
                names: Walk::new(&self.names, |it| it.0),
            };
            for it in chunk {
                *it = if is_pointer(&mut walks, it) { *it } else { NO_POINTER };
            }
        });
        all.retain(|it| *it != NO_POINTER);
        sort_by_target(all, spare);
        if loaded.relocated().next().is_none() {
            retain_strings(loaded, strings, &data, all);
        }
    }

    fn is_type(&self, offset: u32) -> bool {
        self.types.binary_search_by_key(&offset, |it| it.at).is_ok()
    }

    /// True unless the word is one of a name, a type or an itab that is no pointer.
    fn may_hold_pointer(&self, walks: &mut Walks<'_>, slot: u32) -> bool {
        if walks.names.last(slot).is_some_and(|it| slot - it.0 < it.1) {
            return false;
        }
        let of_type = walks.types.last(slot).filter(|it| slot - it.at < it.length);
        if let Some(it) = of_type {
            return self.descriptors.is_pointer(it, slot - it.at);
        }
        let of_itab = walks.itabs.last(slot).filter(|it| slot < it.end);
        of_itab.is_none_or(|it| slot - it.start < 2 * self.descriptors.loaded.pointer_size())
    }
}

/// Takes out the pointers to strings that are none: no length follows, or one that would not
/// stand there, as the linker sorts strings by length. Pointers in `sure` are some.
fn retain_strings(
    loaded: &Loaded<'_, '_>,
    strings: &Range<u32>,
    sure: &Range<u32>,
    all: &mut Vec<Reference>,
) {
    let first = all.partition_point(|it| it.target() < strings.start);
    let behind = all.partition_point(|it| it.target() < strings.end);
    let to_strings = all.get_mut(first..behind).unwrap_or_default();
    let length = |it: &Reference| string_length(loaded, *it, strings);
    let lengths: Vec<Option<u32>> = to_strings.iter().map(length).collect();
    let known: Vec<u32> = lengths.iter().copied().flatten().collect();
    let mut marks = in_order(&known).into_iter();
    let mut kept = 0;
    for (at, length) in lengths.iter().enumerate() {
        let is_in_order = length.is_some() && marks.next() == Some(true);
        if is_in_order || sure.contains(&to_strings[at].source()) {
            to_strings[kept] = to_strings[at];
            kept += 1;
        }
    }
    all.drain(first + kept..behind);
}

/// The length that follows a pointer to text, as in every string.
pub(crate) fn string_length(
    loaded: &Loaded<'_, '_>,
    pointer: Reference,
    strings: &Range<u32>,
) -> Option<u32> {
    strings.contains(&pointer.target()).then_some(())?;
    let length = loaded.numbers.word(loaded.bytes(pointer.source()), loaded.numbers.pointer)?;
    let length = u32::try_from(length).ok()?;
    (length > 0 && length <= strings.end - pointer.target()).then_some(length)
}
