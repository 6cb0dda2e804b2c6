//! The folders that a build reads and writes, and what their file systems do to it.

use crate::facts::MOUNTS;
use crate::{Machine, try_out};
use elfin_process::Mount;
use elfin_schema::{BuildPlace, Evidence, Finding, Measured, Problem, Severity};
use std::path::{Path, PathBuf};

/// Less free room than this, and a build of a large program may not end.
const ROOM: u64 = 1 << 30;
const INODES: u64 = 10_000;
/// Coarser times than this, and cmd/go's own care of two seconds for fresh files is needed.
const COARSE: u64 = 1_000_000_000;

/// The folders, by Go's names for them.
pub(crate) fn named(machine: &Machine, module: Option<&Path>) -> Vec<(String, PathBuf)> {
    let mut places: Vec<(String, PathBuf)> = Vec::new();
    let mut put = |what: &str, path: Option<PathBuf>| {
        places.extend(path.filter(|it| it.is_absolute()).map(|path| (what.to_owned(), path)));
    };
    let set = |name: &str| machine.variable(name).map(PathBuf::from);
    let home = |below: &str| Some(set("HOME")?.join(below));
    put("module", module.map(Path::to_owned));
    let cache = || set("XDG_CACHE_HOME").or_else(|| home(".cache"));
    put("GOCACHE", set("GOCACHE").or_else(|| Some(cache()?.join("go-build"))));
    let go_path = || set("GOPATH").or_else(|| home("go"));
    put("GOMODCACHE", set("GOMODCACHE").or_else(|| Some(go_path()?.join("pkg/mod"))));
    put("GOTMPDIR", set("GOTMPDIR").or_else(|| set("TMPDIR")).or_else(|| Some("/tmp".into())));
    put("GOROOT", set("GOROOT").or_else(|| crate::toolchain::first_goroot(machine)));
    places
}

/// Tells of each folder where it is, and tries nothing.
pub(crate) fn seen(machine: &Machine, named: &[(String, PathBuf)]) -> Vec<BuildPlace> {
    let mounts = machine.mounts();
    let place = |(what, path): &(String, PathBuf)| {
        let path = if machine.is_here() { resolved(path) } else { path.clone() };
        Some(BuildPlace {
            what: what.clone(),
            file_system: mounts.holding(&path)?.kind.clone(),
            path: path.display().to_string(),
            measured: None,
        })
    };
    named.iter().filter_map(place).collect()
}

/// Looks at each folder, and tries it out on this machine.
pub(crate) fn look(
    machine: &Machine,
    named: &[(String, PathBuf)],
) -> (Vec<BuildPlace>, Vec<Finding>) {
    let mounts = machine.mounts();
    let (mut places, mut findings) = (Vec::new(), Vec::new());
    for (what, path) in named {
        let path = if machine.is_here() { resolved(path) } else { path.clone() };
        let Some(mount) = mounts.holding(&path) else { continue };
        // What belongs to the Go installation is read only.
        let tried =
            (machine.is_here() && what != "GOROOT").then(|| try_out::try_out(&path)).flatten();
        findings.extend(of_mount(what, &path, mount));
        if let Some(tried) = &tried {
            findings.extend(of_trial(what, &path, tried));
        }
        places.push(BuildPlace {
            what: what.clone(),
            path: path.display().to_string(),
            file_system: mount.kind.clone(),
            measured: tried,
        });
    }
    (places, findings)
}

/// The path with symbolic links followed, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    path.ancestors()
        .find_map(|above| {
            let rest = path.strip_prefix(above).ok()?;
            Some(above.canonicalize().ok()?.components().chain(rest.components()).collect())
        })
        .unwrap_or_else(|| path.to_owned())
}

fn of_mount(what: &str, path: &Path, mount: &Mount) -> Vec<Finding> {
    let evidence = || {
        vec![Evidence { source: MOUNTS.into(), line: Some(mount.line), text: mount.text.clone() }]
    };
    let find = |severity, problem| Finding { problem, severity, evidence: evidence() };
    let (what, path) = (what.to_owned(), path.display().to_string());
    let mut findings = Vec::new();
    if mount.is_windows() {
        let problem = Problem::OnWindows {
            what: what.clone(),
            path: path.clone(),
            file_system: mount.kind.clone(),
        };
        findings.push(find(Severity::Slow, problem));
        if !mount.keeps_modes() {
            let problem = Problem::NoMetadata { path: mount.point.clone() };
            findings.push(find(Severity::Note, problem));
        }
    } else if mount.is_remote() {
        let file_system = mount.kind.clone();
        let problem = Problem::OnNetwork { what: what.clone(), path: path.clone(), file_system };
        findings.push(find(Severity::Slow, problem));
    }
    if mount.has("noexec") && what == "GOTMPDIR" {
        findings.push(find(Severity::Wrong, Problem::NoExec { what, path }));
    }
    findings
}

fn of_trial(what: &str, path: &Path, tried: &Measured) -> Vec<Finding> {
    let (what, path) = (what.to_owned(), path.display().to_string());
    let mut findings = Vec::new();
    let mut put = |severity, problem, text: String| {
        let evidence = vec![Evidence { source: path.clone(), line: None, text }];
        findings.push(Finding { problem, severity, evidence });
    };
    if !tried.case_sensitive {
        let problem = Problem::CaseInsensitive { what: what.clone(), path: path.clone() };
        put(Severity::Note, problem, "a file made as `a` answers to `A`".into());
    }
    if tried.mtime_step >= COARSE && what == "module" {
        let step = tried.mtime_step;
        let problem = Problem::CoarseTimes { what: what.clone(), path: path.clone(), step };
        put(Severity::Wrong, problem, format!("steps of {step} ns"));
    }
    let few = tried.free_inodes.is_some_and(|inodes| inodes < INODES);
    if tried.free < ROOM || few {
        let (free, free_inodes) = (tried.free, tried.free_inodes);
        let text = format!("{free} bytes free");
        put(
            Severity::Wrong,
            Problem::LittleRoom { what: what.clone(), path: path.clone(), free, free_inodes },
            text,
        );
    }
    findings
}
