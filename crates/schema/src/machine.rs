//! The machine and the tools that an experiment used.

use serde::{Deserialize, Serialize};

/// The machine as the lab found it before it measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Host name, to tell two reports apart.
    pub host: String,
    /// `uname -r`.
    pub kernel: String,
    /// `PRETTY_NAME` of os-release.
    pub distribution: String,
    /// GOARCH's name of the machine: `amd64`.
    pub arch: String,
    /// WSL 1 or 2 where the kernel says so.
    pub wsl: Option<u8>,
    /// Processor model.
    pub cpu: String,
    /// Processors that this process may use.
    pub cpus: usize,
    /// Memory, bytes.
    pub memory: u64,
    /// Processors that were busy just before the first start, on average over half a second.
    pub load: f64,
    /// cpufreq governor, where the kernel shows one.
    pub governor: Option<String>,
    /// Current clock source: `tsc`, `hyperv_clocksource_tsc_page`, …
    pub clock_source: String,
    /// The processor says that a hypervisor runs it.
    pub virtual_machine: bool,
    /// File system type of the output folder.
    pub file_system: String,
}

/// An outside tool that the experiment used or missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// The name: `upx`.
    pub name: String,
    /// First line of its `--version`; `None` where it was not found.
    pub version: Option<String>,
    /// What installs it.
    pub remedy: String,
}
