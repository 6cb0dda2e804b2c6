//! A sheet for a terminal.

use super::{Bar, Block, Sheet, parts};
use crate::Lang;
use crate::clean;
use crate::terminal::{Page, Paint, draw, shorten};
use unicode_width::UnicodeWidthStr;

/// Draws a sheet within `width` columns.
pub(crate) fn terminal(sheet: &Sheet, lang: Lang, width: u16, colour: bool) -> String {
    let page = Page { width: usize::from(width), paint: Paint(colour), lang };
    let mut out = page.paint.bold(&clean::line(&sheet.title)) + "\n";
    for text in &sheet.lede {
        out.push_str(&page.text(text, ""));
    }
    for block in &sheet.blocks {
        match block {
            Block::Heading(text) => out.push_str(&page.heading(&clean::line(text))),
            Block::Text(text) => out.push_str(&page.text(text, "")),
            Block::Items(items) => out.extend(items.iter().map(|it| page.item(it))),
            Block::Table(table) => out.push_str(&draw(table, page.width, page.paint, lang)),
            Block::Bars(bars) => out.push_str(&draw_bars(&page, bars)),
        }
    }
    out
}

fn draw_bars(page: &Page, bars: &[Bar]) -> String {
    /// Narrower bars say nothing.
    const LEAST: usize = 12;
    let name = |bar: &Bar| format!("{}{}", "  ".repeat(bar.depth), clean::line(&bar.name));
    let names = bars.iter().map(|it| name(it).width()).max().unwrap_or(0).min(page.width / 3);
    let shown = bars.iter().map(|it| it.shown.width()).max().unwrap_or(0);
    let room = page.width.saturating_sub(names + shown + 4).max(LEAST);
    let column = |part: f64| {
        // Between 0 and the room, which is small.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let column = (part * room as f64).round() as usize;
        column.min(room)
    };
    let mut out = String::new();
    for bar in bars {
        let (start, length) = parts(bars, bar);
        let from = column(start).min(room - 1);
        let long = column(length).clamp(1, room - from);
        let drawn = format!("{}{}", " ".repeat(from), "█".repeat(long));
        let drawn = if bar.depth == 0 { page.paint.green(&drawn) } else { page.paint.dim(&drawn) };
        let name = shorten(&name(bar), names);
        let gap = " ".repeat(names.saturating_sub(name.width()));
        let right = " ".repeat(shown.saturating_sub(bar.shown.width()));
        out.push_str(&format!("{name}{gap}  {right}{}  {drawn}\n", bar.shown));
    }
    out
}
