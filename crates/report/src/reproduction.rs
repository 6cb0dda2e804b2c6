//! A reproduction: the worlds as a table, then each difference with its bytes, cause and remedy.

use crate::catalogue::{kinds, repro_causes as causes, reproduction as words};
use crate::clean::{markdown as escape, markdown_code};
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::terminal::{Paint, draw, wrap};
use crate::{Lang, clean, figures};
use elfin_schema::{BuildIdRounds, DifferingPart, NotTried, Reproduction, ShippedBuild, Varied};
use std::fmt::Write;

/// Places of bytes that are shown of one world.
const MOST_PARTS: usize = 6;
/// Lines of evidence that are shown of one world.
const MOST_EVIDENCE: usize = 6;
/// Digits that are shown of a hash.
const DIGITS: usize = 16;

/// Renders a reproduction for a terminal of `width` columns.
pub fn reproduction(document: &Reproduction, lang: Lang, width: u16, colour: bool) -> String {
    let (width, paint) = (usize::from(width), Paint(colour));
    let mut out = paint.bold(&head(document));
    let _ = writeln!(out, "\n{}\n", clean::line(&document.command));
    let verdict = verdict(document, lang);
    let verdict = if document.identical { paint.green(verdict) } else { paint.red(verdict) };
    let _ = writeln!(out, "{verdict}\n");
    out.push_str(&draw(&table(document, lang), width, paint, lang));
    if !document.cold && document.varied.len() > 1 {
        let _ =
            writeln!(out, "{}", paint.dim(&wrap(words::KEPT_STANDARD.to(lang), width).join("\n")));
    }
    for one in document.varied.iter().filter(|it| it.identical != Some(true)) {
        let title = format!("{}: {}", words::what(one.what).to(lang), world(one, lang));
        let _ = writeln!(out, "\n{}", paint.bold(&title));
        for line in lines(one, lang) {
            for line in wrap(&clean::line(&line), width.saturating_sub(4)) {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    if let Some(shipped) = &document.shipped {
        for line in shipped_lines(shipped, lang) {
            let _ = write!(out, "\n{}\n", wrap(&clean::line(&line), width).join("\n    "));
        }
    }
    if let Some(rounds) = &document.rounds {
        let _ = writeln!(out, "\n{}", paint.bold(words::ROUNDS.to(lang)));
        let text = causes::rounds(rounds, lang);
        let parts = rounds.parts.iter().take(MOST_PARTS).map(|it| part(it, lang));
        for line in std::iter::once(text).chain(parts) {
            for line in wrap(&clean::line(&line), width.saturating_sub(4)) {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    out
}

/// Renders a reproduction as Markdown, with every round.
pub fn reproduction_markdown(document: &Reproduction, lang: Lang) -> String {
    let mut out = format!("# {}\n\n", escape(&head(document)));
    let _ = writeln!(out, "{}\n\n{}", markdown_code(&document.command), verdict(document, lang));
    let table = table(document, lang);
    let heads: Vec<&str> = table.heads.iter().map(|it| it.text.as_str()).collect();
    let _ = write!(out, "\n| {} |\n| :-- | :-- | :-: | --: | --: |\n", heads.join(" | "));
    for row in &table.rows {
        let cells: Vec<String> = row.cells.iter().map(|it| escape(&it.text)).collect();
        let _ = writeln!(out, "| {} | {} |", escape(&row.name), cells.join(" | "));
    }
    if !document.cold && document.varied.len() > 1 {
        let _ = write!(out, "\n{}\n", words::KEPT_STANDARD.to(lang));
    }
    for one in document.varied.iter().filter(|it| it.identical != Some(true)) {
        let what = words::what(one.what).to(lang);
        let _ = write!(out, "\n## {what}: {}\n\n", escape(&world(one, lang)));
        for line in lines(one, lang) {
            let _ = writeln!(out, "* {}", escape(&clean::line(&line)));
        }
    }
    if let Some(shipped) = &document.shipped {
        out.push('\n');
        for line in shipped_lines(shipped, lang) {
            let _ = writeln!(out, "* {}", escape(&clean::line(&line)));
        }
    }
    if let Some(rounds) = &document.rounds {
        out.push_str(&rounds_markdown(rounds, lang));
    }
    out
}

/// Renders a reproduction as JSON, with `cause` and `remedy` in words beside what says them by id.
///
/// Fails only where a figure is none that JSON has.
pub fn reproduction_json(document: &Reproduction, lang: Lang) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(document)?;
    let varied = value.get_mut("varied").and_then(serde_json::Value::as_array_mut);
    for (value, one) in varied.into_iter().flatten().zip(&document.varied) {
        let Some(entry) = value.as_object_mut() else { continue };
        let cause = one.because.as_ref().map(|it| causes::cause(it, lang));
        let skipped = one.not_tried.as_ref().map(|it| words::not_tried(it, lang));
        let remedy = one.remedies.first().map(|it| words::remedy(it, lang));
        entry.insert("cause".into(), cause.or(skipped).into());
        entry.insert("remedy".into(), remedy.into());
    }
    serde_json::to_string_pretty(&value)
}

fn head(document: &Reproduction) -> String {
    let (subject, go) = (clean::line(&document.subject), clean::line(&document.go));
    let bytes = figures::exact(document.baseline.bytes);
    format!("{subject} · {go} · {bytes} bytes · sha256 {}", digits(&document.baseline.sha256))
}

fn digits(hash: &str) -> String {
    clean::line(hash).chars().take(DIGITS).collect()
}

fn verdict(document: &Reproduction, lang: Lang) -> &'static str {
    let text = match (document.shipped.is_some(), document.identical) {
        (false, true) => words::IDENTICAL,
        (false, false) => words::NOT_IDENTICAL,
        (true, true) => words::SHIPPED_SAME,
        (true, false) => words::SHIPPED_OTHER,
    };
    text.to(lang)
}

fn world(one: &Varied, lang: Lang) -> String {
    clean::line(&words::world(&one.world, lang))
}

fn table(document: &Reproduction, lang: Lang) -> Table {
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![
        head(words::VARIED.to(lang), false),
        head(words::HOW.to(lang), false),
        head(words::SAME.to(lang), false),
        head(words::BYTES.to(lang), true),
        head(words::SIZE.to(lang), true),
    ];
    let row = |one: &Varied| {
        let same = match (&one.not_tried, one.identical) {
            (Some(NotTried::Failed { .. }), _) => {
                Cell::text(words::FAILED.to(lang)).toned(Tone::Bad)
            }
            (Some(_), _) => Cell::text(words::SKIPPED.to(lang)).toned(Tone::Quiet),
            (None, same) => Cell::tick(same),
        };
        let differs = one.identical == Some(false);
        let bytes = if differs { Cell::text(figures::exact(one.bytes)) } else { Cell::none() };
        let size = match one.size_change {
            change if differs => Cell::text(figures::exact_change(change)),
            _ => Cell::none(),
        };
        Row {
            name: words::what(one.what).to(lang).to_owned(),
            picked: false,
            cells: vec![Cell::text(world(one, lang)), same, bytes, size],
            note: None,
        }
    };
    Table { heads, rows: document.varied.iter().map(row).collect() }
}

/// What there is to say of a world that is not the same, or was not tried.
fn lines(one: &Varied, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(one.not_tried.iter().map(|it| words::not_tried(it, lang)));
    lines.extend(one.because.iter().map(|it| causes::cause(it, lang)));
    lines.extend(one.evidence.iter().take(MOST_EVIDENCE).map(|it| words::evidence(it, lang)));
    lines.extend(one.parts.iter().take(MOST_PARTS).map(|it| part(it, lang)));
    let rest = one.parts.iter().skip(MOST_PARTS);
    let (more, bytes) = (rest.clone().count(), rest.map(|it| it.bytes).sum::<u64>());
    if more > 0 {
        lines.push(kinds::more_ranges(more, bytes, lang));
    }
    for remedy in &one.remedies {
        lines.push(format!("{}: {}", words::REMEDY.to(lang), words::remedy(remedy, lang)));
    }
    lines
}

/// Bytes that differ: where, what, whose, and the text that stands there.
fn part(part: &DifferingPart, lang: Lang) -> String {
    let section = part.section.as_deref().unwrap_or(words::OUTSIDE.to(lang));
    let kind = part.kind.map_or(words::NOBODY, kinds::kind).to(lang);
    let owner = part.owner.as_deref().map(|it| format!(" · {it}")).unwrap_or_default();
    let bytes = figures::exact(part.bytes);
    let mut text = format!("{bytes}  {section} · {kind}{owner}");
    if let Some(unpacked) = part.unpacked {
        let _ = write!(text, " · {}", words::unpacked(unpacked, lang));
    }
    if let (Some(from), Some(to)) = (&part.from, &part.to) {
        let _ = write!(text, ": {from:?} → {to:?}");
    }
    text
}

fn shipped_lines(shipped: &ShippedBuild, lang: Lang) -> Vec<String> {
    let told = shipped.told.iter().map(|(name, value)| format!("{name}={value}"));
    let told = told.collect::<Vec<_>>().join("  ");
    let inferred = shipped.inferred.join("  ");
    let mut lines = Vec::new();
    for (label, text) in [(words::TOLD, told), (words::INFERRED, inferred)] {
        if !text.is_empty() {
            lines.push(format!("{}: {text}", label.to(lang)));
        }
    }
    let untold = |it| format!("{}: {}", words::UNTOLD.to(lang), causes::untold(it, lang));
    lines.extend(shipped.untold.iter().map(untold));
    lines
}

fn rounds_markdown(rounds: &BuildIdRounds, lang: Lang) -> String {
    let mut out = format!("\n## {}\n\n", words::ROUNDS.to(lang));
    let _ = writeln!(out, "{}\n", escape(&causes::rounds(rounds, lang)));
    for one in &rounds.parts {
        let _ = writeln!(out, "* {}", escape(&clean::line(&part(one, lang))));
    }
    let heads = [words::ROUND, words::CHANGED, words::SIZE_CHANGE].map(|it| it.to(lang));
    let _ = write!(
        out,
        "\n| {} | sha256 | build ID |\n| --: | --: | --: | :-- | :-- |\n",
        heads.join(" | ")
    );
    for (number, round) in rounds.rounds.iter().enumerate() {
        let _ = writeln!(
            out,
            "| {number} | {} | {} | {} | {} |",
            figures::exact(round.changed),
            figures::exact_change(round.size_change),
            markdown_code(&digits(&round.file.sha256)),
            markdown_code(&digits(&round.build_id)),
        );
    }
    out
}
