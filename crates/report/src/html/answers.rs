//! The head of the report: the program, the three answers.

use super::{Doc, frame};
use crate::catalogue::{Text, labels, names, sentences};
use crate::facts::{self, Answer};
use crate::{clean, columns, figures};
use elfin_schema::{Pick, PickKind, RecipeRecord, Status};
use maud::{Markup, html};

/// The program, where it was measured, and the baseline in one sentence.
pub(crate) fn headline(doc: &Doc<'_>) -> Markup {
    let (e, lang) = (doc.e, doc.lang);
    let date = e.started.get(..10).unwrap_or(&e.started);
    let working = doc.r.iter().filter(|record| record.status == Status::Ok).count();
    html! {
        header {
            p.eyebrow { (labels::EYEBROW.to(lang)) }
            h1 { (clean::line(&e.subject.name)) }
            p.lede { (sentences::lede(facts::baseline(doc.r), doc.r.len(), working, lang)) }
            ul.about {
                li { (clean::line(&e.subject.go)) }
                li { (clean::line(&sentences::machine(&e.machine))) }
                li { (clean::line(date)) }
            }
            @if let Some(text) = sentences::unfinished(e, doc.r, lang) { p.caution { (text) } }
        }
    }
}

/// The three answers, side by side.
pub(crate) fn cards(doc: &Doc<'_>) -> Markup {
    html! {
        section.cards aria-label=(labels::ANSWERS.to(doc.lang)) {
            @for answer in &doc.answers { (card(doc, answer)) }
        }
    }
}

fn card(doc: &Doc<'_>, answer: &Answer<'_>) -> Markup {
    let question = names::question(answer.kind).to(doc.lang);
    html! {
        div.card {
            h2 { (question) }
            @match answer.found {
                None => p.none { (sentences::unanswered(answer, doc.lang)) },
                Some((pick, record)) => (found(doc, pick, record)),
            }
        }
    }
}

fn found(doc: &Doc<'_>, pick: &Pick, record: &RecipeRecord) -> Markup {
    let lang = doc.lang;
    let ratio = columns::ratio(record.start.as_ref().and_then(|start| start.ratio.as_ref()));
    html! {
        p.which { (frame::recipe(&record.recipe)) }
        @if let Some(bytes) = record.bytes {
            p.size {
                strong { (figures::human(bytes)) }
                @if let Some(percent) = record.delta_percent.filter(|_| record.recipe != facts::BASELINE) {
                    " " span.change { (figures::percent(percent)) }
                }
            }
            p.exact { (sentences::bytes(bytes, lang)) }
        }
        @if let Some(ms) = record.start_ms {
            p.start {
                (sentences::starts_in(ms, lang))
                @if record.recipe != facts::BASELINE && ratio.value.is_some() {
                    " " span.ratio { (sentences::against_baseline(&ratio.text, lang)) }
                }
            }
        }
        h3 { (labels::GIVES_UP.to(lang)) }
        ul.cost { @for cost in names::gives_up(&pick.gives_up, lang) { li { (cost) } } }
        @if pick.paste.is_some() {
            p.more { a href={ "#paste-" (lang.code()) } { (labels::HOW_TO_MAKE.to(lang)) } }
        }
    }
}

/// A short name of a question, for a switch.
pub(crate) fn short(kind: PickKind) -> Text {
    match kind {
        PickKind::KeepsGdb => Text("keeps gdb", "保留 gdb"),
        PickKind::StartsFast => Text("starts fast", "启动快"),
        PickKind::Smallest => Text("smallest", "体积最小"),
    }
}
