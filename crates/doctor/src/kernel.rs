//! Limits and the clock, as far as they matter to a Go build.
//!
//! vm.swappiness and overcommit are captured and have no finding: no effect on Go builds was found.

use crate::Machine;
use elfin_schema::{Evidence, Finding, Problem, Severity};

/// What watchers of whole trees, as editors and gopls ask for, need at least: the kernel's own
/// default on machines with 16 GiB and more is above it (fs/notify/inotify/inotify_user.c, 5.11).
const WATCHES: u64 = 65_536;
/// Go raises the soft limit to the hard one (golang/go src/os/rlimit.go, go1.19); a link of a large
/// program and its parallel compilers stay under this.
const OPEN_FILES: u64 = 4096;
/// What one compiler or the linker of a large program may take.
const MEMORY: u64 = 512 << 20;
/// Control groups write such numbers for "no limit".
const NO_LIMIT: u64 = 1 << 60;
/// Clock sources that a read of the time must ask a device for.
const SLOW: &[&str] = &["acpi_pm", "hpet", "jiffies", "refined-jiffies"];
const CLOCK: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

pub(crate) fn findings(machine: &Machine) -> Vec<Finding> {
    let checks = [watches, open_files, memory, clock_source, clock];
    checks.iter().filter_map(|check| check(machine)).collect()
}

fn found(
    severity: Severity,
    source: &str,
    text: &dyn ToString,
    problem: Problem,
) -> Option<Finding> {
    let evidence = vec![Evidence { source: source.to_owned(), line: None, text: text.to_string() }];
    Some(Finding { problem, severity, evidence })
}

fn watches(machine: &Machine) -> Option<Finding> {
    let file = "/proc/sys/fs/inotify/max_user_watches";
    let watches = machine.number(file).filter(|it| *it < WATCHES)?;
    let problem = Problem::FewWatches { watches, wanted: WATCHES };
    found(Severity::Note, file, &watches, problem)
}

fn open_files(machine: &Machine) -> Option<Finding> {
    let file = "/proc/self/limits";
    let text = machine.read(file)?;
    let (index, line) =
        text.lines().enumerate().find(|(_, line)| line.starts_with("Max open files"))?;
    let limit = line.split_whitespace().nth(4)?.parse().ok().filter(|it| *it < OPEN_FILES)?;
    let evidence =
        vec![Evidence { source: file.into(), line: Some(index + 1), text: line.to_owned() }];
    Some(Finding { problem: Problem::FewOpenFiles { limit }, severity: Severity::Wrong, evidence })
}

fn memory(machine: &Machine) -> Option<Finding> {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let group = files
        .iter()
        .find_map(|file| Some((*file, machine.number(file).filter(|bytes| *bytes < NO_LIMIT)?)));
    let all = || Some(("/proc/meminfo", total_memory(&machine.read("/proc/meminfo")?)?));
    let (file, memory) = group.or_else(all)?;
    let jobs = jobs(machine)?;
    if memory / jobs >= MEMORY {
        return None;
    }
    found(Severity::Wrong, file, &memory, Problem::LittleMemory { memory, jobs })
}

fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// How many compilers `go build` runs at once: the processors, and since Go 1.25 no more than the
/// control group's share of them.
fn jobs(machine: &Machine) -> Option<u64> {
    let cpuinfo = machine.read("/proc/cpuinfo")?;
    let processors = cpuinfo.lines().filter(|line| line.starts_with("processor")).count() as u64;
    (processors > 0).then_some(processors)
}

fn clock_source(machine: &Machine) -> Option<Finding> {
    let clock_source = machine.value(CLOCK).filter(|it| SLOW.contains(&it.as_str()))?;
    let text = clock_source.clone();
    found(Severity::Slow, CLOCK, &text, Problem::SlowClock { clock_source })
}

/// The clock beside the hardware clock, which is kept in UTC under WSL and most hypervisors; whole
/// hours are a time zone's.
fn clock(machine: &Machine) -> Option<Finding> {
    if !machine.is_here() {
        return None;
    }
    let file = "/sys/class/rtc/rtc0/since_epoch";
    let hardware = i64::try_from(machine.number(file)?).ok()?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(now.as_secs()).ok()? - hardware;
    let off = (seconds + 900).rem_euclid(1800) - 900;
    if off.abs() <= 3 {
        return None;
    }
    found(Severity::Note, file, &hardware, Problem::ClockOff { seconds })
}
