//! Which causes are injected into which program by which Go, alone and together.

use super::injection::Injection::{self, *};
use super::program::{Config, PROGRAMS};

/// Versions of Go, oldest first.
pub(super) const VERSIONS: [&str; 7] =
    ["1.21.13", "1.22.12", "1.23.12", "1.24.13", "1.25.14", "1.26.11", "1.27.4"];
/// Those with which the standard library is compiled in other ways too.
const SLOW: [usize; 3] = [1, 4, 6];
/// A cause alone is injected into so many programs.
const ALONE: usize = 3;

/// Causes that come together.
const TOGETHER: [&[Injection]; 42] = [
    &[GoVersion, OwnCode],
    &[GoVersion, PackageNew],
    &[GoVersion, Dwarf],
    &[GoVersion, Trimpath],
    &[GoVersion, ModuleVersion],
    &[GoVersion, Pie],
    &[GoVersion, SymbolTable],
    &[GoVersion, DeadCode],
    &[GoVersion, Cgo],
    &[GoVersion, Inlining],
    &[OwnCode, PackageNew],
    &[OwnCode, Level],
    &[OwnCode, Inlining],
    &[OwnCode, Dwarf],
    &[OwnCode, Embedded],
    &[OwnCode, Pie],
    &[OwnCode, DwarfCompression],
    &[OwnCode, Trimpath],
    &[PackageNew, ModuleAdded],
    &[PackageNew, Pie],
    &[PackageNew, Inlining],
    &[PackageNew, Cgo],
    &[ModuleAdded, ModuleVersion],
    &[ModuleAdded, Dwarf],
    &[ModuleVersion, BoundsChecks],
    &[DeadCode, Dwarf],
    &[DeadCode, OwnCode],
    &[External, Dwarf],
    &[External, Pie],
    &[Cgo, Trimpath],
    &[Linker, Embedded],
    &[Static, DwarfCompression],
    &[GenericInstances, ModuleAdded],
    &[GenericInstances, Dwarf],
    &[GoVersion, OwnCode, Dwarf],
    &[GoVersion, PackageNew, Trimpath],
    &[PackageNew, Pie, Dwarf],
    &[OwnCode, Inlining, Embedded],
    &[ModuleAdded, Cgo, DwarfCompression],
    &[DeadCode, PackageNew, Trimpath],
    &[External, PackageNew, Embedded],
    &[Tags, Pie, BuildInfo],
];

/// A pair to be built.
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) injections: Vec<Injection>,
    /// The injected one is the older of the two.
    pub(super) backwards: bool,
    program: &'static str,
    go: usize,
}

impl Planned {
    pub(super) fn base(&self) -> Config {
        let mut config = Config::new(self.program, self.go);
        self.injections.iter().for_each(|it| it.prepare(&mut config));
        config
    }

    fn of(injections: &[Injection], number: usize) -> Option<Planned> {
        let slow = injections.iter().any(|it| it.is_slow());
        let versions: Vec<usize> = if slow { SLOW.into() } else { (0..VERSIONS.len()).collect() };
        // Whatever comes first in a fixed order and can do it.
        let choices = versions.len() * PROGRAMS.len();
        let (go, program) = (0..choices)
            .map(|more| number + more)
            .map(|it| (versions[it % versions.len()], PROGRAMS[it / 2 % PROGRAMS.len()]))
            .find(|(go, program)| injections.iter().all(|it| it.works(21 + *go, program)))?;
        let backwards = number % 3 == 1;
        let names: Vec<String> = injections.iter().map(|it| format!("{it:?}")).collect();
        let arrow = if backwards { "-from" } else { "" };
        let name = format!("{program}-{}{arrow}-{}", VERSIONS[go], names.join("+"));
        Some(Planned { name, injections: injections.into(), backwards, program, go })
    }
}

/// Every pair: each cause alone, then the causes that come together.
pub(super) fn pairs() -> Vec<Planned> {
    let alone = Injection::ALL.into_iter().enumerate();
    let alone = alone.flat_map(|(index, it)| {
        (0..ALONE).filter_map(move |time| Planned::of(&[it], index + time * 4))
    });
    let together = TOGETHER.iter().enumerate();
    alone.chain(together.filter_map(|(index, it)| Planned::of(it, index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_enough_pairs_and_no_two_are_the_same() {
        let pairs = pairs();
        let names: BTreeSet<&String> = pairs.iter().map(|it| &it.name).collect();
        assert_eq!(names.len(), pairs.len());
        let together = pairs.iter().filter(|it| it.injections.len() > 1).count();
        assert!(pairs.len() >= 120 && together >= 40, "{} and {together}", pairs.len());
        let causes: BTreeSet<&str> = pairs
            .iter()
            .filter(|it| it.injections.len() == 1)
            .map(|it| it.injections[0].cause(false))
            .collect();
        assert!(causes.len() >= 20, "{causes:?}");
        for version in VERSIONS {
            assert!(names.iter().any(|it| it.contains(version)), "{version}");
        }
    }
}
