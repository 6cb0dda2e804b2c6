//! `elfin repro`: does the same source give the same bytes?

use crate::arguments::ReproArguments;
use crate::commands::{print, stop_on_signals, terminal};
use crate::progress::Line;
use anyhow::{Context, Result};
use elfin_lab::{ReproOrder, ShippedOrder};
use elfin_schema::Vary;

/// Builds in worlds that differ in one thing: false if the bytes are not the same everywhere.
pub(crate) fn run(arguments: &ReproArguments) -> Result<bool> {
    let directory = std::env::current_dir().context("the current folder cannot be told")?;
    let keep = arguments.keep.as_ref().map(|it| directory.join(it));
    let stop = stop_on_signals()?;
    let line = Line::new();
    let tell = |event| line.show(&event);
    let done = match (&arguments.binary, &arguments.source) {
        (Some(binary), Some(source)) => {
            let (binary, source) = (binary.clone(), directory.join(source));
            elfin_lab::rebuild_shipped(&ShippedOrder { binary, source, keep }, &tell, &stop)
        }
        _ => {
            let all = || Vary::ALL.to_vec();
            let vary = arguments.vary.as_ref();
            let vary = vary.map_or_else(all, |it| it.iter().copied().flatten().collect());
            let order = ReproOrder {
                package: arguments.package.clone().unwrap_or_else(|| ".".to_owned()),
                directory,
                vary,
                rounds: arguments.rounds,
                cold: arguments.cold,
                keep,
                coarse: arguments.coarse.clone(),
            };
            elfin_lab::reproduce(&order, &tell, &stop)
        }
    };
    line.clear();
    let document = done?;
    let lang = arguments.output.lang.into();
    let text = if arguments.output.json {
        elfin_report::reproduction_json(&document, lang)? + "\n"
    } else if arguments.md {
        elfin_report::reproduction_markdown(&document, lang)
    } else {
        let (width, colour) = terminal();
        elfin_report::reproduction(&document, lang, width, colour)
    };
    print(text.as_bytes())?;
    Ok(document.identical)
}
