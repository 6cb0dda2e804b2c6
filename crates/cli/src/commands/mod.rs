//! One file per command; here are the small ones and what all share of the terminal.

pub(crate) mod claims;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod env;
pub(crate) mod harden;
pub(crate) mod lab;
pub(crate) mod lab_roots;
pub(crate) mod pack;
mod pack_verify;
mod prove;
pub(crate) mod receipt;
pub(crate) mod report;
pub(crate) mod repro;
pub(crate) mod slim;
mod slim_check;
pub(crate) mod startup;
pub(crate) mod strip;
pub(crate) mod unpack;
pub(crate) mod unslim;
pub(crate) mod weigh;

use anyhow::{Context, Result};
use elfin_process::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Prints a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::arguments::command(), "elfin", &mut script);
    print(&script)
}

/// Prints the manual page.
pub(crate) fn man() -> Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(crate::arguments::command()).render(&mut page)?;
    print(&page)
}

/// Prints what a file's bytes say, as JSON.
pub(crate) fn facts(file: &Path) -> Result<()> {
    let data = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let facts = elfin_lab::FileFacts::of(&data).with_context(|| file.display().to_string())?;
    print(&serde_json::to_vec(&facts)?)
}

/// Writes to standard output; a closed pipe is an error and not a panic.
pub(crate) fn print(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("cannot write to standard output")
}

/// False where the user asked for none by NO_COLOR.
pub(crate) fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The width that a table may take, and whether it may have colour.
pub(crate) fn terminal() -> (u16, bool) {
    (columns().unwrap_or(100), std::io::stdout().is_terminal() && colour_wanted())
}

/// The width that the user or the terminal gives; `None` where the output goes elsewhere.
pub(crate) fn columns() -> Option<u16> {
    let wanted = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0);
    wanted.or_else(seen)
}

/// Ctrl-C ends what is being done and nothing else; a second one ends elfin.
pub(crate) fn stop_on_signals() -> Result<Cancel> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register_conditional_shutdown(signal, 2, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(Cancel::from(stop))
}
