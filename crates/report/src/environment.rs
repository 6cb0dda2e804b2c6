//! The Go of a folder, and toolchains, for a terminal.

use crate::catalogue::environment as words;
use crate::terminal::{Paint, wrap};
use crate::{Lang, clean};
use elfin_schema::{EnvFinding, GoSelection, Toolchains, Verified};
use std::fmt::Write;

/// Renders which Go a folder has, from which file, and why.
pub fn go_selection(document: &GoSelection, lang: Lang, width: u16, colour: bool) -> String {
    let paint = Paint(colour);
    let version = document.version.as_deref().unwrap_or(words::NO_GO.to(lang));
    let goroot = clean::line(document.goroot.as_deref().unwrap_or_default());
    let by = &document.decided_by;
    let mut decided = match (&by.file, by.line) {
        (Some(file), Some(line)) => format!("{}:{line}", clean::line(file)),
        _ => words::decider(by.what).to(lang).to_owned(),
    };
    if let Some(asked) = &document.asked {
        let _ = write!(decided, " ({})", clean::line(asked));
    }
    let mut out = format!("{}  {goroot}\n", paint.bold(&clean::line(version)));
    let _ = writeln!(out, "{}: {decided}", words::DECIDED_BY.to(lang));
    for setting in &document.settings {
        let (name, value) = (&setting.name, clean::line(&setting.value));
        let _ = write!(out, "{}: {name}={value}", words::SETS.to(lang));
        if let Some(why) = setting.needs_word.filter(|_| !setting.set) {
            let _ = write!(out, "  ({})", words::needs_word(why).to(lang));
        }
        out.push('\n');
    }
    for finding in &document.findings {
        let text = wrap(&clean::line(&env_finding(finding, lang)), usize::from(width)).join("\n");
        let _ = write!(out, "\n{text}\n");
    }
    out
}

/// Puts a finding about a selection into words: one paragraph without markup.
pub fn env_finding(finding: &EnvFinding, lang: Lang) -> String {
    words::finding(finding, lang)
}

/// Renders the toolchains that are here, a line each.
pub fn toolchains(document: &Toolchains, lang: Lang) -> String {
    let mut out = String::new();
    for go in &document.installed {
        let note = if go.system { words::SYSTEM_GO.to(lang) } else { "" };
        let line = format!("{:<12} {}  {note}", clean::line(&go.version), clean::line(&go.goroot));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if let Some(remote) = &document.remote {
        let _ = writeln!(out, "\n{} {}", words::REMOTE.to(lang), remote.join(" "));
    }
    out
}

/// Renders how toolchains were found, a line each.
pub fn verified(document: &Verified, lang: Lang) -> String {
    let mut out = String::new();
    for toolchain in &document.toolchains {
        let says = clean::line(&words::verified(toolchain, lang));
        let _ = writeln!(out, "{:<12} {says}", clean::line(&toolchain.version));
    }
    out
}
