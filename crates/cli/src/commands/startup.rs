//! `elfin startup`: what happens between exec and `main.main`.

use crate::arguments::StartupArguments;
use crate::commands::report;
use crate::commands::stop_on_signals;
use crate::commands::weigh::mapped;
use crate::commands::{print, terminal};
use crate::progress::Spinner;
use anyhow::{Context, Result};
use elfin_process::Program;
use elfin_watch::StartupOrder;
use std::path::Path;
use std::time::Duration;

/// Watches a program start.
pub(crate) fn run(arguments: &StartupArguments) -> Result<()> {
    let order = StartupOrder {
        starts: arguments.starts.into(),
        counts: arguments.counts.into(),
        only_processor: arguments.single_step,
        timeout: Duration::from_secs(arguments.timeout.into()),
    };
    let read =
        |path: &Path| mapped(path).with_context(|| format!("cannot read {}", path.display()));
    let one = (program(&arguments.file), read(&arguments.file)?);
    let two = match &arguments.vs {
        Some(path) => Some((program(path), read(path)?)),
        None => None,
    };
    let stop = stop_on_signals()?;
    let spinner = Spinner::new();
    let document = elfin_watch::startup(
        (&one.0, &one.1),
        two.as_ref().map(|it| (&it.0, &it.1[..])),
        &order,
        &stop,
        &|doing| spinner.say(doing),
    );
    drop(spinner);
    let document = document?;
    let lang = arguments.form.output.lang.into();
    if let Some(page) = &arguments.form.html {
        return report::page(page, &elfin_report::startup_html(&document, lang));
    }
    let text = if arguments.form.output.json {
        serde_json::to_string_pretty(&document)? + "\n"
    } else if arguments.form.md {
        elfin_report::startup_markdown(&document, arguments.all, lang)
    } else {
        let (width, colour) = terminal();
        elfin_report::startup(&document, arguments.all, lang, width, colour)
    };
    print(text.as_bytes())
}

/// A program that is started without arguments, where it is.
pub(crate) fn program(path: &Path) -> Program {
    Program { path: path.to_owned(), ..Program::default() }
}
