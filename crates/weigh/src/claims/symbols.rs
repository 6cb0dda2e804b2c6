//! Symbol tables: each entry and name to its symbol's package, and the data that it names.

use crate::book::{Book, Goods, Layer};
use crate::facts::{Facts, lossy};
use crate::owners::{Owner, SYSTEM};
use elfin_elf::{Section, Symbol, SymbolKind};
use elfin_golang::{Code, NamedData};
use elfin_model::VirtAddr;
use elfin_schema::Kind;

pub(crate) fn claim<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    let tables: Vec<Section<'a>> = facts.file.sections().to_vec();
    for table in tables.iter().filter(|it| it.is_symbol_table()) {
        if table.is_loaded() {
            continue; // What the dynamic linker reads is the system's.
        }
        // Local symbols of C follow the name of their source file.
        let mut source = None;
        for symbol in facts.file.symbols(table) {
            if symbol.kind == SymbolKind::File {
                let is_go = symbol.name == b"go.go" || symbol.name.is_empty();
                source = (!is_go).then(|| facts.owners.library(lossy(symbol.name)));
            }
            let owner = owner(facts, &symbol, source);
            entry(book, &symbol, owner);
            data(facts, book, &symbol, owner);
        }
    }
}

fn owner<'a>(facts: &mut Facts<'a>, symbol: &Symbol<'a>, source: Option<Owner>) -> Owner {
    if symbol.kind == SymbolKind::File {
        return source.unwrap_or(SYSTEM); // Its name has a dot that is no package's.
    }
    match facts.symbol_owner(symbol) {
        SYSTEM if !is_gos_own(symbol.name) => source.unwrap_or(SYSTEM),
        owner => owner,
    }
}

fn is_gos_own(name: &[u8]) -> bool {
    name.starts_with(b"go:") || name.starts_with(b"type:") || name.starts_with(b"runtime.")
}

fn entry<'a>(book: &mut Book<'a>, symbol: &Symbol<'a>, owner: Owner) {
    let label = book.label(symbol.name);
    let goods = |kind| Goods::of(owner, kind).labelled(label);
    book.claim(Layer::Format, symbol.entry, goods(Kind::Symbol));
    // A linker may have folded a name into the end of another.
    book.share(Layer::Format, symbol.name_range, goods(Kind::SymbolName));
}

/// Claims the bytes that a symbol names: data, and code that pclntab does not know.
fn data<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>, symbol: &Symbol<'a>, owner: Owner) {
    let section = facts.file.sections().get(usize::from(symbol.section));
    let section = section.copied().filter(|it| it.is_loaded() && !it.is_memory_only());
    let Some(section) = section else { return };
    let kind = match symbol.kind {
        SymbolKind::Function if section.is_code() => Kind::Code,
        SymbolKind::Object => kind(symbol.name, &section),
        _ => return,
    };
    let inside = section.addresses().contains(&symbol.address.0);
    let left = section.addresses().end.saturating_sub(symbol.address.0);
    if let Some(range) = facts.file.range_of(VirtAddr(symbol.address.0), symbol.size.min(left))
        && inside
    {
        let label = book.label(symbol.name);
        // What surrounds it may know more than a name that says nothing.
        let layer = if owner == SYSTEM { Layer::Area } else { Layer::Symbol };
        book.share(layer, range, Goods::of(owner, kind).labelled(label));
        remember(facts, symbol, owner, kind);
    }
}

/// Keeps what the symbol says for whoever looks at references between code and data.
fn remember(facts: &mut Facts<'_>, symbol: &Symbol<'_>, owner: Owner, kind: Kind) {
    let addresses = symbol.address.0..symbol.address.0.saturating_add(symbol.size);
    let owner = (owner != SYSTEM).then(|| owner.number());
    if kind != Kind::Code {
        if !is_carrier(symbol.name) {
            facts.named_data.push(NamedData { addresses, owner });
        }
    } else if let Some(owner) = owner {
        let of_go = facts.pclntab.as_ref().and_then(|it| it.function_at(symbol.address));
        if of_go.is_none() {
            facts.foreign_code.push(Code { addresses, owner });
        }
    }
}

/// True for a symbol that covers many objects which have none.
fn is_carrier(name: &[u8]) -> bool {
    name.ends_with(b".*")
        || name.starts_with(b"go:func")
        || name.starts_with(b"go.func")
        || matches!(name, b"runtime.pclntab" | b"runtime.findfunctab")
}

/// Tells what data is by the name that Go's compiler and linker give it.
fn kind(name: &[u8], section: &Section<'_>) -> Kind {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|it| name.starts_with(it.as_bytes()));
    let ends = |suffix: &str| name.ends_with(suffix.as_bytes());
    if begins(&["go:itab.", "go.itab.", "runtime.itablink"]) {
        Kind::Itab
    } else if begins(&["type:", "type.", "runtime.typelink"]) {
        Kind::Type
    } else if begins(&["runtime.gcbits.", "runtime.gcdata", "runtime.gcbss"]) {
        Kind::GcMask
    } else if ends("..inittask") || ends("inittasks") {
        Kind::InitTask
    } else if begins(&["go:string.", "go.string."]) {
        Kind::String
    } else if begins(&["runtime.firstmoduledata", "runtime.textsectionmap"]) {
        Kind::ModuleData
    } else if section.is_writable() && !section.name.contains(".rel.ro") {
        Kind::Data
    } else {
        Kind::ReadOnlyData
    }
}
