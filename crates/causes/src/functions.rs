//! Functions that came, that went, and that are on both sides.

use crate::owner::without_version;
use elfin_schema::{Bytes, Weighing};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// What may bring a function or take it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sort {
    /// It is written, or reached.
    Plain,
    /// An instance of a generic function.
    Instance,
    /// A method, which may be reached by reflection.
    Method,
    /// The other side has it too, but inlined everywhere.
    Inlined,
}

impl Sort {
    pub(crate) const ALL: [Sort; 4] = [Sort::Plain, Sort::Instance, Sort::Method, Sort::Inlined];

    fn of(name: &str) -> Sort {
        let is_method = || {
            let behind = name.strip_prefix("(*").and_then(|it| it.split_once(").")).map(|it| it.1);
            let behind = behind.or_else(|| name.split_once('.').map(|it| it.1));
            behind.is_some_and(|it| it.starts_with(char::is_uppercase) && !it.contains('.'))
        };
        match name {
            _ if name.contains('[') => Sort::Instance,
            _ if is_method() => Sort::Method,
            _ => Sort::Plain,
        }
    }
}

/// The functions of a package, compared.
#[derive(Debug, Default)]
pub(crate) struct Compared<'a> {
    /// Bytes of all functions on each side.
    pub(crate) from: Bytes,
    pub(crate) to: Bytes,
    came: [Bytes; Sort::ALL.len()],
    went: [Bytes; Sort::ALL.len()],
    /// The functions that came (true) or went, with their bytes.
    pub(crate) moved: Vec<(&'a str, Sort, bool, Bytes)>,
}

impl Compared<'_> {
    pub(crate) fn came(&self, sort: Sort) -> Bytes {
        self.came[sort as usize]
    }

    pub(crate) fn went(&self, sort: Sort) -> Bytes {
        self.went[sort as usize]
    }
}

/// Every package's functions by name; of several with one name the sum.
type Named<'a> = HashMap<Cow<'a, str>, BTreeMap<&'a str, Bytes>>;

fn named(w: &Weighing) -> Named<'_> {
    let mut all = Named::new();
    for (package, functions) in &w.functions {
        let place = all.entry(without_version(package)).or_default();
        for (name, bytes) in functions {
            let sum: &mut Bytes = place.entry(name).or_default();
            *sum = sum.saturating_add(*bytes);
        }
    }
    all
}

/// Compares the functions of every package.
pub(crate) fn compare<'a>(
    from: &'a Weighing,
    to: &'a Weighing,
) -> HashMap<Cow<'a, str>, Compared<'a>> {
    let (from, to) = (named(from), named(to));
    let none = BTreeMap::new();
    let mut all: HashMap<Cow<'a, str>, Compared<'a>> = HashMap::new();
    for package in from.keys().chain(to.keys()) {
        if all.contains_key(package) {
            continue;
        }
        let mut compared = Compared::default();
        let (before, after) =
            (from.get(package).unwrap_or(&none), to.get(package).unwrap_or(&none));
        one_way(after, before, |name, sort, bytes| {
            compared.to = compared.to.saturating_add(bytes);
            let Some(sort) = sort else { return };
            compared.came[sort as usize] = compared.came[sort as usize].saturating_add(bytes);
            compared.moved.push((name, sort, true, bytes));
        });
        one_way(before, after, |name, sort, bytes| {
            compared.from = compared.from.saturating_add(bytes);
            let Some(sort) = sort else { return };
            compared.went[sort as usize] = compared.went[sort as usize].saturating_add(bytes);
            compared.moved.push((name, sort, false, bytes));
        });
        all.insert(package.clone(), compared);
    }
    all
}

/// Tells each function of `these`, and what sort it is if the others do not have it.
fn one_way<'a>(
    these: &BTreeMap<&'a str, Bytes>,
    others: &BTreeMap<&'a str, Bytes>,
    mut tell: impl FnMut(&'a str, Option<Sort>, Bytes),
) {
    for (name, bytes) in these.iter().filter(|(_, bytes)| **bytes > 0) {
        let sort = match others.get(name) {
            None => Some(Sort::of(name)),
            Some(0) => Some(Sort::Inlined),
            Some(_) => None,
        };
        tell(name, sort, *bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_are_told_by_names() {
        let cases = [
            ("main", Sort::Plain),
            ("main.func1", Sort::Plain),
            ("Sorted[go.shape.int]", Sort::Instance),
            ("(*conn).serve", Sort::Plain),
            ("(*Client).Do", Sort::Method),
            ("Header.Get", Sort::Method),
            ("(*Client).Do.func1", Sort::Plain),
        ];
        for (name, sort) in cases {
            assert_eq!(Sort::of(name), sort, "{name}");
        }
    }
}
