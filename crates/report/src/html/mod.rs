//! `report.html`: one file that opens from a disk and asks the network for nothing.
//!
//! The page holds the whole report once in each language, and the style shows
//! the one that `<html lang>` names: so every attribute, tooltip and title is
//! in its language too, and the page reads without its script. The script only
//! switches language and theme and sorts the table. A content security policy
//! in the page forbids it to load anything.

mod answers;
mod change;
mod compare;
mod download;
pub(crate) mod frame;
pub(crate) mod grid;
mod notes;
mod paste;
mod runs;
mod scatter;
mod size;
mod strip;
mod treemap;
mod waterfall;
mod works;

use crate::catalogue::labels;
use crate::facts::{self, Answer};
use crate::{Lang, columns};
use elfin_schema::{Experiment, RecipeRecord};
use maud::{Markup, html};

pub use change::diff_html;
pub(crate) use compare::compare;
pub use treemap::weigh_html;

/// What every section is made from.
pub(crate) struct Doc<'a> {
    e: &'a Experiment,
    r: &'a [RecipeRecord],
    answers: [Answer<'a>; 3],
    lang: Lang,
}

/// Renders the comparison as one HTML file, in both languages.
///
/// `lang` is the language that it opens in.
pub fn html(e: &Experiment, r: &[RecipeRecord], lang: Lang) -> String {
    let articles = Lang::ALL.map(|lang| {
        let doc = Doc { e, r, answers: facts::answers(e, r), lang };
        (lang, doc.article())
    });
    let title = format!("{} · elfin lab", e.subject.name);
    lab_page(&title, articles, lang)
}

/// The page of one experiment or of two.
fn lab_page(title: &str, articles: [(Lang, Markup); 2], lang: Lang) -> String {
    let (style, scripts) = (&[include_str!("lab.css")], &[include_str!("sort.js")]);
    frame::page(lang, &frame::Page { title, articles, style, scripts, data: None })
}

impl Doc<'_> {
    fn article(&self) -> Markup {
        let sections = [
            size::section(self),
            waterfall::section(self),
            scatter::section(self),
            download::section(self),
            works::section(self),
            runs::section(self),
            self.table(),
            notes::failures(self),
            paste::section(self),
            notes::measured(self),
        ];
        let sections: Vec<frame::Section> = sections.into_iter().flatten().collect();
        html! {
            (answers::headline(self))
            (frame::contents(&sections, self.lang))
            (answers::cards(self))
            @for section in &sections { (section.markup()) }
        }
    }

    fn table(&self) -> Option<frame::Section> {
        let table = columns::comparison(self.r, &self.answers, self.lang);
        (!self.r.is_empty()).then(|| {
            frame::Section::new("table", labels::COMPARISON, self.lang)
                .note(labels::COMPARISON_NOTE)
                .body(grid::sortable(&table, self.lang))
        })
    }
}
