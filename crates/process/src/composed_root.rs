//! A root file system put together out of a given one and of folders of this machine.
//!
//! The given root stays as it is: what is at `at` is a skeleton of folders on a tmpfs, into which
//! the parts of the root are mounted read-only, down to where something else is to stand. So a
//! toolchain can lie at /usr/local/go where the root has no such folder, and /etc/resolv.conf can be
//! written without touching the root's.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::ApartError;

/// A folder or file of this machine that a root is to have at the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graft {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Whether it may be written to.
    pub writable: bool,
}

/// What every root has of this machine: the kernel's file systems.
const KERNELS: [&str; 3] = ["/proc", "/sys", "/dev"];

/// Mounts a tmpfs at a folder, for roots to be put together in.
///
/// Fails where [`own_mounts`](crate::own_mounts) was not called before.
pub fn room_for_roots(at: &Path) -> Result<(), ApartError> {
    let mounted = mount(Some("elfin"), at, Some("tmpfs"), MsFlags::empty(), Some("mode=755"));
    mounted.map_err(|errno| ApartError::at("mounting a tmpfs at", at)(errno.into()))?;
    // A root may be `/`, which holds this folder: it is not to be mounted into itself.
    let none = None::<&str>;
    mount(none, at, none, MsFlags::MS_UNBINDABLE, none)
        .map_err(|errno| ApartError::at("keeping to itself", at)(errno.into()))
}

/// Puts together at `at`, a folder to be in [`room_for_roots`], what `root` has, the grafts in the
/// place of whatever it has there, and nothing of it at `own`, whose folders are made.
///
/// /tmp is empty and the kernel's file systems are this machine's. Fails with the file that could
/// not be mounted.
pub fn compose_root(
    root: &Path,
    at: &Path,
    grafts: &[Graft],
    own: &[&Path],
) -> Result<(), ApartError> {
    let kernels = KERNELS.map(|path| Graft { path: path.into(), writable: true });
    // One inside of another comes after it, or it would be hidden.
    let mut grafts: Vec<&Graft> = grafts.iter().chain(&kernels).collect();
    grafts.sort_by_key(|graft| graft.path.components().count());
    let apart = grafts.iter().map(|graft| graft.path.clone());
    let apart = apart.chain(own.iter().map(|path| path.to_path_buf())).chain(["/tmp".into()]);
    let apart: Vec<PathBuf> = apart.collect();
    fs::create_dir(at).map_err(ApartError::at("making", at))?;
    lay(root, at, Path::new("/"), &apart)?;
    let inside = |path: &Path| at.join(path.strip_prefix("/").unwrap_or(path));
    for graft in grafts {
        graft_in(graft, &inside(&graft.path))?;
    }
    for path in own.iter().filter_map(|path| path.parent()).chain([Path::new("/tmp")]) {
        let path = inside(path);
        fs::create_dir_all(&path).map_err(ApartError::at("making", &path))?;
    }
    Ok(())
}

/// Mounts what a folder of the root has, one by one where some of it is to stand apart.
fn lay(from: &Path, to: &Path, inside: &Path, apart: &[PathBuf]) -> Result<(), ApartError> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        entries => entries.map_err(ApartError::at("reading", from))?,
    };
    for entry in entries {
        let entry = entry.map_err(ApartError::at("reading", from))?;
        let name = entry.file_name();
        let (source, target, inside) = (entry.path(), to.join(&name), inside.join(&name));
        if apart.contains(&inside) {
            continue;
        }
        let kind = entry.file_type().map_err(ApartError::at("reading", &source))?;
        if apart.iter().any(|path| path.starts_with(&inside)) {
            fs::create_dir(&target).map_err(ApartError::at("making", &target))?;
            if kind.is_dir() {
                lay(&source, &target, &inside, apart)?;
            }
        } else if kind.is_symlink() {
            let copied = fs::read_link(&source).and_then(|leads| symlink(leads, &target));
            copied.map_err(ApartError::at("copying", &source))?;
        } else if kind.is_dir() || kind.is_file() {
            bind(&source, &target, kind.is_dir(), false)?;
        }
    }
    Ok(())
}

fn graft_in(graft: &Graft, target: &Path) -> Result<(), ApartError> {
    let is_folder = graft.path.is_dir();
    if let Some(above) = target.parent() {
        fs::create_dir_all(above).map_err(ApartError::at("making", above))?;
    }
    bind(&graft.path, target, is_folder, graft.writable)
}

fn bind(from: &Path, to: &Path, is_folder: bool, writable: bool) -> Result<(), ApartError> {
    // What is there belongs to somebody, and is only covered.
    let made = match (to.symlink_metadata(), is_folder) {
        (Ok(_), _) => Ok(()),
        (Err(_), true) => fs::create_dir_all(to),
        (Err(_), false) => File::create_new(to).map(drop),
    };
    made.map_err(ApartError::at("making", to))?;
    let none = None::<&str>;
    let bound = mount(Some(from), to, none, MsFlags::MS_BIND | MsFlags::MS_REC, none);
    bound.map_err(|errno| ApartError::at("mounting", from)(errno.into()))?;
    if writable {
        return Ok(());
    }
    let read_only = || -> nix::Result<()> {
        // What the mount forbids already must be said again.
        let has = statvfs(to)?.flags();
        let kept = [
            (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
            (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
            (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
            (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
            (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
            (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
        ];
        let kept = kept.into_iter().filter(|(flag, _)| has.contains(*flag)).map(|(_, it)| it);
        let flags = MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY;
        mount(none, to, none, kept.fold(flags, |flags, one| flags | one), none)
    };
    read_only().map_err(|errno| ApartError::at("making read-only", from)(errno.into()))
}
