//! Looks a program up in PATH.
//!
//! Empty and relative PATH entries are passed over: what runs must not depend on the folder that
//! elfin happens to stand in.

use std::env;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

/// Finds the executable called `name` in PATH; a name with a slash is taken as a path.
///
/// `None` where there is no such file or it may not be executed.
pub fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| is_executable(path));
    }
    if name.is_empty() {
        return None;
    }
    env::split_paths(&env::var_os("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.is_file() && access(path, AccessFlags::X_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn finds_programs_and_nothing_else() {
        assert!(find("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find("/bin/sh"), Some("/bin/sh".into()));
        assert_eq!(find("no-such-program-anywhere"), None);
        assert_eq!(find("/etc/passwd"), None, "not executable");
        assert_eq!(find("/bin"), None, "a folder");
        assert_eq!(find(""), None);
    }
}
