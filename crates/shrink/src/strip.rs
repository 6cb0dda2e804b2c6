//! What comes off by the letters of GNU strip, and which sections are for debuggers.

use crate::ShrinkError;
use crate::layout;
use crate::pieces::Pieces;
use crate::program::Program;
use crate::symbols::{self, Symbols};
use elfin_elf::image::{Image, SectionHeader};
use object::LittleEndian as LE;
use object::elf;

/// What to take off, named as GNU strip names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strip {
    /// `-s`: symbols and DWARF.
    All,
    /// `-x`: DWARF, and the symbols that are local.
    Locals,
    /// `-g`: DWARF, and the symbols that are for debuggers.
    Debug,
    /// `--strip-unneeded`: what no relocation needs, which in a finished program is all.
    Unneeded,
}

/// Strips a program, library or debug file.
///
/// Returns an error if it is not ELF, or something is appended to it.
pub fn strip(data: &[u8], what: Strip) -> Result<Pieces<'_>, ShrinkError> {
    let image = Image::parse(data)?;
    let mut program = Program::new(&image)?;
    remove(&mut program, is_debug);
    match what {
        Strip::All | Strip::Unneeded => drop(remove_symbols(&mut program)),
        Strip::Locals => filter_symbols(&mut program, Symbols::Global)?,
        Strip::Debug => filter_symbols(&mut program, Symbols::NotDebug)?,
    }
    program.trim();
    program.fill_holes = true;
    Ok(layout::write(program)?.bytes)
}

/// True for sections that only debuggers read.
pub(crate) fn is_debug(section: &SectionHeader) -> bool {
    const NAMES: [&str; 6] =
        [".debug", ".zdebug", ".stab", ".gdb_index", ".gnu.debuglto_", ".gnu.linkonce.wi."];
    !section.is_loaded() && NAMES.iter().any(|name| section.name.starts_with(name))
}

/// Takes sections out; true if there were any.
pub(crate) fn remove(program: &mut Program<'_>, which: impl Fn(&SectionHeader) -> bool) -> bool {
    let before = program.sections.len();
    program.sections.retain(|it| it.header.kind == elf::SHT_NULL || !which(&it.header));
    program.sections.len() < before
}

/// Takes the symbol table and its names out; true if there was one.
pub(crate) fn remove_symbols(program: &mut Program<'_>) -> bool {
    let Some((table, names)) = symbol_sections(program) else { return false };
    let mut index = 0;
    program.sections.retain(|_| {
        index += 1;
        index - 1 != table && Some(index - 1) != names
    });
    true
}

/// Takes symbols out of the table.
fn filter_symbols(program: &mut Program<'_>, which: Symbols) -> Result<(), ShrinkError> {
    let Some((table, names)) = symbol_sections(program) else { return Ok(()) };
    let content = |index: usize| program.sections.get(index).map(|it| &it.content[..]);
    let strings = names.and_then(content).unwrap_or_default();
    let filtered = symbols::filtered(content(table).unwrap_or_default(), strings, which)
        .ok_or_else(|| ShrinkError::Damaged {
            what: "the symbol table".into(),
            offset: program.sections.get(table).map_or(0, |it| it.header.offset),
            says: "cannot be read",
        })?;
    if let Some(section) = program.sections.get_mut(table) {
        section.content = filtered.symbols.into();
        section.header.info = filtered.locals;
    }
    if let Some(section) = names.and_then(|names| program.sections.get_mut(names)) {
        section.content = filtered.names.into();
    }
    Ok(())
}

/// The indexes of the symbol table and of the section with its names, if they are its alone.
fn symbol_sections(program: &Program<'_>) -> Option<(usize, Option<usize>)> {
    let sections = &program.sections;
    let table = sections.iter().position(|it| it.header.kind == elf::SHT_SYMTAB)?;
    let link = sections.get(table)?.header.link as usize;
    // Where sections have their names in the same table, it stays.
    let of_sections = usize::from(program.header.e_shstrndx.get(LE).0);
    let of_symbols = sections.iter().position(|it| it.was == Some(link) && link != of_sections);
    let names = of_symbols.filter(|&names| {
        let section = sections.get(names);
        section.is_some_and(|it| it.header.name == ".strtab" && !it.header.is_loaded())
    });
    Some((table, names))
}
