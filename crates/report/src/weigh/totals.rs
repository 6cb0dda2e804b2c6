//! Sums over the rows of a weighing: by module, by package, by kind.

use elfin_schema::{Bytes, Kind, Row, Weighing};
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Who owns a row, as an outline begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Owner<'a> {
    /// A module by its path, or the standard library.
    Module(&'a str),
    /// A package of no known module.
    NoModule,
    /// Several packages of several modules.
    Shared,
    /// C libraries.
    Library,
    /// The file format and the toolchain.
    Format,
}

impl<'a> Owner<'a> {
    pub(crate) fn of(row: &'a Row) -> Owner<'a> {
        let shared = !row.shared_by.is_empty() || row.kind == Kind::Common;
        let [module, package, library] = [&row.module, &row.package, &row.library];
        Owner::told([module, package, library].map(Option::as_deref), shared)
    }

    /// By module, package and library.
    pub(crate) fn told(names: [Option<&'a str>; 3], shared: bool) -> Owner<'a> {
        match names {
            [Some(module), ..] => Owner::Module(module),
            [None, Some(_), _] => Owner::NoModule,
            _ if shared => Owner::Shared,
            [.., Some(_)] => Owner::Library,
            [.., None] => Owner::Format,
        }
    }
}

/// Sums the rows by a key, largest first; equals in the order of their keys.
pub(crate) fn by<'a, K: Copy + Hash + Ord>(
    w: &'a Weighing,
    key: impl Fn(&'a Row) -> K,
) -> Vec<(K, Bytes)> {
    let mut sums: HashMap<K, Bytes> = HashMap::new();
    for row in &w.rows {
        let sum = sums.entry(key(row)).or_default();
        *sum = sum.saturating_add(row.bytes);
    }
    let mut sums: Vec<(K, Bytes)> = sums.into_iter().collect();
    sums.sort_unstable_by(|(a, few), (b, many)| many.cmp(few).then(a.cmp(b)));
    sums
}

/// The unknown bytes by the section that they stand in.
///
/// Where the ranges do not add up to `unknown_bytes`, the whole stands outside
/// of every section, so that what is shown adds up to the file all the same.
pub(crate) fn unknown(w: &Weighing) -> Vec<(Option<&str>, Bytes)> {
    let mut sums: BTreeMap<Option<&str>, Bytes> = BTreeMap::new();
    for range in &w.unknown {
        let sum = sums.entry(range.section.as_deref()).or_default();
        *sum = sum.saturating_add(range.bytes);
    }
    let total = sums.values().fold(0_u64, |total, sum| total.saturating_add(*sum));
    if total != w.unknown_bytes {
        sums = BTreeMap::from([(None, w.unknown_bytes)]);
    }
    sums.into_iter().filter(|(_, sum)| *sum > 0).collect()
}

/// The share of a whole, percent: `12.3%`; a dash of nothing.
pub(crate) fn share(part: Bytes, whole: Bytes) -> String {
    if whole == 0 {
        return crate::figures::NONE.to_owned();
    }
    format!("{:.1}%", part as f64 / whole as f64 * 100.0)
}
