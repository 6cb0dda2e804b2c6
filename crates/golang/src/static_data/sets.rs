//! Sets of owners, each kept once, and unions that are remembered.
//!
//! A large program has hundreds of thousands of objects and a few thousand
//! sets of packages that share them.

use std::collections::HashMap;

/// Who own an object, as far as it makes sense to name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners<'a> {
    /// Nobody refers to it.
    Nobody,
    /// The linker made it for the runtime.
    Linker,
    /// These, in ascending order.
    These(&'a [u32]),
    /// More than [`MOST_OWNERS`].
    Many,
}

/// A set of more owners is [`Owners::Many`].
pub const MOST_OWNERS: usize = 8;

/// The number of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Set(u32);

pub(crate) const NOBODY: Set = Set(0);
pub(crate) const MANY: Set = Set(1);

/// All sets of a program.
#[derive(Debug)]
pub(crate) struct Sets {
    sets: Vec<Box<[u32]>>,
    numbers: HashMap<Box<[u32]>, Set>,
    /// The sets of one owner that were asked for, for owners with small numbers.
    ones: Vec<Set>,
    unions: HashMap<(Set, Set), Set>,
}

impl Sets {
    pub(crate) fn new() -> Sets {
        // NOBODY and MANY, which no lookup by members finds.
        Sets {
            sets: vec![[].into(), [].into()],
            numbers: HashMap::new(),
            ones: Vec::new(),
            unions: HashMap::new(),
        }
    }

    /// The set of one owner.
    pub(crate) fn one(&mut self, owner: u32) -> Set {
        const MOST: usize = 1 << 20;
        let place = owner as usize;
        match self.ones.get(place) {
            Some(known) if *known != NOBODY => return *known,
            None if place < MOST => self.ones.resize(place + 1, NOBODY),
            _ => {}
        }
        let one = self.number(&[owner]);
        if let Some(known) = self.ones.get_mut(place) {
            *known = one;
        }
        one
    }

    /// The set of all owners that either has.
    pub(crate) fn union(&mut self, a: Set, b: Set) -> Set {
        let (a, b) = (a.min(b), a.max(b));
        if a == b || a == NOBODY {
            return b;
        }
        if a == MANY {
            return MANY;
        }
        if let Some(known) = self.unions.get(&(a, b)) {
            return *known;
        }
        let mut members = [self.members(a), self.members(b)].concat();
        members.sort_unstable();
        members.dedup();
        let union = if members.len() > MOST_OWNERS { MANY } else { self.number(&members) };
        self.unions.insert((a, b), union);
        union
    }

    fn number(&mut self, members: &[u32]) -> Set {
        if let Some(known) = self.numbers.get(members) {
            return *known;
        }
        // Fewer sets than references, and those do not reach four milliards.
        let set = Set(u32::try_from(self.sets.len()).unwrap_or(MANY.0));
        self.sets.push(members.into());
        self.numbers.insert(members.into(), set);
        set
    }

    pub(crate) fn members(&self, set: Set) -> &[u32] {
        self.sets.get(set.0 as usize).map_or(&[], |it| it)
    }

    pub(crate) fn owners(&self, set: Set) -> Owners<'_> {
        match set {
            NOBODY => Owners::Nobody,
            MANY => Owners::Many,
            set => Owners::These(self.members(set)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_has_both_and_ends_at_many() {
        let mut sets = Sets::new();
        let (a, b) = (sets.one(3), sets.one(1));
        let both = sets.union(a, b);
        assert_eq!(sets.owners(both), Owners::These(&[1, 3]));
        assert_eq!((sets.union(b, a), sets.union(both, a), sets.union(NOBODY, a)), (both, both, a));
        let all = (0..9).fold(NOBODY, |all, owner| {
            let one = sets.one(owner);
            sets.union(all, one)
        });
        assert_eq!(sets.union(all, a), MANY);
        assert_eq!(sets.owners(all), Owners::Many);
        assert_eq!(sets.owners(NOBODY), Owners::Nobody);
    }
}
