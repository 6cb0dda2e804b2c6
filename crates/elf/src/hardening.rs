//! What protects a program beyond position independence: where libraries are searched, what its C
//! code checks at run time, what it promises the processor, and what is relocated.
//!
//! Facts only: whether something is a danger depends on what the program is, and
//! who asks knows that. Names come from the dynamic symbols first, which no
//! strip takes, and from `.symtab` where there is one.

use crate::file::ElfFile;
use elfin_model::FileRange;
use object::elf;
use std::collections::{BTreeMap, BTreeSet};

/// What the notes of a program promise for Intel's control-flow enforcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ControlFlow {
    /// Indirect branches land on `endbr64` only.
    pub branch_tracking: bool,
    /// Returns may be checked against a second stack.
    pub shadow_stack: bool,
}

/// What C code of a program has checked at run time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckedCalls {
    /// `__stack_chk_fail` is there: functions of C have canaries.
    pub stack_protector: bool,
    /// The checked twins of C functions that it calls: `__memcpy_chk`.
    pub fortified: BTreeSet<String>,
}

/// `GNU_PROPERTY_X86_FEATURE_1_AND`.
const X86_FEATURES: u32 = 0xc000_0002;
/// A program has two tables of symbols and three of relocations; hostile ones are not all read.
const MOST_TABLES: usize = 16;
const IBT: u32 = 1;
const SHSTK: u32 = 2;

impl<'a> ElfFile<'a> {
    /// Lists where libraries are searched first: the folders of RPATH and RUNPATH, as written.
    pub fn library_paths(&self) -> Vec<String> {
        let mut strings = self.dynamic_strings();
        let tags = [elf::DT_RPATH, elf::DT_RUNPATH];
        let values: Vec<u64> = tags.iter().filter_map(|tag| self.dynamic_value(*tag)).collect();
        let texts = values.into_iter().filter_map(|at| strings.get(at));
        texts.flat_map(|text| text.split(':').map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// True if functions of libraries are found when they are first called, through a table that
    /// is writable until then.
    pub fn binds_late(&self) -> bool {
        self.dynamic_value(elf::DT_PLTRELSZ).is_some_and(|size| size > 0)
    }

    /// True if there is something for the dynamic linker to do.
    pub fn is_dynamic(&self) -> bool {
        self.segment(elf::PT_DYNAMIC).is_some()
    }

    /// Tells what C code has checked at run time.
    pub fn checked_calls(&self) -> CheckedCalls {
        let mut calls = CheckedCalls::default();
        let tables = self.sections().iter().filter(|it| it.is_symbol_table()).take(MOST_TABLES);
        let named = tables.flat_map(|table| self.symbols(table)).map(|it| it.name);
        for name in named.chain(self.dynamic_names().into_iter().map(str::as_bytes)) {
            // glibc's own symbols carry a version behind an @ in `.symtab`.
            let name = name.split(|byte| *byte == b'@').next().unwrap_or_default();
            if name == b"__stack_chk_fail" || name == b"__stack_chk_fail_local" {
                calls.stack_protector = true;
            } else if is_fortified(name) {
                calls.fortified.insert(String::from_utf8_lossy(name).into_owned());
            }
        }
        calls
    }

    /// The names of the dynamic symbols where no section header tells of them.
    fn dynamic_names(&self) -> Vec<&'a str> {
        if !self.sections.is_empty() {
            return Vec::new();
        }
        let table = self.dynamic_value(elf::DT_SYMTAB).and_then(|at| self.at_address(at));
        let size = if self.is_64 { 24 } else { 16 };
        let mut strings = self.dynamic_strings();
        let entries = table.unwrap_or_default().chunks_exact(size).take(self.symbol_count());
        entries.filter_map(|it| strings.get(self.numbers().u32(it, 0)?.into())).collect()
    }

    /// Reads what the notes promise for control-flow enforcement.
    pub fn control_flow(&self) -> ControlFlow {
        let tables = self.sections.iter().filter(|it| it.name == ".note.gnu.property");
        let segment = self.segment(elf::PT_GNU_PROPERTY);
        let ranges = tables.map(crate::Section::range).chain(segment.map(crate::Segment::range));
        let features = ranges.take(2).find_map(|it| self.features(it)).unwrap_or(0);
        ControlFlow { branch_tracking: features & IBT != 0, shadow_stack: features & SHSTK != 0 }
    }

    /// The features in a note of properties: pairs of a kind and a size with their data.
    fn features(&self, range: FileRange) -> Option<u32> {
        /// A note has a handful of properties.
        const MOST: usize = 64;
        let (numbers, note) = (self.numbers(), self.slice(range));
        let end = 16usize.checked_add(numbers.u32(note, 4)? as usize)?.min(note.len());
        let mut at = 16;
        for _ in 0..MOST {
            let (kind, size) = (numbers.u32(note, at)?, numbers.u32(note, at + 4)? as usize);
            if at + 8 > end {
                return None;
            }
            if kind == X86_FEATURES && size >= 4 {
                return numbers.u32(note, at + 8);
            }
            at = at.checked_add(8)?.checked_add(size.checked_next_multiple_of(numbers.pointer)?)?;
        }
        None
    }

    /// Counts the relocations that are done at the start, by type: `R_X86_64_RELATIVE`; words
    /// that RELR relocates are of the type `RELR`.
    pub fn relocation_types(&self) -> BTreeMap<String, u64> {
        let described = if self.sections.is_empty() { self.dynamic_tables() } else { Vec::new() };
        let named = self.sections.iter().filter(|it| it.is_relocations() && it.is_loaded());
        let numbers = self.numbers();
        let mut types: BTreeMap<String, u64> = BTreeMap::new();
        let tables = named.chain(described.iter().filter(|it| it.is_relocations()));
        for table in tables.take(MOST_TABLES) {
            if table.kind == elf::SHT_RELR {
                let words = self.relr_words(self.contents(table));
                *types.entry("RELR".to_owned()).or_default() += words;
                continue;
            }
            let words = if table.kind == elf::SHT_REL { 2 } else { 3 };
            for entry in self.contents(table).chunks_exact(words * numbers.pointer) {
                let Some(info) = numbers.word(entry, numbers.pointer) else { continue };
                let kind = if self.is_64 { info & 0xffff_ffff } else { info & 0xff };
                *types.entry(self.relocation_name(kind)).or_default() += 1;
            }
        }
        types.retain(|_, count| *count > 0);
        types
    }

    /// Bytes of the tables of relocations that are done at the start.
    pub fn relocation_bytes(&self) -> u64 {
        let described = if self.sections.is_empty() { self.dynamic_tables() } else { Vec::new() };
        let named = self.sections.iter().filter(|it| it.is_relocations() && it.is_loaded());
        let all = named.chain(described.iter().filter(|it| it.is_relocations()));
        all.map(|it| it.size).fold(0, u64::saturating_add)
    }

    /// Words that a table of RELR relocates: one for an address, one for each bit of a bitmap.
    fn relr_words(&self, table: &[u8]) -> u64 {
        let numbers = self.numbers();
        let words = table.chunks_exact(numbers.pointer).filter_map(|it| numbers.word(it, 0));
        words.map(|it| if it & 1 == 0 { 1 } else { u64::from((it >> 1).count_ones()) }).sum()
    }

    fn relocation_name(&self, kind: u64) -> String {
        use crate::Machine;
        let known: &[(u32, &str)] = match self.machine() {
            Machine::Amd64 => &[
                (elf::R_X86_64_64.0, "R_X86_64_64"),
                (elf::R_X86_64_COPY.0, "R_X86_64_COPY"),
                (elf::R_X86_64_GLOB_DAT.0, "R_X86_64_GLOB_DAT"),
                (elf::R_X86_64_JUMP_SLOT.0, "R_X86_64_JUMP_SLOT"),
                (elf::R_X86_64_RELATIVE.0, "R_X86_64_RELATIVE"),
                (elf::R_X86_64_DTPMOD64.0, "R_X86_64_DTPMOD64"),
                (elf::R_X86_64_DTPOFF64.0, "R_X86_64_DTPOFF64"),
                (elf::R_X86_64_TPOFF64.0, "R_X86_64_TPOFF64"),
                (elf::R_X86_64_IRELATIVE.0, "R_X86_64_IRELATIVE"),
            ],
            Machine::Arm64 => &[
                (elf::R_AARCH64_ABS64.0, "R_AARCH64_ABS64"),
                (elf::R_AARCH64_COPY.0, "R_AARCH64_COPY"),
                (elf::R_AARCH64_GLOB_DAT.0, "R_AARCH64_GLOB_DAT"),
                (elf::R_AARCH64_JUMP_SLOT.0, "R_AARCH64_JUMP_SLOT"),
                (elf::R_AARCH64_RELATIVE.0, "R_AARCH64_RELATIVE"),
                (elf::R_AARCH64_IRELATIVE.0, "R_AARCH64_IRELATIVE"),
            ],
            _ => &[],
        };
        let named = known.iter().find(|(number, _)| u64::from(*number) == kind);
        named.map_or_else(|| format!("type {kind}"), |(_, name)| (*name).to_owned())
    }
}

/// `__memcpy_chk` and its like; the check of canaries has another name.
fn is_fortified(name: &[u8]) -> bool {
    name.strip_prefix(b"__").and_then(|it| it.strip_suffix(b"_chk")).is_some_and(|it| {
        !it.is_empty() && it.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::is_fortified;

    #[test]
    fn checked_twins_are_told_from_other_names() {
        assert!(is_fortified(b"__memcpy_chk") && is_fortified(b"__vsnprintf_chk"));
        assert!(!is_fortified(b"__chk") && !is_fortified(b"memcpy_chk"));
        assert!(!is_fortified(b"__stack_chk_fail") && !is_fortified(b"__a.b_chk"));
    }
}
