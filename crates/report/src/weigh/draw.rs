//! Lines with figures, drawn in columns that fit the width; the last columns go first.

use super::groups::{COLUMNS, Group, Sum};
use crate::catalogue::kinds;
use crate::terminal::{Paint, shorten};
use crate::{Lang, clean, figures};
use unicode_width::UnicodeWidthStr;

const FIGURE: usize = 12;
const SHARE: usize = 7;
const NAME: usize = 24;

/// A line of the table.
pub(crate) struct Line {
    name: String,
    depth: usize,
    what: What,
}

enum What {
    Figures(Sum),
    Total(u64),
    Heading,
    Rule,
}

impl Line {
    pub(crate) fn of(group: &Group, depth: usize) -> Line {
        Line { name: group.name.clone(), depth, what: What::Figures(group.sum) }
    }

    pub(crate) fn total(name: &str, bytes: u64) -> Line {
        Line { name: name.to_owned(), depth: 0, what: What::Total(bytes) }
    }

    pub(crate) fn heading(name: &str) -> Line {
        Line { name: name.to_owned(), depth: 0, what: What::Heading }
    }

    pub(crate) fn rule() -> Line {
        Line { name: String::new(), depth: 0, what: What::Rule }
    }
}

/// Draws lines whose shares are of `file` bytes.
pub(crate) fn draw(lines: &[Line], file: u64, width: usize, paint: Paint, lang: Lang) -> String {
    let fixed = FIGURE + SHARE;
    let columns = width.saturating_sub(NAME + fixed) / FIGURE;
    let columns = columns.min(COLUMNS.len());
    let name = width.saturating_sub(fixed + columns * FIGURE).clamp(NAME, 48);
    let mut heads = vec![kinds::TOTAL.to(lang).to_owned()];
    heads.extend(COLUMNS.iter().take(columns).map(|it| it.to(lang).to_owned()));
    let (total, rest) = heads.split_at(1);
    let head = [
        left(kinds::BELONGS_TO.to(lang), name),
        total.iter().map(|it| right(it, FIGURE)).collect(),
        right(kinds::SHARE.to(lang), SHARE),
        rest.iter().map(|it| right(it, FIGURE)).collect(),
    ]
    .concat();
    let used = head.width();
    let mut out = format!("{}\n{}\n", paint.bold(&head), paint.dim(&"─".repeat(used)));
    for line in lines {
        let indented = format!("{}{}", "  ".repeat(line.depth), clean::line(&line.name));
        let title = left(&shorten(&indented, name.saturating_sub(1)), name);
        let text = match &line.what {
            What::Heading => paint.bold(title.trim_end()),
            What::Rule => paint.dim(&"─".repeat(used)),
            What::Total(bytes) => title + &figure(*bytes) + &share(*bytes, file),
            What::Figures(sum) => {
                let cells = sum.columns.iter().take(columns).map(|it| figure(*it));
                let figures = figure(sum.total) + &share(sum.total, file);
                let text = title + &figures + &cells.collect::<String>();
                if line.depth == 0 { paint.bold(&text) } else { text }
            }
        };
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn figure(bytes: u64) -> String {
    let text = if bytes == 0 { figures::NONE.to_owned() } else { figures::exact(bytes) };
    right(&text, FIGURE)
}

fn share(bytes: u64, file: u64) -> String {
    let share = if file == 0 { 0.0 } else { bytes as f64 / file as f64 * 100.0 };
    right(&format!("{share:.1}%"), SHARE)
}

fn left(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(text.width()))
}

fn right(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width())) + text
}
