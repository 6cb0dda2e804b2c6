//! Packages by number, so that whatever belongs to one says so in four bytes.

use std::borrow::Cow;
use std::collections::HashMap;

/// The number of a package of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

/// The packages of a file, in the order in which they were met.
#[derive(Debug, Default)]
pub struct Packages<'a> {
    names: Vec<Cow<'a, str>>,
    ids: HashMap<Cow<'a, str>, PackageId>,
    last: Option<PackageId>,
}

impl<'a> Packages<'a> {
    /// Gives the number of a package, a new one where it has none yet.
    pub fn id(&mut self, name: Cow<'a, str>) -> PackageId {
        // Neighbours belong together nearly always.
        if let Some(last) = self.last
            && self.name(last) == name
        {
            return last;
        }
        let next = PackageId(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        let id = *self.ids.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        });
        self.last = Some(id);
        id
    }

    /// Finds the number of a package that has one.
    pub fn find(&self, name: &str) -> Option<PackageId> {
        self.ids.get(name).copied()
    }

    /// Gives the import path of a package; empty for a number of another file.
    pub fn name(&self, id: PackageId) -> &str {
        self.names.get(id.0 as usize).map_or("", |name| name)
    }

    /// Counts them.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_one_number() {
        let mut packages = Packages::default();
        let a = packages.id("a".into());
        let b = packages.id("b".into());
        assert_eq!((packages.id("a".into()), packages.id("b".into())), (a, b));
        assert_eq!((packages.name(b), packages.find("a"), packages.len()), ("b", Some(a), 2));
        assert_eq!((packages.name(PackageId(9)), packages.find("c")), ("", None));
    }
}
