//! Switching Go: elfin's own way of loading a .godotenv, and gvm where it is installed.

use super::{Ground, Seen, Unmeasured};
use elfin_process::Tool;
use elfin_schema::{EnvBench, Switch, median};
use std::time::Duration;

pub(super) const GIVES: &[&str] = &[
    "first_ms",
    "later_ms",
    "memory_mb",
    "gvm",
    "gvm_first_ms",
    "gvm_later_ms",
    "gvm_memory_mb",
    "rounds",
];

const LIMIT: Duration = Duration::from_secs(900);

pub(super) fn measure(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    const COMMAND: &str = "elfin env bench --rounds 20 --builds 0";
    let arguments = COMMAND.split(' ').skip(1);
    let tool = Tool::new(&ground.order.elfin).args(arguments).arg("--json").timeout(LIMIT);
    let printed = ground.run(&tool)?;
    let bench: EnvBench =
        serde_json::from_slice(&printed).map_err(|error| Unmeasured::failed(error, COMMAND))?;
    let mut seen = Seen::of(COMMAND);
    let of = |name: &str| bench.switches.iter().find(|it| it.name == name && it.skipped.is_none());
    let mut told = |prefix: &str, switch: &Switch| {
        seen.number(&format!("{prefix}first_ms"), switch.first.unwrap_or(f64::NAN));
        seen.number(&format!("{prefix}later_ms"), median(&switch.later).unwrap_or(f64::NAN));
        let memory = switch.memory.map_or(f64::NAN, |bytes| bytes as f64 / 1e6);
        seen.number(&format!("{prefix}memory_mb"), memory);
    };
    if let Some(elfin) = of("elfin") {
        told("", elfin);
    }
    if let Some(gvm) = of("gvm") {
        told("gvm_", gvm);
    }
    seen.yes("gvm", of("gvm").is_some());
    seen.number("rounds", bench.rounds as f64);
    Ok(seen)
}
