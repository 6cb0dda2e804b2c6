//! A table in a terminal: columns that fit the width, least important dropped first.

use super::Paint;
use super::wrap::{name, shorten};
use crate::Lang;
use crate::catalogue::names;
use crate::clean;
use crate::table::{Cell, Head, Row, Table, Tone};
use unicode_width::UnicodeWidthStr;

const GAP: usize = 2;

/// Draws a table within `width` columns, or in as few as its first two columns take.
pub(crate) fn draw(table: &Table, width: usize, paint: Paint, lang: Lang) -> String {
    let Some((first, heads)) = table.heads.split_first() else { return String::new() };
    let longest = table.rows.iter().map(|row| clean::line(&row.name).width()).max().unwrap_or(0);
    let widths: Vec<usize> =
        heads.iter().enumerate().map(|(at, head)| column_width(table, at, head)).collect();
    // A name has what the columns leave, and where they leave little some of them make room.
    let left = width.saturating_sub(widths.iter().map(|it| it + GAP).sum());
    let name_width = longest.min((width * 2 / 5).clamp(16, 36).max(left)).max(first.text.width());
    let shown = fitting(heads, &widths, width.saturating_sub(name_width));

    let heading = shown.iter().map(|&at| pad(&heads[at].text, widths[at], heads[at].numeric));
    let heading = heading.collect::<Vec<_>>().join("  ");
    let heading = format!("{}  {heading}", pad(&first.text, name_width, false));
    let used = heading.width();
    let mut out = format!("{}\n{}\n", paint.bold(heading.trim_end()), paint.dim(&"─".repeat(used)));
    for row in &table.rows {
        let rest = match &row.note {
            Some((status, why)) => {
                let note = clean::line(&names::ended(*status, why, lang));
                let room = width.max(used).saturating_sub(name_width + GAP);
                paint.red(&shorten(&note, room))
            }
            None => cells(row, heads, &widths, &shown, paint),
        };
        let mut lines = name(&clean::line(&row.name), name_width).into_iter();
        let title = pad(&lines.next().unwrap_or_default(), name_width, false);
        let title = if row.picked { paint.bold(&title) } else { title };
        out.push_str(format!("{title}  {rest}").trim_end());
        out.push('\n');
        out.extend(lines.map(|line| line + "\n"));
    }
    out
}

fn cells(row: &Row, heads: &[Head], widths: &[usize], shown: &[usize], paint: Paint) -> String {
    let cells = shown.iter().map(|&at| {
        let Cell { text, tone, .. } = &row.cells[at];
        let text = pad(text, widths[at], heads[at].numeric);
        match tone {
            Tone::Plain => text,
            Tone::Good => paint.green(&text),
            Tone::Bad => paint.red(&text),
            Tone::Quiet => paint.dim(&text),
        }
    });
    cells.collect::<Vec<_>>().join("  ")
}

fn column_width(table: &Table, at: usize, head: &Head) -> usize {
    let cells =
        table.rows.iter().filter(|row| row.note.is_none()).map(|row| row.cells[at].text.width());
    cells.max().unwrap_or(0).max(head.text.width())
}

/// The columns that fit into `room`, in their order; the last of rank 1 stays in any room.
fn fitting(heads: &[Head], widths: &[usize], room: usize) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..heads.len()).collect();
    let taken = |shown: &[usize]| shown.iter().map(|&at| widths[at] + GAP).sum::<usize>();
    while taken(&shown) > room {
        let least = (0..shown.len()).max_by_key(|&index| heads[shown[index]].rank);
        match least {
            Some(index) if heads[shown[index]].rank > 1 => shown.remove(index),
            _ => break,
        };
    }
    shown
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let space = " ".repeat(width.saturating_sub(text.width()));
    if right { space + text } else { text.to_owned() + &space }
}
