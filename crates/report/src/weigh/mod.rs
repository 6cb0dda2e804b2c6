//! A weighing as text, Markdown and CSV; the page is in `html`.
//!
//! The table always ends with the file's size, and what a view leaves out is a
//! row of its own: nothing that is counted falls out of the sum.

mod csv;
mod draw;
mod groups;
mod inlined;
mod markdown;
mod memory;
mod place;
mod table;
pub(crate) mod totals;
mod unknown;
pub(crate) mod words;

pub use csv::weigh_csv;
pub use inlined::{weigh_inlined_csv, weigh_inlined_text};
pub use markdown::weigh_markdown;
pub use place::weigh_place;
pub use table::weigh_text;

use regex::Regex;

/// What a weighing is looked at by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// Modules with their packages under them.
    #[default]
    Tree,
    /// Packages.
    Package,
    /// Modules.
    Module,
    /// What the bytes are.
    Kind,
    /// Sections.
    Section,
    /// Segments, as the kernel loads them.
    Segment,
    /// Symbols, types, strings.
    Symbol,
    /// Source files and embedded files.
    File,
}

/// What is shown of a weighing.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The rows.
    pub by: By,
    /// At most so many rows; 0 for all.
    pub top: usize,
    /// Only rows whose name matches.
    pub filter: Option<Regex>,
    /// Only rows of so many bytes.
    pub least: u64,
}

impl View {
    /// True if the filter lets a name through.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|it| it.is_match(name))
    }
}
