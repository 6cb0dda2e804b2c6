//! Two weighings, aligned by what bytes are and whose: the cells of which causes are told.

use crate::functions::{Compared, Sort, compare};
use crate::owner::{Belongs, Owner, Packages};
use elfin_schema::{Bytes, Dwarf, Kind, Weighing};
use std::collections::HashMap;

/// Which bytes of a kind and an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// All of them.
    Whole,
    /// Of functions that only the later file has.
    Came(Sort),
    /// Of functions that only the earlier file has.
    Went(Sort),
    /// Of functions on both sides.
    Kept,
    /// What compression takes or gives.
    Packing,
}

/// A part of the difference.
#[derive(Debug, Clone)]
pub(crate) struct Cell<'a> {
    /// What the bytes are; `None` where that is not known.
    pub(crate) kind: Option<Kind>,
    pub(crate) owner: Owner<'a>,
    pub(crate) part: Part,
    pub(crate) bytes: i64,
}

/// The whole difference, in cells that add up to it.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) cells: Vec<Cell<'a>>,
    pub(crate) functions: HashMap<std::borrow::Cow<'a, str>, Compared<'a>>,
    pub(crate) from: Packages<'a>,
    pub(crate) to: Packages<'a>,
}

/// How much larger the second is.
pub(crate) fn delta(from: Bytes, to: Bytes) -> i64 {
    let [from, to] = [from, to].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
    to - from
}

/// The part of `whole` that `some` are of `all`.
fn share(whole: Bytes, some: Bytes, all: Bytes) -> i64 {
    let part = u128::from(whole) * u128::from(some.min(all)) / u128::from(all.max(1));
    i64::try_from(part).unwrap_or(i64::MAX)
}

impl<'a> Difference<'a> {
    pub(crate) fn of(from: &'a Weighing, to: &'a Weighing) -> Difference<'a> {
        let mut sums: HashMap<(Option<Kind>, Owner<'a>), (Bytes, Bytes)> = HashMap::new();
        for row in &from.rows {
            let sum = sums.entry((Some(row.kind), Owner::of(row))).or_default();
            sum.0 = sum.0.saturating_add(row.bytes);
        }
        for row in &to.rows {
            let sum = sums.entry((Some(row.kind), Owner::of(row))).or_default();
            sum.1 = sum.1.saturating_add(row.bytes);
        }
        // A document may say anything; what its rows lack is unknown too.
        let left = |w: &Weighing| {
            let rows = w.rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.bytes));
            delta(rows, w.file.size)
        };
        let packing = Packing::of(from.build.dwarf.as_ref(), to.build.dwarf.as_ref());
        let mut whole = Difference {
            cells: Vec::with_capacity(sums.len()),
            functions: compare(from, to),
            from: Packages::of(from),
            to: Packages::of(to),
        };
        for ((kind, owner), sum) in sums {
            whole.enter(kind, owner, sum, &packing);
        }
        let unknown = left(to) - left(from);
        whole.add(None, Owner::Format, Part::Whole, unknown);
        whole.cells.sort_by(|a, b| {
            let key = |it: &Cell<'a>| (it.kind, it.part);
            key(a).cmp(&key(b)).then_with(|| a.owner.cmp(&b.owner))
        });
        whole
    }

    /// What a package is to the program, in whichever file says it.
    pub(crate) fn belongs(&self, package: &str) -> Belongs {
        let said = [&self.from, &self.to].map(|it| it.belongs(package));
        let mine = |it: &Belongs| said.contains(it);
        [Belongs::Own, Belongs::Std].into_iter().find(mine).unwrap_or(Belongs::Required)
    }

    fn add(&mut self, kind: Option<Kind>, owner: Owner<'a>, part: Part, bytes: i64) {
        if bytes != 0 {
            self.cells.push(Cell { kind, owner, part, bytes });
        }
    }

    /// Cuts what two sides have of one kind and owner into parts, the last of which is the rest.
    fn enter(
        &mut self,
        kind: Option<Kind>,
        owner: Owner<'a>,
        (from, to): (Bytes, Bytes),
        packing: &Packing,
    ) {
        let mut rest = delta(from, to);
        if kind == Some(Kind::Dwarf) {
            let part = packing.part(from, to);
            rest -= part;
            self.add(kind, owner.clone(), Part::Packing, part);
        }
        let name = match &owner {
            Owner::Package(path) => path.clone(),
            Owner::Format => "".into(),
            Owner::Library(_) | Owner::Shared => return self.add(kind, owner, Part::Whole, rest),
        };
        let is_of_functions = kind.is_some_and(of_functions);
        let Some(functions) = self.functions.get(&name).filter(|_| is_of_functions) else {
            return self.add(kind, owner, Part::Whole, rest);
        };
        let mut parts = Vec::new();
        for sort in Sort::ALL {
            parts.push((Part::Came(sort), share(to, functions.came(sort), functions.to)));
            parts.push((Part::Went(sort), -share(from, functions.went(sort), functions.from)));
        }
        for (part, bytes) in parts {
            rest -= bytes;
            self.add(kind, owner.clone(), part, bytes);
        }
        self.add(kind, owner, Part::Kept, rest);
    }
}

/// True for what every function has some of, more or less as it has code.
fn of_functions(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Code
            | Kind::FunctionRecord
            | Kind::FunctionName
            | Kind::PcValue
            | Kind::FuncData
            | Kind::InlineTree
            | Kind::Symbol
            | Kind::SymbolName
            | Kind::Dwarf
            | Kind::Padding
    )
}

/// How much compression changes DWARF where only one side is compressed.
#[derive(Debug, Default)]
struct Packing {
    /// Bytes in the file and unpacked, and whether it is the earlier side.
    packed: Option<(Bytes, Bytes, bool)>,
}

impl Packing {
    fn of(from: Option<&Dwarf>, to: Option<&Dwarf>) -> Packing {
        let packed =
            from.zip(to).and_then(|(from, to)| match (&from.compression, &to.compression) {
                (Some(_), None) => Some((from.bytes, from.unpacked, true)),
                (None, Some(_)) => Some((to.bytes, to.unpacked, false)),
                _ => None,
            });
        Packing { packed }
    }

    /// The part of a cell's difference that compression has.
    fn part(&self, from: Bytes, to: Bytes) -> i64 {
        let Some((bytes, unpacked, earlier)) = self.packed else { return 0 };
        let packed = if earlier { from } else { to };
        let whole = u128::from(packed) * u128::from(unpacked) / u128::from(bytes.max(1));
        let grown = i64::try_from(whole).unwrap_or(i64::MAX).saturating_sub_unsigned(packed);
        if earlier { grown } else { -grown }
    }
}
