//! Owners by number: the file format, packages, and C libraries.

use elfin_golang::{Named, PackageId, Packages, package_of};
use std::borrow::Cow;
use std::collections::HashMap;

/// An owner's number in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Owner(u32);

/// The file format, the linker and the system: no package.
pub(crate) const SYSTEM: Owner = Owner(0);
/// More owners than can be named.
pub(crate) const MANY: Owner = Owner(elfin_ledger::MANY);
const LIBRARY: u32 = 1 << 30;

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who<'o> {
    System,
    Package(&'o str),
    Library(&'o str),
}

impl<'o> Who<'o> {
    /// Its name; empty for the system.
    pub(crate) fn name(self) -> &'o str {
        match self {
            Who::System => "",
            Who::Package(name) | Who::Library(name) => name,
        }
    }
}

impl Owner {
    pub(crate) fn package(id: PackageId) -> Owner {
        Owner(id.0 + 1)
    }

    pub(crate) fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn of_number(number: u32) -> Owner {
        Owner(number)
    }
}

/// Every owner of a file.
#[derive(Debug, Default)]
pub(crate) struct Owners<'a> {
    packages: Packages<'a>,
    libraries: Vec<Cow<'a, str>>,
    library_ids: HashMap<Cow<'a, str>, u32>,
}

impl<'a> Owners<'a> {
    /// The owner by a package's import path.
    pub(crate) fn package(&mut self, path: Cow<'a, str>) -> Owner {
        Owner::package(self.packages.id(path))
    }

    /// The owner by the name of a Go symbol; `None` where the name does not say it.
    pub(crate) fn by_name(&mut self, name: &'a [u8]) -> Option<Owner> {
        match package_of(name) {
            Named::Package(path) => Some(self.package(path)),
            Named::Generated | Named::Bare => None,
        }
    }

    /// The owner of a package that is known by now.
    pub(crate) fn known_package(&self, path: &str) -> Option<Owner> {
        self.packages.find(path).map(Owner::package)
    }

    /// A C library, or a source file of one.
    pub(crate) fn library(&mut self, name: Cow<'a, str>) -> Owner {
        let next = self.libraries.len();
        let id = *self.library_ids.entry(name).or_insert_with_key(|name| {
            self.libraries.push(name.clone());
            u32::try_from(next).unwrap_or(0)
        });
        Owner(LIBRARY | id)
    }

    pub(crate) fn who(&self, owner: Owner) -> Who<'_> {
        match owner.0 {
            0 => Who::System,
            library if library & LIBRARY != 0 => {
                let name = self.libraries.get((library & !LIBRARY) as usize);
                Who::Library(name.map_or("", |it| it))
            }
            package => Who::Package(self.packages.name(PackageId(package - 1))),
        }
    }
}
