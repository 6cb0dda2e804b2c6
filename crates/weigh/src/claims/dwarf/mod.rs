//! DWARF: each compilation unit's part of each section to the unit's package.
//!
//! `.debug_info` is read up to the root of each unit, which says where the
//! unit's part of the other sections begins; the part ends where the next
//! one's begins. Where no root says it, the address in an entry tells the
//! function. A compressed section is decompressed as a stream, where it has
//! to be read at all, and its bytes are charged in proportion.

mod entries;
pub(crate) mod stream;
mod units;

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use elfin_elf::Section;
use elfin_model::FileRange;
use elfin_schema::{Kind, Message};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stream::Stream;
use units::Unit;

/// A part of a section, in bytes of what comes out of it, and whose it is.
type Part = (u64, u64, Owner);

/// Parts, or what is wrong with the section.
type Parts = Result<Vec<Part>, String>;

pub(crate) fn claim<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    let Some(info) = section(facts, "info") else { return };
    let units = match units::read(facts, &info) {
        Ok(units) => units,
        Err(says) => return warn(book, &info, says),
    };
    let of_units = units.iter().map(|it| (it.start, it.end, it.owner)).collect();
    claim_parts(facts, book, &info, of_units);
    for (name, mark) in MARKED {
        if let Some(section) = section(facts, name) {
            let size = Stream::open(&facts.file, &section).map_or(0, |it| it.size());
            claim_parts(facts, book, &section, marked(&units, mark, size));
        }
    }
    abbreviations(facts, book, &units);
    let read: Vec<(Section<'a>, Parts)> = entries::READERS
        .into_par_iter()
        .filter_map(|(name, reader)| Some((section(facts, name)?, reader)))
        .map(|(section, reader)| (section, entries::read(facts, &section, reader)))
        .collect();
    for (section, parts) in read {
        match parts {
            Ok(parts) => claim_parts(facts, book, &section, parts),
            Err(says) => warn(book, &section, says),
        }
    }
}

/// A section of DWARF by the end of its name.
fn section<'a>(facts: &Facts<'a>, name: &str) -> Option<Section<'a>> {
    let is_it = |it: &Section<'_>| {
        let prefixes = [".debug_", ".zdebug_"];
        prefixes.iter().any(|prefix| it.name.strip_prefix(prefix) == Some(name))
    };
    facts.stored.iter().map(|(_, it)| *it).find(is_it)
}

fn warn(book: &mut Book<'_>, section: &Section<'_>, says: String) {
    book.warnings.push(Message::SectionUnreadable {
        section: section.name.to_owned(),
        offset: section.offset,
        says,
    });
}

/// Where a unit's part of a section begins, as its root says.
type Mark = fn(&Unit) -> Option<u64>;

/// The sections whose parts the roots of the units mark.
const MARKED: [(&str, Mark); 4] = [
    ("line", |unit| unit.line),
    ("loclists", |unit| unit.loclists),
    ("rnglists", |unit| unit.rnglists),
    ("addr", |unit| unit.addresses),
];

/// Parts from each unit's mark to the next one's.
fn marked(units: &[Unit], mark: Mark, size: u64) -> Vec<Part> {
    let mut marks: Vec<(u64, Owner)> =
        units.iter().filter_map(|unit| Some((mark(unit)?, unit.owner))).collect();
    marks.sort_unstable();
    marks.dedup_by_key(|(at, _)| *at);
    let ends = marks.iter().skip(1).map(|(at, _)| *at).chain([size]);
    marks.iter().zip(ends).map(|(&(start, owner), end)| (start, end, owner)).collect()
}

/// A table of abbreviations belongs to all units that use it.
fn abbreviations<'a>(facts: &Facts<'a>, book: &mut Book<'a>, units: &[Unit]) {
    let Some(section) = section(facts, "abbrev") else { return };
    let Some(stream) = Stream::open(&facts.file, &section) else { return };
    let mut uses: Vec<(u64, Owner)> = units.iter().map(|it| (it.abbreviations, it.owner)).collect();
    uses.sort_unstable();
    uses.dedup();
    let mut rest = &uses[..];
    while let Some(&(start, _)) = rest.first() {
        let (table, behind) = rest.split_at(rest.partition_point(|(at, _)| *at == start));
        rest = behind;
        let end = behind.first().map_or(stream.size(), |(at, _)| *at);
        let range = stream.file_range(start, end);
        for (_, owner) in table {
            book.part(range, Goods::of(*owner, Kind::Dwarf), stream.is_plain());
        }
    }
}

fn claim_parts(facts: &Facts<'_>, book: &mut Book<'_>, section: &Section<'_>, parts: Vec<Part>) {
    let Some(stream) = Stream::open(&facts.file, section) else { return };
    for (start, end, owner) in parts {
        let range: FileRange = stream.file_range(start, end);
        let owner = if start > end { SYSTEM } else { owner };
        book.part(range, Goods::of(owner, Kind::Dwarf), stream.is_plain());
    }
}

impl Book<'_> {
    /// Claims a part of DWARF, which several units may have in common.
    fn part(&mut self, range: FileRange, goods: Goods, exact: bool) {
        if exact {
            self.share(Layer::Symbol, range, goods);
        } else {
            self.estimate(Layer::Symbol, range, goods);
        }
    }
}
