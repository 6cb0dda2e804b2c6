//! Holds an installed toolchain against the hash that the go command recorded, and repairs it.

use crate::dirhash::DirHash;
use crate::install::{alone, fetch, toolchain};
use crate::places::Toolchain;
use crate::{EnvError, GoVersion, InstalledGo, Surroundings};
use elfin_process::Cancel;
use elfin_schema::VerifiedToolchain;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Holds a toolchain against its recorded hash, and installs it again if it is not the same.
///
/// Fails if it is not there, cannot be read, or stays broken.
pub fn verify(
    version: &GoVersion,
    repair: bool,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<VerifiedToolchain, EnvError> {
    let toolchain = toolchain(version, surroundings)?;
    let _alone = alone(&toolchain, surroundings)?;
    if !toolchain.goroot().is_dir() {
        return Err(EnvError::NotInstalled { version: version.to_string() });
    }
    let recorded = recorded(&toolchain)?;
    let tree = Tree::read(&toolchain)?;
    let mut verified = VerifiedToolchain {
        version: version.to_string(),
        found: tree.hash(),
        changed: Vec::new(),
        files: tree.files.len(),
        bytes: tree.files.values().map(|file| file.bytes).sum(),
        repaired: false,
        recorded,
    };
    if verified.is_sound() && toolchain.installed().is_some() {
        return Ok(verified);
    }
    if repair {
        unpack_again(&toolchain, surroundings, cancel)?;
        verified.changed = tree.difference(&Tree::read(&toolchain)?);
        verified.repaired = true;
    }
    Ok(verified)
}

/// Removes a toolchain and what was downloaded for it; gives back its bytes.
///
/// Fails if it is not there or cannot be removed.
pub fn remove(version: &GoVersion, surroundings: &Surroundings) -> Result<(), EnvError> {
    let toolchain = toolchain(version, surroundings)?;
    let _alone = alone(&toolchain, surroundings)?;
    if !toolchain.goroot().exists() {
        return Err(EnvError::NotInstalled { version: version.to_string() });
    }
    discard(&set_aside(&toolchain)?)?;
    forget(&toolchain, &["zip", "ziphash", "info", "mod", "partial", "lock"])
}

/// Unpacks a toolchain again, from what was downloaded or else from the network, and makes sure
/// that it is now what the go command recorded. The caller holds the lock.
///
/// Fails with what was there put back.
pub(crate) fn unpack_again(
    toolchain: &Toolchain,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<InstalledGo, EnvError> {
    let aside = set_aside(toolchain)?;
    let made = fetch_sound(toolchain, surroundings, cancel).or_else(|error| {
        if matches!(error, EnvError::Tool(_)) {
            return Err(error);
        }
        // What was downloaded may be what is broken.
        forget(toolchain, &["zip"])?;
        if toolchain.goroot().exists() {
            discard(&set_aside(toolchain)?)?;
        }
        fetch_sound(toolchain, surroundings, cancel)
    });
    match &made {
        Ok(_) => discard(&aside)?,
        Err(_) if !toolchain.goroot().exists() => {
            let back = |error| EnvError::io("putting back", &aside, error);
            fs::rename(&aside, toolchain.goroot()).map_err(back)?;
        }
        Err(_) => {}
    }
    made
}

fn fetch_sound(
    toolchain: &Toolchain,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<InstalledGo, EnvError> {
    let here = fetch(toolchain, surroundings, cancel)?;
    let (recorded, found) = (recorded(toolchain)?, Tree::read(toolchain)?.hash());
    if recorded != found {
        let version = toolchain.version.to_string();
        return Err(EnvError::StaysBroken { version, recorded, found });
    }
    Ok(here)
}

/// The hash that the go command recorded when it downloaded the toolchain.
fn recorded(toolchain: &Toolchain) -> Result<String, EnvError> {
    let file = toolchain.download("ziphash");
    let hash = fs::read_to_string(&file).map_err(|error| EnvError::io("reading", &file, error))?;
    Ok(hash.trim().to_owned())
}

/// A file by content.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    sha256: [u8; 32],
    bytes: u64,
}

/// The files of a toolchain as its zip has them, by their path below GOROOT.
#[derive(Debug)]
struct Tree {
    module: String,
    files: BTreeMap<PathBuf, Content>,
}

impl Tree {
    fn read(toolchain: &Toolchain) -> Result<Tree, EnvError> {
        let mut tree = Tree { module: toolchain.module(), files: BTreeMap::new() };
        let root = toolchain.goroot();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            let reading = |error| EnvError::io("reading", &folder, error);
            for entry in fs::read_dir(&folder).map_err(reading)? {
                let path = entry.map_err(reading)?.path();
                let kind = fs::symlink_metadata(&path)
                    .map_err(|error| EnvError::io("reading", &path, error))?
                    .file_type();
                if kind.is_dir() {
                    folders.push(path);
                } else {
                    let content = content(&path, kind.is_file())
                        .map_err(|error| EnvError::io("reading", &path, error))?;
                    let name = path.strip_prefix(&root).unwrap_or(&path).to_owned();
                    tree.files.insert(name, content);
                }
            }
        }
        tree.drop_copies();
        Ok(tree)
    }

    /// Leaves out what the go command itself adds: a go.mod beside each _go.mod, the same.
    fn drop_copies(&mut self) {
        let copies: Vec<PathBuf> = self
            .files
            .iter()
            .filter_map(|(name, content)| {
                let is_copy = name.file_name() == Some(OsStr::new("go.mod"))
                    && self.files.get(&name.with_file_name("_go.mod")) == Some(content);
                is_copy.then(|| name.clone())
            })
            .collect();
        for copy in copies {
            self.files.remove(&copy);
        }
    }

    fn hash(&self) -> String {
        let mut hash = DirHash::default();
        for (name, content) in &self.files {
            hash.add(format!("{}/{}", self.module, name.display()), &content.sha256);
        }
        hash.finish()
    }

    /// The names of files that are not the same in another tree, or not in both.
    fn difference(&self, other: &Tree) -> Vec<String> {
        let names = self.files.keys().chain(other.files.keys());
        let mut changed: Vec<String> = names
            .filter(|name| self.files.get(*name) != other.files.get(*name))
            .map(|name| name.display().to_string())
            .collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

/// What is in a file; a link or a device is nothing that a zip could hold.
fn content(path: &Path, is_file: bool) -> io::Result<Content> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    if is_file {
        let mut file = File::open(path)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hash.update(&buffer[..count]);
            bytes += count as u64;
        }
    } else {
        hash.update(b"not a file");
    }
    Ok(Content { sha256: hash.finalize().into(), bytes })
}

/// Takes a toolchain out of its place at once, so that nobody finds half of it.
fn set_aside(toolchain: &Toolchain) -> Result<PathBuf, EnvError> {
    let goroot = toolchain.goroot();
    let aside = goroot.with_file_name(format!(
        ".elfin-{}-{}",
        toolchain.module_version(),
        std::process::id()
    ));
    // A folder that may not be written cannot be moved either, except by root.
    let writable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&goroot, writable)
        .and_then(|()| fs::rename(&goroot, &aside))
        .map_err(|error| EnvError::io("moving", &goroot, error))?;
    Ok(aside)
}

/// Removes a tree whose folders the go command made read-only.
fn discard(root: &Path) -> Result<(), EnvError> {
    let removing = |error| EnvError::io("removing", root, error);
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).map_err(removing)?;
        for entry in fs::read_dir(&folder).map_err(removing)? {
            let entry = entry.map_err(removing)?;
            if entry.file_type().map_err(removing)?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    fs::remove_dir_all(root).map_err(removing)
}

fn forget(toolchain: &Toolchain, extensions: &[&str]) -> Result<(), EnvError> {
    for extension in extensions {
        let file = toolchain.download(extension);
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(EnvError::io("removing", &file, error));
            }
            _ => {}
        }
    }
    Ok(())
}
