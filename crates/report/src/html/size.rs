//! Size of every recipe, stacked by what the bytes are.
//!
//! Thirteen parts are too many colours to tell apart, so bars show families of
//! them; a row opens to the exact parts.

use super::strip::{Bar, legend, strip};
use super::{Doc, frame};
use crate::catalogue::{Lang, Text, labels, names, sentences};
use crate::{columns, facts, figures};
use elfin_schema::{Composition, Part, RecipeRecord, Status};
use maud::{Markup, html};

/// Parts that share a colour: cool for what a running program reads, warm for
/// what tools read, grey for a packer's payload and the rest.
struct Family {
    class: &'static str,
    name: Text,
    parts: &'static [Part],
}

const FAMILIES: [Family; 9] = [
    Family { class: "p-text", name: Text("machine code", "机器码"), parts: &[Part::Text] },
    Family {
        class: "p-rodata", name: Text("read-only data", "只读数据"), parts: &[Part::Rodata]
    },
    Family { class: "p-pclntab", name: Text("pclntab", "pclntab"), parts: &[Part::Pclntab] },
    Family { class: "p-data", name: Text("writable data", "可写数据"), parts: &[Part::Data] },
    Family {
        class: "p-linking",
        name: Text("relocations, dynamic linking", "重定位与动态链接"),
        parts: &[Part::Relocations, Part::Dynamic],
    },
    Family {
        class: "p-symbols",
        name: Text("symbols", "符号"),
        parts: &[Part::Symtab, Part::Strtab],
    },
    Family { class: "p-debug", name: Text("DWARF", "DWARF"), parts: &[Part::Debug] },
    Family {
        class: "p-packed",
        name: Text("packed payload", "压缩后的内容"),
        parts: &[Part::Packed],
    },
    Family {
        class: "p-other",
        name: Text("notes, headers, padding", "注记、头部、填充"),
        parts: &[Part::Notes, Part::Headers, Part::Padding],
    },
];

/// Bars of every recipe, smallest first; those that were not made stand below, with the reason.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let mut made: Vec<(&RecipeRecord, u64)> = doc
        .r
        .iter()
        .filter(|record| record.status == Status::Ok)
        .filter_map(|record| Some((record, record.bytes?)))
        .collect();
    made.sort_by_key(|(_, bytes)| *bytes);
    let max = made.last().map_or(0, |(_, bytes)| *bytes) as f64;
    let mark = facts::baseline(doc.r).and_then(|record| record.bytes).map(|bytes| bytes as f64);
    let shown = |family: &&Family| {
        let parts = made.iter().filter_map(|(record, _)| record.composition.as_ref());
        parts.flat_map(Composition::keys).any(|part| family.parts.contains(part))
    };
    let entries = FAMILIES.iter().filter(shown);
    let entries = entries.map(|family| (family.class, family.name.to(doc.lang)));
    let rest = doc.r.iter().filter(|record| record.status != Status::Ok || record.bytes.is_none());
    (!doc.r.is_empty()).then(|| {
        frame::Section::new("size", labels::SIZES, doc.lang).note(labels::SIZES_NOTE).body(html! {
            (legend(entries))
            div.bars {
                @for (record, bytes) in &made { (bar(doc, record, *bytes, max, mark)) }
                @for record in rest { (none(record, doc.lang)) }
            }
        })
    })
}

fn bar(doc: &Doc<'_>, record: &RecipeRecord, bytes: u64, max: f64, mark: Option<f64>) -> Markup {
    let change = record.delta_percent.filter(|_| record.recipe != facts::BASELINE);
    let change = change.map_or_else(|| labels::BASELINE.to(doc.lang).to_owned(), figures::percent);
    let label = format!("{}: {}, {change}", record.recipe, sentences::bytes(bytes, doc.lang));
    let lane = stacked(record, bytes, doc.lang);
    html! {
        details.row.picked[columns::is_picked(record, &doc.answers)] data-recipe=(record.recipe) {
            summary {
                (frame::recipe(&record.recipe))
                (strip(&label, &[lane], max, mark))
                span.figure { (figures::human(bytes)) }
                span.figure.change { (change) }
            }
            div.inside {
                @if let Some(parts) = &record.composition { (exact(parts, bytes, doc.lang)) }
                @if !record.commands.is_empty() { (frame::verbatim(&record.commands.join("\n"))) }
            }
        }
    }
}

/// The families of a file one after another; a file of unknown parts is one bar.
fn stacked(record: &RecipeRecord, bytes: u64, lang: Lang) -> Vec<Bar> {
    let Some(parts) = &record.composition else {
        let title = figures::human(bytes);
        return vec![Bar { class: "p-other", from: 0.0, to: bytes as f64, title }];
    };
    let mut from = 0.0;
    let mut bars = Vec::new();
    for family in &FAMILIES {
        let of_family = family.parts.iter().filter_map(|part| parts.get(part));
        let size = of_family.fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
        if size > 0 {
            let to = from + size as f64;
            let title = format!("{}: {}", family.name.to(lang), figures::human(size));
            bars.push(Bar { class: family.class, from, to, title });
            from = to;
        }
    }
    bars
}

fn exact(parts: &Composition, bytes: u64, lang: Lang) -> Markup {
    html! {
        table.parts {
            caption { (labels::PARTS.to(lang)) }
            tbody {
                @for part in Part::ALL {
                    @if let Some(size) = parts.get(&part) {
                        tr {
                            th scope="row" { (names::part(part).to(lang)) }
                            td.number { (figures::exact(*size)) }
                        }
                    }
                }
            }
            tfoot { tr { th scope="row" { (labels::FILE.to(lang)) } td.number { (figures::exact(bytes)) } } }
        }
    }
}

/// A row without a bar: what became of the recipe, and why.
fn none(record: &RecipeRecord, lang: Lang) -> Markup {
    html! {
        div.row.ended data-recipe=(record.recipe) {
            (frame::recipe(&record.recipe))
            span.why { (frame::reason(record, lang)) }
        }
    }
}
