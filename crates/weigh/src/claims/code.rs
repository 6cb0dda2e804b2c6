//! Machine code, by pclntab; and what fills up to the next function, by who is aligned.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use elfin_elf::Machine;
use elfin_golang::Function;
use elfin_model::{FileRange, VirtAddr};
use elfin_schema::Kind;

/// No linker of Go's aligns functions to more.
const MOST_FILLING: usize = 63;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    // What fills up before a function is there for its alignment.
    let mut before = FileRange::default();
    for function in table.functions() {
        let owner = facts.function_owner(function.index);
        book.claim(Layer::Code, before, Goods::of(owner, Kind::Padding));
        let Some((code, filling)) = body(facts, &function) else { continue };
        before = filling;
        let kind = if function.name == b"go:buildid" { Kind::Note } else { Kind::Code };
        let label = book.function(table, &function);
        book.claim(Layer::Code, code, Goods::of(owner, kind).labelled(label));
    }
    if let Some(last) = table.count.checked_sub(1) {
        book.claim(Layer::Code, before, Goods::of(facts.function_owner(last), Kind::Padding));
    }
}

/// The code of a function, and what fills up to the next one.
pub(crate) fn body(facts: &Facts<'_>, function: &Function<'_>) -> Option<(FileRange, FileRange)> {
    let filling = match facts.file.machine() {
        Machine::Amd64 | Machine::I386 => 0xcc, // INT3
        _ => 0,
    };
    let addresses = &function.addresses;
    let range = facts.file.range_of(VirtAddr(addresses.start), addresses.end - addresses.start)?;
    let bytes = facts.file.slice(range).iter().rev().take(MOST_FILLING);
    let filled = bytes.take_while(|byte| **byte == filling).count() as u64;
    let end = if filled == range.bytes() { range.end() } else { range.end() - filled };
    Some((FileRange::between(range.start(), end), FileRange::between(end, range.end())))
}
