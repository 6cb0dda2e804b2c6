//! Who uses an object that the linker wrote once for all who need the same.
//!
//! Objects are told by their offsets. Pairs of offset and function are gathered
//! and sorted, of which a large program has a million.

use crate::facts::Facts;
use crate::owners::{MANY, Owner};
use elfin_golang::{Function, Pclntab, sort_by_number};
use elfin_ledger::MOST_OWNERS;

/// Offsets of objects with the functions that use them.
#[derive(Debug, Default)]
pub(crate) struct Users {
    /// The offset above, the function below.
    pairs: Vec<u64>,
}

/// An object and who uses it.
pub(crate) struct Used<'u> {
    pub(crate) offset: u32,
    /// The number of the first function that uses it.
    pub(crate) first: usize,
    /// True if no other function does.
    pub(crate) alone: bool,
    /// Owners of the functions in order, each once; `MANY` alone where they are more than can be named.
    pub(crate) owners: &'u [Owner],
    /// Where the next object begins.
    pub(crate) next: Option<u32>,
}

impl Users {
    /// Gathers what each function uses: `uses` tells the offsets.
    pub(crate) fn of(facts: &Facts<'_>, uses: fn(&Function<'_>, &mut dyn FnMut(u32))) -> Users {
        let mut pairs = Vec::new();
        for function in facts.pclntab.iter().flat_map(Pclntab::functions) {
            let Ok(index) = u32::try_from(function.index) else { break };
            uses(&function, &mut |offset| pairs.push(u64::from(offset) << 32 | u64::from(index)));
        }
        // The functions come in order, and stay so.
        sort_by_number(&mut pairs, &mut Vec::new(), |it| (it >> 32) as u32);
        Users { pairs }
    }

    /// Goes through the objects in the order of their offsets.
    pub(crate) fn each(self, facts: &Facts<'_>, mut tell: impl FnMut(Used<'_>)) {
        let mut rest = &self.pairs[..];
        let mut owners = Vec::with_capacity(MOST_OWNERS + 1);
        let parts = |it: &u64| ((it >> 32) as u32, (it & 0xffff_ffff) as u32);
        while let Some((offset, first)) = rest.first().map(parts) {
            let users = rest.iter().take_while(|it| parts(it).0 == offset).count();
            let (group, behind) = rest.split_at(users);
            rest = behind;
            owners.clear();
            for (_, function) in group.iter().map(parts) {
                let owner = facts.function_owner(function as usize);
                if owners.len() <= MOST_OWNERS && !owners.contains(&owner) {
                    owners.push(owner);
                }
            }
            if owners.len() > MOST_OWNERS {
                owners.clear();
                owners.push(MANY);
            }
            owners.sort_unstable();
            tell(Used {
                offset,
                first: first as usize,
                alone: group.len() == 1,
                owners: &owners,
                next: rest.first().map(|it| parts(it).0),
            });
        }
    }
}
