//! Lines with figures, drawn in columns that fit the width; the last columns go first.

use super::groups::{COLUMNS, Group, Sum};
use crate::catalogue::{Text, kinds};
use crate::terminal::{Paint, shorten};
use crate::{Lang, clean, figures};
use unicode_width::UnicodeWidthStr;

const FIGURE: usize = 12;
const SHARE: usize = 7;
/// The column of names has no less, and longer names than the most stand out of it.
const NAME: usize = 24;
const LONGEST: usize = 100;

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

    /// The name as it is printed, indented.
    fn title(&self) -> String {
        format!("{}{}", "  ".repeat(self.depth), clean::line(&self.name))
    }

    /// True if some of its bytes were charged in proportion.
    pub(crate) fn is_estimated(&self) -> bool {
        matches!(&self.what, What::Figures(sum) if sum.is_estimated())
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
            Columns::Kinds => {
                let columns = sum.columns.iter().zip(sum.estimated);
                columns.map(|(bytes, estimated)| marked(*bytes, estimated)).collect()
            }
            Columns::Downloads => {
                let [gzip, zstd, lzma] = sum.downloads.map(figure);
                let part = |part: f64| right(&format!("{:.2}", of(part)), FIGURE);
                vec![gzip, part(sum.downloads[0] as f64), part(sum.entropy), zstd, lzma]
            }
        }
    }
}

/// Draws lines, named as the head says, whose shares are of `file` bytes; without a width all
/// columns and whole names.
pub(crate) fn draw(
    lines: &[Line],
    (name_of, what): (&str, Columns),
    file: u64,
    width: Option<usize>,
    paint: Paint,
    lang: Lang,
) -> String {
    let fixed = FIGURE + SHARE;
    let heads = what.heads();
    let titles: Vec<String> = lines.iter().map(Line::title).collect();
    let longest = titles.iter().map(|it| it.width() + 1).max().unwrap_or(0).clamp(NAME, LONGEST);
    let (columns, name) = match width {
        None => (heads.len(), longest),
        Some(width) => {
            let columns = (width.saturating_sub(NAME + fixed) / FIGURE).min(heads.len());
            (columns, width.saturating_sub(fixed + columns * FIGURE).clamp(NAME, longest))
        }
    };
    let head = [
        left(name_of, name),
        right(kinds::TOTAL.to(lang), FIGURE),
        right(kinds::SHARE.to(lang), SHARE),
        heads.iter().take(columns).map(|it| right(it.to(lang), FIGURE)).collect(),
    ]
    .concat();
    let used = head.width();
    let mut out = format!("{}\n{}\n", paint.bold(&head), paint.dim(&"─".repeat(used)));
    for (line, title) in lines.iter().zip(titles) {
        let title = if width.is_some() { shorten(&title, name - 1) } else { title };
        let title = left(&(title + " "), name);
        let text = match &line.what {
            What::Heading => paint.bold(title.trim_end()),
            What::Rule => paint.dim(&"─".repeat(used)),
            // Of these two the kinds are not counted.
            What::Total(sum) if what == Columns::Kinds => {
                title + &figure(sum.total) + &share(sum.total, file)
            }
            What::Figures(sum) | What::Total(sum) => {
                let cells = what.cells(sum).into_iter().take(columns);
                let figures = marked(sum.total, sum.is_estimated()) + &share(sum.total, file);
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
    marked(bytes, false)
}

/// A figure with a mark where some of it was charged in proportion.
fn marked(bytes: u64, estimated: bool) -> String {
    let text = if bytes == 0 { figures::NONE.to_owned() } else { figures::exact(bytes) };
    right(&format!("{}{text}", if estimated { "~" } else { "" }), FIGURE)
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
