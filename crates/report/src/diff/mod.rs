//! A difference as text and Markdown; the page is in `html`.
//!
//! The waterfall begins with one file and ends with the other, to the byte:
//! what is left out of a list is a line of its own.

mod markdown;
mod text;
pub(crate) mod words;

pub use markdown::diff_markdown;
pub use text::diff_text;

use crate::Lang;
use crate::catalogue::causes;
use elfin_schema::{Cause, Change, Diff};

/// Says which rebuilds a proof takes, and how many: one line without markup.
pub fn rebuilds(causes: &[Cause], builds: usize, lang: Lang) -> String {
    causes::rebuilds(causes, builds, lang)
}

/// What the list of changes is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffBy {
    /// Packages.
    Package,
    /// Modules.
    Module,
    /// What the bytes are.
    Kind,
    /// Sections.
    Section,
}

impl DiffBy {
    /// What is shown where nothing was asked for.
    const SHORT: [DiffBy; 3] = [DiffBy::Package, DiffBy::Module, DiffBy::Kind];

    pub(crate) fn changes(self, d: &Diff) -> &[Change] {
        match self {
            DiffBy::Package => &d.packages,
            DiffBy::Module => &d.modules,
            DiffBy::Kind => &d.kinds,
            DiffBy::Section => &d.sections,
        }
    }
}

/// A stage of the waterfall: from where to where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// The stages of the causes and of what is unexplained, one behind the other.
pub(crate) fn stages(d: &Diff) -> Vec<Stage> {
    let mut at = i64::try_from(d.from.size).unwrap_or(i64::MAX);
    let bytes = d.causes.iter().map(|it| it.bytes);
    let unexplained = (d.unexplained_bytes != 0).then_some(d.unexplained_bytes);
    bytes
        .chain(unexplained)
        .map(|bytes| {
            let start = at;
            at = at.saturating_add(bytes);
            Stage { start, end: at }
        })
        .collect()
}
