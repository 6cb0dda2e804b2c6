//! Which causes a cell of the difference can have, the likeliest first.
//!
//! The rules stand in the order in which they are asked; the first that knows
//! the cell answers. What is only reached more or less, because of something
//! elsewhere, goes to whichever cause has the most bytes of its own.

use crate::circumstances::Circumstances;
use crate::difference::{Cell, Difference, Part};
use crate::functions::Sort;
use crate::owner::{Belongs, Owner, without_version};
use elfin_schema::{Cause, Kind};

/// The causes that a cell can have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidates {
    /// In the order in which they take it.
    pub(crate) causes: Vec<Cause>,
    /// Then whatever makes more code, or less, be reached.
    pub(crate) reached: bool,
}

/// Causes that change the code of functions that are on both sides, in the order of their reach.
const COMPILING: [Cause; 7] = [
    Cause::Architecture,
    Cause::Instrumentation,
    Cause::Inlining,
    Cause::GoVersion,
    Cause::CompilerFlags,
    Cause::BuildMode,
    Cause::CpuLevel,
];

/// Causes that change what C's tools make.
const LINKING: [Cause; 5] =
    [Cause::Libc, Cause::Linkage, Cause::Instrumentation, Cause::Cgo, Cause::BuildMode];

/// Causes of bytes that make no other code be reached.
pub(crate) fn reaches_nothing(cause: &Cause) -> bool {
    matches!(
        cause,
        Cause::Dwarf
            | Cause::DwarfCompression
            | Cause::DwarfVersion
            | Cause::SymbolTable
            | Cause::BuildId
            | Cause::BuildInfo
            | Cause::Padding
            | Cause::FunctionAlignment
            | Cause::EmbeddedFiles
            | Cause::Packer
            | Cause::Trailing
    )
}

/// What the rules look at.
#[derive(Debug)]
pub(crate) struct Rules<'r, 'a> {
    pub(crate) there: &'r Circumstances,
    pub(crate) difference: &'r Difference<'a>,
    /// Own code came that is other code, and not only compiled in another way; and went.
    pub(crate) own_came: bool,
    pub(crate) own_went: bool,
}

impl<'r, 'a> Rules<'r, 'a> {
    pub(crate) fn new(there: &'r Circumstances, difference: &'r Difference<'a>) -> Rules<'r, 'a> {
        let own_moved = |came| own_moved(difference, there.has(&Cause::Cgo), came);
        Rules { there, difference, own_came: own_moved(true), own_went: own_moved(false) }
    }

    /// Tells the causes that a cell can have.
    pub(crate) fn candidates(&self, cell: &Cell<'_>) -> Candidates {
        self.by_kind(cell).unwrap_or_else(|| match &cell.owner {
            Owner::Package(path) => self.of_package(path, cell),
            Owner::Library(_) => self.these(&LINKING, &[Cause::Cgo]),
            Owner::Shared | Owner::Format => {
                let first = if cell.part == Part::Kept { self.compiling(cell) } else { Vec::new() };
                Candidates { causes: first, reached: true }
            }
        })
    }

    /// Those of the causes that there can be, or else the others.
    fn these(&self, causes: &[Cause], or_else: &[Cause]) -> Candidates {
        let mut causes = self.present(causes);
        if causes.is_empty() {
            causes = or_else.to_vec();
        }
        Candidates { causes, reached: false }
    }

    fn present(&self, causes: &[Cause]) -> Vec<Cause> {
        causes.iter().filter(|it| self.there.has(it)).cloned().collect()
    }

    /// What some kinds say by themselves.
    fn by_kind(&self, cell: &Cell<'_>) -> Option<Candidates> {
        let of_the_file = cell.owner == Owner::Format;
        let only = |cause| Some(Candidates { causes: vec![cause], reached: false });
        let if_there = |cause: Cause| self.there.has(&cause).then(|| self.these(&[cause], &[]));
        match cell.kind? {
            Kind::Packed => only(Cause::Packer),
            Kind::Trailing => only(Cause::Trailing),
            Kind::Embed => only(Cause::EmbeddedFiles),
            Kind::BuildInfo => only(Cause::BuildInfo),
            Kind::Note if of_the_file => only(Cause::BuildId),
            Kind::Header => only(Cause::Padding),
            Kind::Padding if of_the_file => only(Cause::Padding),
            Kind::Padding => if_there(Cause::FunctionAlignment),
            Kind::Dwarf if cell.part == Part::Packing => only(Cause::DwarfCompression),
            Kind::Dwarf => if_there(Cause::Dwarf),
            Kind::Symbol | Kind::SymbolName => if_there(Cause::SymbolTable),
            Kind::Relocation => if_there(Cause::BuildMode),
            Kind::Dynamic | Kind::Unwind if of_the_file => {
                let there = [Cause::BuildMode, Cause::Cgo, Cause::Linkage, Cause::Libc];
                let causes = self.present(&there);
                (!causes.is_empty()).then_some(Candidates { causes, reached: false })
            }
            Kind::FileTable | Kind::CuTable => {
                self.on_both_sides(cell).then(|| if_there(Cause::Paths))?
            }
            _ => None,
        }
    }

    fn on_both_sides(&self, cell: &Cell<'_>) -> bool {
        let Owner::Package(path) = &cell.owner else { return true };
        self.difference.from.has(path) && self.difference.to.has(path)
    }

    fn of_package(&self, path: &str, cell: &Cell<'_>) -> Candidates {
        let (from, to) = (&self.difference.from, &self.difference.to);
        let belongs = self.difference.belongs(path);
        let modules = [from, to].into_iter().filter_map(|it| it.module(path));
        let mut causes = modules.filter_map(|it| self.there.modules.get(&*without_version(it)));
        if let Some(cause) = causes.next() {
            return Candidates { causes: vec![cause.clone()], reached: false };
        }
        if !self.on_both_sides(cell) {
            return self.of_one_side(path, belongs, to.has(path));
        }
        match cell.part {
            Part::Kept => self.kept(belongs, cell),
            Part::Came(Sort::Inlined) | Part::Went(Sort::Inlined) => {
                let inlining = [Cause::Inlining, Cause::Instrumentation, Cause::GoVersion];
                Candidates { causes: self.present(&inlining), reached: true }
            }
            Part::Came(Sort::Instance) | Part::Went(Sort::Instance) => {
                let is_gos = belongs == Belongs::Std && self.there.has(&Cause::GoVersion);
                let causes = match is_gos {
                    true => vec![Cause::GoVersion, Cause::GenericInstances],
                    false if belongs == Belongs::Std => {
                        return Candidates {
                            causes: self.present(&[Cause::DeadCode]),
                            reached: true,
                        };
                    }
                    false => vec![Cause::GenericInstances],
                };
                Candidates { causes, reached: false }
            }
            Part::Came(Sort::Method) | Part::Went(Sort::Method) if belongs != Belongs::Own => {
                let causes = self.present(&[Cause::DeadCode, Cause::GoVersion]);
                Candidates { causes, reached: true }
            }
            Part::Whole if self.is_text_alone(path, cell) => {
                Candidates { causes: vec![Cause::EmbeddedFiles, Cause::OwnCode], reached: false }
            }
            _ if belongs == Belongs::Own && self.moved_for_calls_into_c(path) => {
                Candidates { causes: vec![Cause::Cgo, Cause::OwnCode], reached: false }
            }
            Part::Came(_) | Part::Went(_) | Part::Whole | Part::Packing => self.reached(belongs),
        }
    }

    /// A package that only one of the files has.
    fn of_one_side(&self, path: &str, belongs: Belongs, new: bool) -> Candidates {
        let itself = if new { Cause::PackageNew } else { Cause::PackageGone };
        let mut causes = match path {
            "runtime/race" | "runtime/msan" | "runtime/asan" | "internal/runtime/race" => {
                self.present(&[Cause::Instrumentation])
            }
            "runtime/cgo" | "internal/runtime/cgobench" => {
                self.present(&[Cause::Cgo, Cause::Linkage, Cause::Instrumentation])
            }
            "runtime/coverage" | "internal/coverage/rtcov" => {
                self.present(&[Cause::Instrumentation])
            }
            _ => Vec::new(),
        };
        // A Go has other packages within than another; those that programs import were asked for.
        let within = path.split('/').any(|it| matches!(it, "internal" | "vendor"));
        let beside = path.split('/').next().is_some_and(|first| {
            let both = [&self.difference.from, &self.difference.to];
            both.iter().all(|it| it.has(first)) || matches!(first, "internal" | "vendor")
        });
        if belongs == Belongs::Std && within && beside {
            causes.extend(self.present(&[Cause::GoVersion]));
        }
        // Only own code that came imports what nothing imported, and only own code that went did so
        // alone. Otherwise tags decide what is built, of which cgo is one.
        if !(if new { self.own_came } else { self.own_went }) {
            causes.extend(self.present(&[Cause::BuildTags]));
            causes.extend(
                self.present(&[Cause::Cgo]).into_iter().filter(|_| belongs == Belongs::Std),
            );
        }
        causes.push(itself);
        let also = self.present(&[Cause::BuildTags, Cause::Cgo, Cause::DeadCode]);
        causes.extend(also.into_iter().filter(|it| !causes.contains(it)).collect::<Vec<_>>());
        Candidates { causes, reached: false }
    }

    /// What a compiler may do to a function.
    fn compiling(&self, cell: &Cell<'_>) -> Vec<Cause> {
        let mut causes = Vec::new();
        if matches!(cell.kind, Some(Kind::Dwarf)) {
            causes.extend(self.present(&[
                Cause::DwarfVersion,
                Cause::GoVersion,
                Cause::Linkage,
                Cause::Libc,
                Cause::DwarfCompression,
            ]));
        }
        if matches!(cell.kind, Some(Kind::Symbol | Kind::SymbolName)) {
            causes.extend(self.present(&[Cause::Linkage, Cause::Libc]));
        }
        causes.extend(self.present(&COMPILING));
        if cell.kind == Some(Kind::Dwarf) {
            causes.extend(self.present(&[Cause::Paths]));
        }
        let mut seen = Vec::new();
        causes.retain(|it| {
            !seen.contains(it) && {
                seen.push(it.clone());
                true
            }
        });
        causes
    }

    /// Functions that are on both sides.
    fn kept(&self, belongs: Belongs, cell: &Cell<'_>) -> Candidates {
        let mut causes = self.compiling(cell);
        if belongs == Belongs::Own {
            causes.extend(self.present(&[Cause::BuildTags]));
            causes.push(Cause::OwnCode);
            return Candidates { causes, reached: false };
        }
        Candidates { causes, reached: true }
    }

    /// True for more text than the functions that came or went have code, which is no constants:
    /// what `//go:embed` puts into a string has no mark of its own.
    fn is_text_alone(&self, path: &str, cell: &Cell<'_>) -> bool {
        /// Less may be anything.
        const LEAST: u64 = 8 << 10;
        let moved = self.difference.functions.get(path).map_or(0, |functions| {
            let moved = functions.moved.iter().map(|(.., bytes)| *bytes);
            moved.fold(0_u64, u64::saturating_add)
        });
        let bytes = cell.bytes.unsigned_abs();
        cell.kind == Some(Kind::String) && bytes >= LEAST && bytes > moved
    }

    /// True where cgo is on the one side alone, and made most of the functions that a package has
    /// more or less.
    fn moved_for_calls_into_c(&self, path: &str) -> bool {
        let Some(functions) = self.difference.functions.get(path) else { return false };
        let (mut made, mut all) = (0_u64, 0_u64);
        for (name, .., bytes) in &functions.moved {
            all = all.saturating_add(*bytes);
            made = made.saturating_add(if is_of_calls_into_c(name) { *bytes } else { 0 });
        }
        self.there.has(&Cause::Cgo) && made > all / 2
    }

    /// What is there or not by what else is there.
    fn reached(&self, belongs: Belongs) -> Candidates {
        match belongs {
            Belongs::Own if self.own_came || self.own_went => {
                let mut causes = self.present(&[Cause::BuildTags]);
                causes.push(Cause::OwnCode);
                causes.extend(self.present(&COMPILING));
                Candidates { causes, reached: false }
            }
            Belongs::Own => Candidates { causes: self.present(&COMPILING), reached: true },
            Belongs::Std => {
                let causes = self.present(&[Cause::DeadCode, Cause::GoVersion]);
                Candidates { causes, reached: true }
            }
            Belongs::Required => {
                Candidates { causes: self.present(&[Cause::DeadCode]), reached: true }
            }
        }
    }
}

/// True if functions of the program's own came, or went, more than a compiler makes and drops.
///
/// Where cgo is on the one side alone, what cgo makes of calls into C says nothing.
fn own_moved(difference: &Difference<'_>, cgo_differs: bool, wanted: bool) -> bool {
    /// One in so many bytes of its own code.
    const FEW: u64 = 50;
    let (mut moved, mut all) = (0_u64, 0_u64);
    for (path, functions) in &difference.functions {
        if path.is_empty() || difference.belongs(path) != Belongs::Own {
            continue;
        }
        all = all.saturating_add(functions.from.max(functions.to));
        let plain = functions.moved.iter().filter(|(name, sort, came, _)| {
            *came == wanted && *sort == Sort::Plain && !(cgo_differs && is_of_calls_into_c(name))
        });
        let plain = plain.fold(0_u64, |sum, (.., bytes)| sum.saturating_add(*bytes));
        moved = moved.saturating_add(plain);
    }
    moved > all / FEW
}

/// True for what cgo writes for a call into C, and for functions inside of others, which are what
/// is left of one that makes such calls and was inlined.
fn is_of_calls_into_c(name: &str) -> bool {
    name.starts_with("_C") || name.starts_with("_cgo") || name.contains(".func")
}
