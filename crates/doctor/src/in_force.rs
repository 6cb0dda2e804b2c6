//! Whether a setting of WSL is what the machine really shows: it is read when the machine starts.

use crate::{Machine, cgroup, kernel};
use elfin_process::Mount;
use elfin_schema::{Evidence, Finding, Problem, Severity, WslSetting};
use std::path::Path;

/// What the machine shows of a setting; `None` where it shows nothing.
pub(crate) fn seen(machine: &Machine, section: &str, key: &str) -> Option<String> {
    let yes = |is: bool| Some(is.to_string());
    match (section, key) {
        ("automount", "enabled") => yes(machine.mounts().windows().next().is_some()),
        ("boot", "systemd") => Some((machine.value("/proc/1/comm")? == "systemd").to_string()),
        ("interop", "enabled") => yes(machine.exists("/proc/sys/fs/binfmt_misc/WSLInterop")
            || machine.variable("WSL_INTEROP").is_some()),
        ("interop", "appendWindowsPath") => {
            let mounts = machine.mounts();
            let path = machine.variable("PATH")?;
            let mut folders = path.split(':').filter(|it| !it.is_empty());
            yes(folders.any(|it| mounts.holding(Path::new(it)).is_some_and(Mount::is_windows)))
        }
        ("wsl2", "memory") => Some(kernel::of_meminfo(machine, "MemTotal:")?.value.to_string()),
        ("wsl2", "swap") => Some(kernel::of_meminfo(machine, "SwapTotal:")?.value.to_string()),
        ("wsl2", "processors") => Some(cgroup::processors(machine)?.value.to_string()),
        _ => None,
    }
}

/// A finding where the file says one thing and the machine shows another.
pub(crate) fn finding(setting: &WslSetting, text: &str) -> Option<Finding> {
    let seen = setting.seen.as_deref()?;
    let is_same = match setting.key.as_str() {
        "wsl2.memory" | "wsl2.swap" => {
            let (wanted, seen) = (bytes(&setting.value)?, seen.parse::<u64>().ok()?);
            // The kernel keeps some of it for itself.
            seen <= wanted && seen >= wanted / 100 * 85
        }
        "wsl2.processors" => setting.value.parse::<u64>().ok()? == seen.parse::<u64>().ok()?,
        // PATH can be without Windows folders for other reasons.
        "interop.appendWindowsPath" if seen == "false" => true,
        _ => setting.value.eq_ignore_ascii_case(seen),
    };
    if is_same {
        return None;
    }
    let problem = Problem::NotInForce {
        file: setting.file.clone(),
        key: setting.key.clone(),
        value: setting.value.clone(),
        seen: seen.to_owned(),
    };
    let evidence =
        vec![Evidence { source: setting.file.clone(), line: setting.line, text: text.to_owned() }];
    Some(Finding { problem, severity: Severity::Note, evidence })
}

/// `8GB`, `512MB` or a plain number of bytes.
fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "KB" | "K" => 10,
        "MB" | "M" => 20,
        "GB" | "G" => 30,
        "TB" | "T" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_wsl_writes_them() {
        assert_eq!(bytes("4GB"), Some(4 << 30));
        assert_eq!((bytes("512MB"), bytes("0")), (Some(512 << 20), Some(0)));
        for odd in ["50%", "x", "", "99999999999999999999GB"] {
            assert_eq!(bytes(odd), None, "{odd}");
        }
    }
}
