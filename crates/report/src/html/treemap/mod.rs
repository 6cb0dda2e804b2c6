//! A weighing as a page: a treemap that is zoomed, searched and grouped, and its table.
//!
//! Rust writes what is said once and the columns; the script makes the tree
//! and draws it on a canvas, for fifty thousand boxes are too many to be
//! elements. The table beside the canvas holds what the canvas shows, so
//! whoever cannot see or point uses that. Both languages are in the page.

mod payload;
mod words;

use super::frame;
use crate::catalogue::{Text, kinds, messages};
use crate::weigh::totals::Owner;
use crate::weigh::words as sentences;
use crate::{Lang, clean, figures};
use elfin_schema::Weighing;
use maud::{Markup, html};
use payload::{Counted, payload};

const STYLE: &str = include_str!("treemap.css");
const SCRIPTS: &[&str] = &[
    include_str!("tree.js"),
    include_str!("paint.js"),
    include_str!("view.js"),
    include_str!("steer.js"),
];

/// Renders a weighing as one HTML file, in both languages.
///
/// `lang` is the language that it opens in.
pub fn weigh_html(w: &Weighing, lang: Lang) -> String {
    let (payload, counted) = payload(w);
    let articles = Lang::ALL.map(|lang| (lang, article(w, &counted, lang)));
    let title = format!("{} · elfin weigh", w.file.name);
    // Numbers and strings always serialize.
    let data = serde_json::to_string(&payload).ok();
    let page = frame::Page { title: &title, articles, style: STYLE, scripts: SCRIPTS, data };
    frame::page(lang, &page)
}

fn article(w: &Weighing, counted: &Counted, lang: Lang) -> Markup {
    html! {
        (headline(w, lang))
        (map(w, counted, lang))
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

/// The map: what steers it, the canvas, the table beside it, the legend under it.
fn map(w: &Weighing, counted: &Counted, lang: Lang) -> Markup {
    let words = words::of_script(&counted.kinds, lang).to_string();
    html! {
        div.map data-words=(words) {
            (tools(w, lang))
            nav aria-label=(words::PATH.to(lang)) { ol.crumbs {} }
            div.stage {
                div.ground {
                    canvas.boxes tabindex="0" role="application" aria-label=(words::map_label(w, lang)) {}
                    canvas.over aria-hidden="true" {}
                    div.tip hidden {}
                }
                p.details {}
                (legend(w, counted, lang))
                div.side tabindex="-1" { (list(lang)) }
            }
            p.told.unseen role="status" {}
            p.hints {
                @for (keys, does) in words::KEYS {
                    @for key in *keys { kbd { (key) } " " }
                    (does.to(lang)) "\u{2003}"
                }
            }
            @if let Some(least) = w.rows.get(payload::MOST_ROWS) {
                p.hints { (words::folded(least.bytes, lang)) }
            }
            noscript { p.caution { (words::NO_SCRIPT.to(lang)) } }
        }
    }
}

fn tools(w: &Weighing, lang: Lang) -> Markup {
    let downloads = w.rows.iter().any(|row| row.download.is_some());
    html! {
        div.tools {
            input.search type="search" autocomplete="off" spellcheck="false"
                placeholder=(words::SEARCH.to(lang)) aria-label=(words::SEARCH.to(lang));
            (choice("group", words::GROUP, &words::GROUPINGS, lang))
            @if downloads { (choice("size", words::SIZE, &words::SIZES, lang)) }
            p.found role="status" {}
        }
    }
}

/// A switch: one of several values of a part of the script's state.
fn choice(state: &str, title: Text, values: &[(&str, Text)], lang: Lang) -> Markup {
    html! {
        fieldset {
            legend.unseen { (title.to(lang)) }
            div.switch {
                @for (value, text) in values {
                    label {
                        input type="radio" name={ (state) "-" (lang.code()) } value=(value) data-state=(state);
                        span { (text.to(lang)) }
                    }
                }
            }
        }
    }
}

fn list(lang: Lang) -> Markup {
    html! {
        table.list {
            caption {}
            thead {
                tr {
                    th scope="col" { (words::NAME.to(lang)) }
                    th.number.bytes scope="col" { (words::BYTES.to(lang)) }
                    th.number.share scope="col" { (kinds::SHARE.to(lang)) }
                }
            }
            tbody {}
            tfoot { tr { th scope="row" {} td.number {} td.number {} } }
        }
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

fn swatch(class: &str, stroke: Option<&str>) -> Markup {
    html! {
        svg.swatch viewBox="0 0 10 10" aria-hidden="true" {
            rect class=(class) width="10" height="10" {}
            @if let Some(stroke) = stroke { path d=(stroke) stroke="#fff" stroke-width="1.2" {} }
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
