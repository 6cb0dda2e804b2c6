//! A diagnosis for a terminal: the machine, its folders, and each finding with cause and remedy.

use crate::catalogue::diagnosis as words;
use crate::table::{Cell, Head, Row, Table};
use crate::terminal::{Paint, draw, wrap};
use crate::{Lang, clean, figures};
use elfin_schema::{BuildPlace, Diagnosis, Evidence, Finding, Severity};
use std::fmt::Write;

/// Renders a diagnosis, worst findings first.
pub fn diagnosis(document: &Diagnosis, lang: Lang, width: u16, colour: bool) -> String {
    let (width, paint) = (usize::from(width), Paint(colour));
    let host = words::host(document.host).to(lang);
    let mut out = format!(
        "{} · {host} · {}\n\n",
        clean::line(&document.distribution),
        clean::line(&document.kernel)
    );
    if !document.places.is_empty() {
        out.push_str(&draw(&places(document, lang), width, paint, lang));
        out.push('\n');
    }
    for finding in &document.findings {
        let severity = words::severity(finding.severity).to(lang);
        let severity = match finding.severity {
            Severity::Wrong => paint.red(severity),
            Severity::Slow => paint.bold(severity),
            Severity::Note => paint.dim(severity),
        };
        let _ = writeln!(out, "{severity}");
        let remedy = words::remedy(&finding.problem, lang);
        let remedy = format!("{}: {remedy}", words::REMEDY.to(lang));
        let evidence = finding.evidence.iter().map(shown);
        let texts = std::iter::once(words::cause(&finding.problem, lang)).chain(evidence);
        for text in texts.chain([remedy]) {
            for line in wrap(&clean::line(&text), width.saturating_sub(4)) {
                let _ = writeln!(out, "    {line}");
            }
        }
        out.push('\n');
    }
    if document.findings.is_empty() {
        let _ = writeln!(out, "{}", words::HEALTHY.to(lang));
    }
    out
}

/// Renders a diagnosis as JSON, with `cause` and `remedy` in words beside each finding's id.
///
/// Fails only where a figure is none that JSON has.
pub fn diagnosis_json(document: &Diagnosis, lang: Lang) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(document)?;
    let findings = value.get_mut("findings").and_then(serde_json::Value::as_array_mut);
    for (value, Finding { problem, .. }) in findings.into_iter().flatten().zip(&document.findings) {
        if let Some(finding) = value.as_object_mut() {
            finding.insert("cause".into(), words::cause(problem, lang).into());
            finding.insert("remedy".into(), words::remedy(problem, lang).into());
        }
    }
    serde_json::to_string_pretty(&value)
}

fn shown(evidence: &Evidence) -> String {
    let line = evidence.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {}", evidence.source, evidence.text)
}

fn places(document: &Diagnosis, lang: Lang) -> Table {
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![
        head(words::PLACE.to(lang), false),
        head(words::FILE_SYSTEM.to(lang), false),
        head(words::CREATE.to(lang), true),
        head(words::STAT.to(lang), true),
        head(words::RENAME.to(lang), true),
        head(words::FSYNC.to(lang), true),
    ];
    let row = |place: &BuildPlace| {
        let rate = |rate: f64| Cell::text(figures::plain(rate.round()));
        let mut cells = vec![Cell::text(place.file_system.clone())];
        match &place.measured {
            Some(it) => cells.extend([it.create, it.stat, it.rename, it.fsync].map(rate)),
            None => cells.extend((0..4).map(|_| Cell::none())),
        }
        let name = format!("{} {}", place.what, clean::line(&place.path));
        Row { name, picked: false, cells, note: None }
    };
    Table { heads, rows: document.places.iter().map(row).collect() }
}
