//! Finds the Go toolchains of the plan, and fetches those that are not there.

use crate::{setup, shell};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is in PATH.
pub(super) const HERE: &str = "here";

/// A Go toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toolchain {
    /// Its GOROOT.
    pub(crate) root: PathBuf,
    /// What `go version` says of it.
    pub(crate) version: String,
}

impl Toolchain {
    /// Finds a version: `1.19` is Debian's package, `1.26.11` comes through the toolchain switch.
    ///
    /// Returns an error if it can neither be found nor fetched.
    pub(crate) fn find(version: &str) -> Result<Toolchain> {
        let root = match version.split('.').count() {
            _ if version == HERE => told(Command::new("go").env("GOTOOLCHAIN", "local"))?,
            2 => debian(version)?,
            _ => told(Command::new("go").env("GOTOOLCHAIN", format!("go{version}")))?,
        };
        let says = shell::asks(go(&root).arg("version"))
            .with_context(|| format!("{} has no go that works", root.display()))?;
        Ok(Toolchain { root, version: says.trim().to_owned() })
    }

    /// This toolchain's go, with nothing of the user's settings in its environment.
    pub(crate) fn go(&self) -> Command {
        go(&self.root)
    }
}

fn go(root: &Path) -> Command {
    let mut go = Command::new(root.join("bin/go"));
    go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-buildvcs=false").env("GOWORK", "off");
    go.env("GOENV", "off").env("LC_ALL", "C").env_remove("GOROOT").env_remove("GOEXPERIMENT");
    go
}

fn debian(version: &str) -> Result<PathBuf> {
    let root = PathBuf::from(format!("/usr/lib/go-{version}"));
    let package = format!("golang-{version}-go");
    if !root.join("bin/go").is_file() {
        setup::package(&package);
    }
    ensure!(root.join("bin/go").is_file(), "Go {version} is not there: install {package}");
    Ok(root)
}

/// The GOROOT that a go tells of; it fetches the toolchain that it is to switch to.
fn told(go: &mut Command) -> Result<PathBuf> {
    let root = shell::asks(go.args(["env", "GOROOT"]));
    let root =
        root.context("a go of at least 1.21 and a network are needed to fetch toolchains")?;
    Ok(PathBuf::from(root.trim()))
}
