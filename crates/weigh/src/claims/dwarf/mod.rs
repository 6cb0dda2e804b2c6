//! DWARF: each compilation unit's part of each section to the unit's package.
//!
//! `.debug_info` is read as far as it takes to know where each unit's parts of
//! the other sections begin. Frames belong to no unit: there the address in an
//! entry tells the function. A compressed section is decompressed as a stream,
//! where it has to be read at all, and its bytes are charged in proportion.

mod budget;
mod frames;
mod marked;
pub(crate) mod stream;
mod tables;
mod units;

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use budget::Budget;
use elfin_elf::{ElfFile, Section};
use elfin_schema::{Kind, Message};
use marked::MARKED;
use stream::Stream;
use tables::Tables;
use units::{Unit, Writer};

/// A part of a section, in bytes of what comes out of it, and whose it is.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: u64,
    end: u64,
    owner: Owner,
    /// False where it cannot be known that nobody else has a share in it.
    exact: bool,
}

/// A section that cannot be read, and why.
struct Unreadable<'a> {
    section: Section<'a>,
    says: String,
}

pub(crate) fn claim<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    let Some(info) = section(facts, "info") else { return };
    let [mut budget, mut of_frames] = Budget::halves(facts.file.data().len() as u64);
    let (tables, unreadable) = Tables::read(facts, &mut budget);
    unreadable.into_iter().for_each(|it| warn(book, it));
    let (units, frames) = rayon::join(
        || units::read(facts, &info, &tables, &mut budget),
        || section(facts, "frame").map(|it| (it, frames::read(facts, &it, &mut of_frames))),
    );
    if let Some((section, parts)) = frames {
        claim_parts(facts, book, section, parts);
    }
    let units = match units {
        Ok(units) => units,
        Err(says) => return warn(book, Unreadable { section: info, says }),
    };
    let units: Vec<(Unit, Owner)> = units
        .into_iter()
        .map(|unit| {
            let owner = unit.writer.as_ref().map_or(SYSTEM, |it| owner(facts, it));
            (unit, owner)
        })
        .collect();
    let whole = |(it, owner): &(Unit, Owner)| Part {
        start: it.start,
        end: it.end,
        owner: *owner,
        exact: true,
    };
    claim_parts(facts, book, info, Ok(units.iter().map(whole).collect()));
    for marked in &MARKED {
        let Some(section) = section(facts, marked.name) else { continue };
        let stream = open(&facts.file, &section);
        let parts = stream.and_then(|it| marked.parts(&units, facts.file.numbers(), it));
        claim_parts(facts, book, section, parts);
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

fn open<'a>(file: &ElfFile<'a>, section: &Section<'_>) -> Result<Stream<'a>, String> {
    Stream::open(file, section).ok_or_else(|| {
        "it is compressed in a way that is not known, or says that more comes out than can".into()
    })
}

fn warn<'a>(book: &mut Book<'a>, it: Unreadable<'a>) {
    book.warnings.push(Message::SectionUnreadable {
        section: it.section.name.to_owned(),
        offset: it.section.offset,
        says: it.says,
    });
}

fn owner(facts: &mut Facts<'_>, writer: &Writer) -> Owner {
    let name = &writer.name;
    if !writer.is_go {
        return facts.owners.library(name.clone().into());
    }
    facts.owners.package(name.clone().into()) // It is not escaped, as those of symbols are.
}

/// Claims the parts of a section, which several units may have in common.
fn claim_parts<'a>(
    facts: &Facts<'a>,
    book: &mut Book<'a>,
    section: Section<'a>,
    parts: Result<Vec<Part>, String>,
) {
    let read = parts.and_then(|parts| Ok((parts, open(&facts.file, &section)?)));
    let (parts, stream) = match read {
        Ok(read) => read,
        Err(says) => return warn(book, Unreadable { section, says }),
    };
    for part in parts {
        let range = stream.file_range(part.start, part.end);
        let goods = Goods::of(part.owner, Kind::Dwarf);
        if part.exact && stream.is_plain() {
            book.share(Layer::Symbol, range, goods);
        } else {
            book.estimate(Layer::Symbol, range, goods);
        }
    }
}
