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

const TOOLS: [Tool; 11] = [
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
    Tool { for_tests_only: true, ..tool(&["zsh"], "zsh") },
    Tool { for_tests_only: true, ..tool(&["fish"], "fish") },
    Tool {
        for_tests_only: true,
        ..tool(&["chromium", "chromium-browser", "google-chrome"], "chromium")
    },
];

/// Letters for the Chinese report in the browser; a package without an executable.
const FONTS: &str = "fonts-noto-cjk";

/// Installs what is missing, or says how.
///
/// A tool that cannot be installed is a warning: what needs it says so itself.
pub(crate) fn run(for_tests: bool) -> Result<()> {
    let mut missing: Vec<&Tool> =
        TOOLS.iter().filter(|it| (for_tests || !it.for_tests_only) && !it.is_there()).collect();
    let fonts = tool(&[], FONTS);
    if for_tests && apt::exists() && !apt::is_installed(FONTS) {
        missing.push(&fonts);
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
