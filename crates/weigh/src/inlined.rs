//! The second view of code: what stands inlined in functions, credited to who wrote it.

use crate::facts::Facts;
use crate::owners::{Owner, Who};
use elfin_golang::inlined_stretches;
use elfin_schema::{Bytes, Inlined};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Bytes at home and abroad.
type Credit = HashMap<Owner, (Bytes, Bytes)>;

/// Counts the inlined code of every package, most first.
pub(crate) fn by_package(facts: &Facts<'_>) -> Vec<Inlined> {
    let Some(table) = &facts.pclntab else { return Vec::new() };
    let count = |mut credit: Credit, index: usize| {
        let Some(function) = table.function(index) else { return credit };
        let home = facts.function_owner(index);
        for call in inlined_stretches(table, &function) {
            let Some(owner) = facts.name_owner(call.name_at) else { continue };
            let place = credit.entry(owner).or_default();
            let bytes = Bytes::from(call.code.end - call.code.start);
            if owner == home {
                place.0 += bytes;
            } else {
                place.1 += bytes;
            }
        }
        credit
    };
    let merge = |mut one: Credit, other: Credit| {
        for (owner, (at_home, abroad)) in other {
            let place = one.entry(owner).or_default();
            *place = (place.0 + at_home, place.1 + abroad);
        }
        one
    };
    let credit =
        (0..table.count).into_par_iter().fold(Credit::new, count).reduce(Credit::new, merge);
    let mut inlined: Vec<Inlined> = credit
        .into_iter()
        .filter_map(|(owner, (at_home, abroad))| match facts.owners.who(owner) {
            Who::Package(path) => Some(Inlined { package: path.to_owned(), at_home, abroad }),
            Who::System | Who::Library(_) => None,
        })
        .collect();
    inlined.sort_by(|a, b| {
        let key = |it: &Inlined| Reverse(it.at_home + it.abroad);
        key(a).cmp(&key(b)).then_with(|| a.package.cmp(&b.package))
    });
    inlined
}
