//! The table of a weighing for a terminal.

use super::draw::{Columns, Line, draw};
use super::groups::{Group, Sum, of};
use super::{By, View};
use crate::Lang;
use crate::catalogue::{kinds, messages};
use crate::terminal::{Paint, wrap};
use crate::{clean, figures};
use elfin_schema::Weighing;

/// Renders a weighing as a table of `width` columns that adds up to the file.
pub fn weigh_text(w: &Weighing, view: &View, lang: Lang, width: u16, colour: bool) -> String {
    let (width, paint) = (usize::from(width), Paint(colour));
    let (groups, rest) = of(w, view.by, lang);
    let mut lines = Vec::new();
    shown(groups, view, lang, 0, &mut lines);
    if !rest.is_empty() {
        lines.push(Line::heading(kinds::NO_PACKAGE.to(lang)));
        shown(rest, view, lang, 1, &mut lines);
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
    out.push_str(&memory_only(w, lang));
    for warning in &w.warnings {
        let text = clean::line(&messages::message(warning, lang));
        let text: String = wrap(&text, width).iter().map(|line| format!("{line}\n")).collect();
        out.push_str(&format!("\n{text}"));
    }
    out
}

fn head(w: &Weighing, paint: Paint) -> String {
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
        let matches = |name: &str| view.filter.as_ref().is_none_or(|it| it.is_match(name));
        let is_named = matches(&group.name);
        let is_wanted =
            is_named || (is_tree && group.inner.iter().any(|inner| matches(&inner.name)));
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

fn memory_only(w: &Weighing, lang: Lang) -> String {
    if w.memory_only.is_empty() {
        return String::new();
    }
    let names = w.memory_only.iter();
    let names = names.map(|it| format!("{} {}", clean::line(&it.name), figures::human(it.bytes)));
    format!("\n{}: {}\n", kinds::MEMORY_ONLY.to(lang), names.collect::<Vec<_>>().join(", "))
}
