//! What a control group leaves of the machine: memory, and processors for `go build -p`.

use crate::Machine;

/// Control groups write such numbers for "no limit".
const NO_LIMIT: u64 = 1 << 60;

/// A limit and the file that says so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told<T> {
    pub value: T,
    pub file: String,
}

/// The files that may limit this process: its group's and those above it, in both versions.
pub(crate) fn files(machine: &Machine) -> Vec<String> {
    let mut files = Vec::new();
    let groups = machine.read("/proc/self/cgroup").unwrap_or_default();
    let mut put = |folder: &str, path: &str, names: &[&str]| {
        let mut path = path.trim_end_matches('/');
        loop {
            files.extend(names.iter().map(|name| format!("/sys/fs/cgroup{folder}{path}/{name}")));
            let Some((above, _)) = path.rsplit_once('/') else { break };
            path = above;
        }
    };
    put("", "", &["memory.max", "cpu.max"]);
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(kinds), Some(path)) = (fields.next(), fields.next()) else { continue };
        if kinds.is_empty() {
            put("", path, &["memory.max", "cpu.max"]);
        } else if kinds.split(',').any(|it| it == "memory") {
            put("/memory", path, &["memory.limit_in_bytes"]);
        } else if kinds.split(',').any(|it| it == "cpu") {
            put(&format!("/{kinds}"), path, &["cpu.cfs_quota_us", "cpu.cfs_period_us"]);
        }
    }
    files.sort();
    files.dedup();
    files
}

/// Bytes of memory that the group may take, if it is limited.
pub(crate) fn memory(machine: &Machine) -> Option<Told<u64>> {
    let is_it = |file: &String| file.ends_with("memory.max") || file.ends_with("limit_in_bytes");
    let limits = files(machine).into_iter().filter(is_it).filter_map(|file| {
        let value = machine.number(&file).filter(|bytes| *bytes < NO_LIMIT)?;
        Some(Told { value, file })
    });
    limits.min_by_key(|it| it.value)
}

/// Processors' worth of time that the group may take, if it is limited.
pub(crate) fn quota(machine: &Machine) -> Option<Told<f64>> {
    let limits = files(machine).into_iter().filter_map(|file| {
        let (quota, period) = if file.ends_with("/cpu.max") {
            let text = machine.value(&file)?;
            let (quota, period) = text.split_once(' ')?;
            (quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?)
        } else {
            let period = file.strip_suffix("quota_us").map(|it| format!("{it}period_us"))?;
            (machine.number(&file)? as f64, machine.number(&period)? as f64)
        };
        Some(Told { value: quota / period, file }).filter(|it| it.value > 0.0)
    });
    limits.min_by(|a, b| a.value.total_cmp(&b.value))
}

/// Processors that this process may run on.
pub(crate) fn processors(machine: &Machine) -> Option<Told<u64>> {
    let status = machine.read("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    if let Some(count) = allowed.and_then(count) {
        return Some(Told { value: count, file: "/proc/self/status".into() });
    }
    let text = machine.read("/proc/cpuinfo")?;
    let value = text.lines().filter(|line| line.starts_with("processor")).count() as u64;
    (value > 0).then(|| Told { value, file: "/proc/cpuinfo".into() })
}

/// How many `0-3,7` are.
fn count(list: &str) -> Option<u64> {
    list.trim().split(',').try_fold(0_u64, |sum, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        sum.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

/// How many compilers `go build` runs at once: GOMAXPROCS, which is the processors and, since Go
/// 1.25, no more than the group's quota, rounded up and at least 2.
///
/// Source: golang/go src/runtime/cgroup_linux.go, adjustCgroupGOMAXPROCS (go1.26).
pub(crate) fn jobs(machine: &Machine) -> Option<Told<u64>> {
    if let Some(value) = machine.variable("GOMAXPROCS").and_then(|it| it.parse().ok()) {
        return Some(Told { value, file: "GOMAXPROCS".into() });
    }
    let all = processors(machine)?;
    let Some(quota) = quota(machine) else { return Some(all) };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is 2 or more, and what is too large becomes the largest"
    )]
    let value = quota.value.ceil().max(2.0) as u64;
    Some(if value < all.value { Told { value, file: quota.file } } else { all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(count("0-3,7"), Some(5));
        assert_eq!(count(" 0\n"), Some(1));
        for odd in ["", "3-1", "a", "0-18446744073709551615"] {
            assert_eq!(count(odd), None, "{odd}");
        }
    }
}
