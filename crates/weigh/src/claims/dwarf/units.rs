//! The units of `.debug_info`, each read as far as it takes to know where its lists begin.

use super::budget::Budget;
use super::stream::{Stream, WINDOW};
use super::tables::{Slice, Tables};
use crate::facts::Facts;
use elfin_elf::{Numbers, Section};
use gimli::{
    Abbreviations, Attribute, AttributeValue, DebugInfo, EntriesRaw, Error, UnitHeader, UnitOffset,
    constants,
};
use std::mem::size_of;

/// No header of a unit is longer.
const HEADER: usize = 64;
/// Parts of other sections that a unit may have, and what a claim takes for each of them.
const PARTS: u64 = 8 * 64;
/// Attributes that one byte of entries may have: most have one, but some take no byte.
const MOST_ATTRIBUTES: usize = 8;

/// A compilation unit and where its parts of other sections begin.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// DWARF's, of which the sections of the lists depend.
    pub(crate) version: u16,
    pub(crate) writer: Option<Writer>,
    pub(crate) abbreviations: u64,
    pub(crate) line: Option<u64>,
    pub(crate) locations: Option<u64>,
    pub(crate) ranges: Option<u64>,
    pub(crate) addresses: Option<u64>,
    /// True if its first lists may be others, because not all of it can be read.
    pub(crate) is_cut: bool,
}

/// Who a root says that it is.
#[derive(Debug)]
pub(crate) struct Writer {
    /// A package by its path, or a source file.
    pub(crate) name: String,
    pub(crate) is_go: bool,
}

/// Reads the units.
///
/// Returns what is wrong with the section.
pub(crate) fn read<'a>(
    facts: &Facts<'a>,
    info: &Section<'a>,
    tables: &Tables<'a>,
    budget: &mut Budget,
) -> Result<Vec<Unit>, String> {
    let numbers = facts.file.numbers();
    let mut stream = super::open(&facts.file, info)?;
    let mut cache: Option<(u64, Abbreviations)> = None;
    let mut units = Vec::new();
    while stream.position() < stream.size() {
        let start = stream.position();
        let mut head = stream.peek(HEADER)?.to_vec();
        // 64-bit DWARF says so by a length that no 32-bit unit has.
        let length = match numbers.u32(&head, 0) {
            Some(u32::MAX) => return Err("64-bit DWARF, which no Go tool writes".to_owned()),
            Some(length) => u64::from(length) + 4,
            None => break,
        };
        let end = stream.size().min(start + length);
        let header = header(&mut head, numbers, tables).map_err(|error| at(start, error))?;
        let abbreviations = header.debug_abbrev_offset().0 as u64;
        if cache.as_ref().is_none_or(|(cached, _)| *cached != abbreviations) {
            drop(cache.take()); // One at a time.
            cache = Some((abbreviations, tables.abbreviations(abbreviations, budget)?));
        }
        let Some((_, table)) = &cache else { break };
        let version = header.version();
        let mut unit = Unit { start, end, version, abbreviations, ..Unit::default() };
        stream.skip(header.size_of_header() as u64)?;
        unit.read(&header, table, tables, &mut stream)?;
        let name = unit.writer.as_ref().map_or(0, |it| it.name.len() as u64);
        budget.take(name + size_of::<Unit>() as u64 + PARTS, "so many units")?;
        stream.skip(end.saturating_sub(stream.position()))?;
        units.push(unit);
    }
    Ok(units)
}

fn at(offset: u64, error: Error) -> String {
    format!("the unit at {offset:#x}: {error}")
}

/// Reads a header from as many bytes as it may have: gimli wants the unit to end where they do.
fn header<'h>(
    head: &'h mut [u8],
    numbers: Numbers,
    tables: &Tables<'_>,
) -> gimli::Result<UnitHeader<Slice<'h>>> {
    let length = u32::try_from(head.len().saturating_sub(4)).unwrap_or(0);
    if let Some(place) = head.first_chunk_mut() {
        *place = if numbers.little { length.to_le_bytes() } else { length.to_be_bytes() };
    }
    let first = DebugInfo::new(head, tables.endian).units().next()?;
    first.ok_or(Error::UnknownVersion(0))
}

impl Unit {
    /// Reads entries until the first lists are known, a window of them at a time.
    ///
    /// Returns an error if the root cannot be read.
    fn read(
        &mut self,
        header: &UnitHeader<Slice<'_>>,
        table: &Abbreviations,
        tables: &Tables<'_>,
        stream: &mut Stream<'_>,
    ) -> Result<(), String> {
        let mut is_root = true;
        while stream.position() < self.end && (is_root || self.lacks_lists()) {
            let left = usize::try_from(self.end - stream.position()).unwrap_or(WINDOW);
            let window = stream.peek(left.min(WINDOW))?;
            let is_last = window.len() == left;
            let mut attributes = MOST_ATTRIBUTES * window.len();
            let slice = tables.slice(window);
            let mut entries = EntriesRaw::new(slice, header.encoding(), table, UnitOffset(0));
            let mut done = 0;
            let mut failed = None;
            while !entries.is_empty() && (is_root || self.lacks_lists()) {
                if let Err(error) = self.entry(&mut entries, is_root, tables, &mut attributes) {
                    failed = Some(error);
                    break;
                }
                (is_root, done) = (false, entries.next_offset().0);
            }
            match failed {
                Some(error) if is_root => return Err(at(self.start, error)),
                // The next window has all of it.
                Some(Error::UnexpectedEof(_)) if done > 0 && !is_last => {}
                Some(_) => {
                    self.is_cut = true;
                    return Ok(());
                }
                None if done == 0 => return Ok(()), // The section ends before it said.
                None => {}
            }
            stream.skip(done as u64)?;
        }
        Ok(())
    }

    /// True while an entry that is not read yet may refer to the unit's first list.
    ///
    /// Go's linker writes lists in the order of the entries that refer to them, and those of the
    /// root first (cmd/link/internal/ld/dwarf.go of Go 1.19 to 1.26); others may do as they like.
    fn lacks_lists(&self) -> bool {
        self.locations.is_none() || !self.writer.as_ref().is_some_and(|it| it.is_go)
    }

    fn entry(
        &mut self,
        entries: &mut EntriesRaw<'_, Slice<'_>>,
        is_root: bool,
        tables: &Tables<'_>,
        attributes: &mut usize,
    ) -> gimli::Result<()> {
        let Some(entry) = entries.read_abbreviation()? else { return Ok(()) };
        let specifications = entry.attributes();
        *attributes =
            attributes.checked_sub(specifications.len()).ok_or(Error::BadUnsignedLeb128)?;
        let offset_form = |it: &gimli::AttributeSpecification| {
            // Before version 4 an offset was a number.
            matches!(it.form(), constants::DW_FORM_sec_offset | constants::DW_FORM_data4)
        };
        if !is_root && !specifications.iter().any(offset_form) {
            return entries.skip_attributes(specifications);
        }
        let (mut name, mut is_go) = (None, false);
        for specification in specifications {
            let attribute = entries.read_attribute(*specification)?;
            self.mark(&attribute);
            match (attribute.name(), attribute.value()) {
                (constants::DW_AT_name, value) => name = Some(value),
                (_, AttributeValue::Language(it)) => is_go = it == constants::DW_LANG_Go,
                _ => {}
            }
        }
        if is_root && let Some(name) = name.and_then(|it| tables.text(&it)) {
            let name = String::from_utf8_lossy(name).into_owned();
            self.writer = Some(Writer { name, is_go });
        }
        Ok(())
    }

    /// Notes the offset into another section that an attribute gives, if it is the first there.
    fn mark(&mut self, attribute: &Attribute<Slice<'_>>) {
        let (place, at) = match attribute.value() {
            AttributeValue::DebugLineRef(at) => (&mut self.line, at.0),
            AttributeValue::LocationListsRef(at) => (&mut self.locations, at.0),
            AttributeValue::DebugLocListsBase(at) => (&mut self.locations, at.0),
            AttributeValue::RangeListsRef(at) => (&mut self.ranges, at.0),
            AttributeValue::DebugRngListsBase(at) => (&mut self.ranges, at.0),
            AttributeValue::DebugAddrBase(at) => (&mut self.addresses, at.0),
            _ => return,
        };
        let at = at as u64;
        *place = Some(place.map_or(at, |first| first.min(at)));
    }
}
