//! Installs a toolchain through the go command, which obeys GOPROXY and asks the checksum database.

use crate::places::{MODULE, Toolchain};
use crate::runs::runs;
use crate::{EnvError, GoVersion, InstalledGo, Surroundings, places};
use elfin_process::{Cancel, Exit, Tool};
use serde::Deserialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// As long as a download may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// Installs a version, unless it is there and runs; says whether it was installed.
///
/// Shells that ask for one version at once wait for each other. What is there and does not run is
/// installed again.
///
/// Fails without a Go to fetch it, without a network, at a bad hash, and for a platform or version
/// that does not exist; nothing half-installed is ever taken for whole.
pub fn install(
    version: &GoVersion,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<(InstalledGo, bool), EnvError> {
    let toolchain = toolchain(version, surroundings)?;
    let _alone = alone(&toolchain, surroundings)?;
    if let Some(here) = toolchain.installed() {
        if runs(&here, surroundings, cancel).is_ok() {
            return Ok((here, false));
        }
        return crate::verify::unpack_again(&toolchain, surroundings, cancel).map(|it| (it, true));
    }
    fetch(&toolchain, surroundings, cancel).map(|here| (here, true))
}

/// The places of a version in the module cache.
pub(crate) fn toolchain(
    version: &GoVersion,
    surroundings: &Surroundings,
) -> Result<Toolchain, EnvError> {
    Ok(Toolchain::new(&surroundings.module_cache().ok_or(EnvError::NoCache)?, version))
}

/// Waits until nobody else installs or removes this version.
pub(crate) fn alone(toolchain: &Toolchain, surroundings: &Surroundings) -> Result<File, EnvError> {
    let folder = surroundings.cache().ok_or(EnvError::NoCache)?.join("locks");
    fs::create_dir_all(&folder).map_err(|error| EnvError::io("creating", &folder, error))?;
    let path = folder.join(toolchain.module_version());
    let lock = File::create(&path).map_err(|error| EnvError::io("creating", &path, error))?;
    lock.lock().map_err(|error| EnvError::io("locking", &path, error))?;
    Ok(lock)
}

/// What `go mod download -json` says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Downloaded {
    error: Option<String>,
}

/// Downloads, unpacks and tries; the caller holds the lock.
pub(crate) fn fetch(
    toolchain: &Toolchain,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<InstalledGo, EnvError> {
    let version = &toolchain.version;
    let go = first_go(version, surroundings)?;
    let download = go_command(&go).args(["mod", "download", "-json", &toolchain.module()]);
    let output = download.timeout(LIMIT).run(cancel)?;
    let downloaded: Option<Downloaded> = serde_json::from_slice(&output.stdout).ok();
    if output.exit != Exit::Code(0) {
        let stderr = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let says = downloaded.and_then(|it| it.error).unwrap_or_else(stderr);
        let remedy = remedy(&says);
        return Err(EnvError::Download { version: version.to_string(), says, remedy });
    }
    // The go command sets the execute bits of a toolchain when it first switches to it. PATH must
    // be empty, for a program there of the same name would be taken instead.
    let empty = tempfile::tempdir().map_err(|error| EnvError::io("creating", "a folder", error))?;
    let switch = go_command(&go).arg("version").env("GOTOOLCHAIN", version.to_string());
    let output = switch.env("PATH", empty.path()).run(cancel)?;
    let here = toolchain.installed().ok_or_else(|| EnvError::DoesNotRun {
        go: toolchain.goroot().join("bin/go"),
        says: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })?;
    runs(&here, surroundings, cancel).map(|()| here)
}

/// Gives the bytes that the go command has so far of a toolchain that it is downloading.
///
/// Source: golang/go src/cmd/go/internal/modfetch/fetch.go, tempFile (go1.26).
pub fn downloading(surroundings: &Surroundings) -> Option<u64> {
    let folder = surroundings.module_cache()?.join("cache/download").join(MODULE).join("@v");
    let files = fs::read_dir(folder).ok()?.flatten();
    let is_partial = |name: &str| name.contains(".zip") && name.ends_with(".tmp");
    let partial = files.filter(|file| file.file_name().to_str().is_some_and(is_partial));
    partial.filter_map(|file| Some(file.metadata().ok()?.len())).reduce(|a, b| a + b)
}

/// Lists what the module proxy has for this machine, oldest first.
///
/// Fails without a Go to ask it, and without a network.
pub fn remote(surroundings: &Surroundings, cancel: &Cancel) -> Result<Vec<GoVersion>, EnvError> {
    let go = first_go(MODULE, surroundings)?;
    let output = go_command(&go).args(["list", "-m", "-versions", MODULE]).run(cancel)?;
    let says = String::from_utf8_lossy(&output.stdout);
    if output.exit != Exit::Code(0) {
        let says = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let remedy = remedy(&says);
        return Err(EnvError::Download { version: MODULE.into(), says, remedy });
    }
    let mut versions: Vec<GoVersion> =
        says.split_whitespace().filter_map(places::version_of_module).collect();
    versions.sort();
    Ok(versions)
}

/// A Go that can fetch others: the first in PATH, or the newest that is installed.
fn first_go(
    wanted: impl std::fmt::Display,
    surroundings: &Surroundings,
) -> Result<PathBuf, EnvError> {
    let system = surroundings.system_go().into_iter();
    let able = system.chain(surroundings.installed().into_iter().rev());
    let able = able.filter(|it| it.version.fetches_toolchains()).map(|it| it.go());
    // What has no GOROOT around it is a wrapper, which may well do.
    let wrapper = || surroundings.find("go").filter(|go| places::goroot_of(go).is_none());
    let go = able.into_iter().next().or_else(wrapper);
    go.ok_or_else(|| EnvError::NoFirstGo { wanted: wanted.to_string() })
}

/// The go command apart from any module and from the folder's own settings.
fn go_command(go: &Path) -> Tool {
    let tool = Tool::new(go).dir("/").env("GOTOOLCHAIN", "local").env("GOWORK", "off");
    tool.env("GO111MODULE", "on").env("GOFLAGS", "-mod=mod").env_remove("GOROOT")
}

/// What to do about the go command's words.
fn remedy(says: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| says.contains(word));
    if has(&["SECURITY ERROR", "checksum mismatch"]) {
        "the download is not what the checksum database knows; do not use it, and find out who changes what you download"
    } else if has(&["GOSUMDB=off", "checksum database disabled"]) {
        "toolchains are only taken with the checksum database: unset GOSUMDB"
    } else if has(&["module lookup disabled", "GOPROXY=off"]) {
        "GOPROXY=off forbids downloads: unset it, or install on a machine with a network"
    } else if has(&[
        "dial tcp",
        "no such host",
        "connection refused",
        "timeout",
        "network is unreachable",
    ]) {
        "the module proxy could not be reached; look at the network, GOPROXY and HTTPS_PROXY"
    } else if has(&[
        "not found",
        "404",
        "410",
        "unknown revision",
        "no matching versions",
        "invalid version",
    ]) {
        "there is no such version for this machine; `elfin env list --remote` shows those there are"
    } else {
        "`go env GOPROXY GOSUMDB GOMODCACHE` shows what the go command goes by"
    }
}
