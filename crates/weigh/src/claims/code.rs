//! Machine code, by pclntab; and what fills up to the next function, by who is aligned.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use elfin_elf::Machine;
use elfin_model::{FileRange, VirtAddr};
use elfin_schema::Kind;

/// No linker of Go's aligns functions to more.
const MOST_FILLING: usize = 63;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    let filling = match facts.file.machine() {
        Machine::Amd64 | Machine::I386 => 0xcc, // INT3
        _ => 0,
    };
    // What fills up before a function is there for its alignment.
    let mut before = FileRange::default();
    for function in table.functions() {
        let owner = facts.function_owner(function.index);
        let addresses = &function.addresses;
        book.claim(Layer::Code, before, Goods::of(owner, Kind::Padding));
        let Some(range) =
            facts.file.range_of(VirtAddr(addresses.start), addresses.end - addresses.start)
        else {
            continue;
        };
        let bytes = facts.file.slice(range).iter().rev().take(MOST_FILLING);
        let filled = bytes.take_while(|byte| **byte == filling).count() as u64;
        let end = if filled == range.bytes() { range.end() } else { range.end() - filled };
        before = FileRange::between(end, range.end());
        let kind = if function.name == b"go:buildid" { Kind::Note } else { Kind::Code };
        let label = book.function(table, &function);
        let code = FileRange::between(range.start(), end);
        book.claim(Layer::Code, code, Goods::of(owner, kind).labelled(label));
    }
    if let Some(last) = table.count.checked_sub(1) {
        book.claim(Layer::Code, before, Goods::of(facts.function_owner(last), Kind::Padding));
    }
}
