//! How a made program gets its place: whole or not at all, and never over its input by accident.
//!
//! A file is written under another name beside its place and renamed, so that
//! whoever is stopped at any moment leaves the old file or the new one. Only
//! `--in-place` replaces an input, and then the new file takes over all that
//! the old one had besides its bytes.

use anyhow::{Context, Result, bail, ensure};
use elfin_shrink::Pieces;
use std::fs::{self, File, FileTimes, Metadata, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// A signature over the bytes of a file, kept by the kernel.
const IMA: &str = "security.ima";

/// A program that was read.
#[derive(Debug)]
pub(crate) struct Input {
    pub path: PathBuf,
    pub data: Vec<u8>,
    metadata: Metadata,
}

impl Input {
    /// Reads a program; symlinks are followed.
    pub(crate) fn read(path: &Path) -> Result<Input> {
        let named = || format!("cannot read {}", path.display());
        let metadata = fs::metadata(path).with_context(named)?;
        ensure!(metadata.is_file(), "{} is not a file", path.display());
        let data = fs::read(path).with_context(named)?;
        Ok(Input { path: fs::canonicalize(path).with_context(named)?, data, metadata })
    }

    /// True if a path is this very file, under whatever name.
    fn is(&self, path: &Path) -> bool {
        let other = fs::metadata(path);
        other.is_ok_and(|it| (it.dev(), it.ino()) == (self.metadata.dev(), self.metadata.ino()))
    }
}

/// Where a program goes.
#[derive(Debug)]
pub(crate) enum Place<'a> {
    /// To a path of its own.
    Beside(&'a Path),
    /// Over its input.
    InPlace,
}

/// Writes a program that was made from `input`.
pub(crate) fn program(input: &Input, bytes: &Pieces<'_>, place: &Place<'_>) -> Result<()> {
    match place {
        Place::Beside(path) => {
            let permissions = input.metadata.mode() & 0o777;
            write(input, path, bytes, |file| {
                Ok(file.set_permissions(Permissions::from_mode(permissions))?)
            })
        }
        Place::InPlace => {
            let names = input.metadata.nlink();
            if names > 1 {
                bail!(
                    "{} has {names} names (hard links), and the others would keep the old program; \
                     use -o",
                    input.path.display()
                );
            }
            if xattr::get(&input.path, IMA).ok().flatten().is_some() {
                bail!(
                    "{} is signed (security.ima), and the signature would be wrong; shrink first, \
                     then sign",
                    input.path.display()
                );
            }
            replace(&input.path, bytes, |file| {
                take_over(input, file)?;
                // The old bytes are gone with the rename, so the new ones have to be safe before.
                Ok(file.sync_all()?)
            })
        }
    }
}

/// Writes a file that is not a program: what came off.
pub(crate) fn beside(input: &Input, path: &Path, bytes: &Pieces<'_>) -> Result<()> {
    let permissions = input.metadata.mode() & 0o666;
    write(input, path, bytes, |file| Ok(file.set_permissions(Permissions::from_mode(permissions))?))
}

fn write(
    input: &Input,
    path: &Path,
    bytes: &Pieces<'_>,
    finish: impl FnOnce(&File) -> Result<()>,
) -> Result<()> {
    if input.is(path) {
        bail!("{} is the input; use another -o, or --in-place", path.display());
    }
    // A symlink stays one: what it points to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    ensure!(!path.is_dir(), "{} is a folder; name a file", path.display());
    replace(&path, bytes, finish)
}

fn replace(
    path: &Path,
    bytes: &Pieces<'_>,
    finish: impl FnOnce(&File) -> Result<()>,
) -> Result<()> {
    let named = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::Builder::new().prefix(".elfin-").tempfile_in(folder).with_context(named)?;
    let mut out = BufWriter::new(file.as_file_mut());
    bytes.write_to(&mut out).and_then(|()| out.flush()).with_context(named)?;
    drop(out);
    finish(file.as_file()).with_context(named)?;
    file.persist(path).with_context(named)?;
    Ok(())
}

/// Gives the new file owner, mode, extended attributes and times of the old, in the order in which
/// none undoes another: a change of owner clears capabilities, a change of mode touches no times.
fn take_over(input: &Input, file: &File) -> Result<()> {
    use xattr::FileExt;
    let old = &input.metadata;
    let fd = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        chown(fd, Some(old.uid()), Some(old.gid())).context("the owner cannot be kept")?;
    }
    file.set_permissions(old.permissions())?;
    for name in xattr::list(&input.path).into_iter().flatten() {
        if let Some(value) = xattr::get(&input.path, &name)? {
            let kept = file.set_xattr(&name, &value);
            kept.with_context(|| format!("{} cannot be kept", name.to_string_lossy()))?;
        }
    }
    let times = FileTimes::new().set_accessed(old.accessed()?).set_modified(old.modified()?);
    Ok(file.set_times(times)?)
}
