//! Limits of the kernel and of control groups, as far as they matter to a Go build.
//!
//! vm.swappiness and overcommit are shown and have no finding: no effect on Go builds was found.

use crate::Machine;
use crate::cgroup::{self, Told};
use elfin_goenv::GoVersion;
use elfin_schema::{Evidence, Finding, Limit, LimitName, Problem, Severity};

/// What watchers of whole trees, as editors and gopls ask for, need at least: the kernel's own
/// default on machines with 16 GiB and more is above it (fs/notify/inotify/inotify_user.c, 5.11).
const WATCHES: u64 = 65_536;
/// Go raises the soft limit to the hard one (golang/go src/os/rlimit.go, go1.19); a link of a large
/// program and its parallel compilers stay under this.
const OPEN_FILES: u64 = 4096;
/// What one compiler or the linker of a large program may take.
const MEMORY: u64 = 512 << 20;
const LIMITS: &str = "/proc/self/limits";
/// Clock sources that a read of the time must ask a device for.
const SLOW: &[&str] = &["acpi_pm", "hpet", "jiffies", "refined-jiffies"];
const CLOCK: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

pub(crate) fn findings(machine: &Machine) -> Vec<Finding> {
    let checks = [watches, open_files, memory, clock_source];
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
    let (line, text, limit) = open_limit(machine)?;
    let limit = limit.parse().ok().filter(|it| *it < OPEN_FILES)?;
    let evidence = vec![Evidence { source: LIMITS.into(), line: Some(line), text }];
    Some(Finding { problem: Problem::FewOpenFiles { limit }, severity: Severity::Wrong, evidence })
}

/// The line about open files, with its number and the hard limit in it.
fn open_limit(machine: &Machine) -> Option<(usize, String, String)> {
    let text = machine.read(LIMITS)?;
    let mut lines = text.lines().enumerate();
    let (index, line) = lines.find(|(_, line)| line.starts_with("Max open files"))?;
    Some((index + 1, line.to_owned(), line.split_whitespace().nth(4)?.to_owned()))
}

fn memory(machine: &Machine) -> Option<Finding> {
    let memory = cgroup::memory(machine).or_else(|| all_memory(machine))?;
    let jobs = cgroup::jobs(machine)?;
    if memory.value / jobs.value.max(1) >= MEMORY {
        return None;
    }
    let problem = Problem::LittleMemory { memory: memory.value, jobs: jobs.value };
    found(Severity::Wrong, &memory.file, &memory.value, problem)
}

/// A Go before 1.25 does not see the quota, and runs more compilers than it has time for.
///
/// Source: release notes of Go 1.25, "Container-aware GOMAXPROCS".
pub(crate) fn over_quota(machine: &Machine, version: &GoVersion) -> Option<Finding> {
    let aware: GoVersion = "1.25".parse().ok()?;
    let (processors, quota) = (cgroup::processors(machine)?.value, cgroup::quota(machine)?);
    if *version >= aware || quota.value >= processors as f64 {
        return None;
    }
    let go = version.to_string();
    let problem = Problem::OverQuota { processors, quota: quota.value, go };
    found(Severity::Slow, &quota.file, &quota.value, problem)
}

fn all_memory(machine: &Machine) -> Option<Told<u64>> {
    of_meminfo(machine, "MemTotal:")
}

/// A number of bytes in /proc/meminfo.
pub(crate) fn of_meminfo(machine: &Machine, name: &str) -> Option<Told<u64>> {
    let text = machine.read("/proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let value = line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)?;
    Some(Told { value, file: "/proc/meminfo".into() })
}

/// The limits that are looked at, with what is recommended.
pub(crate) fn limits(machine: &Machine) -> Vec<Limit> {
    let mut limits = Vec::new();
    let mut put = |what, value: Option<Told<String>>, wanted: Option<String>| {
        limits.extend(value.map(|it| Limit { what, value: it.value, source: it.file, wanted }));
    };
    let of = |file: &str| Some(Told { value: machine.value(file)?, file: file.to_owned() });
    let text = |told: Told<u64>| Told { value: told.value.to_string(), file: told.file };
    put(LimitName::Swappiness, of("/proc/sys/vm/swappiness"), None);
    put(LimitName::Overcommit, of("/proc/sys/vm/overcommit_memory"), None);
    let watches = of("/proc/sys/fs/inotify/max_user_watches");
    put(LimitName::InotifyWatches, watches, Some(format!(">= {WATCHES}")));
    let instances = of("/proc/sys/fs/inotify/max_user_instances");
    put(LimitName::InotifyInstances, instances, None);
    let open = open_limit(machine).map(|(_, _, limit)| Told { value: limit, file: LIMITS.into() });
    put(LimitName::OpenFiles, open, Some(format!(">= {OPEN_FILES}")));
    let jobs = cgroup::jobs(machine);
    let need = jobs.as_ref().and_then(|it| it.value.checked_mul(MEMORY));
    let memory = cgroup::memory(machine).or_else(|| all_memory(machine));
    put(LimitName::Memory, memory.map(text), need.map(|it| format!(">= {it}")));
    put(LimitName::Swap, of_meminfo(machine, "SwapTotal:").map(text), None);
    put(LimitName::Jobs, jobs.map(text), None);
    limits
}

fn clock_source(machine: &Machine) -> Option<Finding> {
    let clock_source = machine.value(CLOCK).filter(|it| SLOW.contains(&it.as_str()))?;
    let text = clock_source.clone();
    found(Severity::Slow, CLOCK, &text, Problem::SlowClock { clock_source })
}
