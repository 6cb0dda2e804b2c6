//! All type descriptors of a program, with their names and masks.
//!
//! Whatever is referred to and looks like a descriptor in every field is one;
//! from it lead offsets to further types. Neither the list of types that are
//! looked up by name, which leaves out most, nor their order is needed, and
//! Go 1.27 has that list no more.

use super::descriptor::{Descriptor, Descriptors, Link};
use super::references::Reference;
use std::ops::Range;

/// What the descriptors of a program amount to.
#[derive(Debug, Default)]
pub(crate) struct TypeWalk {
    /// The descriptors by offset.
    pub(crate) types: Vec<Descriptor>,
    /// Where names begin, and their bytes; each once.
    pub(crate) names: Vec<(u32, u32)>,
    /// Where masks begin; each once.
    pub(crate) masks: Vec<u32>,
    /// From fields that hold offsets, and from names to import paths.
    pub(crate) references: Vec<Reference>,
}

impl TypeWalk {
    /// Finds the descriptors within `types` that anything in `referred`, sorted, leads to.
    pub(crate) fn new(
        descriptors: Descriptors<'_, '_>,
        types: &Range<u32>,
        referred: impl Iterator<Item = u32>,
    ) -> TypeWalk {
        let mut walk =
            TypeWalk { types: discover(descriptors, types, referred), ..TypeWalk::default() };
        for it in &walk.types {
            descriptors.links(it, |link| match link {
                Link::Type(field, to) => walk.references.push(Reference::new(to, field)),
                Link::Name(field, to) => {
                    walk.names.push((to, 0));
                    if field != 0 {
                        walk.references.push(Reference::new(to, field));
                    }
                }
                Link::Mask(to) => walk.masks.push(to),
            });
        }
        walk.read_names(descriptors);
        walk.masks.sort_unstable();
        walk.masks.dedup();
        walk
    }

    /// Measures the names, and adds the import paths that they lead to.
    fn read_names(&mut self, descriptors: Descriptors<'_, '_>) {
        self.names.sort_unstable();
        self.names.dedup();
        let mut paths = Vec::new();
        self.names.retain_mut(|(at, length)| {
            let Some(name) = descriptors.text(*at) else { return false };
            *length = name.length;
            if let Some(path) = descriptors.package_of_name(&name) {
                self.references.push(Reference::new(path, *at));
                paths.extend(descriptors.text(path).map(|it| (path, it.length)));
            }
            true
        });
        self.names.extend(paths);
        self.names.sort_unstable();
        self.names.dedup();
    }
}

/// Which offsets have been looked at: a bit for every four bytes.
struct Seen {
    start: u32,
    bits: Vec<u64>,
}

impl Seen {
    /// True the first time that an offset is asked for.
    fn is_new(&mut self, offset: u32) -> bool {
        let Some(index) = offset.checked_sub(self.start).map(|it| it / 4) else { return false };
        let Some(word) = self.bits.get_mut(index as usize / 64) else { return false };
        let bit = 1 << (index % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

fn discover(
    descriptors: Descriptors<'_, '_>,
    types: &Range<u32>,
    referred: impl Iterator<Item = u32>,
) -> Vec<Descriptor> {
    let words = (types.end.saturating_sub(types.start) as usize).div_ceil(4 * 64);
    let mut seen = Seen { start: types.start, bits: vec![0; words] };
    let mut found = Vec::new();
    let mut open = Vec::new();
    // Descriptors do not overlap; those of a hostile file do.
    let mut left = types.end.saturating_sub(types.start);
    let mut look = |at: u32, open: &mut Vec<u32>, seen: &mut Seen, found: &mut Vec<Descriptor>| {
        if !types.contains(&at) || !seen.is_new(at) {
            return;
        }
        let Some(it) = descriptors.read(at).filter(|it| it.length <= left) else { return };
        left -= it.length;
        descriptors.links(&it, |link| {
            if let Link::Type(_, to) = link {
                open.push(to);
            }
        });
        found.push(it);
    };
    for at in referred {
        look(at, &mut open, &mut seen, &mut found);
        while let Some(at) = open.pop() {
            look(at, &mut open, &mut seen, &mut found);
        }
    }
    found.sort_unstable_by_key(|it| it.at);
    found
}
