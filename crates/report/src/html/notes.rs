//! What could not be made, and how everything was measured.

use super::{Doc, frame};
use crate::catalogue::{Lang, labels, messages, sentences};
use crate::facts::{self, Trouble};
use crate::{clean, figures};
use maud::{Markup, html};

/// What could not be made or measured, each reason once, in the tools' own words.
pub(crate) fn failures(doc: &Doc<'_>) -> Option<frame::Section> {
    let troubles = facts::troubles(doc.r);
    (!troubles.is_empty()).then(|| {
        frame::Section::new("failures", labels::FAILURES, doc.lang).body(html! {
            div.troubles { @for trouble in &troubles { (one(trouble, doc.lang)) } }
        })
    })
}

fn one(trouble: &Trouble<'_>, lang: Lang) -> Markup {
    html! {
        div.trouble {
            p {
                (frame::badge(trouble.status, lang)) " "
                @if let Some(message) = trouble.explains { (clean::line(&messages::message(message, lang))) }
            }
            ul.recipes { @for recipe in &trouble.recipes { li { (frame::recipe(recipe)) } } }
            @for says in &trouble.says { (frame::verbatim(says)) }
        }
    }
}

/// Machine, tools, findings and method.
pub(crate) fn measured(doc: &Doc<'_>) -> Option<frame::Section> {
    let lang = doc.lang;
    let findings = doc.e.findings.iter().map(|finding| messages::message(finding, lang));
    Some(frame::Section::new("measured", labels::MEASURED, lang).body(html! {
        div.columns {
            div { h3 { (labels::METHOD.to(lang)) } (list(sentences::method(doc.e, doc.r, lang).into_iter())) }
            div {
                @if !doc.e.findings.is_empty() { h3 { (labels::FINDINGS.to(lang)) } (list(findings)) }
                h3 { (labels::MACHINE.to(lang)) }
                (machine(doc))
            }
        }
        @if !doc.e.tools.is_empty() {
            h3 { (labels::TOOLS.to(lang)) }
            (tools(doc))
        }
    }))
}

fn list(items: impl Iterator<Item = String>) -> Markup {
    html! { ul.facts { @for item in items { li { (clean::line(&item)) } } } }
}

fn machine(doc: &Doc<'_>) -> Markup {
    let (e, m) = (doc.e, &doc.e.machine);
    let started = format!("{} {}", e.subject.name, e.subject.arguments.join(" "));
    let memory = figures::human(m.memory);
    let processor = format!("{} × {}", m.cpus, m.cpu);
    let system = m.wsl.map_or_else(String::new, |version| format!(", WSL {version}"));
    let system = format!("{}{system}, {}", m.distribution, m.arch);
    let load = figures::plain(m.load);
    let date = format!("{} ({} s)", e.started, figures::plain(e.seconds));
    let facts = [
        (labels::PROGRAM, e.subject.path.as_str()),
        (labels::STARTED_AS, started.trim()),
        (labels::SOURCES, e.subject.sources.as_str()),
        (labels::PLAN, e.effort.plan.as_str()),
        (labels::DATE, &date),
        (labels::HOST, m.host.as_str()),
        (labels::SYSTEM, &system),
        (labels::KERNEL, &m.kernel),
        (labels::PROCESSOR, &processor),
        (labels::MEMORY, &memory),
        (labels::FILE_SYSTEM, &m.file_system),
        (labels::CLOCK, &m.clock_source),
        (labels::LOAD, &load),
        (labels::ELFIN, &e.elfin),
    ];
    html! {
        dl.machine {
            @for (label, text) in facts {
                div { dt { (label.to(doc.lang)) } dd { (clean::line(text)) } }
            }
        }
    }
}

fn tools(doc: &Doc<'_>) -> Markup {
    html! {
        dl.machine.tools {
            @for tool in &doc.e.tools {
                div {
                    dt { (clean::line(&tool.name)) }
                    @match &tool.version {
                        Some(version) => dd { (clean::line(version)) },
                        None => dd.absent { (labels::NOT_FOUND.to(doc.lang)) ": " code { (clean::line(&tool.remedy)) } },
                    }
                }
            }
        }
    }
}
