//! The doctor: facts of a machine become findings about Go builds.
//!
//! Facts are read below a root ([`Machine`]), so a captured machine is judged by the same checks as
//! this one; only what must be tried (file systems, the go command) is left out for it. Findings are
//! ids with arguments; `report` has the words. Nothing here changes a file: [`edits`] only says
//! what would.

mod compiler;
mod facts;
mod fix;
mod ini;
mod kernel;
mod module;
mod places;
mod receipt;
mod toolchain;
mod try_out;
mod wsl;

pub use facts::Machine;
pub use fix::{Edit, edits};
pub use receipt::receipt;

use elfin_process::{Cancel, ToolError};
use elfin_schema::{DOCTOR_SCHEMA, Diagnosis, Evidence, Finding, HostKind, Problem, Severity};
use std::path::Path;

/// Judges a machine, and a module on it.
///
/// Fails only where it is interrupted.
pub fn diagnose(
    machine: &Machine,
    module: Option<&Path>,
    cancel: &Cancel,
) -> Result<Diagnosis, ToolError> {
    let host = wsl::host(machine);
    let mut findings = Vec::new();
    let is_wsl = !matches!(host, HostKind::Linux | HostKind::Container);
    let kernel = machine.value("/proc/sys/kernel/osrelease").unwrap_or_default();
    if host == HostKind::Wsl1 {
        let source = "/proc/sys/kernel/osrelease".to_owned();
        let evidence = vec![Evidence { source, line: Some(1), text: kernel.clone() }];
        findings.push(Finding { problem: Problem::Wsl1, severity: Severity::Slow, evidence });
    }
    let (settings, of_settings) = if is_wsl { wsl::settings(machine) } else { Default::default() };
    let (places, of_places) = places::look(machine, &places::named(machine, module));
    findings.extend(of_settings);
    findings.extend(of_places);
    findings.extend(kernel::findings(machine));
    findings.extend(toolchain::windows_path(machine, host));
    if machine.is_here() {
        findings.extend(toolchain::findings(machine, module));
        let has_go = !findings.iter().any(|it| it.problem == Problem::NoGo);
        if let Some(module) = module.filter(|_| has_go) {
            findings.extend(module::findings(module, cancel)?);
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let mut once: Vec<Finding> = Vec::new();
    for finding in findings {
        if !once.iter().any(|it| it.problem == finding.problem) {
            once.push(finding);
        }
    }
    Ok(Diagnosis {
        schema: DOCTOR_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        kernel,
        host,
        distribution: release_name(machine),
        places,
        settings,
        findings: once,
    })
}

/// `PRETTY_NAME` of os-release.
fn release_name(machine: &Machine) -> String {
    let release = machine.read("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or("Linux").trim_matches('"').to_owned()
}
