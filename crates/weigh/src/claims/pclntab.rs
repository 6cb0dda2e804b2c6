//! pclntab's header, names, units, files and records.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use elfin_golang::Pclntab;
use elfin_schema::Kind;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    let header = table.header.range(0..table.header.bytes.len());
    book.claim(Layer::Area, header, Goods::of(SYSTEM, Kind::FunctionRecord));
    units(facts, table, book);
    files(facts, table, book);
}

/// A name belongs to the package that it names, also where only an inlined call uses it.
pub(crate) fn names<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    for (at, name) in table.names.texts() {
        let Ok(offset) = u32::try_from(at) else { return };
        let nameless = facts.nameless.get(&offset).copied();
        let owner = nameless.or_else(|| facts.owners.by_name(name)).unwrap_or(SYSTEM);
        facts.names.push((offset, owner));
        let label = book.label(name);
        let range = table.names.range(at..at + name.len() + 1);
        book.claim(Layer::Table, range, Goods::of(owner, Kind::FunctionName).labelled(label));
    }
}

/// A unit's list of files ends where the next unit's begins.
fn units<'a>(facts: &Facts<'a>, table: &Pclntab<'a>, book: &mut Book<'a>) {
    let size = table.units.bytes.len();
    let start = |unit: u32| (unit as usize).saturating_mul(4).min(size);
    for (index, (unit, owner)) in facts.units.iter().enumerate() {
        let end = facts.units.get(index + 1).map_or(size, |(next, _)| start(*next));
        let range = table.units.range(start(*unit)..end);
        book.claim(Layer::Table, range, Goods::of(*owner, Kind::CuTable));
    }
}

/// A file's name belongs to the package whose file it is, whoever inlined code from it.
fn files<'a>(facts: &Facts<'a>, table: &Pclntab<'a>, book: &mut Book<'a>) {
    for (at, file) in table.files.texts() {
        let owner = facts.file_owner(file).unwrap_or(SYSTEM);
        let label = book.file(file);
        let range = table.files.range(at..at + file.len() + 1);
        book.claim(Layer::Table, range, Goods::of(owner, Kind::FileTable).labelled(label));
    }
}

/// The entries of the index, then the records, with the few bytes that align the next one.
pub(crate) fn records<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    /// A record is aligned to a pointer.
    const MOST_FILLING: usize = 8;
    let Some(table) = &facts.pclntab else { return };
    let mut records = Vec::with_capacity(table.count);
    let mut functions = table.functions().peekable();
    while let Some(function) = functions.next() {
        let owner = facts.function_owner(function.index);
        let label = book.function(table, &function);
        let goods = Goods::of(owner, Kind::FunctionRecord).labelled(label);
        // The end of the last function stands behind its entry.
        let last = if functions.peek().is_none() { 4 } else { 0 };
        let entry = function.index_entry.start..function.index_entry.end + last;
        let mut record = function.record.clone();
        let next = functions.peek().map_or(record.end, |next| next.record.start);
        if (record.end..record.end + MOST_FILLING).contains(&next) {
            record.end = next;
        }
        book.claim(Layer::Table, table.functions.range(entry), goods);
        records.push((table.functions.range(record), goods));
    }
    records.into_iter().for_each(|(range, goods)| book.claim(Layer::Table, range, goods));
}
