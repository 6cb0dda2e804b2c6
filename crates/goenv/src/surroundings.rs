//! What Go is chosen from: an environment and a folder.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// An environment and a folder in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The environment.
    pub variables: BTreeMap<OsString, OsString>,
    /// The folder, absolute.
    pub folder: PathBuf,
}

impl Surroundings {
    /// Takes this process's own.
    ///
    /// Fails where the working directory cannot be told.
    pub fn of_this_process() -> std::io::Result<Surroundings> {
        let folder = std::env::current_dir()?;
        Ok(Surroundings { variables: std::env::vars_os().collect(), folder })
    }

    /// Gives a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|it| !it.is_empty())
    }

    /// Finds an executable in PATH.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        self.find_all(name).next()
    }

    /// Finds every executable of a name in PATH, in its order.
    pub fn find_all(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let folders = self.get("PATH").map(std::env::split_paths).into_iter().flatten();
        folders.map(move |folder| folder.join(name)).filter(|file| is_executable(file))
    }

    /// Where elfin keeps what can be made again.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        Some(self.xdg("XDG_CACHE_HOME", ".cache")?.join("elfin/env"))
    }

    /// The folder of the XDG base directory specification for a kind of the user's files.
    ///
    /// `variable` as XDG_CACHE_HOME, `otherwise` below the home directory.
    pub(crate) fn xdg(&self, variable: &str, otherwise: &str) -> Option<PathBuf> {
        let given = self.get(variable).map(PathBuf::from).filter(|it| it.is_absolute());
        given.or_else(|| Some(Path::new(self.get("HOME")?).join(otherwise)))
    }
}

/// Says whether a file can be executed by somebody.
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let data = std::fs::metadata(file);
    data.is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}
