//! How a made program gets its place: whole or not at all, and never over its input by accident.
//!
//! A file is written under another name beside its place and renamed, so that
//! whoever is stopped at any moment leaves the old file or the new one. Only
//! `--in-place` replaces an input, and then the new file takes over all that
//! the old one had besides its bytes.

use anyhow::{Context, Result, bail, ensure};
use elfin_shrink::Pieces;
use elfin_watch::Privileges;
use std::fs::{self, File, FileTimes, Metadata, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A signature over the bytes of a file, kept by the kernel.
const IMA: &str = "security.ima";
/// What a program may do without being root's.
const CAPABILITIES: &str = "security.capability";

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

    /// True if who runs it gets rights that a copy does not give.
    pub(crate) fn has_privileges(&self) -> bool {
        self.privileges() != Privileges::default()
    }

    /// The rights that its file gives to whoever starts it.
    pub(crate) fn privileges(&self) -> Privileges {
        Privileges {
            bits: self.metadata.mode() & 0o6000,
            capabilities: xattr::get(&self.path, CAPABILITIES).ok().flatten().is_some(),
        }
    }

    /// True if a path is this very file, under whatever name.
    pub(crate) fn is(&self, path: &Path) -> bool {
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

/// A file that is written, and not yet in its place; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Written {
    file: NamedTempFile,
    path: PathBuf,
}

impl Written {
    /// Puts the file in its place.
    pub(crate) fn commit(self) -> Result<()> {
        let named = || format!("cannot write {}", self.path.display());
        self.file.persist(&self.path).map_err(|error| error.error).with_context(named)?;
        Ok(())
    }
}

/// Tells whether a program may go to its place.
pub(crate) fn check(input: &Input, place: &Place<'_>) -> Result<()> {
    match place {
        Place::Beside(path) => target(input, path).map(|_| ()),
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
            Ok(())
        }
    }
}

/// Writes a program that was made from `input`.
pub(crate) fn program(input: &Input, bytes: &Pieces<'_>, place: &Place<'_>) -> Result<Written> {
    check(input, place)?;
    match place {
        Place::Beside(path) => {
            let permissions = Permissions::from_mode(input.metadata.mode() & 0o777);
            write(target(input, path)?, bytes, |file| Ok(file.set_permissions(permissions)?))
        }
        Place::InPlace => write(input.path.clone(), bytes, |file| {
            take_over(input, file)?;
            // The old bytes are gone with the rename, so the new ones have to be safe before.
            Ok(file.sync_all()?)
        }),
    }
}

/// Writes what came off a program.
///
/// Nothing that another run or another tool kept there is replaced: it may be the only copy.
pub(crate) fn beside(
    input: &Input,
    path: &Path,
    bytes: &Pieces<'_>,
    place: &Place<'_>,
) -> Result<Written> {
    if let Place::Beside(out) = place {
        let same = fs::canonicalize(out).ok().zip(fs::canonicalize(path).ok());
        let same = same.map_or(*out == path, |(out, path)| out == path);
        ensure!(!same, "{} cannot be the program and its debug file", path.display());
    }
    let target = target(input, path)?;
    if target.exists() {
        let known = matches!(place, Place::Beside(_))
            && fs::read(&target).is_ok_and(|old| elfin_shrink::is_debug_file(&old));
        ensure!(
            known,
            "{} is there and may hold what is nowhere else; move it away, or name another \
             --debug-file",
            path.display()
        );
    }
    let permissions = Permissions::from_mode(input.metadata.mode() & 0o666);
    write(target, bytes, |file| Ok(file.set_permissions(permissions)?))
}

/// The file that a path is or will be; what a symlink points to is written, and not the symlink.
fn target(input: &Input, path: &Path) -> Result<PathBuf> {
    if input.is(path) {
        bail!("{} is the input; use another -o, or --in-place", path.display());
    }
    if fs::symlink_metadata(path).is_err() {
        return Ok(path.to_owned());
    }
    let target = fs::canonicalize(path)
        .with_context(|| format!("{} is a symlink that leads nowhere", path.display()))?;
    ensure!(target.is_file(), "{} is there and is not a file; name a file", path.display());
    Ok(target)
}

fn write(
    path: PathBuf,
    bytes: &Pieces<'_>,
    finish: impl FnOnce(&File) -> Result<()>,
) -> Result<Written> {
    let named = || format!("cannot write {}", path.display());
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    ensure!(folder.is_dir(), "{}: there is no folder {}", named(), folder.display());
    let made = tempfile::Builder::new().prefix(".elfin-").tempfile_in(folder);
    // The name that the file would have had until then says nothing to anybody.
    let mut file = made.map_err(|error| io::Error::from(error.kind())).with_context(named)?;
    let mut out = BufWriter::new(file.as_file_mut());
    bytes.write_to(&mut out).and_then(|()| out.flush()).with_context(named)?;
    drop(out);
    finish(file.as_file()).with_context(named)?;
    Ok(Written { file, path })
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
