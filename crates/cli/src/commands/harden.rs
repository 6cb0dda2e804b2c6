//! `elfin harden`: what protects a program, what that costs and what it buys.

use crate::arguments::HardenArguments;
use crate::commands::report;
use crate::commands::startup::program;
use crate::commands::{print, stop_on_signals, terminal};
use crate::placing::Input;
use crate::progress::Spinner;
use anyhow::Result;
use elfin_process::Program;
use elfin_schema::HardenVerdict;
use elfin_watch::{HardenOrder, Hardened, ReturnOrder};

/// Looks at a program; false if a protection is missing and that was asked for.
pub(crate) fn run(arguments: &HardenArguments) -> Result<bool> {
    let one = (program(&arguments.file), Input::read(&arguments.file)?);
    let two = match &arguments.vs {
        Some(path) => Some((program(path), Input::read(path)?)),
        None => None,
    };
    let stop = stop_on_signals()?;
    let spinner = Spinner::new();
    let versus = two.as_ref().map(hardened);
    let say = |doing: &str| spinner.say(doing);
    let document = elfin_watch::harden(hardened(&one), versus, &order(arguments), &stop, &say);
    drop(spinner);
    let document = document?;
    let missing = |it: &elfin_schema::HardenCheck| it.verdict == HardenVerdict::Missing;
    let answer = !arguments.exit_code || !document.program.checks.iter().any(missing);
    let lang = arguments.form.output.lang.into();
    if let Some(page) = &arguments.form.html {
        report::page(page, &elfin_report::hardening_html(&document, lang))?;
        return Ok(answer);
    }
    let text = if arguments.form.output.json {
        serde_json::to_string_pretty(&document)? + "\n"
    } else if arguments.form.md {
        elfin_report::hardening_markdown(&document, lang)
    } else {
        let (width, colour) = terminal();
        elfin_report::hardening(&document, lang, width, colour)
    };
    print(text.as_bytes())?;
    Ok(answer)
}

fn hardened(it: &(Program, Input)) -> Hardened<'_> {
    Hardened { program: &it.0, data: &it.1.data, privileges: it.1.privileges() }
}

fn order(arguments: &HardenArguments) -> HardenOrder {
    let given = &arguments.returns;
    let assumed = ReturnOrder::default();
    let returns = ReturnOrder {
        starts_a_day: given.starts_a_day,
        extra_ms: given.extra_ms,
        cost_of_ms: given.cost_of_ms.unwrap_or(assumed.cost_of_ms),
        exploits_a_year: given.exploits_a_year,
        cost_of_exploit: given.cost_of_exploit,
        stopped: given.stopped,
    };
    let order = HardenOrder { starts: arguments.starts.into(), returns, ..HardenOrder::default() };
    if arguments.no_start { HardenOrder { starts: 0, timed: 0, ..order } } else { order }
}
