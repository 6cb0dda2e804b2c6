//! `elfin lab`: the flags become an order, the lab carries it out, the reports are written.

use crate::arguments::LabArguments;
use crate::commands::report::{json, replace};
use crate::commands::{print, stop_on_signals, terminal};
use crate::progress::{Line, duration};
use anyhow::{Context, Result, bail};
use elfin_lab::{Depth, Order, Plan, What};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Runs an experiment.
pub(crate) fn run(arguments: LabArguments) -> Result<()> {
    if !arguments.root.is_empty() {
        return super::lab_roots::run(arguments);
    }
    let output = (arguments.output.json, arguments.output.lang.into());
    let order = order(arguments)?;
    if order.plan.effort.plan == "full" {
        eprintln!(
            "--full: {} recipes, {} variants built twice, {} starts each; this may take an hour. \
             Ctrl-C stops it, the same command goes on.",
            order.plan.recipes.len(),
            order.plan.variants().len(),
            order.plan.effort.rounds.warm + order.plan.effort.rounds.cold
        );
    }
    let line = Line::new();
    let stop = stop_on_signals()?;
    let outcome = elfin_lab::run(&order, &|event| line.show(&event), &stop);
    line.clear();
    let outcome = outcome?;

    let (experiment, records) = (&outcome.experiment, &outcome.records[..]);
    let (as_json, lang) = output;
    let write = |name: &str, text: &str| replace(&outcome.out.join(name), text);
    write("report.html", &elfin_report::html(experiment, records, lang))?;
    write("report.md", &elfin_report::markdown(experiment, records, lang))?;
    write("table.csv", &elfin_report::csv(experiment, records))?;
    if as_json {
        return print(json(experiment, records)?.as_bytes());
    }
    let (width, colour) = terminal();
    let text = elfin_report::terminal(experiment, records, lang, width, colour);
    let took = duration(Duration::from_secs_f64(experiment.seconds));
    let page = shown(&outcome.out.join("report.html"));
    print(format!("{text}\nReport: {page} ({took})\n").as_bytes())
}

/// A path as seen from here, where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

fn order(arguments: LabArguments) -> Result<Order> {
    let depth = match (arguments.quick, arguments.full) {
        (true, _) => Depth::Quick,
        (_, true) => Depth::Full,
        _ => Depth::Default,
    };
    let mut plan = match (&arguments.plan, &arguments.binary) {
        (Some(file), _) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read the plan {}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            Plan::from_toml(&text, &name, depth).with_context(|| file.display().to_string())?
        }
        (None, Some(_)) => Plan::for_binary(depth),
        (None, None) => Plan::for_package(depth),
    };
    if depth == Depth::Full && arguments.plan.is_none() && arguments.binary.is_none() {
        let here = elfin_goenv::Surroundings::of_this_process()?.releases_here();
        let names: Vec<String> = here.iter().map(ToString::to_string).collect();
        plan.add_go_versions(&names);
    }
    if arguments.binary.is_some() && plan.variants().len() > 1 {
        bail!("--binary takes a plan of stages only: a finished file cannot be built another way");
    }
    if !(arguments.timeout > 0.0 && arguments.timeout < 86_400.0) {
        bail!("--timeout takes seconds, more than 0 and less than a day");
    }
    if arguments.bench.as_ref().is_some_and(|command| !command.contains("{}")) {
        bail!("--bench does not say where the program stands in the command: write {{}} for it");
    }
    let directory = std::env::current_dir().context("the current folder cannot be told")?;
    let what = match (arguments.package, arguments.binary) {
        (Some(package), _) => What::Package(package),
        (None, Some(file)) => What::Binary(file),
        (None, None) => bail!("name a package or --binary FILE"),
    };
    let elfin = std::env::current_exe().context("elfin's own path cannot be told")?;
    Ok(Order {
        out: directory.join(arguments.out.unwrap_or_else(|| default_out(&what, &directory))),
        what,
        directory,
        run: arguments.run,
        ready: arguments.ready,
        timeout: Duration::from_secs_f64(arguments.timeout),
        plan,
        fresh: arguments.fresh,
        bench: arguments.bench,
        helper: vec![elfin.display().to_string(), "facts".into()],
    })
}

/// `elfin-lab/NAME`, by the last word of what is named, or of the folder where that is `.`; with
/// as many words before it as it takes not to be another program's folder.
pub(crate) fn default_out(what: &What, directory: &Path) -> PathBuf {
    let named = match what {
        What::Package(package) => words(directory, Path::new(package)),
        What::Binary(file) => words(directory, file),
    };
    let mut out = PathBuf::new();
    for count in 1..=named.len() {
        let name = named[named.len() - count..].join("-");
        out = Path::new("elfin-lab").join(name.strip_suffix(".go").unwrap_or(&name));
        let held = program_in(&directory.join(&out));
        if held.is_none_or(|other| words(directory, Path::new(&other)) == named) {
            break;
        }
    }
    out
}

/// The words of a path: one path has the same, however it is written.
fn words(directory: &Path, named: &Path) -> Vec<String> {
    let whole = directory.join(named);
    let words = whole.components().filter_map(|component| match component {
        Component::Normal(word) => Some(word.to_string_lossy().into_owned()),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { vec!["app".into()] } else { words }
}

/// The program whose experiment a folder holds, as it was named.
fn program_in(out: &Path) -> Option<String> {
    let text = std::fs::read_to_string(out.join("experiment.json")).ok()?;
    Some(elfin_schema::read_experiment(&text).ok()?.subject.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_after_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let out = |package: &str| default_out(&What::Package(package.into()), dir.path());
        assert_eq!(out("./cmd/server"), Path::new("elfin-lab/server"));
        assert_eq!(out("tools/gen.go"), Path::new("elfin-lab/gen"));
        assert_eq!(out("/"), Path::new("elfin-lab/app"));
    }
}
