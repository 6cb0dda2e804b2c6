//! Which symbol versions a program needs of its libraries, and which symbols force them.
//!
//! The highest version is the floor under which the program does not start:
//! `GLIBC_2.34` means no distribution older than that glibc. Only what the
//! dynamic linker reads is read: what is opened at run time is not visible.

use crate::file::ElfFile;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{GnuHashTable, HashTable};
use object::{Endianness, ReadRef, U32};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A version index has 15 bits, so no sound file has more records.
const MOST_VERSIONS: usize = 1 << 15;

/// The highest version that a program needs of a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNeed {
    /// The library: `libc.so.6`.
    pub library: String,
    /// The highest version of its family: `GLIBC_2.34`.
    pub version: String,
    /// The symbols that force it, sorted; empty where the linker asks on its own account.
    pub symbols: Vec<String>,
}

/// A version record of the file: the library, the version, and the index that symbols bear.
struct Version<'a> {
    library: &'a str,
    name: &'a str,
    index: u16,
}

impl<'a> ElfFile<'a> {
    /// Lists the highest version needed of each library, sorted by library.
    ///
    /// A library with several families of versions (`GLIBCXX_3.4.29` and
    /// `CXXABI_1.3.13`) has a row for each. Damaged tables give fewer rows.
    pub fn version_needs(&self) -> Vec<VersionNeed> {
        let mut highest: BTreeMap<(&str, &str), Version<'_>> = BTreeMap::new();
        for version in self.versions() {
            let key = (version.library, family_and_number(version.name).0);
            if highest.get(&key).is_none_or(|known| order(known.name, version.name).is_lt()) {
                highest.insert(key, version);
            }
        }
        let mut symbols = self.symbols_of(&highest.values().map(|it| it.index).collect());
        let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        highest
            .into_values()
            .map(|it| VersionNeed {
                library: it.library.to_owned(),
                version: it.name.to_owned(),
                symbols: symbols.remove(&it.index).map(owned).unwrap_or_default(),
            })
            .collect()
    }

    /// Walks `DT_VERNEED`: a chain of libraries, each with a chain of versions.
    fn versions(&self) -> Vec<Version<'a>> {
        let table = self.dynamic_value(elf::DT_VERNEED).and_then(|at| self.at_address(at));
        let (table, endian) = (table.unwrap_or_default(), self.endian);
        let mut strings = self.dynamic_strings();
        let mut found = Vec::new();
        let mut at = 0;
        while let Ok(need) = table.read_at::<elf::Verneed<Endianness>>(at) {
            let mut aux_at = at.saturating_add(need.vn_aux.get(endian).into());
            for _ in 0..need.vn_cnt.get(endian) {
                let Ok(aux) = table.read_at::<elf::Vernaux<Endianness>>(aux_at) else { break };
                let library = strings.get(need.vn_file.get(endian).into());
                let name = strings.get(aux.vna_name.get(endian).into());
                let (Some(library), Some(name)) = (library, name) else { return found };
                found.push(Version { library, name, index: aux.vna_other(endian).index().0 });
                if found.len() == MOST_VERSIONS {
                    return found;
                }
                aux_at = aux_at.saturating_add(aux.vna_next.get(endian).into());
            }
            match need.vn_next.get(endian) {
                0 => break,
                next => at = at.saturating_add(next.into()),
            }
        }
        found
    }

    /// Names the dynamic symbols that bear one of the version indices.
    fn symbols_of(&self, wanted: &BTreeSet<u16>) -> BTreeMap<u16, BTreeSet<&'a str>> {
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let table = |tag| self.dynamic_value(tag).and_then(|at| self.at_address(at));
        let (Some(symbols), Some(indices)) = (table(elf::DT_SYMTAB), table(elf::DT_VERSYM)) else {
            return found;
        };
        let mut strings = self.dynamic_strings();
        // A symbol begins with the offset of its name, whether it is 16 or 24 bytes long.
        let symbols = symbols.chunks_exact(if self.is_64 { 24 } else { 16 });
        for (symbol, index) in symbols.zip(indices.chunks_exact(2)).take(self.symbol_count()) {
            let index = index.read_at::<elf::Versym<Endianness>>(0);
            let index = index.map_or(0, |it| it.0.get(self.endian).index().0);
            if wanted.contains(&index) {
                let name = symbol.read_at::<U32<Endianness>>(0);
                let name = name.ok().and_then(|name| strings.get(name.get(self.endian).into()));
                let Some(name) = name else { break };
                found.entry(index).or_default().insert(name);
            }
        }
        found
    }

    /// The length of the dynamic symbol table, which stands nowhere but in its hash tables.
    pub(crate) fn symbol_count(&self) -> usize {
        let table = |tag| self.dynamic_value(tag).and_then(|at| self.at_address(at));
        let endian = self.endian;
        let from_hash = table(elf::DT_HASH)
            .and_then(|it| HashTable::<FileHeader64<Endianness>>::parse(endian, it).ok())
            .map(|it| it.symbol_table_length());
        let from_gnu_hash = || {
            let it = table(elf::DT_GNU_HASH)?;
            if self.is_64 {
                let it = GnuHashTable::<FileHeader64<Endianness>>::parse(endian, it).ok()?;
                it.symbol_table_length(endian).or(Some(it.symbol_base()))
            } else {
                let it = GnuHashTable::<FileHeader32<Endianness>>::parse(endian, it).ok()?;
                it.symbol_table_length(endian).or(Some(it.symbol_base()))
            }
        };
        from_hash.or_else(from_gnu_hash).map_or(0, |count| count as usize)
    }
}

/// Splits `GLIBC_2.34` into `GLIBC` and `2.34`; a version without a number is its own family.
fn family_and_number(version: &str) -> (&str, &str) {
    match version.rsplit_once('_') {
        Some((family, number)) if number.starts_with(|it: char| it.is_ascii_digit()) => {
            (family, number)
        }
        _ => (version, ""),
    }
}

/// Orders versions of a family by the numbers between their dots: 2.4 comes before 2.34.
fn order(left: &str, right: &str) -> Ordering {
    let numbers = |version| {
        let (_, number) = family_and_number(version);
        number.split('.').map(|part| part.parse::<u64>().unwrap_or(u64::MAX))
    };
    numbers(left).cmp(numbers(right)).then_with(|| left.cmp(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_and_not_by_letter() {
        let mut versions = ["GLIBC_2.34", "GLIBC_2.4", "GLIBC_2.2.5", "GLIBC_2.3", "GLIBC_2.3.4"];
        versions.sort_by(|left, right| order(left, right));
        assert_eq!(
            versions,
            ["GLIBC_2.2.5", "GLIBC_2.3", "GLIBC_2.3.4", "GLIBC_2.4", "GLIBC_2.34"]
        );
    }

    #[test]
    fn a_version_without_a_number_is_its_own_family() {
        assert_eq!(family_and_number("GLIBC_2.34"), ("GLIBC", "2.34"));
        assert_eq!(family_and_number("GLIBC_ABI_DT_RELR"), ("GLIBC_ABI_DT_RELR", ""));
        assert_eq!(family_and_number(""), ("", ""));
    }
}
