//! The outside tools that the lab and the tests use, installed where they are missing.
//!
//! Only as root on Debian or Ubuntu, and only from the distribution's own
//! packages; elsewhere the one line to run is printed and the task goes on,
//! because the lab works without any of them. It never replaces a tool that
//! is there and new enough, and removes nothing.

mod apt;
mod backports;
mod version;

use crate::shell;
use anyhow::Result;
use std::path::Path;
use version::Version;

/// A tool: the executables of which one will do, and the package that has one.
struct Tool {
    executables: &'static [&'static str],
    package: &'static str,
    at_least: Option<Version>,
    for_tests_only: bool,
}

const fn tool(executables: &'static [&'static str], package: &'static str) -> Tool {
    Tool { executables, package, at_least: None, for_tests_only: false }
}

const TOOLS: [Tool; 18] = [
    // Older Go lacks what the lab's programs and flags need.
    Tool { at_least: Some(Version(1, 21)), ..tool(&["go"], "golang-go") },
    tool(&["strip"], "binutils"),
    // Older UPX refuses more files and makes worse ones.
    Tool { at_least: Some(Version(4, 2)), ..tool(&["upx"], "upx-ucl") },
    tool(&["gdb"], "gdb"),
    tool(&["ld.lld"], "lld"),
    tool(&["mold"], "mold"),
    tool(&["musl-gcc"], "musl-tools"),
    tool(&["llvm-strip"], "llvm"),
    // The guest whose file systems are measured, and a switch of folders to be held against ours.
    Tool { for_tests_only: true, ..tool(&["qemu-system-x86_64"], "qemu-system-x86") },
    Tool { for_tests_only: true, ..tool(&["busybox"], "busybox-static") },
    Tool { for_tests_only: true, ..tool(&["ntfs-3g"], "ntfs-3g") },
    Tool { for_tests_only: true, ..tool(&["direnv"], "direnv") },
    Tool { for_tests_only: true, ..tool(&["eu-elflint"], "elfutils") },
    Tool { for_tests_only: true, ..tool(&["perf"], "linux-perf") },
    Tool { for_tests_only: true, ..tool(&["qemu-aarch64-static"], "qemu-user-static") },
    Tool { for_tests_only: true, ..tool(&["zsh"], "zsh") },
    Tool { for_tests_only: true, ..tool(&["fish"], "fish") },
    Tool {
        for_tests_only: true,
        ..tool(&["chromium", "chromium-browser", "google-chrome"], "chromium")
    },
];

/// What tests need of packages without an executable: letters for the Chinese report in the
/// browser, and the C library of the arm64 programs that the emulator starts.
const FILES: [Tool; 2] = [tool(&[], "fonts-noto-cjk"), tool(&[], "libc6-arm64-cross")];

/// The debugger of Go programs, in a version that reads what today's Go writes. Distributions have
/// older ones, so it comes through the Go module proxy.
const DELVE: &str = "github.com/go-delve/delve/cmd/dlv@v1.27.2";

/// Installs what is missing, or says how.
///
/// A tool that cannot be installed is a warning: what needs it says so itself.
pub(crate) fn run(for_tests: bool) -> Result<()> {
    packages(for_tests)?;
    let folder = shell::root().join("target/tools/bin");
    if for_tests && shell::find("dlv").is_none() && !folder.join("dlv").is_file() {
        eprintln!("building Delve, once");
        let mut go = shell::command("go");
        go.env("GOBIN", folder).env("GOFLAGS", "").env("CGO_ENABLED", "0").args(["install", DELVE]);
        if let Err(error) = shell::run(&mut go) {
            eprintln!("warning: going on without Delve: {error:#}");
        }
    }
    Ok(())
}

fn packages(for_tests: bool) -> Result<()> {
    let mut missing: Vec<&Tool> =
        TOOLS.iter().filter(|it| (for_tests || !it.for_tests_only) && !it.is_there()).collect();
    if for_tests && apt::exists() {
        missing.extend(FILES.iter().filter(|it| !apt::is_installed(it.package)));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|it| it.package).collect();
    if !apt::exists() {
        eprintln!(
            "for every column of the lab, install what these packages have: {}",
            packages.join(" ")
        );
    } else if !is_root() {
        let ourselves = std::env::current_exe()?;
        let tests = if for_tests { " --tests" } else { "" };
        eprintln!("for every column of the lab, run: sudo {} setup{tests}", ourselves.display());
        eprintln!("it installs {}", packages.join(" "));
    } else {
        eprintln!("installing {}", packages.join(" "));
        install(&missing);
    }
    Ok(())
}

/// Installs one package where that can be done, or says how.
pub(crate) fn package(name: &str) {
    if apt::exists() && is_root() {
        apt::install(&[name], None);
    } else {
        eprintln!("install the package {name}, or what is the same here");
    }
}

/// Where apt has the packages of this distribution from.
///
/// Returns an error if it has no entry for it.
pub(crate) fn debian_source() -> Result<backports::Source> {
    backports::own(Path::new("/")).map(|(_, source)| source)
}

impl Tool {
    fn is_there(&self) -> bool {
        let Some(found) = self.executables.iter().find_map(|name| shell::find(name)) else {
            return false;
        };
        self.at_least.is_none_or(|least| {
            // Go has a word where others have a flag.
            ["--version", "version"].iter().any(|flag| {
                shell::asks(std::process::Command::new(&found).arg(flag))
                    .and_then(|says| Version::find(&says))
                    .is_some_and(|version| version >= least)
            })
        })
    }
}

/// Installs from the distribution, and from its backports what it has only in an old version.
fn install(missing: &[&Tool]) {
    apt::update();
    let is_old = |tool: &Tool| {
        tool.at_least.is_some_and(|least| apt::candidate(tool.package).is_none_or(|it| it < least))
    };
    let (old, current): (Vec<_>, Vec<_>) = missing.iter().partition(|tool| is_old(tool));
    let packages = |tools: &[&&Tool]| tools.iter().map(|it| it.package).collect::<Vec<_>>();
    apt::install(&packages(&current), None);
    if old.is_empty() {
        return;
    }
    match backports::add(Path::new("/")) {
        Ok(suite) => {
            apt::update();
            apt::install(&packages(&old), Some(&suite));
        }
        Err(error) => eprintln!("warning: {}: {error:#}", packages(&old).join(" ")),
    }
}

/// True for the superuser.
pub(crate) fn is_root() -> bool {
    shell::asks(std::process::Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}
