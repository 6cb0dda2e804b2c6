//! All type descriptors of a program, with their names and masks.
//!
//! Whatever is referred to and looks like a descriptor in every field is one;
//! from it lead offsets to further types. Neither the list of types that are
//! looked up by name, which leaves out most, nor their order is needed, and
//! Go 1.27 has that list no more.

use super::descriptor::{Descriptor, Descriptors, Link};
use super::marks::{Marks, Ones};
use super::radix::sort_by_target;
use super::references::Reference;
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;
use std::ops::Range;

/// Types or names that one thread reads at a time.
const BATCH: usize = 1 << 12;

/// What the descriptors of a program amount to.
#[derive(Debug, Default)]
pub(crate) struct TypeWalk {
    /// The descriptors by offset.
    pub(crate) types: Vec<Descriptor>,
    /// Where names begin, and their bytes; each once.
    pub(crate) names: Vec<(u32, u32)>,
    /// Where masks begin; each once.
    pub(crate) masks: Vec<u32>,
    /// From fields that hold offsets, and from names to import paths; by target.
    pub(crate) references: Vec<Reference>,
}

/// What some descriptors refer to.
#[derive(Default)]
struct Links {
    types: Vec<u32>,
    names: Vec<u32>,
    masks: Vec<u32>,
    references: Vec<Reference>,
}

impl TypeWalk {
    /// Finds the descriptors within `types` that anything marked leads to.
    pub(crate) fn new(
        descriptors: Descriptors<'_, '_>,
        types: &Range<u32>,
        marked: &Marks,
        spare: &mut Vec<Reference>,
    ) -> TypeWalk {
        let mut walk = TypeWalk::default();
        let mut names = Names::within(types);
        let mut seen = marked.clone();
        // Descriptors do not overlap; those of a hostile file do.
        let mut left = types.end.saturating_sub(types.start);
        let mut next: Vec<u32> = marked.places().filter(|it| types.contains(it)).collect();
        while !next.is_empty() {
            let read =
                |batch: &[u32]| batch.iter().filter_map(|it| descriptors.read(*it)).collect();
            let batches: Vec<Vec<Descriptor>> = next.par_chunks(BATCH).map(read).collect();
            let mut found = batches.concat();
            found.retain(|it| match left.checked_sub(it.length) {
                Some(less) => {
                    left = less;
                    true
                }
                None => false,
            });
            let links = |batch: &[Descriptor]| links(descriptors, batch);
            let links: Vec<Links> = found.par_chunks(BATCH).map(links).collect();
            next.clear();
            for it in links {
                next.extend(it.types.iter().filter(|it| types.contains(it) && seen.is_new(**it)));
                it.names.into_iter().for_each(|it| names.add(it));
                walk.masks.extend(it.masks);
                walk.references.extend(it.references);
            }
            match walk.types.is_empty() {
                true => walk.types = found,
                false => walk.types.extend(found),
            }
        }
        walk.types.sort_by_key(|it| it.at);
        walk.masks.sort_unstable();
        walk.masks.dedup();
        walk.read_names(descriptors, &names.in_order());
        sort_by_target(&mut walk.references, spare);
        walk
    }

    /// Measures the names, and adds the import paths that they lead to.
    fn read_names(&mut self, descriptors: Descriptors<'_, '_>, names: &[u32]) {
        let read = |at: &u32| {
            let name = descriptors.text(*at)?;
            Some(((*at, name.length), descriptors.package_of_name(&name)))
        };
        let read: Vec<Vec<_>> =
            names.par_chunks(BATCH).map(|batch| batch.iter().filter_map(read).collect()).collect();
        let mut paths = Vec::new();
        for (name, path) in read.into_iter().flatten() {
            self.names.push(name);
            if let Some(path) = path {
                self.references.push(Reference::new(path, name.0));
                paths.push(path);
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let text = |at: &u32| descriptors.text(*at).map(|it| (*at, it.length));
        self.names.extend(paths.iter().filter_map(text));
        self.names.sort();
        self.names.dedup();
    }
}

fn links(descriptors: Descriptors<'_, '_>, types: &[Descriptor]) -> Links {
    let mut links = Links::default();
    for it in types {
        descriptors.links(it, |link| match link {
            Link::Type(field, to) => {
                links.types.push(to);
                links.references.push(Reference::new(to, field));
            }
            Link::Name(field, to) => {
                links.names.push(to);
                if field != 0 {
                    links.references.push(Reference::new(to, field));
                }
            }
            Link::Mask(to) => links.masks.push(to),
        });
    }
    // Neighbours have the same fields and the same methods.
    links.names.sort_unstable();
    links.names.dedup();
    links.masks.sort_unstable();
    links.masks.dedup();
    links
}

/// Where names begin: a bit for each byte of the types, and what is elsewhere.
struct Names {
    start: u32,
    bits: Vec<u64>,
    elsewhere: Vec<u32>,
}

impl Names {
    fn within(types: &Range<u32>) -> Names {
        let words = (types.end.saturating_sub(types.start) as usize).div_ceil(64);
        Names { start: types.start, bits: vec![0; words], elsewhere: Vec::new() }
    }

    fn add(&mut self, at: u32) {
        let index = at.checked_sub(self.start).map(|it| it as usize);
        let bits = index.and_then(|it| Some((self.bits.get_mut(it / 64)?, it % 64)));
        match bits {
            Some((bits, bit)) => *bits |= 1 << bit,
            None => self.elsewhere.push(at),
        }
    }

    /// All of them, each once.
    fn in_order(self) -> Vec<u32> {
        let mut all = self.elsewhere;
        for (word, bits) in (0_u32..).zip(&self.bits) {
            all.extend(Ones(*bits).map(|bit| self.start + 64 * word + bit));
        }
        all.sort();
        all.dedup();
        all
    }
}
