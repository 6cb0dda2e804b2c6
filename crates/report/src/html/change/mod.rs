//! A difference as a page: the waterfall of its causes, a map of what changed, and the lists.
//!
//! The map alone is drawn by a script; the lists hold what it shows.

mod map;
mod payload;

use super::frame::{self, Section, scrolling};
use super::strip::{Bar, strip};
use super::treemap::stage;
use crate::catalogue::{Text, causes, machines, messages};
use crate::diff::{DiffBy, stages, words};
use crate::{Lang, clean, figures};
use elfin_schema::Diff;
use maud::{Markup, html};

const STYLE: &str = include_str!("change.css");
const WATERFALL: Text = Text("From one file to the other", "从一个文件到另一个文件");
const WATERFALL_NOTE: Text = Text(
    "Every byte of the difference has one cause. The axis begins where the smaller of all sums is, not at 0.",
    "差异中的每个字节只归于一个原因。坐标轴从最小的累计值附近开始，而不是从 0 开始。",
);
/// Lines of a list.
const MOST: usize = 200;

/// Renders a difference as one HTML file, in both languages.
///
/// `lang` is the language that it opens in.
pub fn diff_html(d: &Diff, lang: Lang) -> String {
    let drawn = (!d.rows.is_empty()).then(|| map::Drawn::of(d));
    let articles = Lang::ALL.map(|lang| (lang, article(d, drawn.as_ref(), lang)));
    let title = format!("{} → {} · elfin diff", d.from.name, d.to.name);
    let scripts = if drawn.is_some() { stage::SCRIPTS } else { &[] };
    let data = drawn.and_then(|it| it.data);
    let style = &[stage::STYLE, STYLE];
    let page = frame::Page { title: &title, articles, style, scripts, data };
    frame::page(lang, &page)
}

fn article(d: &Diff, drawn: Option<&map::Drawn>, lang: Lang) -> Markup {
    let mut sections = vec![
        Section::new("waterfall", WATERFALL, lang).note(WATERFALL_NOTE).body(waterfall(d, lang)),
    ];
    if !d.machines.is_empty() {
        sections.push(Section::new("machines", machines::TITLE, lang).body(of_machines(d, lang)));
    }
    sections.extend(drawn.map(|it| it.section(d, lang)));
    for by in [DiffBy::Package, DiffBy::Module, DiffBy::Kind, DiffBy::Section] {
        if !by.changes(d).is_empty() {
            let id = format!("{by:?}").to_lowercase();
            sections.push(Section::new(&id, words::title(by), lang).body(list(d, by, lang)));
        }
    }
    html! {
        header {
            p.eyebrow { (clean::line(&d.from.name)) " → " (clean::line(&d.to.name)) }
            h1 { (figures::exact_change(d.delta)) }
            p.lede { (words::lede(d, lang)) }
        }
        @for warning in &d.warnings { p.caution { (clean::line(&messages::message(warning, lang))) } }
        (frame::contents(&sections, lang))
        @for section in &sections { (section.markup()) }
    }
}

/// A bar for each cause between the bars of the files, and under each what speaks for it.
fn waterfall(d: &Diff, lang: Lang) -> Markup {
    let stages = stages(d);
    let ends = stages.iter().flat_map(|it| [it.start as f64, it.end as f64]);
    let (size, to) = (d.from.size as f64, d.to.size as f64);
    let (low, high) = ends.fold((size, size), |(low, high), it| (low.min(it), high.max(it)));
    let low = (low - (high - low) / 4.0).max(0.0);
    let bar = |name: &str, class: &'static str, from: f64, to: f64, figure: &str, sure: &str| {
        let label = format!("{name}: {figure}");
        let bar = Bar { class, from: from - low, to: to - low, title: label.clone() };
        html! {
            span.name { (name) }
            span.figure { (figure) }
            span.sure { (sure) }
            (strip(&label, &[vec![bar]], high - low, None))
        }
    };
    html! {
        div.fall {
            div.bar.whole { (bar(&clean::line(&d.from.name), "both", low, size, &figures::exact(d.from.size), "")) }
            @for (it, stage) in d.causes.iter().zip(&stages) {
                @let name = clean::line(&causes::cause(&it.cause, lang));
                @let class = if it.bytes < 0 { "shrunk" } else { "grown" };
                @let sure = causes::confidence(it.confidence).to(lang);
                details {
                    summary.bar { (bar(&name, class, stage.start as f64, stage.end as f64, &figures::exact_change(it.bytes), sure)) }
                    ul.facts {
                        @for reason in words::reasons(it, lang) { li { (clean::line(&reason)) } }
                    }
                }
            }
            @if let Some(stage) = stages.get(d.causes.len()) {
                div.bar { (bar(causes::UNEXPLAINED.to(lang), "unknown", stage.start as f64, stage.end as f64, &figures::exact_change(d.unexplained_bytes), "")) }
            }
            div.bar.whole { (bar(&clean::line(&d.to.name), "both", low, to, &figures::exact(d.to.size), "")) }
        }
        p.note { (causes::CONFIDENCES.to(lang)) }
    }
}

/// What differs between the machines, and behind which causes it stands.
fn of_machines(d: &Diff, lang: Lang) -> Markup {
    let table = html! {
        table.parts {
            thead { tr { @for head in machines::HEADS { th scope="col" { (head.to(lang)) } } } }
            tbody {
                @for it in &d.machines {
                    @let [what, from, to, behind] = words::machine(d, it, lang);
                    tr { th scope="row" { (what) } td { (from) } td { (to) } td { (behind) } }
                }
            }
        }
    };
    scrolling(machines::TITLE.to(lang), &table)
}

fn list(d: &Diff, by: DiffBy, lang: Lang) -> Markup {
    let changes = by.changes(d);
    let table = html! {
        table.parts {
            thead { tr {
                th scope="col" {}
                @for head in [causes::CHANGE, causes::FROM, causes::TO] { th.number scope="col" { (head.to(lang)) } }
            } }
            tbody {
                @for change in changes.iter().take(MOST) {
                    tr {
                        th scope="row" { (clean::line(&words::name(by, change, lang))) }
                        td.number { (figures::exact_change(change.delta())) }
                        td.number { (figures::exact(change.from)) }
                        td.number { (figures::exact(change.to)) }
                    }
                }
                @let rest = changes.get(MOST.min(changes.len())..).unwrap_or_default();
                @if !rest.is_empty() {
                    tr {
                        th scope="row" { (crate::catalogue::kinds::left_out(rest.len(), lang)) }
                        td.number { (figures::exact_change(rest.iter().map(elfin_schema::Change::delta).fold(0, i64::saturating_add))) }
                        td {} td {}
                    }
                }
            }
        }
    };
    scrolling(words::title(by).to(lang), &table)
}
