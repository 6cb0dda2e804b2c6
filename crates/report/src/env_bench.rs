//! What a switch of Go costs, as tables: switches, prompts, builds.

use crate::catalogue::{Text, env_bench as words};
use crate::table::{Cell, Head, Row, Table};
use crate::terminal::{Paint, draw};
use crate::{Lang, clean, figures, markdown};
use elfin_schema::{BuildsUnder, EnvBench, Switch, median};
use std::fmt::Write;

/// Renders a bench of switches for a terminal.
pub fn env_bench(document: &EnvBench, lang: Lang, width: u16, colour: bool) -> String {
    let draw = |table: &Table| draw(table, usize::from(width), Paint(colour), lang);
    whole(document, lang, draw)
}

/// Renders a bench of switches as Markdown.
pub fn env_bench_markdown(document: &EnvBench, lang: Lang) -> String {
    whole(document, lang, |table| markdown::table(table, lang))
}

fn whole(document: &EnvBench, lang: Lang, draw: impl Fn(&Table) -> String) -> String {
    let mut out = format!("{}\n\n", words::head(document, lang));
    out.push_str(&draw(&switches(document, lang)));
    for switch in &document.switches {
        let line = clean::line(&switch.line);
        let _ = match &switch.skipped {
            Some(says) => write!(out, "\n{}: {}\n", clean::line(&switch.name), clean::line(says)),
            None => write!(out, "\n{}: `{line}`\n", clean::line(&switch.name)),
        };
    }
    let _ = writeln!(out, "\n{}\n", words::over_bare(document, lang));
    if !document.prompts.is_empty() {
        out.push_str(&draw(&prompts(document, lang)));
        out.push('\n');
    }
    out.push_str(&draw(&builds(document, lang)));
    for fared in &document.builds {
        if let Some(says) = &fared.says {
            let _ = write!(out, "\n{}: {}\n", way(fared, lang), clean::line(says));
        }
    }
    out
}

fn heads(texts: &[&str]) -> Vec<Head> {
    let head = |(index, text): (usize, &&str)| Head {
        text: (*text).to_owned(),
        numeric: index > 0,
        rank: 0,
    };
    texts.iter().enumerate().map(head).collect()
}

fn switches(document: &EnvBench, lang: Lang) -> Table {
    let milliseconds = |text: Text| format!("{}, ms", text.to(lang));
    let heads = heads(&[
        words::SWITCH.to(lang),
        &milliseconds(words::FIRST),
        &milliseconds(words::LATER),
        &milliseconds(words::CPU),
        &milliseconds(words::BUSY),
        words::MEMORY.to(lang),
        words::RATIO.to(lang),
    ]);
    let row = |it: &Switch| Row {
        name: clean::line(&it.name),
        picked: false,
        cells: vec![
            Cell::number(it.first, figures::ms),
            Cell::number(median(&it.later), figures::ms),
            Cell::number(median(&it.cpu), figures::ms),
            Cell::number(median(&it.busy), figures::ms),
            Cell::bytes(it.memory, figures::human),
            Cell::number(it.ratio, figures::times),
        ],
        note: None,
    };
    let there = document.switches.iter().filter(|it| it.skipped.is_none());
    Table { heads, rows: there.map(row).collect() }
}

fn prompts(document: &EnvBench, lang: Lang) -> Table {
    let heads = heads(&[words::PROMPT.to(lang), &format!("{}, ms", words::EACH.to(lang))]);
    let rows = document.prompts.iter().map(|it| Row {
        name: format!("{} ({})", clean::line(&it.name), clean::line(&it.shell)),
        picked: false,
        cells: vec![Cell::number(median(&it.each), figures::ms)],
        note: None,
    });
    Table { heads, rows: rows.collect() }
}

fn builds(document: &EnvBench, lang: Lang) -> Table {
    let heads = heads(&[
        words::BUILDS.to(lang),
        words::COUNT.to(lang),
        words::FAILED.to(lang),
        words::OTHER_SAID.to(lang),
        words::OTHER_SILENT.to(lang),
    ]);
    let count = |count: usize| Cell::text(count.to_string());
    let rows = document.builds.iter().map(|it| Row {
        name: way(it, lang),
        picked: false,
        cells: [it.builds, it.failed, it.other_said, it.other_silent].map(count).into(),
        note: None,
    });
    Table { heads, rows: rows.collect() }
}

fn way(it: &BuildsUnder, lang: Lang) -> String {
    format!("{}, {}", words::state(it.state).to(lang), words::way(it.way).to(lang))
}
