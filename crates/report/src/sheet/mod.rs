//! A report as a list of blocks, before it is drawn: headings, sentences, tables, bars.
//!
//! A command that has a document and no page of its own making writes one
//! [`Sheet`] in each language; terminal, Markdown and HTML draw it, so that the
//! three say the same. What it says is in the catalogue and beside the document.

mod html;
mod markdown;
mod terminal;

pub(crate) use html::html;
pub(crate) use markdown::markdown;
pub(crate) use terminal::terminal;

use crate::table::Table;

/// A report in one language.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// What it is about.
    pub(crate) title: String,
    /// The first sentences.
    pub(crate) lede: Vec<String>,
    pub(crate) blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Debug)]
pub(crate) enum Block {
    Heading(String),
    Text(String),
    Items(Vec<String>),
    Table(Table),
    Bars(Vec<Bar>),
}

/// A bar of a timeline: where it begins and how long it is, in any unit.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) start: f64,
    pub(crate) length: f64,
    /// What stands beside it.
    pub(crate) shown: String,
    /// Bars of a deeper level hang below the one that they are a part of.
    pub(crate) depth: usize,
}

impl Sheet {
    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    pub(crate) fn items(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::Items(items));
        }
    }

    pub(crate) fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }
}

/// Where a bar begins and ends, in parts of the whole.
fn parts(bars: &[Bar], bar: &Bar) -> (f64, f64) {
    let end = bars.iter().map(|it| it.start + it.length).fold(0.0, f64::max);
    if end <= 0.0 || !end.is_finite() {
        return (0.0, 0.0);
    }
    ((bar.start / end).clamp(0.0, 1.0), (bar.length / end).clamp(0.0, 1.0))
}
