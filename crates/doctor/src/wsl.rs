//! WSL: whether this is it, and what its two files of settings say.

use crate::facts::wslconfigs;
use crate::{Machine, in_force, ini};
use elfin_schema::{Evidence, Finding, HostKind, Problem, Severity, WslSetting};

/// A section, a key, and its default.
type Key = (&'static str, &'static str, &'static str);

/// Source: microsoft/WSL src/linux/init/WslDistributionConfig.cpp, and wsl-config.md of its
/// documentation (2.7).
const WSL_CONF: &[Key] = &[
    ("automount", "enabled", "true"),
    ("automount", "root", "/mnt/"),
    ("automount", "options", ""),
    ("automount", "mountFsTab", "true"),
    ("automount", "ldconfig", "true"),
    ("automount", "cgroups", ""),
    ("boot", "systemd", "false"),
    ("boot", "command", ""),
    ("boot", "protectBinfmt", "true"),
    ("boot", "initTimeout", ""),
    ("filesystem", "umask", "022"),
    ("fileServer", "enabled", "true"),
    ("gpu", "enabled", "true"),
    ("gpu", "appendLibPath", "true"),
    ("interop", "enabled", "true"),
    ("interop", "appendWindowsPath", "true"),
    ("network", "generateHosts", "true"),
    ("network", "generateResolvConf", "true"),
    ("network", "hostname", ""),
    ("time", "useWindowsTimezone", "true"),
    ("user", "default", ""),
];

const WSLCONFIG: &[Key] = &[
    ("wsl2", "kernel", ""),
    ("wsl2", "kernelModules", ""),
    ("wsl2", "memory", "50%"),
    ("wsl2", "processors", "all"),
    ("wsl2", "localhostForwarding", "true"),
    ("wsl2", "kernelCommandLine", ""),
    ("wsl2", "safeMode", "false"),
    ("wsl2", "swap", "25%"),
    ("wsl2", "swapFile", ""),
    ("wsl2", "guiApplications", "true"),
    ("wsl2", "debugConsole", "false"),
    ("wsl2", "maxCrashDumpCount", "10"),
    ("wsl2", "nestedVirtualization", "true"),
    ("wsl2", "vmIdleTimeout", "60000"),
    ("wsl2", "dnsProxy", "true"),
    ("wsl2", "networkingMode", "NAT"),
    ("wsl2", "firewall", "true"),
    ("wsl2", "dnsTunneling", "true"),
    ("wsl2", "autoProxy", "true"),
    ("wsl2", "defaultVhdSize", ""),
    ("wsl2", "virtiofs", "false"),
    ("wsl2", "virtio9p", "false"),
    ("wsl2", "virtio", "false"),
    ("wsl2", "hostFileSystemAccess", "true"),
    ("wsl2", "isolateDistroCgroup", ""),
    ("experimental", "autoMemoryReclaim", "dropCache"),
    ("experimental", "sparseVhd", "false"),
    ("experimental", "bestEffortDnsParsing", "false"),
    ("experimental", "dnsTunnelingIpAddress", "10.255.255.254"),
    ("experimental", "initialAutoProxyTimeout", "1000"),
    ("experimental", "ignoredPorts", ""),
    ("experimental", "hostAddressLoopback", "false"),
];

/// Tells what kind of machine it is.
///
/// WSL 1 writes Microsoft with a capital in the kernel's release; in a kernel of one's own only the
/// interpreter of Windows programs tells.
///
/// Source: microsoft/WSL src/linux/init/util.cpp, UtilIsUtilityVm (2.7).
pub(crate) fn host(machine: &Machine) -> HostKind {
    let release = machine.value("/proc/sys/kernel/osrelease").unwrap_or_default();
    let container = machine.exists("/.dockerenv") || machine.exists("/run/.containerenv");
    let interop = machine.exists("/proc/sys/fs/binfmt_misc/WSLInterop")
        || machine.variable("WSL_INTEROP").is_some();
    if release.contains("Microsoft") {
        HostKind::Wsl1
    } else if release.contains("microsoft") || interop {
        if container { HostKind::ContainerOnWsl } else { HostKind::Wsl2 }
    } else if container {
        HostKind::Container
    } else {
        HostKind::Linux
    }
}

pub(crate) const CONF: &str = "/etc/wsl.conf";

/// The settings in force, and what is wrong with the files.
pub(crate) fn settings(machine: &Machine) -> (Vec<WslSetting>, Vec<Finding>) {
    let (mut settings, mut findings) = (Vec::new(), Vec::new());
    let users = wslconfigs(machine);
    let files = std::iter::once((CONF.to_owned(), WSL_CONF, ".wslconfig", WSLCONFIG))
        .chain(users.into_iter().map(|file| (file, WSLCONFIG, "wsl.conf", WSL_CONF)));
    for (file, keys, other_name, other_keys) in files {
        let text = machine.read(&file).unwrap_or_default();
        let lines = ini::parse(&text);
        for (section, key, default) in keys {
            let last = lines.iter().rfind(|line| line.is(section, key));
            let setting = WslSetting {
                file: file.clone(),
                key: format!("{section}.{key}"),
                value: last.map_or(*default, |line| line.value.as_str()).to_owned(),
                seen: in_force::seen(machine, section, key),
                default: (*default).to_owned(),
                line: last.map(|line| line.number),
            };
            if let Some(line) = last {
                findings.extend(in_force::finding(&setting, &line.text));
            }
            settings.push(setting);
        }
        for line in &lines {
            let evidence = vec![Evidence {
                source: file.clone(),
                line: Some(line.number),
                text: line.text.clone(),
            }];
            let problem = if line.key.is_empty() {
                Problem::BadLine { file: file.clone() }
            } else if keys.iter().any(|(section, key, _)| line.is(section, key)) {
                continue;
            } else {
                Problem::UnknownKey {
                    file: file.clone(),
                    section: line.section.clone(),
                    key: line.key.clone(),
                    meant: meant(line, keys, other_name, other_keys),
                }
            };
            findings.push(Finding { problem, severity: Severity::Note, evidence });
        }
    }
    (settings, findings)
}

/// What an unknown key may be meant for: the same name elsewhere, or one that is spelt alike.
fn meant(line: &ini::Line, keys: &[Key], other_name: &str, other_keys: &[Key]) -> Option<String> {
    let same = |it: &&Key| it.1.eq_ignore_ascii_case(&line.key);
    if let Some((section, key, _)) = keys.iter().find(same) {
        return Some(format!("[{section}] {key}"));
    }
    if let Some((section, key, _)) = other_keys.iter().find(same) {
        return Some(format!("{other_name} [{section}] {key}"));
    }
    let near = keys.iter().map(|it| (distance(it.1, &line.key), it)).min_by_key(|it| it.0);
    near.filter(|(far, _)| *far <= 2).map(|(_, (section, key, _))| format!("[{section}] {key}"))
}

/// How many letters must be changed, put in or taken away; capitals count as small letters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<u8> = b.to_ascii_lowercase().into_bytes();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.to_ascii_lowercase().bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
