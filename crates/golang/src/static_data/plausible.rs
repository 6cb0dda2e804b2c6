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
use super::lookup::Lookup;
use super::references::Reference;
use crate::module_data::ModuleData;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
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

/// The ways to what words are in.
struct Lookups {
    types: Lookup,
    itabs: Lookup,
    names: Lookup,
}

impl Plausible<'_, '_> {
    /// Takes out the words that only look like pointers.
    pub(crate) fn retain(
        &self,
        module: &ModuleData,
        strings: &Range<u32>,
        all: &mut Vec<Reference>,
    ) {
        /// Nothing is as far behind the data.
        const NO_POINTER: Reference = Reference::new(u32::MAX, u32::MAX);
        let loaded = self.descriptors.loaded;
        let pointer = loaded.pointer_size();
        let data = loaded.span(&module.data).unwrap_or_default();
        let program = loaded.offset(module.gcdata.0).map(|it| loaded.bytes(it));
        let words = (data.len() / pointer as usize).next_multiple_of(8);
        let mask = program.and_then(|it| gc_program::run(it, words)).unwrap_or_default();
        let lookups = Lookups {
            types: Lookup::new(&self.types, |it| it.at),
            itabs: Lookup::new(&self.itabs, |it| it.start),
            names: Lookup::new(&self.names, |it| it.0),
        };
        let is_pointer = |it: &Reference| {
            let slot = it.source();
            if data.contains(&slot) && !mask.is_empty() {
                // A list of types may be longer than the type of its variable says.
                let word = ((slot - data.start) / pointer) as usize;
                return mask.get(word) == Some(&true) || self.is_type(it.target());
            }
            !strings.contains(&slot) && self.may_hold_pointer(&lookups, slot)
        };
        // In place, because here as much is in memory as anywhere.
        all.par_iter_mut().with_min_len(1 << 12).for_each(|it| {
            *it = if is_pointer(it) { *it } else { NO_POINTER };
        });
        all.retain(|it| *it != NO_POINTER);
        if loaded.relocated().next().is_none() {
            retain_strings(loaded, strings, &data, all);
        }
    }

    fn is_type(&self, offset: u32) -> bool {
        self.types.binary_search_by_key(&offset, |it| it.at).is_ok()
    }

    /// True unless the word is one of a name, a type or an itab that is no pointer.
    fn may_hold_pointer(&self, lookups: &Lookups, slot: u32) -> bool {
        let at = lookups.names.last(&self.names, slot, |it| it.0);
        if at.and_then(|at| self.names.get(at)).is_some_and(|it| slot - it.0 < it.1) {
            return false;
        }
        let at = lookups.types.last(&self.types, slot, |it| it.at);
        let of_type = at.and_then(|at| self.types.get(at)).filter(|it| slot - it.at < it.length);
        if let Some(it) = of_type {
            return self.descriptors.is_pointer(it, slot - it.at);
        }
        let at = lookups.itabs.last(&self.itabs, slot, |it| it.start);
        let of_itab = at.and_then(|at| self.itabs.get(at)).filter(|it| slot < it.end);
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
    let length = |it: &Reference| string_length(loaded, *it, strings);
    let lengths: Vec<u32> = all.iter().filter_map(length).collect();
    let mut marks = in_order(&lengths).into_iter();
    all.retain(|it| {
        let is_in_order = length(it).is_some() && marks.next() == Some(true);
        !strings.contains(&it.target()) || is_in_order || sure.contains(&it.source())
    });
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
