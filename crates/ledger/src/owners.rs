//! Who owns a piece: nobody, one, several, or more than can be named.
//!
//! Sets of owners are kept once each and referred to by number, so that a
//! piece stays small however many share it.

use std::collections::HashMap;

/// A set of more owners is [`Owners::Many`]: nobody reads a longer list.
pub const MOST_OWNERS: usize = 8;

/// The owner of a claim that already stands for more owners than can be named.
pub const MANY: u32 = u32::MAX - 1;

/// The owners of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owners<'a> {
    /// Nobody claimed it.
    Nobody,
    /// One owner.
    One(u32),
    /// Two to [`MOST_OWNERS`] owners, in ascending order.
    Several(&'a [u32]),
    /// More than [`MOST_OWNERS`].
    Many,
}

/// [`Owners`] in 32 bits: an owner, or with the highest bit set the number of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(u32);

const SET: u32 = 1 << 31;
pub(crate) const NOBODY: Owner = Owner(u32::MAX);
const TOO_MANY: Owner = Owner(MANY);

impl Owner {
    pub(crate) fn one(owner: u32) -> Owner {
        debug_assert!(owner < SET || owner == MANY, "the highest bit says that it is a set");
        if owner == MANY { TOO_MANY } else { Owner(owner & !SET) }
    }

    /// A number that no other owner and no other set has.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The owner that has a number.
    pub(crate) fn of_number(number: u32) -> Owner {
        Owner(number)
    }

    /// The owner by the number of its set among other sets, whose names here are given.
    pub(crate) fn renamed(self, names: &[Owner]) -> Owner {
        match self {
            NOBODY | TOO_MANY => self,
            Owner(one) if one & SET == 0 => self,
            Owner(set) => names.get((set & !SET) as usize).copied().unwrap_or(TOO_MANY),
        }
    }
}

/// Every set of owners that a file has.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    sets: Vec<Box<[u32]>>,
    numbers: HashMap<Box<[u32]>, u32>,
}

impl Sets {
    /// Finds the number for single owners, given in ascending order without repetition.
    pub(crate) fn of(&mut self, owners: impl IntoIterator<Item = Owner>) -> Owner {
        let mut few = [0; MOST_OWNERS];
        let mut count = 0;
        for owner in owners {
            match few.get_mut(count) {
                Some(place) if owner != TOO_MANY => *place = owner.0,
                _ => return TOO_MANY,
            }
            count += 1;
        }
        match &few[..count] {
            [] => NOBODY,
            [one] => Owner(*one),
            several => Owner(SET | self.number(several)),
        }
    }

    fn number(&mut self, owners: &[u32]) -> u32 {
        if let Some(number) = self.numbers.get(owners) {
            return *number;
        }
        // Fewer sets than claims, and those do not reach two milliards.
        let number = u32::try_from(self.sets.len()).unwrap_or(0);
        self.sets.push(owners.into());
        self.numbers.insert(owners.into(), number);
        number
    }

    /// Takes over the sets of others; gives what each of those is called here.
    pub(crate) fn take_over(&mut self, others: &Sets) -> Vec<Owner> {
        others.sets.iter().map(|it| Owner(SET | self.number(it))).collect()
    }

    pub(crate) fn owners(&self, owner: Owner) -> Owners<'_> {
        match owner {
            NOBODY => Owners::Nobody,
            TOO_MANY => Owners::Many,
            Owner(one) if one & SET == 0 => Owners::One(one),
            Owner(set) => {
                self.sets.get((set & !SET) as usize).map_or(Owners::Many, |it| Owners::Several(it))
            }
        }
    }
}
