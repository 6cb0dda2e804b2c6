//! Whose bytes are, such that both files mean the same by it.

use elfin_schema::{Row, Weighing};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The module of the standard library.
const STD: &str = "std";

/// Whose bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Owner<'a> {
    /// A package, whose path has no version in it.
    Package(Cow<'a, str>),
    /// A C library or a C source file.
    Library(&'a str),
    /// Several packages.
    Shared,
    /// The file format and the linker.
    Format,
}

impl<'a> Owner<'a> {
    pub(crate) fn of(row: &'a Row) -> Owner<'a> {
        match (&row.package, &row.library) {
            (Some(package), _) => Owner::Package(without_version(package)),
            (None, Some(library)) => Owner::Library(library),
            (None, None) if row.shared_by.is_empty() => Owner::Format,
            (None, None) => Owner::Shared,
        }
    }
}

/// Leaves out the major version that is an element of a path, or the end of one: `/v2`, `.v3`.
pub(crate) fn without_version(path: &str) -> Cow<'_, str> {
    let is_version = |text: &str| {
        text.strip_prefix('v').is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    // The standard library has versions in its paths that say something else: math/rand/v2.
    if !path.contains("/v") && !path.contains(".v") || !path.contains('.') {
        return Cow::Borrowed(path);
    }
    let elements = path.split('/').enumerate().filter(|(at, it)| *at == 0 || !is_version(it));
    let elements = elements.map(|(_, it)| match it.rsplit_once('.') {
        Some((name, version)) if is_version(version) => name,
        _ => it,
    });
    Cow::Owned(elements.collect::<Vec<_>>().join("/"))
}

/// What a package is to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// To the program itself.
    Own,
    /// To the standard library.
    Std,
    /// To a module that it requires, or nobody says to which.
    Required,
}

/// The packages of one file.
#[derive(Debug, Default)]
pub(crate) struct Packages<'a> {
    modules: BTreeMap<Cow<'a, str>, Option<&'a str>>,
    own: Option<&'a str>,
}

impl<'a> Packages<'a> {
    pub(crate) fn of(w: &'a Weighing) -> Packages<'a> {
        let mut modules = BTreeMap::new();
        for row in &w.rows {
            if let Some(package) = &row.package
                && row.bytes > 0
            {
                modules.insert(without_version(package), row.module.as_deref());
            }
        }
        let own = w.rows.iter().find(|row| row.package.as_deref() == Some("main"));
        Packages { modules, own: own.and_then(|row| row.module.as_deref()) }
    }

    pub(crate) fn has(&self, package: &str) -> bool {
        self.modules.contains_key(package)
    }

    /// The module of a package.
    pub(crate) fn module(&self, package: &str) -> Option<&'a str> {
        self.modules.get(package).copied().flatten()
    }

    pub(crate) fn belongs(&self, package: &str) -> Belongs {
        match self.module(package) {
            _ if package == "main" => Belongs::Own,
            Some(STD) => Belongs::Std,
            Some(module) if Some(module) == self.own => Belongs::Own,
            _ => Belongs::Required,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_loses_its_version_and_nothing_else() {
        let cases = [
            ("example.com/a/v2/b", "example.com/a/b"),
            ("gopkg.in/yaml.v3", "gopkg.in/yaml"),
            ("math/rand/v2", "math/rand/v2"),
            ("example.com/vendor/view", "example.com/vendor/view"),
            ("example.com/v", "example.com/v"),
        ];
        for (path, without) in cases {
            assert_eq!(without_version(path), without);
        }
    }
}
