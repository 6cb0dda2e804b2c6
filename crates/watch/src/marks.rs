//! Where the stages of a start begin: addresses of functions, by their names.
//!
//! pclntab has them in every Go program, stripped or not; a program that is not
//! Go's has `main` where it has symbols, and its entry point always.

use crate::WatchError;
use elfin_elf::{ElfFile, Machine};
use elfin_golang::{ModuleData, Pclntab};
use elfin_process::{Program, StartError};
use std::collections::BTreeMap;
use std::path::Path;

/// A program with its bytes and what they say of its start.
#[derive(Debug)]
pub struct Subject<'a> {
    /// How it is started.
    pub program: &'a Program,
    /// The file.
    pub file: ElfFile<'a>,
    /// Where the stages begin.
    pub marks: Marks,
}

/// Where the stages of a start begin, as the file is linked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The program's first instruction.
    pub entry: u64,
    /// `runtime.rt0_go`.
    pub rt0: Option<u64>,
    /// `runtime.schedinit`.
    pub schedinit: Option<u64>,
    /// `runtime.main`.
    pub runtime_main: Option<u64>,
    /// The functions that initialize packages, with the package of each.
    pub inits: BTreeMap<u64, String>,
    /// `main.main`, or `main` of a C program.
    pub main: Option<u64>,
    /// Go's side of C is there: `runtime/cgo`.
    pub cgo: bool,
}

impl<'a> Subject<'a> {
    /// Reads a program.
    ///
    /// Returns an error if the file is no program.
    pub fn read(program: &'a Program, data: &'a [u8]) -> Result<Subject<'a>, WatchError> {
        let path = || program.path.clone();
        let file =
            ElfFile::parse(data).map_err(|source| WatchError::Elf { path: path(), source })?;
        if !file.is_executable_program() {
            return Err(WatchError::NoProgram { path: path() });
        }
        let marks = Marks::of(&file);
        Ok(Subject { program, file, marks })
    }

    /// The program's file, for errors.
    pub(crate) fn path(&self) -> &Path {
        &self.program.path
    }

    /// True if this processor can run it and it can be led.
    pub fn runs_here(&self) -> bool {
        self.file.machine() == Machine::Amd64 && cfg!(target_arch = "x86_64")
    }

    /// Makes an error of what went wrong with a start.
    pub(crate) fn failed(&self, source: StartError) -> WatchError {
        match source {
            StartError::Interrupted => WatchError::Interrupted,
            source => WatchError::Start { path: self.path().to_owned(), source },
        }
    }

    pub(crate) fn os(&self, doing: &'static str) -> impl Fn(std::io::Error) -> WatchError {
        let path = self.path().to_owned();
        move |source| WatchError::Os { path: path.clone(), doing, source }
    }

    pub(crate) fn ended(&self, before: &str) -> WatchError {
        WatchError::Ended { path: self.path().to_owned(), before: before.to_owned() }
    }
}

impl Marks {
    fn of(file: &ElfFile<'_>) -> Marks {
        let mut marks = Marks { entry: file.entry(), ..Marks::default() };
        let addends = file.addends();
        let module = ModuleData::find(file, &addends);
        match Pclntab::find(file, &addends, module.as_ref()) {
            Some(table) => marks.of_go(&table),
            None => marks.main = symbol(file, b"main"),
        }
        marks
    }

    fn of_go(&mut self, table: &Pclntab<'_>) {
        for function in table.functions() {
            let at = function.addresses.start;
            // Assembly has the name of its calling convention behind its own in some releases.
            let name = function.name.strip_suffix(b".abi0").unwrap_or(function.name);
            match name {
                b"runtime.rt0_go" => self.rt0 = Some(at),
                b"runtime.schedinit" => self.schedinit = Some(at),
                b"runtime.main" => self.runtime_main = Some(at),
                b"main.main" => self.main = Some(at),
                _ => {
                    self.cgo |= name.starts_with(b"runtime/cgo.");
                    if let Some(package) = initialized(name) {
                        self.inits.insert(at, package);
                    }
                }
            }
        }
    }

    /// The last of them that the file has, and its name.
    pub fn last(&self) -> (u64, &'static str) {
        match (self.main, self.runtime_main) {
            (Some(main), Some(_)) => (main, "main.main"),
            (Some(main), None) => (main, "main"),
            (None, Some(main)) => (main, "runtime.main"),
            (None, None) => (self.entry, "the entry point"),
        }
    }
}

/// The package that a function initializes: `fmt.init`, `net/http.init.0`.
fn initialized(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let stem = match name.rsplit_once('.') {
        Some((stem, number)) if number.bytes().all(|it| it.is_ascii_digit()) => stem,
        _ => name,
    };
    let package = stem.strip_suffix(".init")?;
    // A method has a receiver, and what initializes one large map has `map` before it.
    let is_package = !package.contains(['(', '[']) && !package.ends_with(".map");
    let last = package.rsplit('/').next()?;
    (is_package && !last.contains('.')).then(|| package.replace("%2e", "."))
}

fn symbol(file: &ElfFile<'_>, name: &[u8]) -> Option<u64> {
    let tables = file.sections().iter().filter(|it| it.is_symbol_table());
    let mut symbols = tables.take(2).flat_map(|it| file.symbols(it));
    symbols.find(|it| it.name == name && it.section != 0).map(|it| it.address.0)
}

#[cfg(test)]
mod tests {
    use super::initialized;

    #[test]
    fn what_initializes_a_package_is_told_by_its_name() {
        let package = |name: &str| initialized(name.as_bytes());
        assert_eq!(package("fmt.init"), Some("fmt".into()));
        assert_eq!(package("net/http.init.12"), Some("net/http".into()));
        assert_eq!(package("gopkg.in/yaml%2ev3.init"), Some("gopkg.in/yaml.v3".into()));
        for other in [
            "fmt.init.func1",
            "fmt.init.0.func1",
            "main.(*T).init",
            "main.T.init",
            "unicode.map.init.0",
            "main.main",
            "main.initialize",
            "main.reinit",
        ] {
            assert_eq!(package(other), None, "{other}");
        }
    }
}
