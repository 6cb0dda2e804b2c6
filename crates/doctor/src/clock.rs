//! The clocks: whether the wall clock jumps or drifts, and what the hardware's say.

use crate::Machine;
use elfin_schema::{Clocks, Evidence, Finding, HardwareClock, Problem, Severity};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// For how long the wall clock is watched.
const WATCH: Duration = Duration::from_millis(300);
/// A jump of this much while it is watched, seconds.
const JUMP: f64 = 0.01;
/// What steers a clock makes it run up to 500 ppm fast or slow (adjtimex); more is no steering.
const DRIFT: f64 = 1000.0;
/// Seconds that the hardware's clock may be off; it has only whole seconds.
const OFF: f64 = 3.0;

/// Looks at the clocks of this machine.
pub(crate) fn look(machine: &Machine) -> Option<(Clocks, Vec<Finding>)> {
    let seen = elfin_process::watch_clock(WATCH).ok()?;
    let source = machine.value("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    let mut hardware = rtc(machine);
    hardware.extend(ptp());
    let mut findings = Vec::new();
    let mut put = |severity, source: &str, text: String, problem| {
        let evidence = vec![Evidence { source: source.to_owned(), line: None, text }];
        findings.push(Finding { problem, severity, evidence });
    };
    if seen.jump.abs() > JUMP {
        let problem = Problem::ClockJumps { seconds: seen.jump };
        put(Severity::Wrong, "CLOCK_REALTIME", format!("{:.3} s", seen.jump), problem);
    } else if seen.drift.abs() > DRIFT {
        let problem = Problem::ClockDrifts { ppm: seen.drift };
        put(Severity::Note, "CLOCK_REALTIME", format!("{:.0} ppm", seen.drift), problem);
    }
    for clock in &hardware {
        let Some(ahead) = clock.ahead else { continue };
        // Whole hours are a time zone's: Windows keeps the hardware clock in local time.
        let off = (ahead + 900.0).rem_euclid(1800.0) - 900.0;
        if off.abs() > OFF {
            #[allow(clippy::cast_possible_truncation, reason = "it is rounded, and saturates")]
            let seconds = ahead.round() as i64;
            let problem = Problem::ClockOff { seconds };
            put(Severity::Note, &clock.device, format!("{ahead:.1} s"), problem);
            break;
        }
    }
    let (step, jump, drift, watched) = (seen.step, seen.jump, seen.drift, seen.watched);
    Some((Clocks { source, step, jump, drift, watched, hardware }, findings))
}

/// The clock that runs while the machine is off.
fn rtc(machine: &Machine) -> Vec<HardwareClock> {
    let file = "/sys/class/rtc/rtc0/since_epoch";
    let Some(theirs) = machine.number(file) else { return Vec::new() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ahead = Some(now.as_secs_f64() - theirs as f64);
    vec![HardwareClock { device: file.to_owned(), ahead, says: None }]
}

/// The hypervisor's clocks: WSL 2 sets its own by /dev/ptp0.
///
/// Source: microsoft/WSL src/linux/init/main.cpp, StartTimeSyncAgent (2.7).
fn ptp() -> Vec<HardwareClock> {
    let entries = fs::read_dir("/sys/class/ptp").into_iter().flatten().flatten();
    let clock = |name: String| {
        let device = format!("/dev/{name}");
        match elfin_process::ahead_of_ptp(Path::new(&device)) {
            Ok(ahead) => HardwareClock { device, ahead: Some(ahead), says: None },
            Err(error) => HardwareClock { device, ahead: None, says: Some(error.to_string()) },
        }
    };
    entries.map(|entry| clock(entry.file_name().to_string_lossy().into_owned())).collect()
}
