//! Lines with figures, drawn in columns that fit the width; the last columns go first.

use super::groups::{COLUMNS, Group, Sum};
use crate::catalogue::{Text, kinds};
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
    Total(Sum),
    Heading,
    Rule,
}

impl Line {
    pub(crate) fn of(group: &Group, depth: usize) -> Line {
        Line { name: group.name.clone(), depth, what: What::Figures(group.sum) }
    }

    pub(crate) fn total(name: &str, sum: Sum) -> Line {
        Line { name: name.to_owned(), depth: 0, what: What::Total(sum) }
    }

    pub(crate) fn heading(name: &str) -> Line {
        Line { name: name.to_owned(), depth: 0, what: What::Heading }
    }

    pub(crate) fn rule() -> Line {
        Line { name: String::new(), depth: 0, what: What::Rule }
    }
}

/// What stands behind the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// Bytes of each kind.
    Kinds,
    /// What the bytes cost in a download.
    Downloads,
}

impl Columns {
    fn heads(self) -> Vec<Text> {
        match self {
            Columns::Kinds => COLUMNS.to_vec(),
            Columns::Downloads => {
                let [gzip, zstd, lzma] = ["gzip -6", "zstd -19", "xz -6"].map(|it| Text(it, it));
                vec![gzip, kinds::RATIO, kinds::ENTROPY, zstd, lzma]
            }
        }
    }

    fn cells(self, sum: &Sum) -> Vec<String> {
        let of = |part: f64| if sum.total == 0 { 0.0 } else { part / sum.total as f64 };
        match self {
            Columns::Kinds => sum.columns.map(figure).to_vec(),
            Columns::Downloads => {
                let [gzip, zstd, lzma] = sum.downloads.map(figure);
                let part = |part: f64| right(&format!("{:.2}", of(part)), FIGURE);
                vec![gzip, part(sum.downloads[0] as f64), part(sum.entropy), zstd, lzma]
            }
        }
    }
}

/// Draws lines, named as the head says, whose shares are of `file` bytes.
pub(crate) fn draw(
    lines: &[Line],
    (name_of, what): (&str, Columns),
    file: u64,
    width: usize,
    paint: Paint,
    lang: Lang,
) -> String {
    let fixed = FIGURE + SHARE;
    let heads = what.heads();
    let columns = (width.saturating_sub(NAME + fixed) / FIGURE).min(heads.len());
    let name = width.saturating_sub(fixed + columns * FIGURE).clamp(NAME, 48);
    let head = [
        left(name_of, name),
        right(kinds::TOTAL.to(lang), FIGURE),
        right(kinds::SHARE.to(lang), SHARE),
        heads.iter().take(columns).map(|it| right(it.to(lang), FIGURE)).collect(),
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
            // Of these two the kinds are not counted.
            What::Total(sum) if what == Columns::Kinds => {
                title + &figure(sum.total) + &share(sum.total, file)
            }
            What::Figures(sum) | What::Total(sum) => {
                let cells = what.cells(sum).into_iter().take(columns);
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
