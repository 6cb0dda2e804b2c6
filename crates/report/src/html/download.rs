//! What each recipe costs to download, beside what it takes on disk.

use super::strip::{Bar, legend, strip};
use super::{Doc, frame};
use crate::catalogue::{Text, labels, sentences};
use crate::{columns, facts, figures};
use elfin_schema::{RecipeRecord, Status, Transfer};
use maud::{Markup, html};

type Form = (&'static str, Text, fn(&Transfer) -> u64);

const FORMS: [Form; 4] = [
    ("t-gzip", Text("gzip -6", "gzip -6"), |t| t.gzip_6),
    ("t-zstd3", Text("zstd -3", "zstd -3"), |t| t.zstd_3),
    ("t-zstd19", Text("zstd -19", "zstd -19"), |t| t.zstd_19),
    ("t-xz", Text("xz -9", "xz -9"), |t| t.xz_9),
];

/// Bars of the four compressed sizes, the smallest gzip first.
pub(crate) fn section(doc: &Doc<'_>) -> Option<frame::Section> {
    let mut rows: Vec<(&RecipeRecord, Transfer)> = doc
        .r
        .iter()
        .filter(|record| record.status == Status::Ok)
        .filter_map(|record| Some((record, record.transfer?)))
        .collect();
    rows.sort_by_key(|(_, transfer)| transfer.gzip_6);
    let sizes = rows.iter().flat_map(|(_, transfer)| FORMS.map(|(_, _, bytes)| bytes(transfer)));
    let max = sizes.max()? as f64;
    let mark = facts::baseline(doc.r).and_then(|record| record.transfer);
    let mark = mark.map(|transfer| transfer.gzip_6 as f64);
    let effects = facts::strip_and_upx(doc.r);
    let body = html! {
        @if !effects.is_empty() {
            ul.facts { @for effect in &effects { li { (sentences::effect(effect, doc.lang)) } } }
        }
        (legend(FORMS.iter().map(|(class, name, _)| (*class, name.to(doc.lang)))))
        div.bars { @for (record, transfer) in &rows { (row(doc, record, transfer, max, mark)) } }
    };
    let section = frame::Section::new("download", labels::DOWNLOAD, doc.lang);
    Some(section.note(labels::DOWNLOAD_NOTE).body(body))
}

fn row(
    doc: &Doc<'_>,
    record: &RecipeRecord,
    transfer: &Transfer,
    max: f64,
    mark: Option<f64>,
) -> Markup {
    let said = |(_, name, bytes): Form| {
        format!("{}: {}", name.to(doc.lang), figures::human(bytes(transfer)))
    };
    let lanes = FORMS.map(|form| {
        let (class, _, bytes) = form;
        vec![Bar { class, from: 0.0, to: bytes(transfer) as f64, title: said(form) }]
    });
    let label = format!("{}: {}", record.recipe, FORMS.map(said).join(", "));
    html! {
        details.row.picked[columns::is_picked(record, &doc.answers)] data-recipe=(record.recipe) {
            summary {
                (frame::recipe(&record.recipe))
                (strip(&label, &lanes, max, mark))
                span.figure { (figures::human(transfer.gzip_6)) }
                span.figure.change { (of_disk(record, transfer)) }
            }
            div.inside {
                table.parts {
                    tbody {
                        @for (_, name, bytes) in FORMS {
                            tr { th scope="row" { (name.to(doc.lang)) } td.number { (figures::exact(bytes(transfer))) } }
                        }
                    }
                    @if let Some(bytes) = record.bytes {
                        tfoot { tr { th scope="row" { (labels::FILE.to(doc.lang)) } td.number { (figures::exact(bytes)) } } }
                    }
                }
            }
        }
    }
}

/// The gzip download as a share of the file: what is left to gain by compressing it.
fn of_disk(record: &RecipeRecord, transfer: &Transfer) -> String {
    let share = record.bytes.filter(|bytes| *bytes > 0);
    share.map_or_else(String::new, |bytes| {
        format!("{:.0}%", transfer.gzip_6 as f64 / bytes as f64 * 100.0)
    })
}
