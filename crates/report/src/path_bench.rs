//! The same module on several file systems, as a table of steps and folders.

use crate::catalogue::path_bench as words;
use crate::table::{Cell, Head, Row, Table};
use crate::terminal::{Paint, draw};
use crate::{Lang, clean, figures, markdown};
use elfin_schema::{BenchPath, BenchStep, Measured, PathBench};
use std::fmt::Write;

/// Renders a bench of paths for a terminal.
pub fn path_bench(document: &PathBench, lang: Lang, width: u16, colour: bool) -> String {
    let mut out = format!("{}\n{}\n\n", head(document), words::subject(document, lang));
    out.push_str(&folders(document, lang, |path| format!("{}  ", clean::line(path))));
    out.push('\n');
    out.push_str(&draw(&table(document, lang), usize::from(width), Paint(colour), lang));
    out.push_str(&notes(document, lang));
    out
}

/// Renders a bench of paths as Markdown.
pub fn path_bench_markdown(document: &PathBench, lang: Lang) -> String {
    let mut out = format!("{}\n\n{}\n\n", head(document), words::subject(document, lang));
    out.push_str(&folders(document, lang, |path| format!("* `{}` ", clean::line(path))));
    out.push('\n');
    out.push_str(&markdown::table(&table(document, lang), lang));
    out.push_str(&notes(document, lang));
    out
}

fn head(document: &PathBench) -> String {
    format!("{} · Linux {}", clean::line(&document.go), clean::line(&document.kernel))
}

fn folders(document: &PathBench, lang: Lang, name: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for (index, path) in document.paths.iter().enumerate() {
        let mark = if index == 0 { words::FIRST.to(lang) } else { "" };
        let (kind, options) = (clean::line(&path.file_system), clean::line(&path.options));
        let _ = writeln!(out, "{}{kind} ({options}){mark}", name(&path.path));
    }
    out
}

/// What a row of the table shows of a folder's file operations.
type Rate = (&'static crate::catalogue::Text, fn(&Measured) -> f64);

const RATES: [Rate; 4] = [
    (&words::STAT, |it| it.stat),
    (&words::CREATE, |it| it.create),
    (&words::RENAME, |it| it.rename),
    (&words::FSYNC, |it| it.fsync),
];

fn table(document: &PathBench, lang: Lang) -> Table {
    let column = |path: &BenchPath| Head { text: short(path, document), numeric: true, rank: 0 };
    let mut heads = vec![Head { text: words::STEP.to(lang).to_owned(), numeric: false, rank: 0 }];
    heads.extend(document.paths.iter().map(column));
    let mut rows = Vec::new();
    for (index, step) in
        document.paths.first().map(|it| &*it.steps).unwrap_or_default().iter().enumerate()
    {
        let cells = document
            .paths
            .iter()
            .map(|path| path.steps.get(index).map_or_else(Cell::none, seconds));
        let name = words::what(step.what).to(lang).to_owned();
        rows.push(Row { name, picked: false, cells: cells.collect(), note: None });
    }
    let first = document.paths.first().and_then(|it| it.measured.as_ref());
    for (name, rate) in RATES {
        let cells = document.paths.iter().map(|path| {
            let base = first.map(rate);
            path.measured.as_ref().map_or_else(Cell::none, |it| each(rate(it), base))
        });
        let name = name.to(lang).to_owned();
        rows.push(Row { name, picked: false, cells: cells.collect(), note: None });
    }
    Table { heads, rows }
}

/// The file system, with the folder where two have the same.
fn short(path: &BenchPath, document: &PathBench) -> String {
    let alike = document.paths.iter().filter(|it| it.file_system == path.file_system).count();
    match alike {
        1 => clean::line(&path.file_system),
        _ => format!("{} {}", clean::line(&path.file_system), clean::line(&path.path)),
    }
}

fn seconds(step: &BenchStep) -> Cell {
    let Some(median) = step.median() else { return Cell::none() };
    let ratio = step.ratio.map(|ratio| format!("  {}", figures::times(ratio))).unwrap_or_default();
    Cell::text(format!("{} ms{ratio}", figures::ms(1e3 * median)))
}

/// How long one operation takes, from how many go into a second.
fn each(rate: f64, base: Option<f64>) -> Cell {
    let ratio = base.map(|base| base / rate).filter(|ratio| *ratio != 1.0);
    let ratio = ratio.map(|ratio| format!("  {}", figures::times(ratio))).unwrap_or_default();
    Cell::text(format!("{} µs{ratio}", figures::plain(1e6 / rate)))
}

fn notes(document: &PathBench, lang: Lang) -> String {
    let mut out = format!("\n{}\n", words::notes(document.rounds, lang));
    for path in &document.paths {
        for step in &path.steps {
            if let Some(says) = &step.failed {
                let what = words::what(step.what).to(lang);
                let _ = writeln!(out, "{}: {what}: {}", clean::line(&path.path), clean::line(says));
            }
        }
    }
    out
}
