//! Two experiments side by side: each stage's change on each machine, and each
//! recipe against either machine's baseline.
//!
//! A comparison is made once, as words and tables, and drawn three ways. The
//! two are called A and B throughout: host names may be the same.

use crate::Lang;
use crate::catalogue::{Text, labels, names, say, sentences};
use crate::clean::markdown as escape;
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::terminal::{Page, Paint, draw};
use crate::{columns, facts, figures, html, markdown};
use elfin_schema::{Experiment, RecipeRecord, Status, Step};
use std::collections::HashMap;

/// An experiment with its records.
pub(crate) type Side<'a> = (&'a Experiment, &'a [RecipeRecord]);

/// Two experiments, as words and tables.
pub(crate) struct Comparison {
    pub(crate) title: String,
    /// What A is, what B is.
    pub(crate) sides: [String; 2],
    /// What must be known before a figure is compared.
    pub(crate) cautions: Vec<String>,
    pub(crate) tables: [(String, Table); 2],
}

/// Renders two experiments side by side for a terminal of `width` columns.
pub fn compare_terminal(a: Side<'_>, b: Side<'_>, lang: Lang, width: u16, colour: bool) -> String {
    let page = Page { width: usize::from(width), paint: Paint(colour), lang };
    let comparison = Comparison::of(a, b, lang);
    let mut out = page.heading(&crate::clean::line(&comparison.title)).trim_start().to_owned();
    for side in comparison.sides.iter().chain(&comparison.cautions) {
        out.push_str(&page.item(side));
    }
    for (title, table) in &comparison.tables {
        out.push_str(&page.heading(title));
        out.push_str(&draw(table, page.width, page.paint, lang));
    }
    out
}

/// Renders two experiments side by side as Markdown.
pub fn compare_markdown(a: Side<'_>, b: Side<'_>, lang: Lang) -> String {
    let comparison = Comparison::of(a, b, lang);
    let mut out = format!("# {}\n\n", escape(&comparison.title));
    for side in comparison.sides.iter().chain(&comparison.cautions) {
        out.push_str(&format!("- {}\n", escape(side)));
    }
    for (title, table) in &comparison.tables {
        out.push_str(&(markdown::heading(title) + &markdown::table(table, lang)));
    }
    out
}

/// Renders two experiments side by side as one HTML file, in both languages.
///
/// `lang` is the language that it opens in.
pub fn compare_html(a: Side<'_>, b: Side<'_>, lang: Lang) -> String {
    html::compare(a, b, lang)
}

impl Comparison {
    pub(crate) fn of(a: Side<'_>, b: Side<'_>, lang: Lang) -> Comparison {
        let (first, second) = (&a.0.subject.name, &b.0.subject.name);
        let title = if first == second { first.clone() } else { format!("{first} / {second}") };
        let side = |letter: &str, e: &Experiment| {
            let machine = sentences::machine(&e.machine);
            format!("{letter} = {machine} · {} · {}", e.subject.go, e.started)
        };
        Comparison {
            title: format!("{title}: A / B"),
            sides: [side("A", a.0), side("B", b.0)],
            cautions: cautions(a, b, lang),
            tables: [
                (labels::STAGES_APART.to(lang).to_owned(), stages(a.1, b.1, lang)),
                (labels::RECIPES_APART.to(lang).to_owned(), recipes(a.1, b.1, lang)),
            ],
        }
    }
}

fn cautions(a: Side<'_>, b: Side<'_>, lang: Lang) -> Vec<String> {
    let mut cautions = Vec::new();
    if a.0.subject.sources != b.0.subject.sources {
        cautions.push(say!(
            lang,
            "The sources of A and B are not the same, so sizes differ for that reason too.",
            "A 与 B 的源码不同，体积差异也部分源于此。"
        ));
    }
    let (go_a, go_b) = (&a.0.subject.go, &b.0.subject.go);
    if go_a != go_b {
        cautions.push(say!(
            lang,
            "A was built with {go_a}, B with {go_b}.",
            "A 用 {go_a} 构建，B 用 {go_b} 构建。"
        ));
    }
    for (letter, side) in [("A", a), ("B", b)] {
        if let Some(text) = sentences::unfinished(side.0, side.1, lang) {
            cautions.push(format!("{letter}: {text}"));
        }
    }
    cautions.push(say!(
        lang,
        "Start-up against the machine's own baseline is the paired ratio; against the other machine's it is the quotient of the two medians.",
        "启动时间与本机基准相比时为逐轮配对的比值；与另一台机器的基准相比时为两个中位数之商。"
    ));
    cautions
}

fn head(text: impl Into<String>, rank: u8) -> Head {
    Head { text: text.into(), numeric: rank > 0, rank }
}

/// The recipe up to each step, in the order of the plan, each once.
fn steps(records: &[RecipeRecord]) -> Vec<(String, &Step)> {
    let mut seen = std::collections::HashSet::new();
    let mut list = Vec::new();
    for record in records {
        let mut name = String::new();
        for (index, step) in record.steps.iter().enumerate() {
            let word = if index == 0 { &record.variant } else { &step.name };
            if index == 0 && word == facts::BASELINE {
                continue;
            }
            name = if name.is_empty() { word.clone() } else { format!("{name} > {word}") };
            if seen.insert(name.clone()) {
                list.push((name.clone(), step));
            }
        }
    }
    list
}

/// The names of both lists, A's order first, each with what either side has for it.
pub(crate) fn join<T: Copy>(
    a: Vec<(String, T)>,
    b: Vec<(String, T)>,
) -> Vec<(String, [Option<T>; 2])> {
    let mut of_b: HashMap<String, T> = b.iter().cloned().collect();
    let both = a.into_iter().map(|(name, value)| {
        let other = of_b.remove(&name);
        (name, [Some(value), other])
    });
    let mut joined: Vec<_> = both.collect();
    let only_b = b.into_iter().filter(|(name, _)| of_b.contains_key(name));
    joined.extend(only_b.map(|(name, value)| (name, [None, Some(value)])));
    joined
}

fn stages(a: &[RecipeRecord], b: &[RecipeRecord], lang: Lang) -> Table {
    let last = Text("after the stage", "该阶段之后").to(lang);
    let mut heads = vec![head(last, 0)];
    for letter in ["A", "B"] {
        heads.push(head(format!("{letter} Δ {}", Text("bytes", "字节").to(lang)), 2));
        heads.push(head(format!("{letter} Δ %"), 1));
    }
    let rows = join(steps(a), steps(b)).into_iter().map(|(name, sides)| {
        let cells = sides.into_iter().flat_map(|step| match step {
            None => [Cell::none(), Cell::none()],
            Some(step) => {
                let before = step.bytes as f64 - step.delta_bytes as f64;
                let percent = (before > 0.0).then(|| step.delta_bytes as f64 / before * 100.0);
                let bytes = step.delta_bytes;
                [
                    Cell::number(bytes as f64, |_| figures::exact_change(bytes)),
                    Cell::number(percent, figures::percent),
                ]
            }
        });
        Row { name, picked: false, cells: cells.collect(), note: None }
    });
    Table { rows: rows.collect(), heads }
}

fn recipes(a: &[RecipeRecord], b: &[RecipeRecord], lang: Lang) -> Table {
    let (base_a, base_b) = (facts::baseline(a), facts::baseline(b));
    let named = |records: &'_ [RecipeRecord]| -> Vec<(String, usize)> {
        records.iter().enumerate().map(|(at, record)| (record.recipe.clone(), at)).collect()
    };
    let mut heads = vec![head(labels::RECIPE.to(lang), 0)];
    let size = labels::SIZE.to(lang);
    let start = labels::START.to(lang);
    for (own, other) in [("A", "B"), ("B", "A")] {
        heads.push(head(format!("{own} {size}"), 4));
        heads.push(head(format!("{own}/{own} %"), 1));
        heads.push(head(format!("{own}/{other} %"), 2));
        heads.push(head(format!("{own} {start}"), 5));
        heads.push(head(format!("{own}/{own} ×"), 3));
        heads.push(head(format!("{own}/{other} ×"), 3));
    }
    let rows = join(named(a), named(b)).into_iter().map(|(name, [in_a, in_b])| {
        let (in_a, in_b) = (in_a.map(|at| &a[at]), in_b.map(|at| &b[at]));
        let note = match (in_a, in_b) {
            (Some(one), None) | (None, Some(one)) => note(one, lang),
            (Some(one), Some(other)) if other.status != Status::Ok => note(one, lang),
            _ => None,
        };
        let cells_a = side_cells(in_a, base_a, base_b, lang);
        let cells_b = side_cells(in_b, base_b, base_a, lang);
        let cells = cells_a.into_iter().chain(cells_b).collect();
        Row { name, picked: false, cells, note }
    });
    Table { rows: rows.collect(), heads }
}

fn note(record: &RecipeRecord, lang: Lang) -> Option<(Status, String)> {
    facts::reason(record, lang).map(|reason| (record.status, reason))
}

/// Size, start, and both against either baseline; a word where the recipe has none.
fn side_cells(
    record: Option<&RecipeRecord>,
    own: Option<&RecipeRecord>,
    other: Option<&RecipeRecord>,
    lang: Lang,
) -> [Cell; 6] {
    let Some(record) = record.filter(|record| record.status == Status::Ok) else {
        let word = record.map_or(labels::NOT_THERE, |record| names::status(record.status));
        let first = Cell::text(word.to(lang)).toned(Tone::Quiet);
        return [first, Cell::none(), Cell::none(), Cell::none(), Cell::none(), Cell::none()];
    };
    let size = |base: Option<&RecipeRecord>| {
        let percent = base.and_then(|base| figures::percent_between(base.bytes?, record.bytes?));
        Cell::number(percent, figures::percent)
    };
    let quotient = other.and_then(|base| Some(record.start_ms? / base.start_ms?));
    [
        Cell::bytes(record.bytes, figures::exact),
        size(own),
        size(other),
        Cell::number(record.start_ms, figures::ms),
        columns::ratio(record.start.as_ref().and_then(|start| start.ratio.as_ref())),
        Cell::number(quotient, figures::times),
    ]
}
