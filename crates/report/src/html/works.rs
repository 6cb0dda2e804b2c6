//! What still works: a matrix of recipes and what a developer does with a binary.

use super::{Doc, frame};
use crate::catalogue::{Lang, Text, labels, messages, names};
use crate::{clean, figures};
use elfin_schema::{Capability, Debuggability, Probe, RecipeRecord, Works};
use maud::{Markup, html};
use std::collections::HashMap;

/// A name, and whether the user's own file still has it.
type Has = (Text, fn(&Debuggability) -> bool);

const IN_FILE: [Has; 4] = [
    (Text(".symtab", ".symtab"), |debug| debug.has_symtab),
    (Text("DWARF", "DWARF"), |debug| debug.has_dwarf),
    (Text("pclntab", "pclntab"), |debug| debug.has_pclntab),
    (Text("build info", "构建信息"), |debug| debug.has_build_info),
];

/// The matrix, and under it why a cross is a cross.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let rows: Vec<(&RecipeRecord, &Debuggability)> =
        doc.r.iter().filter_map(|record| Some((record, record.debug.as_ref()?))).collect();
    let lang = doc.lang;
    let matrix = html! {
        table.matrix {
            thead {
                tr {
                    td {}
                    th scope="colgroup" colspan=(Capability::ALL.len()) { (labels::REALLY_DONE.to(lang)) }
                    th.apart scope="colgroup" colspan=(IN_FILE.len()) { (labels::IN_FILE.to(lang)) }
                }
                tr {
                    th scope="col" { (labels::RECIPE.to(lang)) }
                    @for capability in Capability::ALL {
                        th.turned scope="col" { span { (names::capability(capability).to(lang)) } }
                    }
                    @for (index, (name, _)) in IN_FILE.iter().enumerate() {
                        th.turned.apart[index == 0] scope="col" { span { (name.to(lang)) } }
                    }
                }
            }
            tbody {
                @for (record, debug) in &rows {
                    tr data-recipe=(record.recipe) {
                        th scope="row" { (frame::recipe(&record.recipe)) }
                        @for capability in Capability::ALL { (cell(debug.probed.get(&capability), lang)) }
                        @for (index, (_, has)) in IN_FILE.iter().enumerate() { (mark(Some(has(debug)), "", index == 0, lang)) }
                    }
                }
            }
        }
    };
    let title = labels::WORKS.to(lang);
    (!rows.is_empty()).then(|| {
        frame::Section::new("works", labels::WORKS, lang).note(labels::WORKS_NOTE).body(html! {
            (frame::scrolling(title, &matrix))
            (words(&rows, lang))
        })
    })
}

/// Worked, or not; and why, in the words of a tool or ours. Nothing is said of what worked.
fn answer(probe: Option<&Probe<Works>>, lang: Lang) -> (Option<bool>, String) {
    match probe {
        None => (None, String::new()),
        Some(Probe::Measured { value }) if value.yes => (Some(true), String::new()),
        Some(Probe::Measured { value }) => (Some(false), clean::block(&value.says)),
        Some(Probe::Failed { says }) => (None, clean::block(says)),
        Some(Probe::Skipped { why }) => (None, messages::message(why, lang)),
    }
}

fn cell(probe: Option<&Probe<Works>>, lang: Lang) -> Markup {
    let (yes, why) = answer(probe, lang);
    mark(yes, &why, false, lang)
}

/// A tick, a cross or a dash, with its reason to point at.
pub(crate) fn mark(yes: Option<bool>, why: &str, apart: bool, lang: Lang) -> Markup {
    let (class, sign, word) = match yes {
        Some(true) => ("yes", "✓", labels::YES),
        Some(false) => ("no", "✗", labels::NO),
        None => ("unknown", figures::NONE, labels::NOT_MEASURED),
    };
    html! {
        td.mark.(class).apart[apart] title=[(!why.is_empty()).then_some(why)] {
            span aria-hidden="true" { (sign) } span.unseen { (word.to(lang)) }
        }
    }
}

/// One reason, and where it was given.
struct Why<'a> {
    capability: Capability,
    words: String,
    recipes: Vec<&'a str>,
}

/// Why not, each reason once: what a pointer finds in the cells, for who has none.
fn words(rows: &[(&RecipeRecord, &Debuggability)], lang: Lang) -> Markup {
    let mut list: Vec<Why<'_>> = Vec::new();
    let mut index: HashMap<(Capability, String), usize> = HashMap::new();
    for (record, debug) in rows {
        for (&capability, probe) in &debug.probed {
            let (_, words) = answer(Some(probe), lang);
            if words.is_empty() {
                continue;
            }
            let at = *index.entry((capability, words.clone())).or_insert_with(|| {
                list.push(Why { capability, words, recipes: Vec::new() });
                list.len() - 1
            });
            list[at].recipes.push(&record.recipe);
        }
    }
    list.sort_by_key(|why| why.capability);
    html! {
        @if !list.is_empty() {
            details.words {
                summary { (labels::WHY_NOT.to(lang)) }
                dl {
                    @for why in &list {
                        dt { (names::capability(why.capability).to(lang)) }
                        dd {
                            (frame::verbatim(&why.words))
                            p.recipes { @for recipe in &why.recipes { (frame::recipe(recipe)) " " } }
                        }
                    }
                }
            }
        }
    }
}
