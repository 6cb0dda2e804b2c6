//! A start as a sheet: the timeline, the packages, the way in.

use crate::catalogue::{messages, starting as words};
use crate::sheet::{self, Bar, Block, Sheet};
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::terminal::shorten;
use crate::{Lang, figures};
use elfin_schema::{EntryFunction, PackageInit, Phase, Probe, StartPhase, Startup, WatchedProgram};

/// Columns that the list of calls takes; the document has all.
const CALLS: usize = 60;
/// Packages that a report for people lists, where not all were asked for.
const MOST: usize = 25;

/// Renders a start for a terminal of `width` columns; `all` lists every package.
pub fn startup(document: &Startup, all: bool, lang: Lang, width: u16, colour: bool) -> String {
    sheet::terminal(&compose(document, all, lang), lang, width, colour)
}

/// Renders a start as Markdown.
pub fn startup_markdown(document: &Startup, all: bool, lang: Lang) -> String {
    sheet::markdown(&compose(document, all, lang), lang)
}

/// Renders a start as one HTML file, in both languages.
pub fn startup_html(document: &Startup, lang: Lang) -> String {
    sheet::html(Lang::ALL.map(|lang| (lang, compose(document, true, lang))), "startup", lang)
}

fn compose(document: &Startup, all: bool, lang: Lang) -> Sheet {
    let programs: Vec<&WatchedProgram> =
        std::iter::once(&document.program).chain(&document.versus).collect();
    let named: Vec<&str> = programs.iter().map(|it| it.name.as_str()).collect();
    let mut sheet = Sheet { title: named.join(" · "), ..Sheet::default() };
    for it in &programs {
        let sum = words::sum(&it.name, it.ms.median, it.instructions, &it.until, lang);
        sheet.lede.push(sum);
    }
    if let (Some(ratio), [here, there]) = (&document.ratio, &programs[..]) {
        let interval = (ratio.interval.low, ratio.interval.high);
        let text =
            words::ratio(&here.name, &there.name, ratio.median, interval.0, interval.1, lang);
        sheet.lede.push(text);
    }
    sheet.heading(words::STAGES.to(lang));
    for program in &programs {
        if programs.len() > 1 {
            sheet.text(program.name.as_str());
        }
        sheet.blocks.push(Block::Bars(bars(program, lang)));
    }
    sheet.table(stages(&programs, lang));
    sheet.text(words::CLOCKS.to(lang));
    for program in &programs {
        sheet.text(match &program.counting {
            Probe::Measured { value } => words::counting(&program.name, value, lang),
            Probe::Failed { says } => format!("{}: {says}", program.name),
            Probe::Skipped { why } => format!("{}: {}", program.name, messages::message(why, lang)),
        });
    }
    if programs.iter().any(|it| !it.packages.is_empty()) {
        sheet.heading(words::PACKAGES.to(lang));
    }
    for program in programs.iter().filter(|it| !it.packages.is_empty()) {
        sheet.table(packages(program, programs.len() > 1, all, lang));
        let clock = program.packages.first().map(|it| words::clock(it.clock).to(lang));
        sheet.text(clock.unwrap_or_default());
    }
    sheet.heading(words::WAY_IN.to(lang));
    for program in &programs {
        sheet.table(chain(program, programs.len() > 1, lang));
    }
    if let Some(only) = &document.only {
        sheet.heading(words::ONLY.to(lang));
        let line = |name: &str, (from, call): &(String, String)| format!("{name}: {from} → {call}");
        let here = only.here.iter().map(|it| line(named[0], it));
        let there = only.there.iter().map(|it| line(named.get(1).copied().unwrap_or(""), it));
        let items: Vec<String> = here.chain(there).collect();
        if items.is_empty() {
            sheet.text(words::NOTHING_ONLY.to(lang));
        }
        sheet.items(items);
    }
    sheet
}

fn head(text: impl Into<String>, numeric: bool) -> Head {
    Head { text: text.into(), numeric, rank: 0 }
}

fn row(name: impl Into<String>, cells: Vec<Cell>) -> Row {
    Row { name: name.into(), picked: false, cells, note: None }
}

fn count(instructions: Option<u64>) -> Cell {
    Cell::bytes(instructions, figures::exact)
}

/// The stages one behind the other, and the packages below theirs.
fn bars(program: &WatchedProgram, lang: Lang) -> Vec<Bar> {
    /// Smaller parts are not seen.
    const LEAST: f64 = 0.01;
    let whole: f64 = program.phases.iter().map(|it| it.ms).sum();
    let mut bars = Vec::new();
    let mut at = 0.0;
    for phase in &program.phases {
        let shown = format!("{} ms", figures::ms(phase.ms));
        let name = words::phase(phase.name).to(lang).to_owned();
        bars.push(Bar { name, start: at, length: phase.ms, shown, depth: 0 });
        if phase.name == Phase::Packages {
            let mut inside = at;
            for package in &program.packages {
                let fits = inside + package.ms <= at + phase.ms;
                if package.ms > whole * LEAST && fits {
                    let shown = format!("{} ms", figures::ms(package.ms));
                    let (name, length) = (package.package.clone(), package.ms);
                    bars.push(Bar { name, start: inside, length, shown, depth: 1 });
                }
                inside += package.ms;
            }
        }
        at += phase.ms;
    }
    bars
}

fn stages(programs: &[&WatchedProgram], lang: Lang) -> Table {
    let mut heads = vec![head(words::STAGE.to(lang), false)];
    for program in programs {
        let named = |text: &str| {
            if programs.len() > 1 { format!("{} {text}", program.name) } else { text.to_owned() }
        };
        heads.push(head(named(words::MS.to(lang)), true));
        heads.push(head("±", true));
        heads.push(head(words::INSTRUCTIONS.to(lang), true));
        heads.push(head(words::FAULTS.to(lang), true));
    }
    let rows = Phase::ALL.into_iter().filter_map(|phase| {
        let of = |program: &WatchedProgram| -> Option<StartPhase> {
            program.phases.iter().find(|it| it.name == phase).cloned()
        };
        programs.iter().any(|it| of(it).is_some()).then(|| {
            let cells = programs.iter().flat_map(|program| match of(program) {
                Some(it) => vec![
                    Cell::number(it.ms, figures::ms),
                    Cell::text(figures::half(it.interval)).toned(Tone::Quiet),
                    count(it.instructions),
                    Cell::number(it.faults, figures::plain),
                ],
                None => vec![Cell::none(), Cell::none(), Cell::none(), Cell::none()],
            });
            row(words::phase(phase).to(lang), cells.collect())
        })
    });
    Table { rows: rows.collect(), heads }
}

fn packages(program: &WatchedProgram, named: bool, all: bool, lang: Lang) -> Table {
    let name = if named { program.name.as_str() } else { words::PACKAGE.to(lang) };
    let heads = vec![
        head(name, false),
        head(words::MS.to(lang), true),
        head(words::INSTRUCTIONS.to(lang), true),
        head(words::BYTES.to(lang), true),
        head(words::ALLOCATIONS.to(lang), true),
    ];
    let mut listed: Vec<&PackageInit> = program.packages.iter().collect();
    if !all && listed.len() > MOST {
        // What takes most, in the order in which it ran.
        let mut by_cost = listed.clone();
        by_cost.sort_by(|a, b| {
            (b.instructions, b.ms)
                .partial_cmp(&(a.instructions, a.ms))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        by_cost.truncate(MOST);
        listed.retain(|it| by_cost.iter().any(|other| other.package == it.package));
    }
    let rows = listed.into_iter().map(|it| {
        let cells = vec![
            Cell::number(it.ms, |ms| format!("{ms:.3}")),
            count(it.instructions),
            count(it.bytes),
            count(it.allocations),
        ];
        row(it.package.clone(), cells)
    });
    Table { rows: rows.collect(), heads }
}

fn chain(program: &WatchedProgram, named: bool, lang: Lang) -> Table {
    let name = if named { program.name.as_str() } else { words::FUNCTION.to(lang) };
    let heads = vec![
        head(name, false),
        head(words::INSTRUCTIONS.to(lang), true),
        head(words::BYTES.to(lang), true),
        head(words::CALLS.to(lang), false),
    ];
    let rows = program.chain.iter().map(|it: &EntryFunction| {
        let name = format!("{}{}", "· ".repeat(it.depth), it.name);
        let calls = Cell::text(shorten(&it.calls.join(", "), CALLS)).toned(Tone::Quiet);
        row(name, vec![count(Some(it.instructions)), count(Some(it.bytes)), calls])
    });
    Table { rows: rows.collect(), heads }
}
