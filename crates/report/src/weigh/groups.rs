//! The rows of a weighing, added up under what a view looks at.

use super::By;
use crate::Lang;
use crate::catalogue::{Text, kinds};
use elfin_schema::{Download, Kind, Row, Weighing};
use std::collections::HashMap;

/// The columns of the table behind the total, in their order, unless downloads were asked for.
pub(crate) const COLUMNS: [Text; 8] = [
    kinds::CODE,
    kinds::PCLNTAB,
    kinds::DATA,
    kinds::TYPES,
    kinds::STRINGS,
    kinds::SYMBOLS,
    kinds::DWARF,
    kinds::OTHER,
];

/// The column that a kind is counted in.
fn column(kind: Kind) -> usize {
    match kind {
        Kind::Code => 0,
        Kind::FunctionRecord
        | Kind::FunctionName
        | Kind::FileTable
        | Kind::PcValue
        | Kind::CuTable
        | Kind::FuncData
        | Kind::FindFunction
        | Kind::InlineTree => 1,
        Kind::ReadOnlyData | Kind::Data | Kind::InitTask => 2,
        Kind::Type | Kind::Itab | Kind::GcMask => 3,
        Kind::String | Kind::Embed => 4,
        Kind::Symbol | Kind::SymbolName => 5,
        Kind::Dwarf => 6,
        Kind::Relocation
        | Kind::Unwind
        | Kind::Note
        | Kind::BuildInfo
        | Kind::FipsInfo
        | Kind::ModuleData
        | Kind::Dynamic
        | Kind::Header
        | Kind::Padding
        | Kind::Trailing
        | Kind::Packed
        | Kind::Common => 7,
    }
}

/// Bytes in all and in each column.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) total: u64,
    pub(crate) columns: [u64; COLUMNS.len()],
    /// As gzip, zstd and lzma.
    pub(crate) downloads: [u64; 3],
    /// Bits of entropy.
    pub(crate) entropy: f64,
    /// Which columns have bytes that were charged in proportion.
    pub(crate) estimated: [bool; COLUMNS.len()],
}

impl Sum {
    /// The sum of bytes of which only the price is known.
    pub(crate) fn priced(total: u64, download: Option<Download>) -> Sum {
        let price = download.map_or([0; 3], |it| [it.gzip, it.zstd, it.lzma]);
        let entropy = download.map_or(0.0, |it| it.entropy * total as f64);
        Sum { total, downloads: price, entropy, ..Sum::default() }
    }

    /// True if some of the bytes were charged in proportion.
    pub(crate) fn is_estimated(&self) -> bool {
        self.estimated.contains(&true)
    }

    fn add(&mut self, row: &Row) {
        let mut sum = Sum::priced(row.bytes, row.download.as_deref().copied());
        let column = column(row.kind);
        sum.columns[column] = row.bytes;
        sum.estimated[column] = !row.exact;
        self.join(&sum);
    }

    pub(crate) fn join(&mut self, other: &Sum) {
        // A document may say anything.
        self.total = self.total.saturating_add(other.total);
        self.entropy += other.entropy;
        for (mine, other) in self.estimated.iter_mut().zip(other.estimated) {
            *mine |= other;
        }
        let mine = self.columns.iter_mut().chain(&mut self.downloads);
        for (mine, more) in mine.zip(other.columns.iter().chain(&other.downloads)) {
            *mine = mine.saturating_add(*more);
        }
    }
}

/// A line of the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) sum: Sum,
    /// What is indented below it.
    pub(crate) inner: Vec<Group>,
}

/// Adds rows up under names, largest first.
fn grouped<'w>(
    rows: impl Iterator<Item = &'w Row>,
    name: impl Fn(&'w Row) -> Option<&'w str>,
    otherwise: &'w str,
) -> Vec<Group> {
    let (mut groups, mut numbers) = (Vec::new(), HashMap::new());
    for row in rows {
        let name = name(row).unwrap_or(otherwise);
        let number = *numbers.entry(name).or_insert_with(|| {
            groups.push(Group { name: name.to_owned(), ..Group::default() });
            groups.len() - 1
        });
        groups[number].sum.add(row);
    }
    sorted(groups)
}

pub(crate) fn sorted(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_unstable_by(|a, b| (b.sum.total, &a.name).cmp(&(a.sum.total, &b.name)));
    groups
}

/// What a view shows: the groups by what is looked at, and all else by kind.
pub(crate) struct Groups {
    pub(crate) looked_at: Vec<Group>,
    /// What all else has in common.
    pub(crate) heading: Text,
    pub(crate) others: Vec<Group>,
}

/// Adds up what has an owner as a view looks at it.
pub(crate) fn of(w: &Weighing, by: By, lang: Lang) -> Groups {
    let (looked_at, heading, others) = match by {
        By::Symbol => {
            let (named, others) = named(w, |row| row.symbol.as_deref(), lang);
            (named, kinds::NOT_NAMED, others)
        }
        By::File => {
            let (named, others) = named(w, |row| row.file.as_deref(), lang);
            (named, kinds::OF_NO_FILE, others)
        }
        _ => {
            let (looked_at, others) = by_owner_or_place(w, by, lang);
            (looked_at, kinds::NO_PACKAGE, others)
        }
    };
    Groups { looked_at, heading, others }
}

/// Adds up rows that have a name of some sort, and the others by kind.
fn named<'w>(
    w: &'w Weighing,
    name: impl Fn(&'w Row) -> Option<&'w str>,
    lang: Lang,
) -> (Vec<Group>, Vec<Group>) {
    let (with, without): (Vec<&Row>, Vec<&Row>) = w.rows.iter().partition(|it| name(it).is_some());
    let others = grouped(without.into_iter(), |it| Some(kinds::kind(it.kind).to(lang)), "");
    (grouped(with.into_iter(), name, ""), others)
}

fn by_owner_or_place(w: &Weighing, by: By, lang: Lang) -> (Vec<Group>, Vec<Group>) {
    let all = w.rows.iter();
    let of_package = || w.rows.iter().filter(|it| it.package.is_some());
    match by {
        By::Tree => (tree(w, kinds::NO_MODULE.to(lang)), rest(w, lang)),
        By::Package => (grouped(of_package(), |it| it.package.as_deref(), ""), rest(w, lang)),
        By::Module => {
            let none = kinds::NO_MODULE.to(lang);
            (grouped(of_package(), |it| it.module.as_deref(), none), rest(w, lang))
        }
        By::Kind => (grouped(all, |it| Some(kinds::kind(it.kind).to(lang)), ""), Vec::new()),
        By::Section => {
            (grouped(all, |it| it.section.as_deref(), kinds::OUTSIDE.to(lang)), Vec::new())
        }
        By::Segment => {
            (grouped(all, |it| it.segment.as_deref(), kinds::NOT_LOADED.to(lang)), Vec::new())
        }
        By::Symbol | By::File => Default::default(),
    }
}

fn tree(w: &Weighing, no_module: &str) -> Vec<Group> {
    let mut modules: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in w.rows.iter().filter(|it| it.package.is_some()) {
        modules.entry(row.module.as_deref().unwrap_or(no_module)).or_default().push(row);
    }
    let groups = modules.into_iter().map(|(name, rows)| {
        let inner = grouped(rows.into_iter(), |it| it.package.as_deref(), "");
        let mut sum = Sum::default();
        inner.iter().for_each(|it| sum.join(&it.sum));
        Group { name: name.to_owned(), sum, inner }
    });
    sorted(groups.collect())
}

/// What no package owns alone: libraries, what is shared, and the file format's own by kind.
fn rest(w: &Weighing, lang: Lang) -> Vec<Group> {
    let rows = w.rows.iter().filter(|it| it.package.is_none());
    let name = |row: &'_ Row| match &row.library {
        None if !row.shared_by.is_empty() => Some(kinds::SHARED.to(lang)),
        None => Some(kinds::kind(row.kind).to(lang)),
        Some(_) => None,
    };
    grouped(rows, |row| name(row).or(row.library.as_deref()), "")
}
