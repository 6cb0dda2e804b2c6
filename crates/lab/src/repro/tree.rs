//! A copy of the sources, in which they can be moved, dated and committed.
//!
//! What is copied: everything that git knows or would add, with a clone around it that borrows the
//! original's objects; without git, the modules' folders. Folders of packages and files that are
//! embedded are copied even where git ignores them. Dates are kept.

use super::ReproError;
use super::repository;
use super::subject::{Subject, real};
use elfin_process::Cancel;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// More files than any module has; a home folder may have them.
const MOST_FILES: usize = 500_000;

/// A copy of the sources.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    /// Where it begins.
    pub(super) root: PathBuf,
    /// What of the original it begins at.
    pub(super) base: PathBuf,
    /// The repository, below the root.
    pub(super) repository: Option<PathBuf>,
    /// True if something is not committed.
    pub(super) dirty: bool,
    /// The files, below the root.
    files: BTreeSet<PathBuf>,
}

impl Tree {
    /// Copies.
    ///
    /// Returns an error if a file cannot be read or written, or there are far too many.
    pub(super) fn copy(
        subject: &Subject,
        root: &Path,
        cancel: &Cancel,
    ) -> Result<Tree, ReproError> {
        let base = base(subject);
        fs::create_dir_all(root).map_err(|source| ReproError::io("write", root, source))?;
        let below = |path: &Path| path.strip_prefix(&base).unwrap_or(path).to_owned();
        let mut files = BTreeSet::new();
        let mut repository = None;
        if let Some(top) = &subject.repository {
            let to = root.join(below(top));
            if repository::clone(top, &to, cancel)?.is_ok() {
                repository = Some(below(top));
            }
            files.extend(repository::files(top, cancel)?);
        }
        for folder in &subject.module_folders {
            let known = subject.repository.as_ref().is_some_and(|top| folder.starts_with(top));
            if known {
                list(folder, false, &mut files)?;
            } else {
                list(folder, true, &mut files)?;
            }
        }
        for folder in &subject.package_folders {
            list(folder, false, &mut files)?;
        }
        files.extend(subject.files.iter().cloned());
        let workspace = PathBuf::from(subject.env("GOWORK"));
        if workspace.is_file() {
            files.extend([real(&workspace), real(&workspace.with_extension("work.sum"))]);
        }
        let files: BTreeSet<PathBuf> =
            files.iter().filter(|it| it.starts_with(&base)).map(|it| below(it)).collect();
        for file in &files {
            copy_file(&base.join(file), &root.join(file))?;
        }
        if let Some(below) = &repository {
            repository::take_stock(&root.join(below), cancel)?;
        }
        Ok(Tree { root: root.to_owned(), base, repository, dirty: subject.dirty, files })
    }

    /// Where in the copy a place of the original is.
    pub(super) fn place(&self, original: &Path) -> PathBuf {
        moved(original, &self.base, &self.root).unwrap_or_else(|| original.to_owned())
    }

    /// The repository's folder.
    pub(super) fn repository(&self) -> Option<PathBuf> {
        self.repository.as_ref().map(|below| self.root.join(below))
    }

    /// Moves the whole copy.
    pub(super) fn move_to(&mut self, root: &Path) -> Result<(), ReproError> {
        let write = |source| ReproError::io("move", &self.root, source);
        if let Some(parent) = root.parent() {
            fs::create_dir_all(parent).map_err(write)?;
        }
        fs::rename(&self.root, root).map_err(write)?;
        self.root = root.to_owned();
        Ok(())
    }

    /// Gives every file the date of what it was copied from, or one for all.
    pub(super) fn date(&self, date: Option<std::time::SystemTime>) -> Result<(), ReproError> {
        for file in &self.files {
            let copy = self.root.join(file);
            if copy.is_symlink() || !copy.is_file() {
                continue;
            }
            let set = |source| ReproError::io("date", &copy, source);
            let original = || fs::metadata(self.base.join(file)).and_then(|it| it.modified());
            let date = date.map_or_else(original, Ok).map_err(set)?;
            File::open(&copy).and_then(|it| it.set_modified(date)).map_err(set)?;
        }
        Ok(())
    }
}

/// A path below one folder as a path below another; `None` if it is not below the first.
pub(super) fn moved(path: &Path, from: &Path, to: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(from).ok()?;
    // Joined with nothing, it would end with a slash.
    Some(if below.as_os_str().is_empty() { to.to_owned() } else { to.join(below) })
}

/// The folder that has all that is built.
fn base(subject: &Subject) -> PathBuf {
    let folders = subject.repository.iter().chain(&subject.module_folders);
    let workspace = Path::new(subject.env("GOWORK"));
    let workspace = workspace.is_file().then(|| workspace.parent().map(real)).flatten();
    let all = folders.chain(&subject.package_folders).cloned().chain(workspace);
    all.chain([subject.directory.clone()])
        .reduce(|one, other| {
            let same = one.components().zip(other.components()).take_while(|(a, b)| a == b);
            same.map(|(component, _)| component).collect()
        })
        .unwrap_or_else(|| subject.directory.clone())
}

/// Adds the files of a folder; with what is below it where that is wanted, hidden folders excepted.
fn list(folder: &Path, deep: bool, files: &mut BTreeSet<PathBuf>) -> Result<(), ReproError> {
    let read = |source| ReproError::io("read", folder, source);
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(read)?;
        let kind = entry.file_type().map_err(read)?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() {
            if deep && !hidden {
                list(&entry.path(), true, files)?;
            }
        } else if kind.is_file() || kind.is_symlink() {
            files.insert(entry.path());
        }
        if files.len() > MOST_FILES {
            let many = std::io::Error::other("it holds more files than a module has");
            return Err(ReproError::io("copy", folder, many));
        }
    }
    Ok(())
}

/// Copies a file, a link as a link; what is neither, or is gone, is left out.
fn copy_file(from: &Path, to: &Path) -> Result<(), ReproError> {
    let Ok(metadata) = fs::symlink_metadata(from) else { return Ok(()) };
    if !metadata.is_file() && !metadata.is_symlink() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|source| ReproError::io("write", folder, source))?;
    }
    if metadata.is_symlink() {
        let made = fs::read_link(from).and_then(|target| symlink(target, to));
        return made.map_err(|source| ReproError::io("copy", from, source));
    }
    let copied = fs::copy(from, to).and_then(|_| {
        let copy = File::open(to)?;
        copy.set_modified(metadata.modified()?)
    });
    copied.map_err(|source| ReproError::io("copy", from, source))
}
