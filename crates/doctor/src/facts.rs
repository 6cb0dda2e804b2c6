//! What is read of a machine: files below a root, so that a captured one is judged like this one.

use elfin_process::Mounts;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The files that a capture holds, by their paths on the machine.
const CAPTURED: &[&str] = &[
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/wsl.conf",
    // Says whether systemd runs.
    "/proc/1/comm",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self/cgroup",
    "/proc/self/limits",
    "/proc/self/status",
    MOUNTS,
    "/proc/sys/fs/binfmt_misc/WSLInterop",
    "/proc/sys/fs/inotify/max_user_instances",
    "/proc/sys/fs/inotify/max_user_watches",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/swappiness",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource",
    "/.dockerenv",
    "/run/.containerenv",
];

/// The environment of a captured machine: `NAME=VALUE` lines.
const ENVIRONMENT: &str = "/elfin/environment";

/// The names of the environment that say something of builds; no others leave the machine.
const NAMES: &[&str] = &[
    "HOME",
    "PATH",
    "TMPDIR",
    "WSL_DISTRO_NAME",
    "WSL_INTEROP",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "CC",
    "CGO_ENABLED",
    "GOBIN",
    "GOCACHE",
    "GOENV",
    "GOFLAGS",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "GOTMPDIR",
    "GOTOOLCHAIN",
    "GODEBUG",
    "GOMAXPROCS",
];

/// The table of mounts.
pub(crate) const MOUNTS: &str = "/proc/self/mounts";

/// The most that is read of one file.
const LARGEST: u64 = 4 << 20;

/// A machine: this one, or a folder with what was captured of another.
#[derive(Debug, Clone)]
pub struct Machine {
    root: PathBuf,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

impl Machine {
    /// This machine, with this environment.
    pub fn here(environment: impl IntoIterator<Item = (String, String)>) -> Machine {
        Machine { root: PathBuf::from("/"), environment: environment.into_iter().collect() }
    }

    /// A captured machine.
    ///
    /// Fails where the folder holds no kernel release, and so is no capture.
    pub fn captured(root: &Path) -> io::Result<Machine> {
        let mut machine = Machine { root: fs::canonicalize(root)?, environment: BTreeMap::new() };
        let release = "/proc/sys/kernel/osrelease";
        if machine.read(release).is_none() {
            let says = format!("there is no {release} in it; `elfin doctor --capture` makes one");
            return Err(io::Error::other(says));
        }
        let text = machine.read(ENVIRONMENT).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        machine.environment =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(machine)
    }

    /// Says whether it is this machine, where things can be tried.
    pub fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Reads a file by its path on the machine.
    pub fn read(&self, path: &str) -> Option<String> {
        use std::io::Read;
        let mut bytes = Vec::new();
        let file = fs::File::open(self.at(Path::new(path))).ok()?;
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads a file of one value.
    pub(crate) fn value(&self, path: &str) -> Option<String> {
        Some(self.read(path)?.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Reads a file of one number.
    pub(crate) fn number(&self, path: &str) -> Option<u64> {
        self.value(path)?.parse().ok()
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.at(Path::new(path)).exists()
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The table of mounts.
    pub(crate) fn mounts(&self) -> Mounts {
        Mounts::parse(&self.read(MOUNTS).unwrap_or_default())
    }

    /// Where a path of the machine lies; never outside its root.
    pub(crate) fn at(&self, path: &Path) -> PathBuf {
        let inside = path.components().filter(|it| matches!(it, Component::Normal(_)));
        inside.fold(self.root.clone(), |at, component| at.join(component))
    }

    /// The files to look at for a capture, with their content.
    pub fn capture(&self) -> Vec<(String, Vec<u8>)> {
        let users = wslconfigs(self);
        let paths = CAPTURED.iter().map(ToString::to_string).chain(users);
        let paths = paths.chain(crate::cgroup::files(self));
        let mut files: Vec<(String, Vec<u8>)> =
            paths.filter_map(|path| Some((path.clone(), self.read(&path)?.into_bytes()))).collect();
        let known = self
            .environment
            .iter()
            .filter(|(name, value)| NAMES.contains(&name.as_str()) && !value.contains('\n'));
        let lines: String = known.map(|(name, value)| format!("{name}={value}\n")).collect();
        files.push((ENVIRONMENT.to_owned(), lines.into_bytes()));
        files
    }
}

/// The `.wslconfig` files of Windows users, where Windows drives are mounted.
pub(crate) fn wslconfigs(machine: &Machine) -> Vec<String> {
    let mut found = Vec::new();
    for mount in machine.mounts().windows_drives() {
        let users = format!("{}/Users", mount.trim_end_matches('/'));
        let entries = fs::read_dir(machine.at(Path::new(&users))).into_iter().flatten().flatten();
        for entry in entries.take(64) {
            let path = format!("{users}/{}/.wslconfig", entry.file_name().to_string_lossy());
            if machine.exists(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
