//! The folders that a build reads and writes, and what their file systems do to it.

use crate::facts::MOUNTS;
use crate::{Machine, try_out};
use elfin_process::Mount;
use elfin_schema::{
    BuildPlace, ClientCache, Evidence, Finding, Measured, Problem, Severity, SharedWith,
};
use std::path::{Path, PathBuf};

/// Less free room than this, and a build of a large program may not end.
const ROOM: u64 = 1 << 30;
const INODES: u64 = 10_000;
/// Coarser times than this, and cmd/go's own care of two seconds for fresh files is needed.
const COARSE: u64 = 1_000_000_000;
/// Files further in the future than this, seconds, are so to make and to cmd/go as well.
const AHEAD: f64 = 0.05;

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
        let mount = mounts.holding(&path)?;
        Some(place_of(what, &path, mount, None))
    };
    named.iter().filter_map(place).collect()
}

fn place_of(what: &str, path: &Path, mount: &Mount, measured: Option<Measured>) -> BuildPlace {
    BuildPlace {
        what: what.to_owned(),
        path: path.display().to_string(),
        file_system: mount.kind.clone(),
        options: mount.options.clone(),
        client_cache: client_cache(mount),
        measured,
    }
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
        if ["GOCACHE", "GOMODCACHE"].contains(&what.as_str()) {
            findings.extend(shared(machine, what, &path, mount));
        }
        if let Some(tried) = &tried {
            findings.extend(of_trial(what, &path, tried));
        }
        places.push(place_of(what, &path, mount, tried));
    }
    (places, findings)
}

/// The folders of a build that can be written, the first of each file system.
pub fn folders_by_file_system(machine: &Machine, module: Option<&Path>) -> Vec<PathBuf> {
    let mounts = machine.mounts();
    let (mut folders, mut points) = (Vec::new(), Vec::new());
    for (what, path) in named(machine, module) {
        let path = resolved(&path);
        // A copy of the module goes beside it, not into it.
        let folder = if what == "module" { path.parent() } else { Some(path.as_path()) };
        let folder = folder.and_then(|it| it.ancestors().find(|it| it.is_dir()));
        let point = mounts.holding(&path).map(|it| it.point.clone());
        if let Some(folder) = folder.filter(|_| what != "GOROOT")
            && !points.contains(&point)
            && tempfile::tempdir_in(folder).is_ok()
        {
            folders.push(folder.to_owned());
            points.push(point);
        }
    }
    folders
}

/// The path with symbolic links followed, as far as it is there.
pub(crate) fn resolved(path: &Path) -> PathBuf {
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

/// What a 9P mount really keeps; the kernel writes the mode as a name, or as bits since 6.4.
fn client_cache(mount: &Mount) -> Option<ClientCache> {
    if mount.kind != "9p" {
        return None;
    }
    let name = mount.option("cache").or_else(|| {
        let names = ["none", "readahead", "mmap", "loose", "fscache"];
        names.into_iter().find(|name| mount.has(name))
    });
    Some(match name {
        None | Some("none" | "0") => ClientCache::None,
        Some("readahead" | "1") => ClientCache::Readahead,
        Some("mmap" | "5") => ClientCache::Mmap,
        Some("loose" | "15" | "f") => ClientCache::Loose,
        Some("fscache" | "143" | "8f") => ClientCache::Fscache,
        Some(value) => ClientCache::Bits { value: value.to_owned() },
    })
}

/// Whether a cache is used by others: told by its file system, and by who owns what is in it.
fn shared(machine: &Machine, what: &str, path: &Path, mount: &Mount) -> Option<Finding> {
    let line = Evidence { source: MOUNTS.into(), line: Some(mount.line), text: mount.text.clone() };
    let is_network = ["nfs", "nfs4", "cifs", "smb3", "ceph"].contains(&mount.kind.as_str());
    let (with, evidence) = if mount.is_windows() || path.starts_with("/mnt/wsl") {
        (SharedWith::Distributions, line)
    } else if is_network {
        (SharedWith::Machines, line)
    } else if machine.is_here() {
        let users = owners(path);
        if users.len() < 2 {
            return None;
        }
        let source = path.display().to_string();
        let text = users.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        (SharedWith::Users { users }, Evidence { source, line: None, text })
    } else {
        return None;
    };
    let (what, path) = (what.to_owned(), path.display().to_string());
    let problem = Problem::SharedCache { what, path, with };
    Some(Finding { problem, severity: Severity::Note, evidence: vec![evidence] })
}

/// The users who own the first levels of a folder.
fn owners(folder: &Path) -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(256);
        entries.filter_map(|it| Some((it.path(), it.metadata().ok()?))).collect::<Vec<_>>()
    };
    let mut users: Vec<u32> = Vec::new();
    for (path, data) in entries(folder) {
        users.push(data.uid());
        if data.is_dir() {
            users.extend(entries(&path).iter().take(16).map(|(_, data)| data.uid()));
        }
    }
    users.sort_unstable();
    users.dedup();
    users
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
    if what == "module" && !tried.mtime_ordered {
        let problem = Problem::UnorderedTimes { what: what.clone(), path: path.clone() };
        put(Severity::Wrong, problem, "a later file has an earlier time".into());
    }
    if what == "module" && tried.mtime_ahead > AHEAD {
        let seconds = tried.mtime_ahead;
        let problem = Problem::TimesAhead { what: what.clone(), path: path.clone(), seconds };
        put(Severity::Note, problem, format!("{seconds:.3} s ahead of the clock"));
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
