//! Where Go is on this machine: the system's own, and the module cache that holds the others.

use crate::{GoVersion, Surroundings};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// A Go that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledGo {
    /// What it is.
    pub version: GoVersion,
    /// Its GOROOT.
    pub goroot: PathBuf,
}

/// Go's name of the processor that elfin was built for.
pub fn go_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

impl Surroundings {
    /// The first Go in PATH, where its GOROOT can be seen without running it.
    pub fn system_go(&self) -> Option<InstalledGo> {
        self.find("go").and_then(|go| goroot_of(&go)).and_then(InstalledGo::at)
    }

    /// A setting of the go command: the environment's, `go env -w`'s, or what comes with the Go.
    ///
    /// Source: golang/go src/cmd/go/internal/cfg/cfg.go (go1.26), Getenv and EnvFile.
    pub fn go_setting(&self, name: &str) -> Option<OsString> {
        if let Some(value) = self.get(name) {
            return Some(value.to_owned());
        }
        let own = self.go_env_file().and_then(|file| assigned(&file, name));
        own.or_else(|| assigned(&self.system_go()?.goroot.join("go.env"), name))
    }

    /// The file that `go env -w` writes.
    pub fn go_env_file(&self) -> Option<PathBuf> {
        match self.get("GOENV") {
            Some(file) if file == "off" => None,
            Some(file) => Some(file.into()),
            None => Some(self.xdg("XDG_CONFIG_HOME", ".config")?.join("go/env")),
        }
    }

    /// GOMODCACHE, where the go command keeps modules and toolchains.
    pub fn module_cache(&self) -> Option<PathBuf> {
        if let Some(cache) = self.go_setting("GOMODCACHE") {
            return Some(cache.into());
        }
        let first = |paths: &OsStr| std::env::split_paths(paths).next();
        let go_path = self.go_setting("GOPATH").and_then(|paths| first(&paths));
        let go_path = go_path.or_else(|| Some(Path::new(self.get("HOME")?).join("go")));
        Some(go_path?.join("pkg/mod"))
    }

    /// The toolchains in the module cache, the newest last.
    pub fn installed(&self) -> Vec<InstalledGo> {
        let Some(cache) = self.module_cache() else { return Vec::new() };
        let mut found: Vec<InstalledGo> = names(&cache.join("golang.org"))
            .iter()
            .filter_map(|name| version_of_module(name.strip_prefix("toolchain@")?))
            .filter_map(|version| Toolchain::new(&cache, &version).installed())
            .collect();
        found.sort_by(|a, b| a.version.cmp(&b.version));
        found
    }

    /// The releases that GOTOOLCHAIN can choose without fetching anything: those in the module
    /// cache, and programs in PATH that are named so.
    pub fn releases_here(&self) -> Vec<GoVersion> {
        let mut versions: Vec<GoVersion> =
            self.installed().into_iter().map(|it| it.version).collect();
        for folder in self.get("PATH").map(std::env::split_paths).into_iter().flatten() {
            let named = names(&folder);
            versions
                .extend(named.iter().filter(|it| it.starts_with("go1.")).flat_map(|it| it.parse()));
        }
        versions.retain(GoVersion::is_release);
        versions.sort();
        versions.dedup();
        versions
    }
}

impl InstalledGo {
    /// Looks at what a GOROOT says that it is.
    pub fn at(goroot: PathBuf) -> Option<InstalledGo> {
        let text = fs::read_to_string(goroot.join("VERSION")).ok()?;
        let version = text.split_whitespace().next()?.parse().ok()?;
        Some(InstalledGo { version, goroot })
    }

    /// Its go command.
    pub fn go(&self) -> PathBuf {
        self.goroot.join("bin/go")
    }
}

/// The GOROOT that an executable `go` lies in, symbolic links followed.
pub fn goroot_of(go: &Path) -> Option<PathBuf> {
    let go = fs::canonicalize(go).ok()?;
    let goroot = go.parent()?.parent()?;
    goroot.join("VERSION").is_file().then(|| goroot.to_owned())
}

/// The places of one toolchain in a module cache.
///
/// Format: golang/go src/cmd/go/internal/modfetch/cache.go and toolchain/select.go (go1.26).
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    cache: PathBuf,
    pub version: GoVersion,
}

/// The packaging of toolchains, before the version of Go.
const PACKAGING: &str = "v0.0.1-";
pub(crate) const MODULE: &str = "golang.org/toolchain";

impl Toolchain {
    pub(crate) fn new(cache: &Path, version: &GoVersion) -> Toolchain {
        Toolchain { cache: cache.to_owned(), version: version.clone() }
    }

    /// `v0.0.1-go1.24.11.linux-amd64`.
    pub(crate) fn module_version(&self) -> String {
        format!("{PACKAGING}{}{}", self.version, platform())
    }

    /// `golang.org/toolchain@v0.0.1-go1.24.11.linux-amd64`.
    pub(crate) fn module(&self) -> String {
        format!("{MODULE}@{}", self.module_version())
    }

    /// Its GOROOT.
    pub(crate) fn goroot(&self) -> PathBuf {
        self.cache.join(self.module())
    }

    /// What the go command downloaded for it: `zip`, `ziphash`, `partial`…
    pub(crate) fn download(&self, extension: &str) -> PathBuf {
        let folder = self.cache.join("cache/download").join(MODULE).join("@v");
        folder.join(format!("{}.{extension}", self.module_version()))
    }

    /// The toolchain, if it is there as a whole and made ready to run.
    pub(crate) fn installed(&self) -> Option<InstalledGo> {
        let here = InstalledGo::at(self.goroot())?;
        // The go command removes this file when all is unpacked.
        let whole = !self.download("partial").exists();
        let ready = crate::surroundings::is_executable(&here.go());
        (here.version == self.version && whole && ready).then_some(here)
    }
}

/// The version of Go in `v0.0.1-go1.24.11.linux-amd64`, if that is this machine's.
pub(crate) fn version_of_module(module_version: &str) -> Option<GoVersion> {
    module_version.strip_prefix(PACKAGING)?.strip_suffix(&platform())?.parse().ok()
}

fn platform() -> String {
    format!(".linux-{}", go_arch())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The value of `NAME=` in a file of assignments.
fn assigned(file: &Path, name: &str) -> Option<OsString> {
    let text = fs::read_to_string(file).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.into()).filter(|value: &OsString| !value.is_empty())
}
