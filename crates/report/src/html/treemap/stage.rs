//! A map that is zoomed, searched and grouped, and the table beside it.
//!
//! Rust writes what is said once and the columns; the script makes the tree
//! and draws it on a canvas, for fifty thousand boxes are too many to be
//! elements. The table beside the canvas holds what the canvas shows, so
//! whoever cannot see or point uses that. Both languages are in the page.

use super::words;
use crate::Lang;
use crate::catalogue::{Text, kinds};
use maud::{Markup, html};
use serde_json::Value;

pub(crate) const STYLE: &str = include_str!("treemap.css");
pub(crate) const SCRIPTS: &[&str] = &[
    include_str!("tree.js"),
    include_str!("paint.js"),
    include_str!("view.js"),
    include_str!("steer.js"),
];

/// What is a page's own of a map.
pub(crate) struct Map {
    /// What a screen reader says of the canvas.
    pub(crate) label: String,
    /// The words of the script.
    pub(crate) words: Value,
    /// Rows have a size in a download.
    pub(crate) downloads: bool,
    pub(crate) legend: Markup,
    /// What is said where there are more rows than a browser should hold.
    pub(crate) folded: Option<String>,
    /// What is said where scripts are switched off.
    pub(crate) no_script: Text,
}

impl Map {
    /// The map: what steers it, the canvas, the table beside it, the legend under it.
    pub(crate) fn markup(self, lang: Lang) -> Markup {
        html! {
            div.map data-words=(self.words.to_string()) {
                (tools(self.downloads, lang))
                nav aria-label=(words::PATH.to(lang)) { ol.crumbs {} }
                div.stage {
                    div.ground {
                        canvas.boxes tabindex="0" role="application" aria-label=(self.label) {}
                        canvas.over aria-hidden="true" {}
                        div.tip hidden {}
                    }
                    p.details {}
                    (self.legend)
                    div.side tabindex="-1" { (list(lang)) }
                }
                p.told.unseen role="status" {}
                p.hints {
                    @for (keys, does) in words::KEYS {
                        @for key in *keys { kbd { (key) } " " }
                        (does.to(lang)) "\u{2003}"
                    }
                }
                @if let Some(text) = self.folded { p.hints { (text) } }
                noscript { p.caution { (self.no_script.to(lang)) } }
            }
        }
    }
}

fn tools(downloads: bool, lang: Lang) -> Markup {
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

/// A colour of the legend, with the marks that stand on it.
pub(crate) fn swatch(class: &str, stroke: Option<&str>) -> Markup {
    html! {
        svg.swatch viewBox="0 0 10 10" aria-hidden="true" {
            rect class=(class) width="10" height="10" {}
            @if let Some(stroke) = stroke { path d=(stroke) stroke="#fff" stroke-width="1.2" {} }
        }
    }
}
