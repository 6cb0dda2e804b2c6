//! One source in several root file systems as a sheet: who starts where, what it costs there, how
//! names are resolved.

use crate::catalogue::{messages, roots as words, sentences};
use crate::sheet::{self, Sheet};
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::{Lang, figures};
use elfin_schema::{
    AcrossRoots, Memory, NameAnswer, Probe, Resolver, RootBuild, RootPair, RootPlace,
};

/// Less is not worth a cell's room.
const SLOW_MS: f64 = 100.0;

/// Renders an experiment across roots for a terminal of `width` columns.
pub fn roots(document: &AcrossRoots, lang: Lang, width: u16, colour: bool) -> String {
    sheet::terminal(&compose(document, lang), lang, width, colour)
}

/// Renders an experiment across roots as Markdown.
pub fn roots_markdown(document: &AcrossRoots, lang: Lang) -> String {
    sheet::markdown(&compose(document, lang), lang)
}

/// Renders an experiment across roots as one HTML file, in both languages.
pub fn roots_html(document: &AcrossRoots, lang: Lang) -> String {
    sheet::html(Lang::ALL.map(|lang| (lang, compose(document, lang))), "lab --root", lang)
}

fn compose(document: &AcrossRoots, lang: Lang) -> Sheet {
    let mut sheet = Sheet { title: document.program.clone(), ..Sheet::default() };
    let files: Vec<&RootBuild> = different(document).collect();
    let works = document.pairs.iter().filter(|it| it.why.is_none()).count();
    let counts = (document.roots.len(), files.len(), works, document.pairs.len());
    sheet.lede.push(words::sum(counts.0, counts.1, counts.2, counts.3, lang));
    sheet.lede.push(format!("{} · {}", document.go, sentences::machine(&document.machine)));
    sheet.items(document.findings.iter().map(|it| messages::message(it, lang)).collect());
    sheet.heading(words::PAIRS.to(lang));
    sheet.table(matrix(document, lang));
    sheet.items(
        document
            .pairs
            .iter()
            .filter_map(|it| {
                let why = it.why.as_ref()?;
                Some(words::why(&built(document, it, lang), &it.run_in, why, &it.says, lang))
            })
            .collect(),
    );
    costs(&mut sheet, document, lang);
    for (at, root) in document.roots.iter().enumerate() {
        names(&mut sheet, document, root, at == 0, lang);
    }
    trials(&mut sheet, document, lang);
    sheet.heading(words::ROOTS.to(lang));
    sheet.table(places(document, lang));
    sheet.heading(words::BUILDS.to(lang));
    sheet.table(builds(document, lang));
    sheet.items(failed(document, lang));
    sheet
}

/// What could not be built; what several roots said alike is said once.
fn failed(document: &AcrossRoots, lang: Lang) -> Vec<String> {
    let mut said: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for build in &document.builds {
        let Some(says) = &build.says else { continue };
        match said.iter_mut().find(|it| (it.0, it.1) == (&*build.way, &**says)) {
            Some((_, _, roots)) => roots.push(&build.root),
            None => said.push((&build.way, says, vec![&build.root])),
        }
    }
    let line = |(way, says, roots): (&str, &str, Vec<&str>)| {
        format!("{way} · {}: {}: {says}", roots.join(", "), words::FAILED.to(lang))
    };
    said.into_iter().map(line).collect()
}

fn head(text: impl Into<String>, numeric: bool, rank: u8) -> Head {
    Head { text: text.into(), numeric, rank }
}

fn row(name: impl Into<String>, cells: Vec<Cell>) -> Row {
    Row { name: name.into(), picked: false, cells, note: None }
}

/// Files that are not the bytes of one before.
fn different(document: &AcrossRoots) -> impl Iterator<Item = &RootBuild> {
    document.builds.iter().filter(|it| it.says.is_none() && it.same_as.is_none())
}

/// How a file is called: its way, and the roots that built it.
fn named(document: &AcrossRoots, root: &str, way: &str, every: &str) -> String {
    let same = document
        .builds
        .iter()
        .filter(|it| it.way == way && (it.root == root || it.same_as.as_deref() == Some(root)));
    let roots: Vec<&str> = same.map(|it| it.root.as_str()).collect();
    if roots.len() > 1 && roots.len() == document.roots.len() {
        return format!("{way} · {every}");
    }
    format!("{way} · {}", if roots.is_empty() { root.to_owned() } else { roots.join(" = ") })
}

fn built(document: &AcrossRoots, pair: &RootPair, lang: Lang) -> String {
    named(document, &pair.built_in, &pair.way, words::EVERY.to(lang))
}

/// The file name of a loader, and the version of libc that is needed.
fn needs(build: &RootBuild, lang: Lang) -> String {
    let Some(loader) = &build.interpreter else { return words::NOTHING.to(lang).to_owned() };
    let loader = loader.rsplit('/').next().unwrap_or(loader);
    let mut parts = vec![loader.split(['-', '.']).take(2).collect::<Vec<_>>().join("-")];
    parts.extend(libc_version(build).map(str::to_owned));
    parts.join(", ")
}

fn libc_version(build: &RootBuild) -> Option<&str> {
    let versions = build.versions.iter().map(|it| it.version.as_str());
    versions.filter(|it| it.starts_with("GLIBC_")).max_by_key(|it| {
        let numbers = it.split(['_', '.']).filter_map(|part| part.parse::<u64>().ok());
        numbers.collect::<Vec<_>>()
    })
}

/// Files by roots: a tick with the time to start, or a cross with the reason.
fn matrix(document: &AcrossRoots, lang: Lang) -> Table {
    let mut heads =
        vec![head(words::BUILT.to(lang), false, 0), head(words::NEEDS.to(lang), false, 0)];
    heads.extend(document.roots.iter().map(|it| head(it.name.as_str(), false, 0)));
    let rows = different(document).map(|build| {
        let mut cells = vec![Cell::text(needs(build, lang)).toned(Tone::Quiet)];
        cells.extend(document.roots.iter().map(|root| {
            let pair = document.pairs.iter().find(|it| {
                it.built_in == build.root && it.way == build.way && it.run_in == root.name
            });
            match pair {
                None => Cell::none(),
                Some(RootPair { why: Some(why), .. }) => {
                    Cell::text(format!("✗ {}", words::why_short(why, lang))).toned(Tone::Bad)
                }
                Some(pair) => {
                    let ms = pair.start.as_ref().map(|it| figures::ms(it.median));
                    let ms = ms.map(|ms| format!(" {ms} ms")).unwrap_or_default();
                    Cell::text(format!("✓{ms}")).toned(Tone::Good)
                }
            }
        }));
        let every = words::EVERYWHERE.to(lang);
        row(named(document, &build.root, &build.way, every), cells)
    });
    Table { rows: rows.collect(), heads }
}

fn costs(sheet: &mut Sheet, document: &AcrossRoots, lang: Lang) {
    let pairs = || document.pairs.iter().filter(|it| it.why.is_none());
    if pairs().next().is_none() {
        return;
    }
    sheet.heading(words::COSTS.to(lang));
    let heads = vec![
        head(words::BUILT.to(lang), false, 0),
        head(words::ROOT.to(lang), false, 0),
        head(words::START.to(lang), true, 0),
        head("±", true, 5),
        head(words::AGAINST.to(lang), true, 4),
        head(words::REST.to(lang), true, 0),
        head(words::LOADED.to(lang), true, 0),
        head(words::REACHED.to(lang), true, 0),
        head(words::MEDIAN.to(lang), true, 6),
        head(words::P99.to(lang), true, 3),
    ];
    let rows = pairs().map(|pair| {
        let load = pair.load.as_ref().and_then(Probe::value);
        let rest = pair.rest.as_ref().and_then(Probe::value);
        let start = pair.start.as_ref();
        let ratio = pair
            .ratio
            .as_ref()
            .map(|it| if it.differs { figures::times(it.median) } else { "=".to_owned() });
        let cells = vec![
            Cell::text(pair.run_in.as_str()),
            Cell::number(start.map(|it| it.median), figures::ms),
            start.map_or_else(Cell::none, |it| {
                Cell::text(figures::half(it.interval)).toned(Tone::Quiet)
            }),
            ratio.map_or_else(Cell::none, Cell::text),
            memory(rest),
            memory(load.map(|it| &it.memory)),
            Cell::number(load.map(|it| it.reached), |it| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let rounded = it.max(0.0).round() as u64;
                figures::exact(rounded)
            }),
            Cell::number(load.map(|it| it.median_ms), figures::ms),
            Cell::number(load.map(|it| it.p99_ms), figures::ms),
        ];
        row(built(document, pair, lang), cells)
    });
    let table = Table { rows: rows.collect(), heads };
    sheet.table(table.without_empty_columns());
    sheet.text(words::MEMORY_LEGEND.to(lang));
    let mut said = Vec::new();
    for pair in pairs() {
        let text = match &pair.load {
            Some(Probe::Measured { value }) => words::load(
                value.asked,
                value.connections,
                value.seconds,
                &value.path,
                document.machine.cpus,
                lang,
            ),
            Some(Probe::Skipped { why }) => messages::message(why, lang),
            Some(Probe::Failed { says }) => {
                format!("{} · {}: {says}", built(document, pair, lang), pair.run_in)
            }
            None => continue,
        };
        if !said.contains(&text) {
            said.push(text);
        }
        if let Some(load) = pair.load.as_ref().and_then(Probe::value)
            && (load.failed > 0 || load.status != 200)
        {
            let name = format!("{} · {}", built(document, pair, lang), pair.run_in);
            said.push(words::failed(&name, load.failed, load.answered, load.status, lang));
        }
    }
    for text in said {
        sheet.text(text);
    }
}

fn memory(memory: Option<&Memory>) -> Cell {
    match memory {
        None => Cell::none(),
        Some(it) => Cell {
            value: Some(it.private_dirty as f64),
            ..Cell::text(format!(
                "{} ({})",
                figures::human(it.private_dirty),
                figures::human(it.max_rss)
            ))
        },
    }
}

/// A program that resolves, in a few words.
fn resolver(it: &Resolver) -> String {
    // What all of a row's neighbours have says nothing; a compiler or a tag by itself does.
    let name = it.way.strip_prefix("cgo1+").unwrap_or(&it.way);
    let name = name.strip_prefix("CC=").unwrap_or(name);
    let name = name.strip_prefix("tags(").and_then(|it| it.strip_suffix(')')).unwrap_or(name);
    let mut name = name.to_owned();
    if it.built_in != it.run_in {
        name = format!("{name} · {}", it.built_in);
    }
    if it.forced { format!("{name} → C") } else { name }
}

fn names(sheet: &mut Sheet, document: &AcrossRoots, root: &RootPlace, first: bool, lang: Lang) {
    let here: Vec<&Resolver> =
        document.resolvers.iter().filter(|it| it.run_in == root.name).collect();
    if here.is_empty() {
        return;
    }
    sheet.heading(words::names_in(&root.name, &root.libc, lang));
    if first {
        sheet.text(words::NAMES_LEGEND.to(lang));
    }
    let mut heads = vec![head(words::TRIAL.to(lang), false, 0)];
    heads.extend(here.iter().map(|it| head(resolver(it), false, 0)));
    let rows = document.trials.iter().enumerate().map(|(at, trial)| {
        let cells = here.iter().map(|it| {
            it.answers.get(at).map_or_else(Cell::none, |answer| found(answer, it.forced))
        });
        row(words::trial(trial.id).to(lang), cells.collect())
    });
    sheet.table(Table { rows: rows.collect(), heads });
    let mut items = Vec::new();
    for it in &here {
        for (trial, answer) in document.trials.iter().zip(&it.answers) {
            if !answer.right {
                let (who, name) = (resolver(it), words::trial(trial.id).to(lang));
                let right = |it: &&String| trial.addresses.contains(it);
                let found = match trial.addresses.is_empty() {
                    true => answer.addresses.len(),
                    false => answer.addresses.iter().filter(right).count(),
                };
                let found = (found, trial.addresses.len());
                items.push(words::disagrees(&who, &root.name, name, found, &answer.says, lang));
            }
        }
    }
    sheet.items(items);
}

fn found(answer: &NameAnswer, forced: bool) -> Cell {
    let mut text = format!("{} {}", if answer.right { "✓" } else { "✗" }, answer.asked.len());
    if answer.used == "cgo" && !forced {
        text.push_str(" C");
    }
    if answer.ms >= SLOW_MS {
        text.push_str(&format!(" · {} ms", figures::ms(answer.ms)));
    }
    Cell::text(text).toned(if answer.right { Tone::Good } else { Tone::Bad })
}

fn trials(sheet: &mut Sheet, document: &AcrossRoots, lang: Lang) {
    if document.resolvers.is_empty() {
        return;
    }
    sheet.heading(words::TRIALS.to(lang));
    let items = document.trials.iter().map(|it| {
        let none = words::NO_FILE.to(lang);
        let file = |text: &Option<String>| {
            text.as_ref().map_or_else(|| none.to_owned(), |it| it.trim_end().replace('\n', "; "))
        };
        let mut text = format!(
            "{}: {} {} · /etc/resolv.conf: {} · /etc/nsswitch.conf: {}",
            words::trial(it.id).to(lang),
            it.name,
            words::expects(it.addresses.len(), lang),
            file(&it.resolv_conf),
            file(&it.nsswitch),
        );
        if !it.hosts.is_empty() {
            text.push_str(&format!(" · /etc/hosts: {}", it.hosts.trim_end()));
        }
        text
    });
    sheet.items(items.collect());
}

fn places(document: &AcrossRoots, lang: Lang) -> Table {
    let heads = vec![
        head(words::ROOT.to(lang), false, 0),
        head(words::SYSTEM.to(lang), false, 0),
        head(words::LIBC.to(lang), false, 0),
        head(words::COMPILERS.to(lang), false, 5),
    ];
    let some = |text: &str| if text.is_empty() { Cell::none() } else { Cell::text(text) };
    let rows = document.roots.iter().map(|it| {
        row(
            it.name.as_str(),
            vec![some(&it.system), some(&it.libc), some(&it.compilers.join("; "))],
        )
    });
    Table { rows: rows.collect(), heads }
}

fn builds(document: &AcrossRoots, lang: Lang) -> Table {
    let heads = vec![
        head(words::BUILT.to(lang), false, 0),
        head(words::BYTES.to(lang), true, 0),
        head(words::VERSION.to(lang), false, 0),
        head(words::LIBRARIES.to(lang), false, 3),
        head(words::LOADER.to(lang), false, 4),
        head(words::SAME.to(lang), false, 2),
    ];
    let some = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() => Cell::text(text),
        _ => Cell::none(),
    };
    let rows = document.builds.iter().map(|it| {
        let cells = vec![
            Cell::bytes(it.bytes, figures::exact),
            some(libc_version(it)),
            some(Some(&it.needed.join(", "))),
            some(it.interpreter.as_deref()),
            some(it.same_as.as_deref()),
        ];
        row(format!("{} · {}", it.way, it.root), cells)
    });
    Table { rows: rows.collect(), heads }
}
