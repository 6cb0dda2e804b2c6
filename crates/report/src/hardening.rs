//! A hardening as a sheet: the checks, the false alarms, addresses, relocations, gadgets, returns.

use crate::catalogue::{hardening as words, messages};
use crate::sheet::{self, Sheet};
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::{Lang, figures};
use elfin_schema::{
    BitsOf, GadgetCount, HardenVerdict, HardenedProgram, Hardening, Probe, ReturnInputs,
};

/// Renders a hardening for a terminal of `width` columns.
pub fn hardening(document: &Hardening, lang: Lang, width: u16, colour: bool) -> String {
    sheet::terminal(&compose(document, lang), lang, width, colour)
}

/// Renders a hardening as Markdown.
pub fn hardening_markdown(document: &Hardening, lang: Lang) -> String {
    sheet::markdown(&compose(document, lang), lang)
}

/// Renders a hardening as one HTML file, in both languages.
pub fn hardening_html(document: &Hardening, lang: Lang) -> String {
    sheet::html(Lang::ALL.map(|lang| (lang, compose(document, lang))), "harden", lang)
}

fn compose(document: &Hardening, lang: Lang) -> Sheet {
    let programs: Vec<&HardenedProgram> =
        std::iter::once(&document.program).chain(&document.versus).collect();
    let named: Vec<&str> = programs.iter().map(|it| it.name.as_str()).collect();
    let mut sheet = Sheet { title: named.join(" · "), ..Sheet::default() };
    for program in &programs {
        let go = program.go.clone().unwrap_or_default();
        let size = figures::exact(program.size);
        sheet.lede.push(format!("{} · {size} B · {} · {go}", program.name, program.arch));
    }
    sheet.heading(words::PROTECTION.to(lang));
    sheet.table(checks(&programs, lang));
    sheet.heading(words::ALARMS.to(lang));
    sheet.items(reasons(&programs, lang));
    addresses(&mut sheet, &programs, lang);
    relocations(&mut sheet, &programs, lang);
    gadgets(&mut sheet, &programs, lang);
    returns(&mut sheet, document, lang);
    sheet
}

fn head(text: impl Into<String>, numeric: bool) -> Head {
    Head { text: text.into(), numeric, rank: 0 }
}

fn row(name: impl Into<String>, cells: Vec<Cell>) -> Row {
    Row { name: name.into(), picked: false, cells, note: None }
}

fn checks(programs: &[&HardenedProgram], lang: Lang) -> Table {
    let mut heads = vec![head(words::CHECK.to(lang), false)];
    for program in programs {
        let name =
            if programs.len() > 1 { program.name.clone() } else { words::FOUND.to(lang).into() };
        heads.extend([head(name, false), head(words::VERDICT.to(lang), false)]);
    }
    let count = programs.iter().map(|it| it.checks.len()).min().unwrap_or(0);
    let rows = (0..count).map(|index| {
        let cells = programs.iter().flat_map(|program| {
            let check = &program.checks[index];
            let tone = match check.verdict {
                HardenVerdict::Good => Tone::Good,
                HardenVerdict::Missing => Tone::Bad,
                HardenVerdict::FalseAlarm | HardenVerdict::Note => Tone::Quiet,
            };
            let verdict = words::verdict(check.verdict).to(lang);
            [Cell::text(words::found(&check.found, lang)), Cell::text(verdict).toned(tone)]
        });
        row(words::check(&programs[0].checks[index].found).to(lang), cells.collect())
    });
    Table { rows: rows.collect(), heads }
}

/// Each reason once, with the check that it is about.
fn reasons(programs: &[&HardenedProgram], lang: Lang) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for check in programs.iter().flat_map(|it| &it.checks) {
        let Some(why) = check.why else { continue };
        let name = words::check(&check.found).to(lang);
        let verdict = words::verdict(check.verdict).to(lang);
        let text = format!("{name} ({verdict}): {}", words::why(why).to(lang));
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

/// The words of a probe that was not completed.
fn not_measured<T>(probe: &Probe<T>, lang: Lang) -> Option<String> {
    match probe {
        Probe::Measured { .. } => None,
        Probe::Failed { says } => Some(says.clone()),
        Probe::Skipped { why } => Some(messages::message(why, lang)),
    }
}

fn addresses(sheet: &mut Sheet, programs: &[&HardenedProgram], lang: Lang) {
    sheet.heading(words::ADDRESSES.to(lang));
    for program in programs {
        if let Some(says) = not_measured(&program.aslr_bits, lang) {
            sheet.text(format!("{}: {says}", program.name));
        }
        let Some(bits) = program.aslr_bits.value() else { continue };
        let name = if programs.len() > 1 { program.name.as_str() } else { words::MAPPING.to(lang) };
        let heads = vec![
            head(name, false),
            head(words::VARYING.to(lang), true),
            head(words::ENTROPY.to(lang), true),
            head(words::KERNEL.to(lang), true),
        ];
        let rows = bits.mappings.iter().map(|(of, it)| {
            let BitsOf { varying, entropy, kernel } = it;
            let cells = vec![
                Cell::number(f64::from(*varying), |it| it.to_string()),
                Cell::number(*entropy, |it| format!("{it:.1}")),
                Cell::number(kernel.map(f64::from), |it| it.to_string()),
            ];
            row(words::mapping(*of).to(lang), cells)
        });
        sheet.table(Table { rows: rows.collect(), heads });
        sheet.text(words::starts(bits.starts, &bits.at, lang));
    }
}

fn relocations(sheet: &mut Sheet, programs: &[&HardenedProgram], lang: Lang) {
    sheet.heading(words::RELOCATIONS.to(lang));
    let mut types: Vec<&String> =
        programs.iter().flat_map(|it| it.relocations.by_type.keys()).collect();
    types.sort();
    types.dedup();
    let mut heads = vec![head(words::TYPE.to(lang), false)];
    for program in programs {
        let name =
            if programs.len() > 1 { program.name.clone() } else { words::COUNT.to(lang).into() };
        heads.push(head(name, true));
    }
    let rows = types.iter().map(|kind| {
        let count = |program: &&HardenedProgram| {
            let count = program.relocations.by_type.get(*kind).copied().unwrap_or(0);
            Cell::bytes(Some(count), figures::exact)
        };
        row((*kind).clone(), programs.iter().map(count).collect())
    });
    let rows: Vec<Row> = rows.collect();
    if rows.is_empty() {
        sheet.text(words::NO_RELOCATIONS.to(lang));
    }
    sheet.table(Table { rows, heads });
    for program in programs {
        let Some(loader) = &program.relocations.loader else { continue };
        let text = match loader.value() {
            Some(cost) => {
                let all = program.relocations.by_type.values().sum();
                words::loader(cost.ms.median, cost.instructions, all, lang)
            }
            None => not_measured(loader, lang).unwrap_or_default(),
        };
        sheet.text(if programs.len() > 1 { format!("{}: {text}", program.name) } else { text });
    }
}

fn gadgets(sheet: &mut Sheet, programs: &[&HardenedProgram], lang: Lang) {
    sheet.heading(words::GADGETS.to(lang));
    for program in programs {
        let Some(found) = program.gadgets.value() else {
            sheet.text(not_measured(&program.gadgets, lang).unwrap_or_default());
            continue;
        };
        let name = if programs.len() > 1 { program.name.as_str() } else { words::CLASS.to(lang) };
        sheet.table(classes(found, name, lang));
        if let (Some(still), Some(moving)) = (found.probes, found.probes_moving) {
            sheet.text(words::probes(still, moving, lang));
        }
    }
    sheet.text(words::GADGET_COUNTS.to(lang));
}

fn classes(found: &GadgetCount, name: &str, lang: Lang) -> Table {
    let heads = vec![
        head(name, false),
        head(words::PLACES.to(lang), true),
        head(words::UNIQUE.to(lang), true),
        head(words::EXAMPLE.to(lang), false),
    ];
    let line = |name: &str, total, unique, example: &str| {
        let number = |it| Cell::bytes(Some(it), figures::exact);
        row(name, vec![number(total), number(unique), Cell::text(example).toned(Tone::Quiet)])
    };
    let mut rows: Vec<Row> = found
        .by_class
        .iter()
        .map(|(class, it)| line(words::class(*class).to(lang), it.total, it.unique, &it.example))
        .collect();
    rows.push(line(words::ALL.to(lang), found.total, found.unique, ""));
    Table { heads, rows }
}

fn returns(sheet: &mut Sheet, document: &Hardening, lang: Lang) {
    let model = &document.returns;
    sheet.heading(words::RETURNS.to(lang));
    let ReturnInputs {
        starts_a_day,
        extra_ms,
        cost_of_ms,
        exploits_a_year,
        cost_of_exploit,
        stopped,
    } = model.inputs;
    let inputs = [
        ("starts_a_day", starts_a_day),
        ("extra_ms", extra_ms),
        ("cost_of_ms", cost_of_ms),
        ("exploits_a_year", exploits_a_year),
        ("cost_of_exploit", cost_of_exploit),
        ("stopped", stopped),
    ];
    let heads = vec![
        head(words::INPUT.to(lang), false),
        head(words::VALUE.to(lang), true),
        head(words::SET_BY.to(lang), false),
    ];
    let rows = inputs.iter().map(|(name, value)| {
        let flag = format!("--{}", name.replace('_', "-"));
        let from = match *name {
            "extra_ms" => format!("{flag} ({})", words::extra_from(model.extra_ms_from).to(lang)),
            _ => flag,
        };
        let value = Cell::number(*value, figures::rough);
        row(words::input(name).to(lang), vec![value, Cell::text(from).toned(Tone::Quiet)])
    });
    sheet.table(Table { rows: rows.collect(), heads });
    sheet.text(words::answer(model, lang));
    if model.break_even_starts.is_some() {
        sheet.text(words::SENSITIVITY.to(lang));
        let mut heads = vec![head(words::INPUT.to(lang), false)];
        heads.extend(["× 0.1", "× 0.5", "× 2", "× 10"].map(|it| head(it, true)));
        let rows = model.sensitivity.iter().map(|it| {
            let cells = it.break_even.map(|even| Cell::number(even, figures::rough));
            row(words::input(&it.input).to(lang), cells.to_vec())
        });
        sheet.table(Table { rows: rows.collect(), heads });
    }
    sheet.text(words::ONLY_WITH_INPUTS.to(lang));
}
