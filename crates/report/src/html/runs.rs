//! Protection and portability: what guards the program, and where it runs.

use super::{Doc, frame, grid};
use crate::catalogue::{Lang, Text, labels, names, say};
use crate::columns;
use crate::table::{Cell, Head, Row, Table, Tone};
use elfin_schema::{AslrBits, Portability, Probe, Protection, RecipeRecord};

type Shown = fn(&RecipeRecord, Lang) -> Cell;

const COLUMNS: [(Text, Shown); 12] = [
    (Text("PIE", "PIE"), |r, _| Cell::tick(protection(r).map(|p| p.pie))),
    (Text("RELRO", "RELRO"), |r, lang| text(protection(r).map(|p| names::relro(p.relro).to(lang)))),
    (Text("NX stack", "栈不可执行"), |r, _| Cell::tick(protection(r).map(|p| p.nx))),
    (Text("W+X segments", "可写可执行段"), |r, _| {
        let count = protection(r).map(|p| p.writable_executable_segments);
        let tone = if count.unwrap_or(0) > 0 { Tone::Bad } else { Tone::Plain };
        text(count).toned(tone)
    }),
    (Text("ASLR bits: code", "随机位：代码"), |r, _| text(aslr(r).map(|bits| bits.text))),
    (Text("heap", "堆"), |r, _| text(aslr(r).map(|bits| bits.heap))),
    (Text("stack", "栈"), |r, _| text(aslr(r).map(|bits| bits.stack))),
    (Text("runs from scratch", "可从 scratch 运行"), |r, _| {
        Cell::tick(columns::from_scratch(r))
    }),
    (Text("interpreter", "解释器"), |r, lang| {
        linked(r, lang, |p| p.interpreter.iter().map(String::as_str).collect())
    }),
    (Text("libraries", "依赖库"), |r, lang| {
        linked(r, lang, |p| p.needed.iter().map(String::as_str).collect())
    }),
    (Text("needs (and what forces it)", "版本要求（及其来由）"), |r, _| {
        text(runs(r).map(versions).filter(|needs| !needs.is_empty()))
    }),
    (Text("built twice: same bytes", "两次构建相同"), |r, _| {
        Cell::tick(r.identity.as_ref().and_then(Probe::value).map(|identity| identity.same))
    }),
];

fn protection(record: &RecipeRecord) -> Option<&Protection> {
    record.protection.as_ref()
}

fn aslr(record: &RecipeRecord) -> Option<&AslrBits> {
    protection(record)?.aslr.value()
}

fn runs(record: &RecipeRecord) -> Option<&Portability> {
    record.portability.as_ref()
}

/// What the file asks the machine for, or asked before it was packed.
fn linked(record: &RecipeRecord, lang: Lang, of: fn(&Portability) -> Vec<&str>) -> Cell {
    text(runs(record).map(|p| match of(p)[..] {
        [] => Text("none", "无").to(lang).to_owned(),
        ref names if p.before_packing => {
            let names = names.join(", ");
            say!(lang, "{names} (before packing)", "{names}（压缩前）")
        }
        ref names => names.join(", "),
    }))
}

fn text(value: Option<impl ToString>) -> Cell {
    value.map_or_else(Cell::none, |value| Cell::text(value.to_string()))
}

/// The version needed of each library, with a few of the symbols that force it.
fn versions(runs: &Portability) -> String {
    let needs = runs.versions.iter().map(|need| {
        let mut symbols: Vec<&str> = need.symbols.iter().take(3).map(String::as_str).collect();
        if need.symbols.len() > symbols.len() {
            symbols.push("…");
        }
        match symbols.is_empty() {
            true => need.version.clone(),
            false => format!("{} ({})", need.version, symbols.join(", ")),
        }
    });
    needs.collect::<Vec<_>>().join("; ")
}

/// A row for every recipe of which protection or portability is known.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let lang = doc.lang;
    let known =
        |record: &&RecipeRecord| record.protection.is_some() || record.portability.is_some();
    let rows = doc.r.iter().filter(known).map(|record| Row {
        name: record.recipe.clone(),
        picked: columns::is_picked(record, &doc.answers),
        cells: COLUMNS.iter().map(|(_, shown)| shown(record, lang)).collect(),
        note: None,
    });
    let rows: Vec<Row> = rows.collect();
    let head = |text: &str| Head { text: text.to_owned(), numeric: false, rank: 0 };
    let heads = COLUMNS.iter().map(|(text, _)| head(text.to(lang)));
    let heads = std::iter::once(head(labels::RECIPE.to(lang))).chain(heads).collect();
    let title = labels::RUNS.to(lang);
    (!rows.is_empty()).then(|| {
        let table = Table { heads, rows }.without_empty_columns();
        let table = frame::scrolling(title, &grid::plain(&table, lang));
        frame::Section::new("runs", labels::RUNS, lang).note(labels::RUNS_NOTE).body(table)
    })
}
