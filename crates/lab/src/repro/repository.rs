//! The git repository around a copy: cloned without its files, and put into other states.

use super::ReproError;
use super::subject::git;
use elfin_process::Cancel;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Who commits in a copy.
const IDENTITY: [&str; 6] =
    ["-c", "user.name=elfin", "-c", "user.email=elfin@example.com", "-c", "commit.gpgsign=false"];

/// Clones a repository without its files; the clone borrows the original's objects.
///
/// The inner error is git's own words.
pub(super) fn clone(
    from: &Path,
    to: &Path,
    cancel: &Cancel,
) -> Result<Result<(), String>, ReproError> {
    let (from, to) = (from.to_string_lossy(), to.to_string_lossy());
    let clone = ["clone", "-q", "--shared", "--no-checkout", "--", &from, &to];
    Ok(git(Path::new("/"), &clone, cancel)?.map(drop))
}

/// Lists the files that git knows or would add, submodules' aside.
pub(super) fn files(top: &Path, cancel: &Cancel) -> Result<BTreeSet<PathBuf>, ReproError> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = git(top, &list, cancel)?.unwrap_or_default();
    Ok(listed.split('\0').filter(|it| !it.is_empty()).map(|it| top.join(it)).collect())
}

/// Has git's index say what is committed, so that what is not shows as such.
pub(super) fn take_stock(top: &Path, cancel: &Cancel) -> Result<(), ReproError> {
    git(top, &["reset", "-q"], cancel).map(drop)
}

/// Commits everything, or nothing at all where there is nothing.
///
/// The inner error is git's own words.
pub(super) fn commit(top: &Path, cancel: &Cancel) -> Result<Result<(), String>, ReproError> {
    let add = git(top, &["add", "--all"], cancel)?;
    let mut arguments = IDENTITY.to_vec();
    arguments.extend(["commit", "-q", "--allow-empty", "--no-verify", "-m", "elfin repro"]);
    Ok(add.and(git(top, &arguments, cancel)?).map(drop))
}

/// Takes the last commit back; the files stay.
pub(super) fn uncommit(top: &Path, cancel: &Cancel) -> Result<(), ReproError> {
    git(top, &["reset", "-q", "HEAD~1"], cancel).map(drop)
}

/// Has the files as a commit has them.
///
/// The inner error is git's own words.
pub(super) fn check_out(
    top: &Path,
    revision: &str,
    cancel: &Cancel,
) -> Result<Result<(), String>, ReproError> {
    Ok(git(top, &["checkout", "-q", "--force", "--detach", revision], cancel)?.map(drop))
}

/// The commit that is checked out.
pub(super) fn head(top: &Path, cancel: &Cancel) -> Result<Option<String>, ReproError> {
    Ok(git(top, &["rev-parse", "HEAD"], cancel)?.ok().map(|it| it.trim().to_owned()))
}
