//! A table before it is drawn: headings, rows of cells, rows that are a note.
//!
//! The terminal, Markdown and HTML draw the same [`Table`], so a figure reads
//! the same in all three. What a column shows is in `columns`; how it is drawn
//! is in each renderer.

use crate::figures;
use elfin_schema::Status;

/// How a cell is to be taken in at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Quiet,
}

/// A cell: what it says, and the number by which its column is sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) value: Option<f64>,
    pub(crate) tone: Tone,
}

impl Cell {
    /// A cell of a text, sorted as text.
    pub(crate) fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// A cell of a number as `shown`, or a dash where there is none.
    pub(crate) fn number<T: Into<Option<f64>>>(
        value: T,
        shown: impl FnOnce(f64) -> String,
    ) -> Cell {
        match value.into().filter(|number| number.is_finite()) {
            Some(number) => Cell { text: shown(number), value: Some(number), tone: Tone::Plain },
            None => Cell::none(),
        }
    }

    /// A cell of a size, or a dash where there is none.
    pub(crate) fn bytes(bytes: Option<u64>, shown: fn(u64) -> String) -> Cell {
        match bytes {
            Some(bytes) => {
                Cell { text: shown(bytes), value: Some(bytes as f64), tone: Tone::Plain }
            }
            None => Cell::none(),
        }
    }

    /// A cell of an answer: a tick, a cross, or a dash where it was not asked.
    pub(crate) fn tick(yes: Option<bool>) -> Cell {
        match yes {
            Some(true) => Cell { text: "✓".to_owned(), value: Some(1.0), tone: Tone::Good },
            Some(false) => Cell { text: "✗".to_owned(), value: Some(0.0), tone: Tone::Bad },
            None => Cell::none(),
        }
    }

    /// A cell where nothing was measured.
    pub(crate) fn none() -> Cell {
        Cell { text: figures::NONE.to_owned(), value: None, tone: Tone::Quiet }
    }

    /// Gives the cell another tone.
    pub(crate) fn toned(self, tone: Tone) -> Cell {
        Cell { tone, ..self }
    }
}

/// A column's heading.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) text: String,
    /// Numbers stand to the right.
    pub(crate) numeric: bool,
    /// What is dropped first where the width does not do has the highest rank; 0 stays.
    pub(crate) rank: u8,
}

/// A row: one recipe.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The recipe's name, the first cell.
    pub(crate) name: String,
    /// One of the three answers.
    pub(crate) picked: bool,
    /// One cell for each heading after the first.
    pub(crate) cells: Vec<Cell>,
    /// Stands in place of the cells where the recipe has no figures to compare.
    pub(crate) note: Option<(Status, String)>,
}

/// A table of recipes.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) heads: Vec<Head>,
    pub(crate) rows: Vec<Row>,
}

impl Table {
    /// Takes out the columns in which no row has anything, the first kept.
    pub(crate) fn without_empty_columns(mut self) -> Table {
        for column in (1..self.heads.len()).rev() {
            let shown =
                |row: &Row| row.note.is_none() && row.cells[column - 1].text != figures::NONE;
            if !self.rows.iter().any(shown) {
                self.heads.remove(column);
                for row in &mut self.rows {
                    row.cells.remove(column - 1);
                }
            }
        }
        self
    }
}
