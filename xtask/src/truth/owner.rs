//! Who owns a symbol.
//!
//! A symbol that one object file has belongs to that file's package. One that
//! several have (the linker keeps any of them) belongs to the package that it
//! is named after, if it is: an instance of a generic function, a wrapper, a
//! named type's descriptor, its itabs. What is named after nobody (strings,
//! unnamed types, names of fields, masks) belongs to all whose symbols point at
//! it. C code is nobody's here: elfin gives it to its library or source file,
//! of which Go's linker knows nothing.

use super::dump::{Dump, Symbol};
use std::collections::BTreeSet;

/// More owners than this are not named.
const MOST: usize = 8;

/// What the linker writes over a variable of package runtime: a row of the system's.
const MODULE_DATA: &str = "runtime.firstmoduledata";

/// Whose bytes are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    /// No package's.
    Nobody,
    One(String),
    /// Two packages to eight.
    Several(BTreeSet<String>),
    /// More packages than are named.
    Many,
}

impl Owner {
    /// The owner of what both own.
    pub(crate) fn and(&self, other: &Owner) -> Owner {
        if self == other {
            return self.clone();
        }
        match (self, other) {
            (Owner::Many, _) | (_, Owner::Many) => Owner::Many,
            (Owner::Nobody, it) | (it, Owner::Nobody) => it.clone(),
            _ => Owner::of(self.packages().chain(other.packages()).map(str::to_owned)),
        }
    }

    /// The owner that these packages are.
    pub(crate) fn of(packages: impl IntoIterator<Item = String>) -> Owner {
        let mut all: BTreeSet<String> = packages.into_iter().collect();
        match all.len() {
            0 => Owner::Nobody,
            1 => all.pop_first().map_or(Owner::Nobody, Owner::One),
            2..=MOST => Owner::Several(all),
            _ => Owner::Many,
        }
    }

    /// The packages, as far as they are named.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &str> {
        let (one, several) = match self {
            Owner::One(one) => (Some(one), None),
            Owner::Several(several) => (None, Some(several)),
            Owner::Nobody | Owner::Many => (None, None),
        };
        one.into_iter().chain(several.into_iter().flatten()).map(String::as_str)
    }
}

/// The owner of each symbol of a dump.
pub(super) fn owners(dump: &Dump) -> Vec<Owner> {
    let mut open = vec![false; dump.symbols.len()];
    let mut owners = Vec::with_capacity(dump.symbols.len());
    for (symbol, open) in dump.symbols.iter().zip(&mut open) {
        let package = if symbol.is_shared { named_after(&symbol.name) } else { None };
        *open = symbol.is_shared && package.is_none();
        let is_judged = !*open && symbol.name != MODULE_DATA && !is_of_c(dump, symbol);
        let package = package.or_else(|| is_judged.then(|| symbol.package.clone()));
        owners.push(package.filter(|it| !it.is_empty()).map_or(Owner::Nobody, Owner::One));
    }
    let mut spread: Vec<usize> = (0..owners.len()).filter(|at| !open[*at]).collect();
    while let Some(from) = spread.pop() {
        let owner = owners[from].clone();
        for to in dump.symbols[from].refers_to.iter().filter_map(|id| dump.index.get(id)) {
            let both = owners[*to].and(&owner);
            if open[*to] && both != owners[*to] {
                owners[*to] = both;
                spread.push(*to);
            }
        }
    }
    owners
}

/// True for what lies in a section of a C object: the loader names that `package(.section)`
/// (cmd/link/internal/loadelf).
fn is_of_c(dump: &Dump, symbol: &Symbol) -> bool {
    let outer = dump.index.get(&symbol.outer).and_then(|at| dump.symbols.get(*at));
    outer.is_some_and(|it| it.name.ends_with(')') && it.name.contains("(."))
}

/// The package that a linker symbol is named after (cmd/internal/obj, cmd/compile's reflectdata).
fn named_after(name: &str) -> Option<String> {
    const FUNCTIONS: [&str; 8] = [
        "type:.eqfunc.",
        "type:.hashfunc.",
        "type:.eq.",
        "type:.hash.",
        "type..eqfunc.",
        "type..hashfunc.",
        "type..eq.",
        "type..hash.",
    ];
    const DATA: [&str; 5] = ["type:noalg.", "type:", "type.", "go:itab.", "go.itab."];
    const NOT_PACKAGES: [&str; 6] = [".", "go:", "runtime.gcbits.", "map.", "gclocals", "noalg."];
    let name = FUNCTIONS.iter().chain(&DATA).find_map(|it| name.strip_prefix(it)).unwrap_or(name);
    let name = name.trim_start_matches('*');
    if NOT_PACKAGES.iter().any(|it| name.starts_with(it)) {
        return None;
    }
    // What follows these is no path: type arguments, receivers, an unnamed type's parts.
    let head = name.split(['[', '(', '{', ' ', ',', '"']).next()?;
    let file = head.rfind('/').map_or(0, |at| at + 1);
    // Before Go 1.20 what is the compiler's own began so; a package of that name has a folder.
    if file == 0 && name.starts_with("go.") {
        return None;
    }
    let dot = file + head.get(file..)?.find('.')?;
    let package = head.get(..dot).filter(|it| !it.is_empty() && !it.starts_with('$'))?;
    Some(unescaped(package))
}

/// Undoes the escapes of a package path in a symbol (cmd/internal/objabi, PathToPrefix).
fn unescaped(path: &str) -> String {
    let mut parts = path.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let byte = part.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii() => whole + &char::from(byte).to_string() + &part[2..],
            _ => whole + "%" + part,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_packages() {
        let cases = [
            ("slices.SortFunc[go.shape.[]example.com/a.T,go.shape.int]", Some("slices")),
            ("net/http.(*Client).Do", Some("net/http")),
            ("example.org/dotted%2ev3.(*Ring[int]).Push", Some("example.org/dotted.v3")),
            ("type:*example.com/a.T", Some("example.com/a")),
            ("type:.eq.example.com/a.T", Some("example.com/a")),
            ("type..hash.os.File", Some("os")),
            ("go:itab.*os.File,io.Reader", Some("os")),
            ("main..dict.F[int]", Some("main")),
            ("type:map[string]main.T", None),
            ("type:map.group[string]main.T", None),
            ("type:noalg.map.group[string]main.T", None),
            ("type:[]main.T", None),
            ("type:func(main.T)", None),
            ("type:struct { F uintptr; X main.T }", None),
            ("type:.eq.struct { main.a int }", None),
            ("type:.namedata.Name-", None),
            ("type:.importpath.main.", None),
            ("type:.importpath.example.com/a.", None),
            ("go.example.com/a.F[int]", Some("go.example.com/a")),
            ("go.string.\"a/b.c\"", None),
            ("go:string.\"a.b\"", None),
            ("go:struct { sync.Mutex }.Lock", None),
            ("runtime.gcbits.0101", None),
            ("gclocals·abc.x", None),
            ("$f64.3ff0000000000000", None),
            ("type:go.shape.int", None),
        ];
        for (name, package) in cases {
            assert_eq!(named_after(name).as_deref(), package, "{name}");
        }
    }

    #[test]
    fn what_is_pointed_at_belongs_to_all_who_point() {
        let symbol = |package: &str, is_shared, refers_to: &[u32], name: &str| Symbol {
            package: package.into(),
            is_shared,
            refers_to: refers_to.into(),
            name: name.into(),
            ..Default::default()
        };
        let dump = Dump {
            symbols: vec![
                symbol("a", false, &[2], "a.f"),
                symbol("b", false, &[3], "b.f"),
                symbol("a", true, &[3], "type:[]int"),
                symbol("a", true, &[], "type:.namedata.x"),
                symbol("", false, &[3], "linker"),
                symbol("", false, &[], "a(.text)"),
                Symbol { outer: 5, ..symbol("a", false, &[3], "c_function") },
                symbol("runtime", false, &[3], MODULE_DATA),
            ],
            index: (0..8).map(|it| (it, it as usize)).collect(),
            ..Dump::default()
        };
        let owners = owners(&dump);
        assert_eq!(owners[2], Owner::One("a".into()));
        assert_eq!(owners[3], Owner::of(["a".to_owned(), "b".to_owned()]));
        assert_eq!(owners[4..], [const { Owner::Nobody }; 4]);
    }

    #[test]
    fn too_many_owners_are_not_named() {
        assert_eq!(Owner::of((0..9).map(|it| it.to_string())), Owner::Many);
        assert_eq!(Owner::Many.and(&Owner::One("a".into())), Owner::Many);
    }
}
