//! The units of `.debug_info`, each read up to its root.

use super::stream::Stream;
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use elfin_elf::{ElfFile, Section};
use elfin_golang::{Named, package_of};
use gimli::{AttributeValue, DebugAbbrev, DebugInfo, EndianSlice, RunTimeEndian, constants};

/// A root with all its attributes is shorter, and the first list is referred to soon behind it.
const HEAD: usize = 64 << 10;
/// So many entries of a unit are looked at for its first list of locations.
const MOST_ENTRIES: usize = 2000;
/// Abbreviations, and the strings of roots, are no more; those of C++ programs can be.
const MOST_STRINGS: u64 = 256 << 20;
/// Headers before what the base of a list points at: version 5, 32-bit.
const LIST_HEADER: u64 = 12;
const ADDRESS_HEADER: u64 = 8;

type Slice<'d> = EndianSlice<'d, RunTimeEndian>;
type Root<'r, 'd> = &'r gimli::DebuggingInformationEntry<Slice<'d>>;

/// A compilation unit and where its parts of other sections begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) owner: Owner,
    pub(crate) abbreviations: u64,
    pub(crate) line: Option<u64>,
    pub(crate) loclists: Option<u64>,
    pub(crate) rnglists: Option<u64>,
    pub(crate) addresses: Option<u64>,
}

/// The sections that roots refer to, and how numbers stand in them.
struct Tables {
    abbreviations: Vec<u8>,
    strings: Vec<u8>,
    line_strings: Vec<u8>,
    endian: RunTimeEndian,
}

/// Who a root says that it is.
enum Writer {
    Go(String),
    C(String),
}

/// Reads the units.
///
/// Returns what is wrong with the section.
pub(crate) fn read<'a>(facts: &mut Facts<'a>, info: &Section<'a>) -> Result<Vec<Unit>, String> {
    let numbers = facts.file.numbers();
    let tables = Tables {
        abbreviations: whole(&facts.file, super::section(facts, "abbrev"))?,
        strings: whole(&facts.file, super::section(facts, "str"))?,
        line_strings: whole(&facts.file, super::section(facts, "line_str"))?,
        endian: if numbers.little { RunTimeEndian::Little } else { RunTimeEndian::Big },
    };
    let mut stream = open(&facts.file, info)?;
    let mut cache = None;
    let mut units = Vec::new();
    while stream.position() < stream.size() {
        let start = stream.position();
        let head = stream.peek(HEAD)?;
        // 64-bit DWARF says so by a length that no 32-bit unit has.
        let length = match numbers.u32(head, 0) {
            Some(u32::MAX) => return Err("64-bit DWARF, which no Go tool writes".to_owned()),
            Some(length) => u64::from(length) + 4,
            None => break,
        };
        let mut unit = head.get(..usize::try_from(length).unwrap_or(HEAD)).unwrap_or(head).to_vec();
        // What gimli is given ends where the window does.
        let cut = u32::try_from(unit.len().saturating_sub(4)).unwrap_or(0);
        if let Some(place) = unit.first_chunk_mut() {
            *place = if numbers.little { cut.to_le_bytes() } else { cut.to_be_bytes() };
        }
        let (mut unit, writer) =
            tables.unit(&unit, &mut cache).map_err(|error| error.to_string())?;
        unit.owner = match writer {
            Some(Writer::Go(path)) => match package_of(format!("{path}.x").as_bytes()) {
                Named::Package(path) => facts.owners.package(path.into_owned().into()),
                Named::Generated | Named::Bare => SYSTEM,
            },
            Some(Writer::C(file)) => facts.owners.library(file.into()),
            None => SYSTEM,
        };
        stream.skip(length)?;
        units.push(Unit { start, end: stream.position(), ..unit });
    }
    Ok(units)
}

pub(crate) fn open<'a>(file: &ElfFile<'a>, section: &Section<'_>) -> Result<Stream<'a>, String> {
    Stream::open(file, section).ok_or_else(|| {
        "it is compressed in a way that is not known, or says that more comes out than can".into()
    })
}

fn whole(file: &ElfFile<'_>, section: Option<Section<'_>>) -> Result<Vec<u8>, String> {
    section.map_or(Ok(Vec::new()), |it| open(file, &it)?.whole(MOST_STRINGS))
}

impl Tables {
    /// Reads the root of the unit that begins the bytes. Units of one program share their
    /// abbreviations, so the last ones are kept.
    fn unit(
        &self,
        bytes: &[u8],
        cache: &mut Option<(u64, gimli::Abbreviations)>,
    ) -> gimli::Result<(Unit, Option<Writer>)> {
        let header = DebugInfo::new(bytes, self.endian).units().next()?;
        let header = header.ok_or(gimli::Error::UnknownVersion(0))?;
        let at = header.debug_abbrev_offset().0;
        if cache.as_ref().is_none_or(|(cached, _)| *cached != at as u64) {
            let section = DebugAbbrev::new(&self.abbreviations, self.endian);
            *cache = Some((at as u64, header.abbreviations(&section)?));
        }
        let mut unit = Unit {
            start: 0,
            end: 0,
            owner: SYSTEM,
            abbreviations: at as u64,
            line: None,
            loclists: None,
            rnglists: None,
            addresses: None,
        };
        let Some((_, abbreviations)) = cache else { return Ok((unit, None)) };
        let mut entries = header.entries(abbreviations);
        let Some(root) = entries.next_dfs()? else { return Ok((unit, None)) };
        let writer = self.writer(root);
        let lists = |name| offset(root, name).and_then(|it| it.checked_sub(LIST_HEADER));
        unit.line = offset(root, constants::DW_AT_stmt_list);
        unit.rnglists =
            lists(constants::DW_AT_rnglists_base).or_else(|| offset(root, constants::DW_AT_ranges));
        let addresses = offset(root, constants::DW_AT_addr_base);
        unit.addresses = addresses.and_then(|it| it.checked_sub(ADDRESS_HEADER));
        // Go's linker writes one header for the lists of all units, so the first list tells.
        let mut located = 0..MOST_ENTRIES;
        while located.next().is_some()
            && unit.loclists.is_none()
            && let Ok(Some(entry)) = entries.next_dfs()
        {
            unit.loclists = offset(entry, constants::DW_AT_location);
        }
        Ok((unit, writer))
    }

    fn writer(&self, root: Root<'_, '_>) -> Option<Writer> {
        let name = match root.attr_value(constants::DW_AT_name)? {
            AttributeValue::String(text) => text.to_string_lossy().into_owned(),
            AttributeValue::DebugStrRef(at) => text(&self.strings, at.0)?,
            AttributeValue::DebugLineStrRef(at) => text(&self.line_strings, at.0)?,
            _ => return None,
        };
        match root.attr_value(constants::DW_AT_language)? {
            AttributeValue::Language(constants::DW_LANG_Go) => Some(Writer::Go(name)),
            _ => Some(Writer::C(name)),
        }
    }
}

fn text(table: &[u8], at: usize) -> Option<String> {
    let rest = table.get(at..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
}

/// The offset into another section that an attribute of the root gives.
fn offset(root: Root<'_, '_>, name: gimli::DwAt) -> Option<u64> {
    match root.attr_value(name)? {
        AttributeValue::SecOffset(at) => Some(at as u64),
        AttributeValue::DebugLineRef(at) => Some(at.0 as u64),
        AttributeValue::DebugRngListsBase(at) => Some(at.0 as u64),
        AttributeValue::DebugAddrBase(at) => Some(at.0 as u64),
        AttributeValue::LocationListsRef(at) => Some(at.0 as u64),
        AttributeValue::RangeListsRef(at) => Some(at.0 as u64),
        _ => None,
    }
}
