//! A difference for a terminal: the sentences, the waterfall, the evidence, what changed.

use super::{DiffBy, Stage, stages, words};
use crate::catalogue::{causes, kinds, machines, messages};
use crate::terminal::{Page, Paint, shorten};
use crate::{Lang, figures};
use elfin_schema::{Change, Diff};
use unicode_width::UnicodeWidthStr;

const NAME: usize = 40;
const FIGURE: usize = 13;
/// Lines of a list, where the whole was not asked for.
const MOST: usize = 10;

/// Renders a difference for a terminal of `width` columns; `by` lists one view, and all of it.
pub fn diff_text(d: &Diff, by: Option<DiffBy>, lang: Lang, width: u16, colour: bool) -> String {
    let page = Page { width: usize::from(width), paint: Paint(colour), lang };
    let mut out = page.text(&words::lede(d, lang), "");
    for warning in &d.warnings {
        out.push_str(&page.text(&messages::message(warning, lang), ""));
    }
    match by {
        Some(by) => out.push_str(&list(&page, d, by, usize::MAX)),
        None => {
            out.push_str(&waterfall(&page, d));
            out.push_str(&evidence(&page, d));
            out.push_str(&of_machines(&page, d));
            for by in DiffBy::SHORT {
                out.push_str(&list(&page, d, by, MOST));
            }
        }
    }
    out
}

/// A line of columns: a name, a figure, and whatever follows.
fn line(name: &str, figure: &str, rest: &str) -> String {
    let name = shorten(&crate::clean::line(name), NAME - 1);
    let gap = " ".repeat(NAME.saturating_sub(name.width()));
    let right = " ".repeat(FIGURE.saturating_sub(figure.width()));
    format!("{name}{gap}{right}{figure}  {rest}").trim_end().to_owned() + "\n"
}

fn waterfall(page: &Page, d: &Diff) -> String {
    let (lang, stages) = (page.lang, stages(d));
    let sure = d.causes.iter().map(|it| causes::confidence(it.confidence).to(lang));
    let sure: Vec<&str> = sure.collect();
    let told = sure.iter().map(|it| it.width()).max().unwrap_or(0);
    let room = page.width.saturating_sub(NAME + FIGURE + 2 + told + 2).min(48);
    let scale = Scale::of(d, &stages, room);
    let whole = |name: &str, bytes: u64| {
        let bar = scale.bar(&Stage { start: scale.low, end: i64::try_from(bytes).unwrap_or(0) });
        let rest = format!("{}  {bar}", " ".repeat(told));
        page.paint.bold(line(name, &figures::exact(bytes), &rest).trim_end()) + "\n"
    };
    let mut out = format!("\n{}", whole(&d.from.name, d.from.size));
    for ((it, sure), stage) in d.causes.iter().zip(sure).zip(&stages) {
        let bar = scale.bar(stage);
        let bar = if it.bytes < 0 { page.paint.green(&bar) } else { page.paint.red(&bar) };
        let gap = " ".repeat(told.saturating_sub(sure.width()));
        let name = format!("  {}", causes::cause(&it.cause, lang));
        out.push_str(&line(
            &name,
            &figures::exact_change(it.bytes),
            &format!("{sure}{gap}  {bar}"),
        ));
    }
    if let Some(stage) = stages.get(d.causes.len()) {
        let name = format!("  {}", causes::UNEXPLAINED.to(lang));
        let rest = format!("{}  {}", " ".repeat(told), scale.bar(stage));
        out.push_str(&line(&name, &figures::exact_change(d.unexplained_bytes), &rest));
    }
    out + &whole(&d.to.name, d.to.size)
}

/// From bytes to columns: the part of the axis that the causes move on.
struct Scale {
    low: i64,
    high: i64,
    room: usize,
}

impl Scale {
    fn of(d: &Diff, stages: &[Stage], room: usize) -> Scale {
        let ends = stages.iter().flat_map(|it| [it.start, it.end]);
        let size = i64::try_from(d.from.size).unwrap_or(i64::MAX);
        let (low, high) = ends.fold((size, size), |(low, high), it| (low.min(it), high.max(it)));
        // A little of what both have in common, so that a whole file is longer than nothing.
        let low = low.saturating_sub((high.saturating_sub(low)) / 4).max(0);
        Scale { low, high, room }
    }

    fn column(&self, at: i64) -> usize {
        let (at, all) =
            (i128::from(at) - i128::from(self.low), i128::from(self.high) - i128::from(self.low));
        let column = at * self.room as i128 / all.max(1);
        usize::try_from(column).unwrap_or(0).min(self.room)
    }

    fn bar(&self, stage: &Stage) -> String {
        let (start, end) = (self.column(stage.start), self.column(stage.end));
        let (left, right) = (start.min(end), start.max(end));
        let is_seen = stage.start != stage.end;
        let (left, length) = if left == self.room && is_seen {
            (left.saturating_sub(1), 1)
        } else {
            (left, (right - left).max(usize::from(is_seen)))
        };
        format!("{}{}", " ".repeat(left), "█".repeat(length))
    }
}

fn evidence(page: &Page, d: &Diff) -> String {
    if d.causes.is_empty() {
        return String::new();
    }
    let mut out = page.heading(causes::WHY.to(page.lang));
    for it in &d.causes {
        let name = causes::cause(&it.cause, page.lang);
        out.push_str(&page.text(&name, "  "));
        for reason in words::reasons(it, page.lang) {
            out.push_str(&page.item(&reason));
        }
    }
    out + "\n" + &page.text(causes::CONFIDENCES.to(page.lang), "")
}

/// What differs between the machines, and behind which causes it stands.
fn of_machines(page: &Page, d: &Diff) -> String {
    if d.machines.is_empty() {
        return String::new();
    }
    let mut out = page.heading(machines::TITLE.to(page.lang));
    for it in &d.machines {
        let [what, from, to, behind] = words::machine(d, it, page.lang);
        out.push_str(&page.item(&format!("{what}: {from} → {to}")));
        if !behind.is_empty() {
            out.push_str(&page.text(&machines::behind(&behind, page.lang), "      "));
        }
    }
    out
}

fn list(page: &Page, d: &Diff, by: DiffBy, most: usize) -> String {
    let (lang, changes) = (page.lang, by.changes(d));
    if changes.is_empty() {
        return String::new();
    }
    let mut out = page.heading(words::title(by).to(lang));
    let columns = |from: &str, to: &str| {
        let column = |text: &str| " ".repeat(FIGURE.saturating_sub(text.width())) + text;
        column(from) + &column(to)
    };
    let head = columns(causes::FROM.to(lang), causes::TO.to(lang));
    out.push_str(&page.paint.dim(&line("", causes::CHANGE.to(lang), &head)));
    for change in changes.iter().take(most) {
        let (from, to) = (figures::exact(change.from), figures::exact(change.to));
        let name = words::name(by, change, lang);
        out.push_str(&line(&name, &figures::exact_change(change.delta()), &columns(&from, &to)));
    }
    let rest = changes.get(most.min(changes.len())..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = rest.iter().map(Change::delta).fold(0_i64, i64::saturating_add);
        out.push_str(&line(&kinds::left_out(rest.len(), lang), &figures::exact_change(sum), ""));
    }
    out
}
