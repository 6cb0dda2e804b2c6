//! Receipts: what of this machine has a part in what is built on it.

use crate::compiler::{self, first_line};
use crate::{Machine, places, release_name, wsl};
use elfin_goenv::go_arch;
use elfin_process::{Cancel, Tool, ToolError};
use elfin_schema::{CompilerHere, GoHere, LibcHere, LinkerHere, RECEIPT_SCHEMA, Receipt};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// `go env` may have to fetch the toolchain that the folder asks for.
const LIMIT: Duration = Duration::from_secs(300);

/// What `go env` says that shapes a program.
const OF_GO: &[&str] = &[
    "AR",
    "CC",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_ENABLED",
    "CGO_LDFLAGS",
    "CXX",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GODEBUG",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOOS",
    "GOTOOLCHAIN",
    "PKG_CONFIG",
];

/// Variables beside Go's own that compilers and linkers look at.
const OF_THE_REST: &[&str] = &[
    "CC",
    "COMPILER_PATH",
    "CPATH",
    "CXX",
    "GCC_EXEC_PREFIX",
    "GO_EXTLINK_ENABLED",
    "GO_LDSO",
    "LDFLAGS",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LIBRARY_PATH",
    "SOURCE_DATE_EPOCH",
    "TMPDIR",
    "WSL_DISTRO_NAME",
];

const LINKERS: &[&str] = &["ld", "ld.bfd", "ld.gold", "ld.lld", "mold"];

/// Where the loaders of both C libraries are, musl's first: it is put beside the other, but the
/// other is not put beside it.
const LOADERS: &[(&str, &str)] = &[
    ("/lib/ld-musl-x86_64.so.1", "amd64"),
    ("/lib/ld-musl-aarch64.so.1", "arm64"),
    ("/lib64/ld-linux-x86-64.so.2", "amd64"),
    ("/lib/ld-linux-aarch64.so.1", "arm64"),
];

/// Looks at this machine, from a folder in which Go is chosen.
///
/// Fails only where it is interrupted.
pub fn receipt(machine: &Machine, folder: &Path, cancel: &Cancel) -> Result<Receipt, ToolError> {
    let go = go(folder, cancel)?;
    let asked = go.as_ref().and_then(|it| it.settings.get("CC").cloned());
    let compilers = asked.into_iter().chain(["gcc".to_owned(), "clang".to_owned()]);
    let mut compiler = None;
    for command in compilers {
        compiler = compiler::look(&command, cancel)?;
        if compiler.is_some() {
            break;
        }
    }
    let mut linkers = Vec::new();
    for name in LINKERS {
        if elfin_process::find(name).is_some()
            && let Some(version) = first_line(Tool::new(name).arg("--version"), cancel)?
        {
            linkers.push(LinkerHere { name: (*name).to_owned(), version });
        }
    }
    let libc = libc(compiler.as_ref(), cancel)?;
    let known = |name: &str| OF_GO.contains(&name) || OF_THE_REST.contains(&name);
    let variables = machine.environment.iter().filter(|(name, _)| known(name));
    let wsl = wsl::settings(machine).0;
    Ok(Receipt {
        schema: RECEIPT_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        kernel: machine.value("/proc/sys/kernel/osrelease").unwrap_or_default(),
        host: wsl::host(machine),
        distribution: release_name(machine),
        arch: go_arch().to_owned(),
        places: places::seen(machine, &places::named(machine, module(folder))),
        variables: variables.map(|(name, value)| (name.clone(), value.clone())).collect(),
        settings: wsl.into_iter().filter(|it| it.line.is_some()).collect(),
        go,
        compiler,
        libc,
        linkers,
    })
}

/// The folder of the go.mod at or above one.
fn module(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|it| it.join("go.mod").is_file())
}

fn go(folder: &Path, cancel: &Cancel) -> Result<Option<GoHere>, ToolError> {
    let env = Tool::new("go").args(["env", "-json"]).dir(folder).timeout(LIMIT);
    let output = match env.run(cancel) {
        Ok(output) if output.exit.success() => output.stdout,
        Err(ToolError::Interrupted) => return Err(ToolError::Interrupted),
        Ok(_) | Err(_) => return Ok(None),
    };
    let mut all: BTreeMap<String, String> = serde_json::from_slice(&output).unwrap_or_default();
    let Some(version) = all.remove("GOVERSION") else { return Ok(None) };
    let root = all.remove("GOROOT").unwrap_or_default();
    all.retain(|name, value| OF_GO.contains(&name.as_str()) && !value.is_empty());
    Ok(Some(GoHere { version, root, settings: all }))
}

/// The C library of the compiler's programs, or else of this machine's.
fn libc(compiler: Option<&CompilerHere>, cancel: &Cancel) -> Result<Option<LibcHere>, ToolError> {
    let asked = compiler.and_then(|it| it.interpreter.as_deref());
    let here = LOADERS.iter().filter(|it| it.1 == go_arch()).map(|it| it.0);
    let Some(loader) = asked.into_iter().chain(here).find(|it| Path::new(it).exists()) else {
        return Ok(None);
    };
    let says = match Tool::new(loader).arg("--version").timeout(LIMIT).run(cancel) {
        // musl's tells its version with how to call it, and then fails.
        Ok(output) => [output.stdout, output.stderr].concat(),
        Err(ToolError::Interrupted) => return Err(ToolError::Interrupted),
        Err(_) => return Ok(None),
    };
    let told = told(&String::from_utf8_lossy(&says));
    let told = match told {
        // glibc's tells it since 2.33.
        None => first_line(Tool::new("getconf").arg("GNU_LIBC_VERSION"), cancel)?
            .and_then(|it| Some(("glibc", it.strip_prefix("glibc ")?.to_owned()))),
        told => told,
    };
    let interpreter = loader.to_owned();
    Ok(told.map(|(name, version)| LibcHere { name: name.to_owned(), version, interpreter }))
}

/// Reads what a loader says of itself.
fn told(says: &str) -> Option<(&'static str, String)> {
    if says.contains("musl libc") {
        let version = says.lines().find_map(|line| line.strip_prefix("Version "))?;
        return Some(("musl", version.trim().to_owned()));
    }
    let line = says.lines().find(|line| line.contains("release version"))?;
    let version = line.rsplit_once("version ")?.1.trim().trim_end_matches('.');
    let package = line.split_once('(').and_then(|it| it.1.split_once(')')).map(|it| it.0);
    Some(("glibc", package.map_or(version.to_owned(), |it| format!("{version} ({it})"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaders_tell_which_libc_they_are() {
        let glibc = "ld.so (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36.\nCopyright";
        assert_eq!(told(glibc), Some(("glibc", "2.36 (Debian GLIBC 2.36-9+deb12u10)".into())));
        let musl = "musl libc (x86_64)\nVersion 1.2.3\nDynamic Program Loader\nUsage: …";
        assert_eq!(told(musl), Some(("musl", "1.2.3".into())));
        assert_eq!(told("ld.so: cannot open --version"), None);
    }

    #[test]
    fn this_machine_is_seen() {
        let here =
            Machine::here([("GOFLAGS".into(), "-trimpath".into()), ("SECRET".into(), "x".into())]);
        let receipt = receipt(&here, Path::new("/"), &Cancel::new()).unwrap();
        assert!(receipt.go.unwrap().version.starts_with("go1."));
        assert_eq!(receipt.variables.keys().collect::<Vec<_>>(), ["GOFLAGS"]);
        assert!(receipt.places.iter().all(|it| it.measured.is_none()));
        assert!(!receipt.kernel.is_empty() && !receipt.distribution.is_empty());
        if let Some(compiler) = receipt.compiler {
            assert!(compiler.version.contains(|it: char| it.is_ascii_digit()), "{compiler:?}");
            assert!(compiler.interpreter.is_some(), "{compiler:?}");
        }
    }
}
