//! The table of a weighing for a terminal.

use super::draw::{Columns, Line, draw};
use super::groups::{Group, Groups, Sum, of};
use super::{By, View, memory, unknown};
use crate::Lang;
use crate::catalogue::{kinds, messages};
use crate::terminal::{Paint, wrap};
use crate::{clean, figures};
use elfin_schema::Weighing;

/// Renders a weighing as a table that adds up to the file.
///
/// `width` is in columns; without one, as in a file, nothing is cut.
pub fn weigh_text(
    w: &Weighing,
    view: &View,
    lang: Lang,
    width: Option<u16>,
    colour: bool,
) -> String {
    let (width, paint) = (width.map(usize::from), Paint(colour));
    let Groups { looked_at, heading, others } = of(w, view.by, lang);
    let mut lines = Vec::new();
    shown(looked_at, view, lang, 0, &mut lines);
    if !others.is_empty() {
        lines.push(Line::heading(heading.to(lang)));
        shown(others, view, lang, 1, &mut lines);
    }
    lines.push(Line::rule());
    for (name, bytes, download) in [
        (kinds::UNKNOWN, w.unknown_bytes, w.unknown_download),
        (kinds::FILE_SIZE, w.file.size, w.download),
    ] {
        lines.push(Line::total(name.to(lang), Sum::priced(bytes, download)));
    }
    let columns = if w.download.is_some() { Columns::Downloads } else { Columns::Kinds };
    let mut out = head(w, paint);
    let name = kinds::looked_at_by(view.by).to(lang);
    out.push_str(&draw(&lines, (name, columns), w.file.size, width, paint, lang));
    if lines.iter().any(Line::is_estimated) {
        out.push_str(&paragraph(kinds::ESTIMATED.to(lang), width));
    }
    if w.download.is_some() {
        out.push_str(&paragraph(kinds::PRICES.to(lang), width));
    }
    out.push_str(&memory::text(w, lang, width));
    out.push_str(&unknown::text(w, view.top, lang));
    for warning in &w.warnings {
        out.push_str(&paragraph(&messages::message(warning, lang), width));
    }
    out
}

/// An empty line, then a text in lines of a width.
pub(super) fn paragraph(text: &str, width: Option<usize>) -> String {
    let text = clean::line(text);
    let lines = width.map_or_else(|| vec![text.clone()], |width| wrap(&text, width));
    lines.iter().fold(String::from("\n"), |out, line| out + line + "\n")
}

/// The file in a line: name, size, Go, processor.
pub(super) fn head(w: &Weighing, paint: Paint) -> String {
    let mut facts = vec![paint.bold(&clean::line(&w.file.name)), figures::human(w.file.size)];
    facts.extend(w.go.iter().map(|it| clean::line(&it.version)).filter(|it| !it.is_empty()));
    facts.push(clean::line(&w.file.arch));
    format!("{}\n\n", facts.join(" · "))
}

/// Adds what a view shows of groups, and one line for what it leaves out.
fn shown(groups: Vec<Group>, view: &View, lang: Lang, depth: usize, lines: &mut Vec<Line>) {
    let (mut left_out, mut left) = (0, Sum::default());
    let mut taken = 0;
    for group in groups {
        let is_tree = view.by == By::Tree && depth == 0;
        let is_named = view.matches(&group.name);
        let is_wanted =
            is_named || (is_tree && group.inner.iter().any(|inner| view.matches(&inner.name)));
        let has_room = view.top == 0 || taken < view.top;
        if !is_wanted || !has_room || group.sum.total < view.least {
            left_out += 1;
            left.join(&group.sum);
            continue;
        }
        taken += 1;
        lines.push(Line::of(&group, depth));
        if !group.inner.is_empty() {
            // Whoever asks for a module by name wants to see what is in it.
            let whole = View { filter: view.filter.clone().filter(|_| !is_named), ..view.clone() };
            shown(group.inner, &whole, lang, depth + 1, lines);
        }
    }
    if left_out > 0 {
        let name = kinds::left_out(left_out, lang);
        lines.push(Line::of(&Group { name, sum: left, inner: Vec::new() }, depth));
    }
}
