//! A diagnosis for a terminal: the machine, its folders, and each finding with cause and remedy.

use crate::catalogue::diagnosis as words;
use crate::catalogue::{Text, machine};
use crate::table::{Cell, Head, Row, Table};
use crate::terminal::{Paint, draw, wrap};
use crate::{Lang, clean, figures};
use elfin_schema::{BuildPlace, Diagnosis, Evidence, Finding, Severity};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The width of the headings before what else is known.
const HEADING: usize = 10;

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
        let _ = writeln!(out, "{}\n", words::HEALTHY.to(lang));
    }
    out.push_str(&besides(document, lang, width));
    out
}

/// What else is known of the machine, a line or some each.
fn besides(document: &Diagnosis, lang: Lang, width: usize) -> String {
    let mut lines: Vec<(Text, String)> = Vec::new();
    let mut put = |name: Text, text: String| lines.push((name, text));
    if let Some(it) = &document.surroundings {
        for go in &it.go {
            let version = go.version.as_deref().unwrap_or("?");
            put(machine::GO, format!("{} {version}", clean::line(&go.path)));
        }
        if let Some(set) = &it.gotoolchain {
            put(machine::GO, machine::set_by("GOTOOLCHAIN", set, lang));
        }
        if let Some(set) = &it.cgo {
            put(machine::CGO, machine::set_by("CGO_ENABLED", set, lang));
        }
        for tool in &it.tools {
            put(machine::C_TOOLS, machine::tool(tool, lang));
        }
        put(machine::LIBC, clean::line(it.libc.as_deref().unwrap_or("?")));
        if let Some(dns) = &it.dns {
            put(machine::DNS, machine::dns(dns, lang));
        }
        let git = it.git.as_deref().map(clean::line);
        put(machine::GIT, git.unwrap_or_else(|| machine::NONE_HERE.to(lang).to_owned()));
    }
    if let Some(module) = &document.module {
        put(machine::MODULE, machine::module(module, lang));
    }
    if let Some(clocks) = &document.clocks {
        put(machine::CLOCK, machine::clocks(clocks, lang));
    }
    for limit in &document.limits {
        let (name, reason) = (machine::limit(limit.what), machine::limit_reason(limit.what));
        let value = machine::limit_line(limit, lang);
        put(machine::LIMITS, format!("{} {value}: {}", name.to(lang), reason.to(lang)));
    }
    for setting in document.settings.iter().filter(|it| it.line.is_some()) {
        put(machine::SETTINGS, machine::setting(setting, lang));
    }
    let (mut out, mut last) = (String::new(), "");
    for (name, text) in lines {
        // A heading stands once, before the first of its lines.
        let heading = if name.0 == last { "" } else { name.to(lang) };
        last = name.0;
        for (index, line) in wrap(&text, width.saturating_sub(HEADING)).into_iter().enumerate() {
            let heading = if index == 0 { heading } else { "" };
            let gap = HEADING.saturating_sub(heading.width());
            let _ = writeln!(out, "{heading}{:gap$}{line}", "");
        }
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
    let limits = value.get_mut("limits").and_then(serde_json::Value::as_array_mut);
    for (value, limit) in limits.into_iter().flatten().zip(&document.limits) {
        if let Some(value) = value.as_object_mut() {
            value.insert("reason".into(), machine::limit_reason(limit.what).to(lang).into());
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
        let cache = place.client_cache.as_ref().map(|it| machine::client_cache(it, lang));
        let cache = cache.map(|it| format!(" ({it})")).unwrap_or_default();
        let mut cells = vec![Cell::text(format!("{}{cache}", clean::line(&place.file_system)))];
        match &place.measured {
            Some(it) => cells.extend([it.create, it.stat, it.rename, it.fsync].map(rate)),
            None => cells.extend((0..4).map(|_| Cell::none())),
        }
        let name = format!("{} {}", place.what, clean::line(&place.path));
        Row { name, picked: false, cells, note: None }
    };
    Table { heads, rows: document.places.iter().map(row).collect() }
}
