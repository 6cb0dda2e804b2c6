//! The tables that units refer to: abbreviations, and the strings of their roots.

use super::budget::Budget;
use super::{Unreadable, section};
use crate::facts::Facts;
use elfin_elf::{Contents, ElfFile, Section};
use gimli::{
    Abbreviations, AttributeValue, DebugAbbrev, DebugAbbrevOffset, EndianSlice, Reader,
    RunTimeEndian, constants,
};
use std::borrow::Cow;

pub(crate) type Slice<'d> = EndianSlice<'d, RunTimeEndian>;

/// gimli makes at most so many bytes of one of a table: five are an abbreviation without
/// attributes, which is kept in a tree or in a list that has just grown.
const PARSED: u64 = 64;

/// The tables of one file, and how numbers stand in them.
pub(crate) struct Tables<'a> {
    abbreviations: Cow<'a, [u8]>,
    strings: Cow<'a, [u8]>,
    line_strings: Cow<'a, [u8]>,
    pub(crate) endian: RunTimeEndian,
}

impl<'a> Tables<'a> {
    /// Reads the tables, and tells which of them cannot be.
    pub(crate) fn read(facts: &Facts<'a>, budget: &mut Budget) -> (Self, Vec<Unreadable<'a>>) {
        let mut unreadable = Vec::new();
        let mut table = |name| {
            let Some(section) = section(facts, name) else { return Cow::default() };
            whole(&facts.file, &section, budget).unwrap_or_else(|says| {
                unreadable.push(Unreadable { section, says });
                Cow::default()
            })
        };
        let little = facts.file.numbers().little;
        let tables = Tables {
            abbreviations: table("abbrev"),
            line_strings: table("line_str"),
            strings: table("str"),
            endian: if little { RunTimeEndian::Little } else { RunTimeEndian::Big },
        };
        (tables, unreadable)
    }

    pub(crate) fn slice<'d>(&self, bytes: &'d [u8]) -> Slice<'d> {
        EndianSlice::new(bytes, self.endian)
    }

    /// Reads the abbreviations at an offset, as far as the budget allows.
    ///
    /// Returns an error with what is wrong with them.
    pub(crate) fn abbreviations(
        &self,
        at: u64,
        budget: &mut Budget,
    ) -> Result<Abbreviations, String> {
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let wrong = |error: gimli::Error| format!("the abbreviations at {at:#x}: {error}");
        let rest = self.abbreviations.get(start..).unwrap_or_default();
        let length = length(self.slice(rest)).map_err(wrong)? as u64;
        budget.allows(length.saturating_mul(PARSED), "a table of abbreviations")?;
        budget.take(length, "the tables of abbreviations")?;
        let section = DebugAbbrev::from(self.slice(&self.abbreviations));
        section.abbreviations(DebugAbbrevOffset(start)).map_err(wrong)
    }

    /// The string that an attribute is or refers to.
    pub(crate) fn text<'s>(&'s self, value: &AttributeValue<Slice<'s>>) -> Option<&'s [u8]> {
        let (table, at) = match value {
            AttributeValue::String(text) => return Some(text.slice()),
            AttributeValue::DebugStrRef(at) => (&self.strings, at.0),
            AttributeValue::DebugLineStrRef(at) => (&self.line_strings, at.0),
            _ => return None,
        };
        let rest = table.get(at..)?;
        rest.get(..rest.iter().position(|byte| *byte == 0)?)
    }
}

/// Bytes of the table of abbreviations that begins here (DWARF 5, section 7.5.3).
fn length(table: Slice<'_>) -> gimli::Result<usize> {
    let mut rest = table;
    while rest.read_uleb128()? != 0 {
        rest.read_uleb128()?;
        rest.read_u8()?;
        loop {
            let (name, form) = (rest.read_uleb128()?, rest.read_uleb128()?);
            if form == u64::from(constants::DW_FORM_implicit_const.0) {
                rest.read_sleb128()?;
            }
            if (name, form) == (0, 0) {
                break;
            }
        }
    }
    Ok(table.len() - rest.len())
}

fn whole<'a>(
    file: &ElfFile<'a>,
    section: &Section<'_>,
    budget: &mut Budget,
) -> Result<Cow<'a, [u8]>, String> {
    if let Contents::Plain(bytes) = file.compression(section) {
        return Ok(Cow::Borrowed(bytes));
    }
    let stream = super::open(file, section)?;
    budget.take(stream.size(), "it")?;
    stream.whole().map(Cow::Owned)
}
