//! Who uses an object that the linker wrote once for all who need the same.
//!
//! Objects are told by their offsets. Pairs of offset and function are gathered
//! and sorted on all processors, because a large program has a million of them.

use crate::facts::Facts;
use crate::owners::{MANY, Owner};
use elfin_golang::{Function, Pclntab};
use elfin_ledger::MOST_OWNERS;
use rayon::slice::ParallelSliceMut;

/// Offsets of objects with the functions that use them.
#[derive(Debug, Default)]
pub(crate) struct Users {
    pairs: Vec<(u32, u32)>,
}

/// An object and who uses it.
pub(crate) struct Used<'u> {
    pub(crate) offset: u32,
    /// The number of the first function that uses it.
    pub(crate) first: usize,
    /// True if no other function does.
    pub(crate) alone: bool,
    /// Owners of the functions, each once; `MANY` alone where they are more than can be named.
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
            uses(&function, &mut |offset| pairs.push((offset, index)));
        }
        pairs.par_sort_unstable();
        Users { pairs }
    }

    /// Goes through the objects in the order of their offsets.
    pub(crate) fn each(self, facts: &Facts<'_>, mut tell: impl FnMut(Used<'_>)) {
        let mut rest = &self.pairs[..];
        let mut owners = Vec::with_capacity(MOST_OWNERS + 1);
        while let Some(&(offset, first)) = rest.first() {
            let users = rest.iter().take_while(|it| it.0 == offset).count();
            let (group, behind) = rest.split_at(users);
            rest = behind;
            owners.clear();
            for (_, function) in group {
                let owner = facts.function_owner(*function as usize);
                if owners.len() <= MOST_OWNERS && !owners.contains(&owner) {
                    owners.push(owner);
                }
            }
            if owners.len() > MOST_OWNERS {
                owners.clear();
                owners.push(MANY);
            }
            tell(Used {
                offset,
                first: first as usize,
                alone: group.len() == 1,
                owners: &owners,
                next: rest.first().map(|it| it.0),
            });
        }
    }
}
