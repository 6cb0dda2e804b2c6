//! The page around the report: head, style, script, sections, contents.

use crate::catalogue::{Lang, Text, labels, names};
use crate::{clean, facts};
use elfin_schema::{RecipeRecord, Status};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("frame.css");
const SCRIPT: &str = include_str!("frame.js");
/// Nothing may be loaded; what is inline may be used.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// What a page has beside the frame.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) articles: [(Lang, Markup); 2],
    pub(crate) style: &'static [&'static str],
    /// Run in order after the frame's own, in one scope.
    pub(crate) scripts: &'static [&'static str],
    /// JSON that the scripts find under the id `data`.
    pub(crate) data: Option<String>,
}

/// The whole page, opening in `lang`.
pub(crate) fn page(lang: Lang, page: &Page<'_>) -> String {
    let Page { title, articles, style, scripts, data } = page;
    let markup = html! {
        (DOCTYPE)
        html lang=(lang.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (clean::line(title)) }
                style { (PreEscaped(STYLE)) @for part in *style { (PreEscaped(part)) } }
            }
            body {
                @for (lang, article) in articles {
                    article lang=(lang.code()) {
                        (controls(*lang))
                        (article)
                    }
                }
                @if let Some(data) = data {
                    // Within a string `<` has another spelling, and elsewhere in JSON there is none.
                    script #data type="application/json" { (PreEscaped(data.replace('<', "\\u003c"))) }
                }
                script {
                    (PreEscaped("(() => {\n\"use strict\";\n")) (PreEscaped(SCRIPT))
                    @for part in *scripts { (PreEscaped(part)) }
                    (PreEscaped("})();"))
                }
            }
        }
    };
    markup.into_string()
}

fn controls(lang: Lang) -> Markup {
    html! {
        div.top {
            span.brand { "elfin" }
            div.controls {
                @for other in Lang::ALL {
                    button type="button" data-to-lang=(other.code()) lang=(other.code())
                        aria-pressed=(if other == lang { "true" } else { "false" }) {
                        (language(other))
                    }
                }
                button.theme type="button" data-theme-switch { (labels::THEME.to(lang)) }
            }
        }
    }
}

/// A language in its own words.
fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "English",
        Lang::Zh => "中文",
    }
}

/// A section of the report.
pub(crate) struct Section {
    id: String,
    title: &'static str,
    note: Option<&'static str>,
    body: Markup,
    lang: Lang,
}

impl Section {
    /// An empty section; `id` is its own within a language.
    pub(crate) fn new(id: &str, title: Text, lang: Lang) -> Section {
        let id = format!("{id}-{}", lang.code());
        Section { id, title: title.to(lang), note: None, body: html! {}, lang }
    }

    /// Says under the heading how to read it.
    pub(crate) fn note(self, note: Text) -> Section {
        Section { note: Some(note.to(self.lang)), ..self }
    }

    /// What it shows.
    pub(crate) fn body(self, body: Markup) -> Section {
        Section { body, ..self }
    }

    pub(crate) fn markup(&self) -> Markup {
        html! {
            section id=(self.id) aria-labelledby={ (self.id) "-title" } {
                h2 id={ (self.id) "-title" } { (self.title) }
                @if let Some(note) = self.note { p.note { (note) } }
                (self.body)
            }
        }
    }
}

/// The list of the sections, as links.
pub(crate) fn contents(sections: &[Section], lang: Lang) -> Markup {
    html! {
        nav aria-label=(labels::CONTENTS.to(lang)) {
            ul { @for section in sections { li { a href={ "#" (section.id) } { (section.title) } } } }
        }
    }
}

/// A recipe's name, which may break between its steps.
pub(crate) fn recipe(name: &str) -> Markup {
    let name = clean::line(name);
    html! {
        code.recipe {
            @for (index, step) in name.split(" > ").enumerate() {
                @if index > 0 { " > " wbr; }
                (step)
            }
        }
    }
}

/// Outside text as it stands, lines kept.
pub(crate) fn verbatim(text: &str) -> Markup {
    html! { pre tabindex="0" { code { (clean::block(text)) } } }
}

/// What scrolls sideways within the page where it is too wide for it.
pub(crate) fn scrolling(label: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (content) } }
}

/// What became of a recipe, as a badge, and the reason in a few words.
pub(crate) fn reason(record: &RecipeRecord, lang: Lang) -> Markup {
    html! {
        (badge(record.status, lang)) " "
        @if let Some(why) = facts::reason(record, lang) { (clean::line(&why)) }
    }
}

/// A status as a badge.
pub(crate) fn badge(status: Status, lang: Lang) -> Markup {
    html! { span.badge data-status=(format!("{status:?}").to_lowercase()) { (names::status(status).to(lang)) } }
}
