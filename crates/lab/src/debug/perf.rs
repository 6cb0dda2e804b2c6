//! perf: does its report name the hot function?
//!
//! perf's build-id cache would show a stripped copy with the symbols of a
//! full file that was recorded before, for strip keeps the build ID. Here the
//! cache is an empty folder, and nothing is put into it.

use super::{Workbench, answer};
use crate::error::LabError;
use crate::make::own_words;
use elfin_process::Tool as Command;
use elfin_schema::{Message, Probe, Works};
use std::path::Path;

/// Records the probe program and asks for a report.
pub(super) fn try_perf(bench: &Workbench<'_>, perf: &Path) -> Result<Probe<Works>, LabError> {
    let cache = bench.dir.path().join("buildid");
    let data = bench.dir.path().join("perf.data");
    let perf = || Command::new(perf).arg("--buildid-dir").arg(&cache).env("HOME", bench.dir.path());
    let record = perf().args(["record", "-N", "-q", "-e", "cpu-clock:u", "-o"]).arg(&data);
    match bench.run(record.arg("--").arg(bench.program).arg("burn"))? {
        Ok(output) if output.exit.success() => {}
        // Whether this machine lets anybody record has nothing to do with the recipe.
        Ok(output) => {
            let says = own_words(&output);
            let refused = ["Permission", "permission", "perf_event_paranoid", "not supported"];
            return Ok(if refused.iter().any(|word| says.contains(word)) {
                Probe::Skipped { why: Message::NotPermitted { what: "perf record".into() } }
            } else {
                Probe::Failed { says }
            });
        }
        Err(says) => return Ok(Probe::Failed { says }),
    }
    let report = perf().args(["report", "--stdio", "-q", "-F", "overhead,symbol", "-i"]).arg(&data);
    Ok(match bench.run(report)? {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            // Two samples in a function are luck; the hot one has nearly all.
            let hot = text.lines().take(3).any(|line| line.ends_with(" main.hot"));
            answer(hot, text.trim())
        }
        Err(says) => Probe::Failed { says },
    })
}
