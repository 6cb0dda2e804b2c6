//! The Go releases that GOTOOLCHAIN can choose here without fetching anything.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Finds the releases in the module cache and in PATH, as `go1.24.11`.
pub fn installed_go_versions() -> Vec<String> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = || Some(PathBuf::from(set("HOME")?).join("go"));
    let first = |paths: &OsStr| std::env::split_paths(paths).next();
    let go_path = || set("GOPATH").and_then(|paths| first(&paths)).or_else(home);
    let cache = set("GOMODCACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(go_path()?.join("pkg/mod")));
    let mut versions = BTreeSet::new();
    if let Some(cache) = cache {
        let platform = format!(".linux-{}", crate::machine::go_arch(std::env::consts::ARCH));
        versions.extend(names(&cache.join("golang.org")).iter().filter_map(|name| {
            let version = name.strip_prefix("toolchain@v0.0.1-")?.strip_suffix(&platform)?;
            Some(version.to_owned())
        }));
    }
    for folder in std::env::split_paths(&set("PATH").unwrap_or_default()) {
        versions.extend(names(&folder).into_iter().filter(|name| is_release(name)));
    }
    versions.retain(|version| is_release(version));
    versions.into_iter().collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// `go1.24.11`, and not `go1.25rc1` or `go`.
fn is_release(name: &str) -> bool {
    let numbers = name.strip_prefix("go1.").map(|rest| rest.split('.').collect::<Vec<_>>());
    numbers.is_some_and(|numbers| numbers.iter().all(|number| number.parse::<u32>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_from_the_rest() {
        assert!(is_release("go1.24.11") && is_release("go1.27"));
        assert!(!is_release("go1.25rc1") && !is_release("go1.") && !is_release("gofmt"));
    }
}
