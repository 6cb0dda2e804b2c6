//! A table in HTML.

use super::frame;
use crate::catalogue::{Lang, labels};
use crate::clean;
use crate::table::{Cell, Row, Table, Tone};
use maud::{Markup, html};

/// A table whose columns can be sorted by who has the script, in its own scroll.
pub(crate) fn sortable(table: &Table, lang: Lang) -> Markup {
    frame::scrolling(labels::COMPARISON.to(lang), &draw(table, true, lang))
}

/// A table as it is.
pub(crate) fn plain(table: &Table, lang: Lang) -> Markup {
    draw(table, false, lang)
}

fn draw(table: &Table, sorts: bool, lang: Lang) -> Markup {
    html! {
        table.grid data-sorts[sorts] {
            thead {
                tr {
                    @for head in &table.heads {
                        th scope="col" class=[head.numeric.then_some("number")] {
                            @if sorts { button type="button" { (head.text) } } @else { (head.text) }
                        }
                    }
                }
            }
            tbody { @for row in &table.rows { (line(row, table, lang)) } }
        }
    }
}

fn line(row: &Row, table: &Table, lang: Lang) -> Markup {
    html! {
        tr.picked[row.picked] data-recipe=(row.name) {
            th scope="row" { (frame::recipe(&row.name)) }
            @match &row.note {
                Some((status, why)) => {
                    td.why colspan=(row.cells.len().max(1)) {
                        span { (frame::badge(*status, lang)) " " (clean::line(why)) }
                    }
                },
                None => @for (cell, head) in row.cells.iter().zip(&table.heads[1..]) { (data(cell, head.numeric)) },
            }
        }
    }
}

fn data(cell: &Cell, numeric: bool) -> Markup {
    let [plain, number] = match cell.tone {
        Tone::Plain => ["plain", "number"],
        Tone::Good => ["good", "good number"],
        Tone::Bad => ["bad", "bad number"],
        Tone::Quiet => ["quiet", "quiet number"],
    };
    html! {
        td class=(if numeric { number } else { plain }) data-value=[cell.value] {
            (clean::line(&cell.text))
        }
    }
}
