//! What the bytes of the file are: every byte in exactly one part.
//!
//! Sections say what bytes are; a file without a section table is a packer's,
//! and but for its headers it is payload. Where claims
//! overlap, as damaged and hand-made files have it, the part that comes first
//! in [`Part`] wins, so that the sum is always the file. It does not look
//! into sections: what is inside `.rodata` is not its concern.

use crate::ElfError;
use crate::file::{ElfFile, Section};
use object::elf;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a byte of the file is. Where two claim a byte, the one named first here has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// ELF header, program headers, section headers and `.shstrtab`.
    Headers,
    /// Executable sections, but for the PLT.
    Text,
    /// `.gopclntab`: function names, lines, stack maps.
    Pclntab,
    /// Read-only data, Go's type data and funcs included, and what only relocation writes to.
    Rodata,
    /// Writable data.
    Data,
    /// `.rela.*`, `.rel.*`, `.relr.*`.
    Relocations,
    /// Dynamic linking: `.dynsym`, `.dynstr`, `.hash`, versions, `.interp`, and the PLT with its
    /// code and tables, because it goes when the libraries go.
    Dynamic,
    /// `.symtab`.
    Symtab,
    /// `.strtab`.
    Strtab,
    /// `.debug_*`: DWARF.
    Debug,
    /// `.note.*`, Go's build information, and what else is not loaded: `.comment`.
    Notes,
    /// All but the headers of a file without sections: a packer's stub and payload.
    Packed,
    /// Bytes between the others.
    Padding,
}

/// File bytes by what they are; parts that have none are absent. They add up to the file.
pub type Composition = BTreeMap<Part, u64>;

/// Bytes of the file that are said to be something.
struct Claim {
    part: Part,
    range: Range<u64>,
}

impl ElfFile<'_> {
    /// Counts every byte of the file once, by what it is.
    ///
    /// Returns an error if a section or a loaded segment reaches beyond the end of the file.
    pub fn composition(&self) -> Result<Composition, ElfError> {
        let file = self.data.len() as u64;
        let composition = count(&self.claims()?, file);
        let counted = composition.values().sum();
        if counted != file {
            let rows = composition.iter().map(|(part, bytes)| format!("{bytes:>12}  {part:?}\n"));
            return Err(ElfError::Sum { counted, file, table: rows.collect() });
        }
        Ok(composition)
    }

    fn claims(&self) -> Result<Vec<Claim>, ElfError> {
        let mut claims: Vec<Claim> = self
            .headers
            .iter()
            .map(|range| Claim { part: Part::Headers, range: range.clone() })
            .collect();
        if self.sections.is_empty() {
            for (index, load) in self.loads().enumerate() {
                self.range(|| format!("loaded segment {index}"), load.offset, load.file_size)?;
            }
            // A packer keeps what is not loaded, DWARF say, behind its segments.
            claims.push(Claim { part: Part::Packed, range: 0..self.data.len() as u64 });
        }
        for section in &self.sections {
            let what = || format!("section {:?}", section.name);
            let range = self.range(what, section.offset, section.size)?;
            claims.push(Claim { part: part(section), range });
        }
        claims.retain(|claim| !claim.range.is_empty());
        Ok(claims)
    }

    fn range(
        &self,
        structure: impl Fn() -> String,
        offset: u64,
        size: u64,
    ) -> Result<Range<u64>, ElfError> {
        let file = self.data.len() as u64;
        match offset.checked_add(size) {
            Some(end) if size == 0 || end <= file => Ok(offset..end),
            _ => Err(ElfError::Outside { structure: structure(), offset, size, file }),
        }
    }
}

/// Sweeps over the ends of the claims and gives each stretch between two ends to one part.
fn count(claims: &[Claim], file: u64) -> Composition {
    let mut ends: Vec<(u64, Part, bool)> = claims
        .iter()
        .flat_map(|it| [(it.range.start, it.part, true), (it.range.end, it.part, false)])
        .collect();
    ends.sort_unstable();
    ends.push((file, Part::Padding, false));
    let mut open: BTreeMap<Part, usize> = BTreeMap::new();
    let mut composition = Composition::new();
    let mut counted_to = 0;
    for (at, part, opens) in ends {
        if at > counted_to {
            let owner = open.keys().next().copied().unwrap_or(Part::Padding);
            *composition.entry(owner).or_default() += at - counted_to;
            counted_to = at;
        }
        match (open.get_mut(&part), opens) {
            (Some(claims), true) => *claims += 1,
            (Some(claims), false) if *claims > 1 => *claims -= 1,
            (None, true) => drop(open.insert(part, 1)),
            (_, false) => drop(open.remove(&part)),
        }
    }
    composition
}

/// Tells what a section's bytes are: by name where linkers agree on one, else by type and flags.
fn part(section: &Section<'_>) -> Part {
    let name = section.name;
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if name == ".shstrtab" {
        Part::Headers
    } else if name.ends_with(".gopclntab") {
        Part::Pclntab
    } else if begins(&[".debug", ".zdebug", ".gdb_index", ".gnu_debug"]) {
        Part::Debug
    } else if begins(&[".note", ".go.buildinfo"]) || section.kind == elf::SHT_NOTE {
        Part::Notes
    } else if matches!(section.kind, elf::SHT_REL | elf::SHT_RELA | elf::SHT_RELR)
        || begins(&[".rel.", ".rela", ".relr"])
    {
        Part::Relocations
    } else if begins(&[".dyn", ".gnu.version", ".hash", ".gnu.hash", ".got", ".plt", ".interp"]) {
        Part::Dynamic
    } else if section.kind == elf::SHT_SYMTAB {
        Part::Symtab
    } else if section.kind == elf::SHT_STRTAB {
        Part::Strtab
    } else if !section.flags.contains(elf::SHF_ALLOC) {
        Part::Notes
    } else if section.flags.contains(elf::SHF_EXECINSTR) {
        Part::Text
    } else if begins(&[".data.rel.ro", ".go.type", ".go.func", ".typelink", ".itablink"])
        || !section.flags.contains(elf::SHF_WRITE)
    {
        Part::Rodata
    } else {
        Part::Data
    }
}
