//! Headers, and sections that are of one kind and of no package.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use crate::packed;
use elfin_elf::Section;
use elfin_model::FileRange;
use elfin_schema::Kind;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    for range in facts.file.header_ranges() {
        book.claim(Layer::Format, range, Goods::of(SYSTEM, Kind::Header));
    }
    if packed::by_upx(&facts.file) {
        let all = FileRange::between(0, facts.file.data().len() as u64);
        let label = book.label(&b"UPX"[..]);
        book.claim(Layer::Area, all, Goods::of(SYSTEM, Kind::Packed).labelled(label));
        return;
    }
    for segment in facts.file.segments() {
        let kind = match segment {
            it if it.is_notes() => Kind::Note,
            it if it.is_dynamic() => Kind::Dynamic,
            it if it.is_unwind() => Kind::Unwind,
            _ => continue,
        };
        book.claim(Layer::Area, segment.range(), Goods::of(SYSTEM, kind));
    }
    // In a Go program whatever is loaded has an owner, so only what none is found for may be unknown.
    let is_go = facts.pclntab.is_some() || facts.build_info.is_some();
    for section in &facts.described {
        let loaded = || {
            (!is_go && section.is_loaded() && !section.is_relocations())
                .then(|| kind_of_loaded(section))
        };
        if let Some(kind) = kind(section).or_else(loaded) {
            let label = book.label(section.name.as_bytes());
            book.claim(Layer::Area, section.range(), Goods::of(SYSTEM, kind).labelled(label));
        }
    }
}

/// Tells what a loaded section of a program that is not Go's has.
fn kind_of_loaded(section: &Section<'_>) -> Kind {
    match section {
        it if it.is_code() => Kind::Code,
        it if it.is_writable() => Kind::Data,
        _ => Kind::ReadOnlyData,
    }
}

/// Tells what a section is as a whole; `None` for what others claim piece by piece.
pub(super) fn kind(section: &Section<'_>) -> Option<Kind> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|it| section.name.starts_with(it));
    if section.name == ".shstrtab" {
        Some(Kind::Header)
    } else if section.is_notes() || begins(&[".note", ".comment"]) {
        Some(Kind::Note)
    } else if section.name == ".go.fipsinfo" {
        Some(Kind::FipsInfo)
    } else if section.is_dynamic() || begins(&[".dyn", ".interp", ".hash", ".gnu.", ".got", ".plt"])
    {
        Some(Kind::Dynamic)
    } else if begins(&[".eh_frame", ".gcc_except_table", ".ARM.ex", ".sframe"]) {
        Some(Kind::Unwind)
    } else if section.is_loaded() {
        None
    } else if begins(&[".debug_", ".zdebug_", ".gdb_index", ".gnu_debug"]) {
        Some(Kind::Dwarf)
    } else if section.is_symbol_table() {
        Some(Kind::Symbol)
    } else if section.is_string_table() {
        Some(Kind::SymbolName)
    } else {
        Some(Kind::Note)
    }
}
