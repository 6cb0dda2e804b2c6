//! What speaks for a cause: what differs, and which bytes it took.

use crate::attribution::Taken;
use crate::circumstances::Circumstances;
use crate::difference::{Difference, Part};
use crate::functions::Sort;
use crate::owner::Owner;
use elfin_schema::{Cause, CauseEvidence, Kind};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many of a list are named.
const MOST: usize = 5;

pub(crate) fn of(
    cause: &Cause,
    taken: &Taken<'_, '_>,
    difference: &Difference<'_>,
    there: &Circumstances,
) -> Vec<CauseEvidence> {
    let mut all = there.evidence(cause).to_vec();
    if *cause == Cause::BuildInfo {
        all.extend(there.said.iter().cloned());
    }
    if taken.cells.is_empty() {
        all.push(CauseEvidence::NotToldApart);
        return all;
    }
    all.push(CauseEvidence::Kinds { kinds: kinds(taken) });
    all.extend(packages(taken));
    let of_functions = matches!(
        cause,
        Cause::OwnCode
            | Cause::GenericInstances
            | Cause::DeadCode
            | Cause::BuildTags
            | Cause::Inlining
    );
    all.extend(functions(taken, difference).filter(|_| of_functions));
    if !taken.also.is_empty() {
        let causes = taken.also.iter().filter(|it| *it != cause).cloned().collect();
        let bytes = i64::try_from(taken.uncertain).unwrap_or(i64::MAX);
        all.push(CauseEvidence::AlsoPossible { bytes, causes });
    }
    all
}

fn largest<K: Ord>(sums: BTreeMap<K, i64>) -> Vec<(K, i64)> {
    let mut sums: Vec<(K, i64)> = sums.into_iter().filter(|(_, bytes)| *bytes != 0).collect();
    sums.sort_by_key(|(_, bytes)| Reverse(bytes.unsigned_abs()));
    sums
}

fn kinds(taken: &Taken<'_, '_>) -> Vec<(Option<Kind>, i64)> {
    let mut sums: BTreeMap<Option<Kind>, i64> = BTreeMap::new();
    for cell in &taken.cells {
        *sums.entry(cell.kind).or_default() += cell.bytes;
    }
    let mut kinds = largest(sums);
    kinds.truncate(MOST);
    kinds
}

fn packages(taken: &Taken<'_, '_>) -> Option<CauseEvidence> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for cell in &taken.cells {
        if let Owner::Package(path) = &cell.owner {
            *sums.entry(path.to_string()).or_default() += cell.bytes;
        }
    }
    let mut first = largest(sums);
    let count = first.len();
    first.truncate(MOST);
    (count > 0).then_some(CauseEvidence::Packages { count, first })
}

/// The functions that came and went in the packages whose cells were taken.
fn functions(taken: &Taken<'_, '_>, difference: &Difference<'_>) -> Option<CauseEvidence> {
    let sorts: BTreeSet<(&Owner<'_>, Sort)> = taken
        .cells
        .iter()
        .filter_map(|cell| match cell.part {
            Part::Came(sort) | Part::Went(sort) if cell.kind == Some(Kind::Code) => {
                Some((&cell.owner, sort))
            }
            _ => None,
        })
        .collect();
    let packages: BTreeSet<&str> = sorts
        .iter()
        .filter_map(|(owner, _)| match owner {
            Owner::Package(path) => Some(&**path),
            _ => None,
        })
        .collect();
    let mut moved = Vec::new();
    for package in packages {
        let owner = Owner::Package(package.into());
        let functions = difference.functions.get(package).map(|it| &it.moved[..]);
        let taken = functions.unwrap_or_default().iter();
        moved.extend(
            taken
                .filter(|(_, sort, ..)| sorts.contains(&(&owner, *sort)))
                .map(|(name, _, came, bytes)| (*bytes, package, *name, *came)),
        );
    }
    moved.sort_by_key(|(bytes, package, name, _)| (Reverse(*bytes), *package, *name));
    let came = moved.iter().filter(|it| it.3).count();
    let largest = moved.iter().take(MOST).map(|(_, package, name, _)| format!("{package}.{name}"));
    (!moved.is_empty()).then(|| CauseEvidence::Functions {
        came,
        went: moved.len() - came,
        largest: largest.collect(),
    })
}
