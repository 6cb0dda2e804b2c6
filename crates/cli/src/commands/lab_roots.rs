//! `elfin lab --root`: one source, built in several root file systems and run in each.

use crate::arguments::LabArguments;
use crate::commands::lab::{default_out, shown};
use crate::commands::report::replace;
use crate::commands::{print, stop_on_signals, terminal};
use crate::progress::{Line, duration};
use anyhow::{Context, Result, bail};
use elfin_lab::{RootsOrder, What};
use elfin_schema::AcrossRoots;
use std::time::Duration;

/// Starts of each pair, and seconds of load: quick, as usual, full.
const EFFORTS: [(usize, u64); 3] = [(6, 1), (20, 3), (60, 10)];

/// Runs an experiment across roots.
pub(crate) fn run(arguments: LabArguments) -> Result<()> {
    let (as_json, lang) = (arguments.output.json, arguments.output.lang.into());
    let order = order(arguments)?;
    let line = Line::new();
    let stop = stop_on_signals()?;
    let done = elfin_lab::run_across_roots(&order, &|event| line.show(&event), &stop);
    line.clear();
    let (document, out) = done?;
    let write = |name: &str, text: &str| replace(&out.join(name), text);
    write("report.html", &elfin_report::roots_html(&document, lang))?;
    write("report.md", &elfin_report::roots_markdown(&document, lang))?;
    if as_json {
        return print(json(&document)?.as_bytes());
    }
    let (width, colour) = terminal();
    let text = elfin_report::roots(&document, lang, width, colour);
    let took = duration(Duration::from_secs_f64(document.seconds));
    print(format!("{text}\nReport: {} ({took})\n", shown(&out.join("report.html"))).as_bytes())
}

/// The document as JSON.
pub(crate) fn json(document: &AcrossRoots) -> Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

fn order(arguments: LabArguments) -> Result<RootsOrder> {
    let Some(package) = arguments.package else { bail!("--root takes a package, which is built") };
    if !(arguments.timeout > 0.0 && arguments.timeout < 86_400.0) {
        bail!("--timeout takes seconds, more than 0 and less than a day");
    }
    let directory = std::env::current_dir().context("the current folder cannot be told")?;
    let out = arguments.out.unwrap_or_else(|| {
        let mut name = default_out(&What::Package(package.clone()), &directory).into_os_string();
        name.push("-roots"); // beside what the lab has of it
        name.into()
    });
    let (rounds, seconds) = match (arguments.quick, arguments.full) {
        (true, _) => EFFORTS[0],
        (_, true) => EFFORTS[2],
        _ => EFFORTS[1],
    };
    Ok(RootsOrder {
        out: directory.join(out),
        package,
        directory,
        run: arguments.run,
        ready: arguments.ready,
        timeout: Duration::from_secs_f64(arguments.timeout),
        roots: arguments.root,
        rounds,
        load_path: arguments.load,
        load_time: Duration::from_secs(seconds),
        fresh: arguments.fresh,
    })
}
