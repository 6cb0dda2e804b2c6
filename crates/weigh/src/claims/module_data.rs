//! Module data, and the small tables that only it points at.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use elfin_schema::Kind;

/// Words of an entry that says where a section of code is.
const TEXTSECT_WORDS: u64 = 3;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let Some(module) = &facts.module else { return };
    let pointer = facts.file.numbers().pointer as u64;
    let textsects = module.textsects.len.saturating_mul(TEXTSECT_WORDS * pointer);
    let tables = [
        (module.address, module.size, &b"runtime.firstmoduledata"[..]),
        (module.textsects.address, textsects, b"runtime.textsectionmap"),
    ];
    for (address, size, name) in tables {
        if let Some(range) = facts.file.range_of(address, size) {
            let label = book.label(name);
            let goods = Goods::of(SYSTEM, Kind::ModuleData).labelled(label);
            book.claim(Layer::Structure, range, goods);
        }
    }
    // The section is the whole of it, with fields of a later Go than is known.
    if let Some(section) = facts.file.section_named(".go.module") {
        book.claim(Layer::Area, section.range(), Goods::of(SYSTEM, Kind::ModuleData));
    }
}
