//! The columns of the comparison table.
//!
//! One list for the terminal, Markdown and HTML. The CSV has its own, wider
//! one: its columns are for machines and do not change with the language.

use crate::catalogue::{Lang, Text, labels, names};
use crate::facts::{self, Answer};
use crate::figures;
use crate::table::{Cell, Head, Row, Table, Tone};
use elfin_schema::{Memory, Probe, Ratio, RecipeRecord, Series, Status};

struct Column {
    heading: Text,
    rank: u8,
    numeric: bool,
    cell: fn(&RecipeRecord, Lang) -> Cell,
}

const fn number(heading: Text, rank: u8, cell: fn(&RecipeRecord, Lang) -> Cell) -> Column {
    Column { heading, rank, numeric: true, cell }
}

const fn words(heading: Text, rank: u8, cell: fn(&RecipeRecord, Lang) -> Cell) -> Column {
    Column { heading, rank, numeric: false, cell }
}

const COLUMNS: [Column; 15] = [
    words(Text("status", "状态"), 4, |r, lang| {
        let tone = if r.status == Status::Ok { Tone::Quiet } else { Tone::Bad };
        Cell::text(names::status(r.status).to(lang)).toned(tone)
    }),
    number(Text("size, bytes", "体积（字节）"), 1, |r, _| {
        Cell::bytes(r.bytes, figures::exact)
    }),
    number(Text("Δ bytes", "Δ 字节"), 11, |r, _| {
        let change = r.delta_bytes.filter(|_| r.recipe != facts::BASELINE);
        change.map_or_else(Cell::none, |change| {
            Cell::number(change as f64, |_| figures::exact_change(change))
        })
    }),
    number(Text("Δ %", "Δ %"), 2, |r, _| {
        let change = r.delta_percent.filter(|_| r.recipe != facts::BASELINE);
        Cell::number(change, figures::percent)
    }),
    number(Text("gzip -6", "gzip -6"), 7, |r, _| {
        Cell::bytes(r.transfer.map(|transfer| transfer.gzip_6), figures::human)
    }),
    number(Text("start, ms", "启动（毫秒）"), 2, |r, _| match &r.start {
        Some(start) => series(&start.warm),
        None => Cell::number(r.start_ms, figures::ms),
    }),
    number(Text("vs. base", "相对基准"), 3, |r, _| {
        ratio(r.start.as_ref().and_then(|start| start.ratio.as_ref()))
    }),
    number(Text("cold, ms", "冷启动（毫秒）"), 13, |r, _| {
        let cold = r.start.as_ref().and_then(|start| start.cold.value());
        cold.map_or_else(Cell::none, series)
    }),
    number(Text("cold vs. base", "冷启动相对基准"), 14, |r, _| {
        ratio(r.start.as_ref().and_then(|start| start.cold_ratio.as_ref()))
    }),
    number(Text("peak RSS", "峰值内存"), 8, |r, _| {
        Cell::bytes(memory(r).map(|memory| memory.max_rss), figures::human)
    }),
    number(Text("private", "私有内存"), 10, |r, _| {
        Cell::bytes(memory(r).map(|memory| memory.private_dirty), figures::human)
    }),
    number(Text("bench", "基准测试"), 6, |r, _| match &r.bench {
        Some(Probe::Failed { .. }) => Cell::tick(Some(false)),
        bench => ratio(bench.as_ref().and_then(Probe::value).and_then(|it| it.ratio.as_ref())),
    }),
    words(Text("gdb", "gdb"), 5, |r, _| Cell::tick(gdb(r))),
    words(Text("scratch", "scratch"), 9, |r, _| Cell::tick(from_scratch(r))),
    words(Text("PIE", "PIE"), 12, |r, _| Cell::tick(r.protection.as_ref().map(|p| p.pie))),
];

fn series(series: &Series) -> Cell {
    let shown = |ms| format!("{} {}", figures::ms(ms), figures::half(series.interval));
    Cell::number(series.median, shown)
}

/// A factor, or `=` where the interval holds 1.
pub(crate) fn ratio(ratio: Option<&Ratio>) -> Cell {
    let Some(ratio) = ratio else { return Cell::none() };
    if !ratio.differs {
        return Cell { text: "=".to_owned(), value: Some(1.0), tone: Tone::Quiet };
    }
    let tone = if ratio.median > 1.0 { Tone::Bad } else { Tone::Good };
    Cell::number(ratio.median, figures::times).toned(tone)
}

fn memory(record: &RecipeRecord) -> Option<&Memory> {
    record.memory.as_ref().and_then(Probe::value)
}

/// Does gdb work in full; `None` where no gdb probe was made.
pub(crate) fn gdb(record: &RecipeRecord) -> Option<bool> {
    let debug = record.debug.as_ref()?;
    let asked = debug.probed.iter().any(|(capability, probe)| {
        matches!(
            capability,
            elfin_schema::Capability::GdbFunction
                | elfin_schema::Capability::GdbLine
                | elfin_schema::Capability::GdbBacktrace
                | elfin_schema::Capability::GdbLocals
        ) && probe.value().is_some()
    });
    asked.then(|| debug.gdb_works())
}

/// Does it start in an empty root; `None` where that was not tried.
pub(crate) fn from_scratch(record: &RecipeRecord) -> Option<bool> {
    record.portability.as_ref()?.runs_from_scratch.value().map(|works| works.yes)
}

/// The comparison table: a row for every record, columns that nobody fills left out.
pub(crate) fn comparison(records: &[RecipeRecord], answers: &[Answer<'_>], lang: Lang) -> Table {
    let recipe = Head { text: labels::RECIPE.to(lang).to_owned(), numeric: false, rank: 0 };
    let heads = COLUMNS.iter().map(|column| Head {
        text: column.heading.to(lang).to_owned(),
        numeric: column.numeric,
        rank: column.rank,
    });
    let rows = records.iter().map(|record| Row {
        name: record.recipe.clone(),
        picked: is_picked(record, answers),
        cells: COLUMNS.iter().map(|column| (column.cell)(record, lang)).collect(),
        note: facts::reason(record, lang).map(|reason| (record.status, reason)),
    });
    Table { heads: std::iter::once(recipe).chain(heads).collect(), rows: rows.collect() }
        .without_empty_columns()
}

/// True if one of the answers names the recipe.
pub(crate) fn is_picked(record: &RecipeRecord, answers: &[Answer<'_>]) -> bool {
    let mut found = answers.iter().filter_map(|answer| answer.found);
    found.any(|(_, picked)| picked.recipe == record.recipe)
}
