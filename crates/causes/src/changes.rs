//! Packages, modules, kinds and sections that changed, whatever the cause.

use elfin_schema::{Bytes, Change, ChangedRow, Kind, Row, Weighing};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Sums both sides by a name; what did not change is left out.
fn by<'a>(
    from: &'a Weighing,
    to: &'a Weighing,
    name: impl Fn(&'a Row) -> Option<&'a str>,
    unknown: impl Fn(&'a Weighing) -> Vec<(&'a str, Bytes)>,
) -> Vec<Change> {
    let mut sums: BTreeMap<&str, [Bytes; 2]> = BTreeMap::new();
    for (side, w) in [from, to].into_iter().enumerate() {
        let rows = w.rows.iter().filter_map(|row| Some((name(row)?, row.bytes)));
        for (name, bytes) in rows.chain(unknown(w)) {
            let sum = &mut sums.entry(name).or_default()[side];
            *sum = sum.saturating_add(bytes);
        }
    }
    let changes = sums.into_iter().map(|(name, [from, to])| Change {
        name: name.to_owned(),
        from,
        to,
        from_version: None,
        to_version: None,
    });
    sorted(changes.collect())
}

fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.retain(|it| it.from != it.to || it.from_version != it.to_version);
    changes.sort_by_key(|it| Reverse(it.delta().unsigned_abs()));
    changes
}

/// What no package owns has no name.
pub(crate) fn packages(from: &Weighing, to: &Weighing) -> Vec<Change> {
    let package = |row: &'_ Row| row.package.is_some();
    let mut changes = by(
        from,
        to,
        |row| Some(row.package.as_deref().unwrap_or_default()),
        |w| vec![("", w.unknown_bytes)],
    );
    let named = from.rows.iter().chain(&to.rows).any(package);
    changes.retain(|it| named || !it.name.is_empty());
    changes
}

/// With the versions that build information names.
pub(crate) fn modules(from: &Weighing, to: &Weighing) -> Vec<Change> {
    let mut changes = by(from, to, |row| row.module.as_deref(), |_| Vec::new());
    let versions = |w: &Weighing| -> BTreeMap<String, String> {
        let all = w.go.iter().flat_map(|it| &it.modules);
        all.map(|it| (it.path.clone(), it.version.clone())).collect()
    };
    let (before, after) = (versions(from), versions(to));
    for change in &mut changes {
        change.from_version = before.get(&change.name).cloned();
        change.to_version = after.get(&change.name).cloned();
    }
    sorted(changes)
}

/// Unknown bytes have no name.
pub(crate) fn kinds(from: &Weighing, to: &Weighing) -> Vec<Change> {
    by(from, to, |row| Some(row.kind.name()), |w| vec![("", w.unknown_bytes)])
}

/// What stands outside of every section has no name.
pub(crate) fn sections(from: &Weighing, to: &Weighing) -> Vec<Change> {
    by(
        from,
        to,
        |row| Some(row.section.as_deref().unwrap_or_default()),
        |w| {
            w.unknown
                .iter()
                .map(|it| (it.section.as_deref().unwrap_or_default(), it.bytes))
                .collect()
        },
    )
}

/// Module, package, library and section.
type Place<'a> = [Option<&'a str>; 4];

/// All that changed, by everything that is known of it but the symbol.
pub(crate) fn rows(from: &Weighing, to: &Weighing) -> Vec<ChangedRow> {
    let mut sums: BTreeMap<(Place<'_>, Option<Kind>, bool), [Bytes; 2]> = BTreeMap::new();
    for (side, w) in [from, to].into_iter().enumerate() {
        let rows = w.rows.iter().map(|row| {
            let owner = [&row.module, &row.package, &row.library, &row.section];
            let shared = !row.shared_by.is_empty() || row.kind == Kind::Common;
            ((owner.map(Option::as_deref), Some(row.kind), shared), row.bytes)
        });
        let unknown = w
            .unknown
            .iter()
            .map(|it| (([None, None, None, it.section.as_deref()], None, false), it.bytes));
        for (key, bytes) in rows.chain(unknown) {
            let sum = &mut sums.entry(key).or_default()[side];
            *sum = sum.saturating_add(bytes);
        }
    }
    let rows = sums.into_iter().filter(|(_, [from, to])| from != to);
    let rows = rows.map(|((owner, kind, shared), [from, to])| {
        let [module, package, library, section] = owner.map(|it| it.map(Into::into));
        ChangedRow { module, package, library, kind, section, shared, from, to }
    });
    let mut rows: Vec<ChangedRow> = rows.collect();
    rows.sort_by_key(|it| Reverse(it.delta().unsigned_abs()));
    rows
}
