//! The waterfall of the stages, a small chart for every order.

use super::strip::{Bar, strip};
use super::{Doc, frame};
use crate::catalogue::labels;
use crate::{columns, facts, figures};
use elfin_schema::{RecipeRecord, Status, Step};
use maud::{Markup, html};
use std::collections::HashSet;

/// A chart for every recipe that goes through stages, and for the variants they start from.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let staged = doc.r.iter().filter(|record| !record.stages.is_empty());
    let starts: HashSet<&str> = staged.map(|record| record.variant.as_str()).collect();
    let orders: Vec<&RecipeRecord> = doc
        .r
        .iter()
        .filter(|record| record.recipe != facts::BASELINE)
        .filter(|record| !record.stages.is_empty() || starts.contains(record.variant.as_str()))
        .collect();
    let sizes = orders.iter().flat_map(|record| &record.steps).map(|step| step.bytes);
    let base = facts::baseline(doc.r).and_then(|record| record.bytes);
    let max = sizes.chain(base).max().unwrap_or(0) as f64;
    (!orders.is_empty()).then(|| {
        frame::Section::new("stages", labels::STAGES, doc.lang).note(labels::STAGES_NOTE).body(
            html! {
                ul.legend {
                    li { span.key.grows {} (labels::ADDS.to(doc.lang)) }
                    li { span.key.shrinks {} (labels::TAKES.to(doc.lang)) }
                    li { span.key.void {} (labels::CANNOT.to(doc.lang)) }
                }
                div.falls { @for record in orders { (fall(doc, record, base, max)) } }
            },
        )
    })
}

fn fall(doc: &Doc<'_>, record: &RecipeRecord, base: Option<u64>, max: f64) -> Markup {
    let ok = record.status == Status::Ok;
    html! {
        figure.fall.ended[!ok].picked[columns::is_picked(record, &doc.answers)] data-recipe=(record.recipe) {
            figcaption {
                (frame::recipe(&record.recipe))
                @if let (true, Some(bytes), Some(percent)) = (ok, record.bytes, record.delta_percent) {
                    span.figure { (figures::human(bytes)) " " span.change { (figures::percent(percent)) } }
                }
            }
            @if let Some(base) = base {
                @let name = labels::BASELINE.to(doc.lang);
                (stage(name, "whole", (0.0, base as f64), &figures::human(base), max))
            }
            @for (index, step) in record.steps.iter().enumerate() {
                // A build that is the baseline's is where the fall begins, not a step of it.
                @if index > 0 || record.variant != facts::BASELINE {
                    (change(if index == 0 { &record.variant } else { &step.name }, step, max))
                }
            }
            @if !ok {
                @if let Some(at) = &record.failed_at {
                    div.step { span.name { (at) } span.void {} span.figure { "✗" } }
                }
                p.why { (frame::reason(record, doc.lang)) }
            }
        }
    }
}

/// A step that adds or takes: from the size before it to the size after it.
fn change(name: &str, step: &Step, max: f64) -> Markup {
    let after = step.bytes as f64;
    let (class, sign) = match step.delta_bytes {
        1.. => ("grows", "+"),
        0 => ("shrinks", ""),
        _ => ("shrinks", "−"),
    };
    let figure = format!("{sign}{}", figures::human(step.delta_bytes.unsigned_abs()));
    stage(name, class, (after - step.delta_bytes as f64, after), &figure, max)
}

fn stage(
    name: &str,
    class: &'static str,
    (from, to): (f64, f64),
    figure: &str,
    max: f64,
) -> Markup {
    let label = format!("{name}: {figure}");
    let bar = Bar { class, from, to, title: label.clone() };
    html! {
        div.step {
            span.name { (name) }
            (strip(&label, &[vec![bar]], max, None))
            span.figure { (figure) }
        }
    }
}
