//! The machine before the measurement: what it is, and what of its state disturbs figures.

use elfin_process::Mounts;
use elfin_schema::{Machine, Message};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Looks at the machine; `out` is where the files lie that will be started.
pub fn look(out: &Path) -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let line = |path: &str| read(path).trim().to_owned();
    let cpuinfo = read("/proc/cpuinfo");
    let kernel = line("/proc/sys/kernel/osrelease");
    Machine {
        host: line("/proc/sys/kernel/hostname"),
        wsl: wsl(&kernel),
        distribution: os_name(&read("/etc/os-release")),
        arch: elfin_goenv::go_arch().to_owned(),
        cpu: field(&cpuinfo, "model name").unwrap_or_default().to_owned(),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        memory: field(&read("/proc/meminfo"), "MemTotal").and_then(kibibytes).unwrap_or(0),
        load: 0.0, // looked at when nothing of the lab's own runs
        governor: fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
            .ok()
            .map(|governor| governor.trim().to_owned()),
        clock_source: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        virtual_machine: field(&cpuinfo, "flags")
            .is_some_and(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor")),
        file_system: file_system_of(out),
        kernel,
    }
}

/// A machine of which this share is busy disturbs the starts.
const BUSY: f64 = 0.1;
/// As long as the machine is watched before the starts.
const WATCH: Duration = Duration::from_millis(500);

/// How many processors are busy now, on average over half a second.
///
/// The load average would not do: it still remembers the lab's own builds.
pub(crate) fn busy_processors() -> f64 {
    let ticks = || processor_ticks(&fs::read_to_string("/proc/stat").unwrap_or_default());
    let before = ticks();
    std::thread::sleep(WATCH);
    let Some(((idle, all), (idle_now, all_now))) = before.zip(ticks()) else { return 0.0 };
    let (idle, all) = (idle_now.saturating_sub(idle), all_now.saturating_sub(all));
    let busy = all.saturating_sub(idle) as f64 / all.max(1) as f64;
    busy * crate::parallel::processors() as f64
}

/// Idle ticks and all ticks of a /proc/stat.
fn processor_ticks(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // user nice system idle iowait irq softirq steal; guest time is in user already.
    let ticks: Vec<u64> = line.split_whitespace().take(8).map_while(|n| n.parse().ok()).collect();
    let idle = ticks.get(3)? + ticks.get(4)?;
    Some((idle, ticks.iter().sum()))
}

/// The peak resident set of this process, bytes; 0 where the kernel does not tell.
pub(crate) fn own_peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    field(&status, "VmHWM").and_then(kibibytes).unwrap_or(0)
}

/// `1234 kB` in bytes.
fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// True if so many busy processors disturb the starts.
pub(crate) fn is_busy(busy: f64, cpus: usize) -> bool {
    busy > BUSY * cpus as f64
}

/// What of the machine's state disturbs the figures, worst first.
pub(crate) fn findings(machine: &Machine) -> Vec<Message> {
    let mut findings = Vec::new();
    if is_busy(machine.load, machine.cpus) {
        findings.push(Message::Load { load: machine.load, cpus: machine.cpus });
    }
    if matches!(machine.file_system.as_str(), "9p" | "drvfs" | "virtiofs" | "v9fs") {
        findings.push(Message::WindowsFileSystem { file_system: machine.file_system.clone() });
    }
    if matches!(machine.clock_source.as_str(), "acpi_pm" | "hpet" | "jiffies" | "refined-jiffies") {
        findings.push(Message::SlowClock { clock_source: machine.clock_source.clone() });
    }
    match &machine.governor {
        Some(governor) if governor != "performance" => {
            findings.push(Message::Governor { governor: governor.clone() });
        }
        Some(_) => {}
        None if machine.virtual_machine => {}
        None => findings.push(Message::NoGovernor),
    }
    if machine.virtual_machine {
        findings.push(Message::VirtualMachine { clock_source: machine.clock_source.clone() });
    }
    if findings.is_empty() {
        findings.push(Message::MachineQuiet);
    }
    findings
}

/// WSL 1 names itself with a capital in the kernel release, WSL 2 without.
fn wsl(release: &str) -> Option<u8> {
    if release.contains("Microsoft") {
        Some(1)
    } else if release.contains("microsoft") {
        Some(2)
    } else {
        None
    }
}

fn os_name(os_release: &str) -> String {
    let name = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or("Linux").trim_matches('"').to_owned()
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

/// The type of the file system that holds an absolute path.
pub(crate) fn file_system_of(path: &Path) -> String {
    let table = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    Mounts::parse(&table).holding(path).map(|mount| mount.kind.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wsl_is_told_by_the_case_of_one_letter() {
        assert_eq!(wsl("4.4.0-19041-Microsoft"), Some(1));
        assert_eq!(wsl("6.6.114.1-microsoft-standard-WSL2"), Some(2));
        assert_eq!(wsl("4.19.84-microsoft-standard"), Some(2));
        assert_eq!(wsl("6.1.0-28-amd64"), None);
    }

    #[test]
    fn ticks_without_work_are_told_from_the_others() {
        let stat = "cpu  10 0 5 80 5 0 0 0 7 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n";
        assert_eq!(processor_ticks(stat), Some((85, 100)));
        assert_eq!(processor_ticks("cpu 1 2"), None);
    }

    #[test]
    fn a_busy_machine_is_the_first_finding_and_a_quiet_one_is_said_to_be() {
        let mut machine = Machine {
            host: String::new(),
            kernel: String::new(),
            distribution: String::new(),
            arch: "amd64".into(),
            wsl: None,
            cpu: String::new(),
            cpus: 4,
            memory: 0,
            load: 0.1,
            governor: Some("performance".into()),
            clock_source: "tsc".into(),
            virtual_machine: false,
            file_system: "ext4".into(),
        };
        assert_eq!(findings(&machine), [Message::MachineQuiet]);
        machine.load = 3.0;
        machine.virtual_machine = true;
        assert!(matches!(
            findings(&machine)[..],
            [Message::Load { .. }, Message::VirtualMachine { .. }]
        ));
    }
}
