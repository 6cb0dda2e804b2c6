//! Debian's packages, by the commands that every Debian has.

use super::version::Version;
use crate::shell;
use std::process::{Command, Stdio};

/// True if this distribution has apt.
pub(crate) fn exists() -> bool {
    shell::find("apt-get").is_some() && shell::find("dpkg-query").is_some()
}

/// True if a package is installed.
pub(crate) fn is_installed(package: &str) -> bool {
    let ask = ["-W", "-f", "${db:Status-Status}", package];
    shell::asks(Command::new("dpkg-query").args(ask)).is_some_and(|it| it == "installed")
}

/// The version that would be installed; `None` where the package is unknown.
pub(crate) fn candidate(package: &str) -> Option<Version> {
    let policy =
        shell::asks(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    policy.lines().find_map(|line| Version::find(line.trim().strip_prefix("Candidate:")?))
}

/// Reads the package lists anew. Without them, what is there may still do.
pub(crate) fn update() {
    if let Err(error) = shell::run(apt_get().arg("update")) {
        eprintln!("warning: {error:#}");
    }
}

/// Installs packages, together or else one by one: one that fails must not cost the others.
pub(crate) fn install(packages: &[&str], suite: Option<&str>) {
    let install = |packages: &[&str]| {
        let mut command = apt_get();
        command.args(["install", "-y", "--no-install-recommends"]);
        if let Some(suite) = suite {
            command.args(["-t", suite]);
        }
        shell::run(command.args(packages))
    };
    if packages.is_empty() || install(packages).is_ok() {
        return;
    }
    for package in packages {
        if let Err(error) = install(&[package]) {
            eprintln!("warning: going on without {package}: {error:#}");
        }
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    // What is being done was said already; what goes wrong comes on the other stream.
    command.arg("-qq").env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    command
}
