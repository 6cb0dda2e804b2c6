//! A difference for a pull request: the sentences, the causes, what changed.

use super::{DiffBy, words};
use crate::catalogue::{causes, kinds, machines, messages};
use crate::clean::{markdown as escape, markdown_code};
use crate::markdown::heading;
use crate::{Lang, figures};
use elfin_schema::{Change, Diff};
use std::fmt::Write as _;

/// Lines of a list, where the whole was not asked for.
const MOST: usize = 20;

/// Renders a difference as Markdown; the causes begin with one file and end with the other.
pub fn diff_markdown(d: &Diff, by: Option<DiffBy>, lang: Lang) -> String {
    let [from, to] = [&d.from.name, &d.to.name].map(|it| escape(it));
    let mut out = format!("# {from} → {to}\n\n{}\n", escape(&words::lede(d, lang)));
    for warning in &d.warnings {
        let _ = write!(out, "\n> {}\n", escape(&messages::message(warning, lang)));
    }
    match by {
        Some(by) => out.push_str(&list(d, by, usize::MAX, lang)),
        None => {
            out.push_str(&waterfall(d, lang));
            out.push_str(&of_machines(d, lang));
            for by in DiffBy::SHORT {
                out.push_str(&list(d, by, MOST, lang));
            }
        }
    }
    out
}

fn waterfall(d: &Diff, lang: Lang) -> String {
    let heads =
        [causes::CAUSE, causes::BYTES, causes::CONFIDENCE, causes::WHY].map(|it| it.to(lang));
    let mut out = format!("\n| {} |\n| :-- | --: | :-- | :-- |\n", heads.join(" | "));
    let _ = writeln!(out, "| **{}** | {} | | |", escape(&d.from.name), figures::exact(d.from.size));
    for it in &d.causes {
        let why = words::reasons(it, lang).iter().map(|it| escape(it)).collect::<Vec<_>>();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            escape(&causes::cause(&it.cause, lang)),
            figures::exact_change(it.bytes),
            causes::confidence(it.confidence).to(lang),
            why.join("<br>"),
        );
    }
    if d.unexplained_bytes != 0 {
        let bytes = figures::exact_change(d.unexplained_bytes);
        let _ = writeln!(out, "| {} | {bytes} | | |", causes::UNEXPLAINED.to(lang));
    }
    let _ = writeln!(out, "| **{}** | {} | | |", escape(&d.to.name), figures::exact(d.to.size));
    let _ = write!(out, "\n{}\n", causes::CONFIDENCES.to(lang));
    out
}

/// What differs between the machines, and behind which causes it stands.
fn of_machines(d: &Diff, lang: Lang) -> String {
    if d.machines.is_empty() {
        return String::new();
    }
    let mut out = heading(machines::TITLE.to(lang));
    let heads = machines::HEADS.map(|it| it.to(lang));
    let _ = write!(out, "| {} |\n| :-- | :-- | :-- | :-- |\n", heads.join(" | "));
    for it in &d.machines {
        let cells = words::machine(d, it, lang).map(|it| escape(&it));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}

fn list(d: &Diff, by: DiffBy, most: usize, lang: Lang) -> String {
    let changes = by.changes(d);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = heading(words::title(by).to(lang));
    let heads = [causes::CHANGE, causes::FROM, causes::TO].map(|it| it.to(lang));
    let _ = write!(out, "| | {} |\n| :-- | --: | --: | --: |\n", heads.join(" | "));
    for it in changes.iter().take(most) {
        let name = words::name(by, it, lang);
        let name = if it.name.is_empty() { escape(&name) } else { markdown_code(&name) };
        let change = figures::exact_change(it.delta());
        let (from, to) = (figures::exact(it.from), figures::exact(it.to));
        let _ = writeln!(out, "| {name} | {change} | {from} | {to} |");
    }
    let rest = changes.get(most.min(changes.len())..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = rest.iter().map(Change::delta).fold(0_i64, i64::saturating_add);
        let name = kinds::left_out(rest.len(), lang);
        let _ = writeln!(out, "| {name} | {} | | |", figures::exact_change(sum));
    }
    out
}
