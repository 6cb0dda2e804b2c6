//! Which Go runs, what else is called so, and what it needs of the machine.

use crate::Machine;
use elfin_goenv::{InstalledGo, Surroundings, goroot_of};
use elfin_schema::{Evidence, Finding, HostKind, Problem, Severity};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The surroundings of a machine, as `elfin env` sees them.
pub(crate) fn surroundings(machine: &Machine) -> Surroundings {
    let pairs = machine.environment.iter().map(|(name, value)| (name.into(), value.into()));
    Surroundings { variables: pairs.collect(), folder: PathBuf::from("/") }
}

/// The GOROOT of the first Go in PATH, on this machine.
pub(crate) fn first_goroot(machine: &Machine) -> Option<PathBuf> {
    machine.is_here().then(|| goroot_of(&surroundings(machine).find("go")?))?
}

/// The folders of PATH, in order.
fn path_folders(machine: &Machine) -> Vec<&str> {
    machine.variable("PATH").unwrap_or_default().split(':').filter(|it| !it.is_empty()).collect()
}

fn found(severity: Severity, source: &str, text: &str, problem: Problem) -> Finding {
    let evidence = vec![Evidence { source: source.into(), line: None, text: text.into() }];
    Finding { problem, severity, evidence }
}

/// Folders of Windows in PATH, and Go programs there.
pub(crate) fn windows_path(machine: &Machine, host: HostKind) -> Vec<Finding> {
    if matches!(host, HostKind::Linux | HostKind::Container) {
        return Vec::new();
    }
    let mounts = machine.mounts();
    let is_windows = |folder: &str| {
        mounts.holding(Path::new(folder)).is_some_and(elfin_process::Mount::is_windows)
    };
    let folders: Vec<&str> =
        path_folders(machine).into_iter().filter(|it| is_windows(it)).collect();
    let mut findings = Vec::new();
    if let Some(first) = folders.first() {
        let lookup = machine.is_here().then(|| {
            let began = Instant::now();
            for folder in &folders {
                let _ = std::fs::metadata(Path::new(folder).join("elfin-doctor-no-such-program"));
            }
            began.elapsed().as_secs_f64() * 1e6
        });
        let problem = Problem::WindowsPath { folders: folders.len(), lookup };
        findings.push(found(Severity::Slow, "PATH", first, problem));
    }
    for folder in path_folders(machine) {
        for name in ["go", "go.exe"] {
            let path = format!("{folder}/{name}");
            if is_windows(folder) && machine.exists(&path) {
                let problem = Problem::GoOnWindows { path: path.clone() };
                findings.push(found(Severity::Slow, "PATH", &path, problem));
            }
        }
    }
    findings
}

/// What can only be seen of this machine's own Go.
pub(crate) fn findings(machine: &Machine, module: Option<&Path>) -> Vec<Finding> {
    let here = surroundings(machine);
    let mut findings = set_for_ever(machine, &here);
    let mut all: Vec<PathBuf> = here.find_all("go").collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    all.retain(|go| {
        let real = go.canonicalize().unwrap_or_else(|_| go.clone());
        let is_new = !seen.contains(&real);
        seen.push(real);
        is_new
    });
    let Some(first) = all.first() else {
        findings.push(found(Severity::Wrong, "PATH", "no go", Problem::NoGo));
        return findings;
    };
    if let Some(go) = goroot_of(first).and_then(InstalledGo::at) {
        findings.extend(crate::kernel::over_quota(machine, &go.version));
    }
    if all.len() > 1 {
        let paths: Vec<String> = all.iter().map(|it| it.display().to_string()).collect();
        let text = paths.join(", ");
        findings.push(found(Severity::Note, "PATH", &text, Problem::SeveralGo { paths }));
    }
    if let (Some(goroot), Some(actual)) = (machine.variable("GOROOT"), goroot_of(first))
        && Path::new(goroot).canonicalize().ok().as_deref() != Some(&actual)
    {
        let (goroot, actual) = (goroot.to_owned(), actual.display().to_string());
        let text = goroot.clone();
        findings.push(found(
            Severity::Wrong,
            "GOROOT",
            &text,
            Problem::OtherGoroot { goroot, actual },
        ));
    }
    let compilers =
        machine.variable("CC").map_or_else(|| vec!["gcc", "clang", "cc"], |cc| vec![cc]);
    let has_compiler = compilers.iter().any(|cc| {
        let name = cc.split_whitespace().next().unwrap_or_default();
        if name.contains('/') { Path::new(name).exists() } else { here.find(name).is_some() }
    });
    if !has_compiler && here.go_setting("CGO_ENABLED").is_none() {
        findings.push(found(Severity::Note, "PATH", &compilers.join(", "), Problem::NoCompiler));
    }
    let repository = module.and_then(|it| it.ancestors().find(|it| it.join(".git").exists()));
    if let Some(repository) = repository.filter(|_| here.find("git").is_none()) {
        let text = repository.display().to_string();
        findings.push(found(Severity::Wrong, "PATH", &text, Problem::NoGit));
    }
    findings
}

/// What `go env -w` has set for every folder and for ever.
fn set_for_ever(machine: &Machine, here: &Surroundings) -> Vec<Finding> {
    let Some(file) = here.go_env_file() else { return Vec::new() };
    let source = file.display().to_string();
    let Some(text) = machine.read(&source) else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((name, value)) = line.split_once('=') else { continue };
        if ["GOROOT", "GOTOOLCHAIN"].contains(&name) {
            let (name, value) = (name.to_owned(), value.to_owned());
            let severity = if name == "GOROOT" { Severity::Wrong } else { Severity::Note };
            let evidence = vec![Evidence {
                source: source.clone(),
                line: Some(index + 1),
                text: line.to_owned(),
            }];
            findings.push(Finding {
                problem: Problem::SetForEver { name, value },
                severity,
                evidence,
            });
        }
    }
    findings
}
