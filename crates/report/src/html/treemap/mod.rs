//! A weighing as a page: its map, what takes memory alone, and what was inlined where.

pub(crate) mod payload;
pub(crate) mod stage;
pub(crate) mod words;

use super::frame;
use crate::catalogue::{Text, messages};
use crate::weigh::totals::Owner;
use crate::weigh::words as sentences;
use crate::{Lang, clean, figures};
use elfin_schema::Weighing;
use maud::{Markup, html};
use payload::{Counted, payload};
use stage::{Map, SCRIPTS, STYLE, swatch};

/// Renders a weighing as one HTML file, in both languages.
///
/// `lang` is the language that it opens in.
pub fn weigh_html(w: &Weighing, lang: Lang) -> String {
    let (payload, counted) = payload(w);
    let articles = Lang::ALL.map(|lang| (lang, article(w, &counted, lang)));
    let title = format!("{} · elfin weigh", w.file.name);
    // Numbers and strings always serialize.
    let data = serde_json::to_string(&payload).ok();
    let page = frame::Page { title: &title, articles, style: &[STYLE], scripts: SCRIPTS, data };
    frame::page(lang, &page)
}

fn article(w: &Weighing, counted: &Counted, lang: Lang) -> Markup {
    html! {
        (headline(w, lang))
        (map(w, counted, lang).markup(lang))
        @for warning in &w.warnings { p.caution { (clean::line(&messages::message(warning, lang))) } }
        div.under {
            @let memory = w.memory_only.iter().filter(|m| m.bytes > 0).map(|m| (m.name.as_str(), vec![m.bytes]));
            (small_table("memory", words::MEMORY, words::MEMORY_NOTE, &[words::BYTES], memory, lang))
            @let inlined = w.inlined.iter().take(20).map(|i| (i.package.as_str(), vec![i.at_home, i.abroad]));
            (small_table("inlined", words::INLINED, words::INLINED_NOTE, &[words::AT_HOME, words::ABROAD], inlined, lang))
        }
    }
}

fn headline(w: &Weighing, lang: Lang) -> Markup {
    html! {
        header {
            p.eyebrow { (words::EYEBROW.to(lang)) }
            h1 { (clean::line(&w.file.name)) }
            p.lede { (sentences::lede(w, lang)) }
            ul.about { @for fact in sentences::about(w, lang) { li { (clean::line(&fact)) } } }
        }
    }
}

fn map(w: &Weighing, counted: &Counted, lang: Lang) -> Map {
    Map {
        label: words::map_label(&w.file.name, lang),
        words: words::of_script(&counted.kinds, lang),
        downloads: w.rows.iter().any(|row| row.download.is_some()),
        legend: legend(w, counted, lang),
        folded: w.rows.get(payload::MOST_ROWS).map(|least| words::folded(least.bytes, lang)),
        no_script: words::NO_SCRIPT,
    }
}

fn legend(w: &Weighing, counted: &Counted, lang: Lang) -> Markup {
    let estimated = w.rows.iter().any(|row| !row.exact).then(|| words::ESTIMATED.to(lang));
    let shared = w.rows.iter().any(|row| Owner::of(row) == Owner::Shared);
    let shared = shared.then(|| sentences::owner(Owner::Shared, lang));
    let marks =
        [("M-1 11L11 -1M-1 5L5 -1M5 11L11 5", estimated), ("M2 3h2M6 3h2M2 7h2M6 7h2", shared)];
    html! {
        ul.legend {
            @for family in &counted.families {
                li { (swatch(family.class(), None)) (family.name().to(lang)) data {} }
            }
            @for (stroke, text) in marks {
                @if let Some(text) = text { li { (swatch("p-other", Some(stroke))) (text) } }
            }
        }
    }
}

/// A section of a few lines of a name and sizes; nothing where there is none.
fn small_table<'a>(
    id: &str,
    title: Text,
    note: Text,
    heads: &[Text],
    rows: impl Iterator<Item = (&'a str, Vec<u64>)>,
    lang: Lang,
) -> Markup {
    let rows: Vec<_> = rows.collect();
    let table = html! {
        table.parts {
            thead { tr { th scope="col" { (words::NAME.to(lang)) } @for head in heads { th.number scope="col" { (head.to(lang)) } } } }
            tbody {
                @for (name, sizes) in &rows {
                    tr { th scope="row" { (clean::line(name)) } @for size in sizes { td.number { (figures::exact(*size)) } } }
                }
            }
        }
    };
    html! {
        @if !rows.is_empty() {
            (frame::Section::new(id, title, lang).note(note).body(table).markup())
        }
    }
}
