//! Rebuilds: a package as somebody else built it, for `elfin diff --prove`.
//!
//! Nothing is kept but Go's own build cache: a rebuild that changes a flag of the linker only links.

use crate::error::{LabError, says_no_space};
use crate::source::{Package, go_says, installed_go};
use crate::variant::Variant;
use elfin_goenv::GoFlags;
use elfin_process::{Cancel, ToolError};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(3600);

/// GOFLAGS that say where sources are; all others would change how they are built.
const OF_SOURCES: [&str; 3] = ["mod", "modfile", "overlay"];

/// A package that is built again and again.
#[derive(Debug)]
pub struct Rebuild {
    package: Package,
    goflags: String,
}

impl Rebuild {
    /// Finds a main package, given as on the command line of `go build`.
    ///
    /// Returns an error if there is no Go, or the package is no command.
    pub fn of(package: &str, directory: &Path, cancel: &Cancel) -> Result<Rebuild, LabError> {
        let package = Package::find(&installed_go()?, package, directory, cancel)?;
        let kept = OF_SOURCES
            .into_iter()
            .filter_map(|name| package.flags.value(name).map(|value| format!("-{name}={value}")));
        let others: Vec<String> = package.flags.names().map(str::to_owned).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let goflags = kept.fold(package.flags.without(&others), GoFlags::with).to_string();
        Ok(Rebuild { package, goflags })
    }

    /// Builds into a file, of the user's own settings with nothing but where sources are.
    ///
    /// The inner error is Go's own words.
    pub fn build(
        &self,
        environment: &BTreeMap<String, String>,
        flags: &[String],
        file: &Path,
        cancel: &Cancel,
    ) -> Result<Result<(), String>, LabError> {
        let mut go =
            self.package.go(&Variant::default()).arg("build").args(flags).arg("-o").arg(file);
        go = go.arg(&self.package.argument).timeout(LIMIT).env("GOFLAGS", &self.goflags);
        for (name, value) in environment {
            go = go.env(name, value);
        }
        let output = match go.run(cancel) {
            Ok(output) => output,
            Err(ToolError::Interrupted) => return Err(LabError::Interrupted),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let says = go_says(&output.stderr);
        match output.exit.success() {
            true => Ok(Ok(())),
            false if says_no_space(&says) => {
                Err(LabError::NoSpace { path: file.parent().unwrap_or(file).to_owned() })
            }
            false => Ok(Err(says)),
        }
    }
}
