//! What has been made and measured, kept by content.
//!
//! Every result lives under a key that hashes all that it depends on, so a
//! lookup is the whole question "may this be used again?". A value appears by
//! a rename, so a run that is killed leaves whole values or none; samples are
//! appended line by line, and a torn last line is dropped.

use crate::error::LabError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Says whose folder it is; written before anything else.
const MARK: &str = ".elfin-lab";
const MARK_TEXT: &str = "Written by `elfin lab`. This folder may be deleted.\n";

/// A content key: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub(crate) struct Key(String);

impl Key {
    /// Hashes the parts; where one ends and the next begins counts.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Key {
        // Another elfin may measure otherwise.
        Key(hash_parts(std::iter::once(env!("CARGO_PKG_VERSION")).chain(parts)))
    }

    /// The digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of parts, in hexadecimal; where one ends and the next begins counts.
pub(crate) fn hash_parts(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_ref().len().to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn hash_file(path: &Path) -> Result<String, LabError> {
    let read = |source| LabError::io("read", path, source);
    let mut file = File::open(path).map_err(read)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(read)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// The store below an output folder.
#[derive(Debug)]
pub(crate) struct Store {
    out: PathBuf,
    dir: PathBuf,
    /// What is being made now, so that two threads do not make the same.
    in_hand: Mutex<HashMap<Key, Arc<Mutex<()>>>>,
    /// Held while the lab runs; the kernel lets go of it even after kill -9.
    _lock: File,
}

impl Store {
    /// Opens the store of an output folder, which it makes, marks and locks.
    ///
    /// Returns an error if the folder holds somebody else's files or another lab works in it.
    pub(crate) fn open(out: &Path, fresh: bool) -> Result<Store, LabError> {
        let write = |path: &Path| {
            let path = path.to_owned();
            move |source| LabError::io("write", &path, source)
        };
        fs::create_dir_all(out).map_err(write(out))?;
        let out = fs::canonicalize(out).map_err(write(out))?;
        let mark = out.join(MARK);
        if !mark.exists() {
            let mut entries = fs::read_dir(&out).map_err(write(&out))?;
            if entries.next().is_some() {
                return Err(LabError::ForeignFolder { path: out });
            }
            // Not by a rename: a run killed before it would leave a file that nobody owns.
            fs::write(&mark, MARK_TEXT).map_err(write(&mark))?;
        }
        // Inside a repository the folder would make the tree dirty, and Go
        // stamps that into every binary that is built after.
        replace(&out.join(".gitignore"), b"*\n")?;

        let dir = out.join("store");
        let lock_path = out.join(".lock");
        let lock = File::create(&lock_path).map_err(write(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LabError::Locked { path: out }),
            Err(TryLockError::Error(source)) => {
                return Err(LabError::io("lock", &lock_path, source));
            }
        }
        let store = Store { out, dir, in_hand: Mutex::default(), _lock: lock };
        if fresh && store.dir.exists() {
            fs::remove_dir_all(&store.dir).map_err(write(&store.dir))?;
        }
        // What a killed run left half made.
        let scratch = store.dir.join("scratch");
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(write(&scratch))?;
        }
        fs::create_dir_all(&scratch).map_err(write(&scratch))?;
        Ok(store)
    }

    /// The output folder, absolute.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// A new folder for work in hand, on the same file system; it goes when dropped.
    pub(crate) fn scratch(&self) -> Result<tempfile::TempDir, LabError> {
        let scratch = self.dir.join("scratch");
        tempfile::Builder::new()
            .tempdir_in(&scratch)
            .map_err(|source| LabError::io("write", &scratch, source))
    }

    /// The folder for what a key names, made if it is not there.
    pub(crate) fn place(&self, key: &Key) -> Result<PathBuf, LabError> {
        let place = self.dir.join(&key.0);
        fs::create_dir_all(&place).map_err(|source| LabError::io("write", &place, source))?;
        Ok(place)
    }

    fn value(&self, key: &Key) -> PathBuf {
        self.dir.join(format!("{}.json", key.0))
    }

    /// Does work on a key while nobody else does.
    pub(crate) fn alone<T>(&self, key: &Key, work: impl FnOnce() -> T) -> T {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = Arc::clone(in_hand.entry(key.clone()).or_default());
        drop(in_hand);
        let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// What was remembered under a key.
    pub(crate) fn recall<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        serde_json::from_slice(&fs::read(self.value(key)).ok()?).ok()
    }

    /// Remembers a value.
    pub(crate) fn remember<T: Serialize>(&self, key: &Key, value: &T) -> Result<(), LabError> {
        let path = self.value(key);
        let text = serde_json::to_vec(value)
            .map_err(|error| LabError::io("write", &path, io::Error::other(error)))?;
        replace(&path, &text)
    }

    /// Recalls a value, or makes it and remembers it where it is `definite`.
    ///
    /// What the machine or the hour may have refused is tried again by the next run.
    pub(crate) fn memo<T: Serialize + DeserializeOwned>(
        &self,
        key: &Key,
        definite: impl FnOnce(&T) -> bool,
        make: impl FnOnce() -> Result<T, LabError>,
    ) -> Result<T, LabError> {
        if let Some(value) = self.recall(key) {
            return Ok(value);
        }
        let value = make()?;
        if definite(&value) {
            self.remember(key, &value)?;
        }
        Ok(value)
    }

    /// Opens the journal of a key and reads what is in it.
    pub(crate) fn journal<T: DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<(Journal, Vec<T>), LabError> {
        let path = self.dir.join(format!("{}.jsonl", key.0));
        let text = fs::read_to_string(&path).unwrap_or_default();
        // A line without its end was being written when the run was killed.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let lines = text[..whole].lines().filter_map(|line| serde_json::from_str(line).ok());
        let lines = lines.collect();
        let opened = fs::OpenOptions::new().create(true).append(true).open(&path);
        let file = opened.map_err(|source| LabError::io("write", &path, source))?;
        file.set_len(whole as u64).map_err(|source| LabError::io("write", &path, source))?;
        Ok((Journal { path, file }, lines))
    }
}

/// Lines that are appended one by one.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Forgets every line.
    pub(crate) fn empty(&mut self) -> Result<(), LabError> {
        self.file.set_len(0).map_err(|source| LabError::io("write", &self.path, source))
    }

    /// Appends a line.
    pub(crate) fn append<T: Serialize>(&mut self, line: &T) -> Result<(), LabError> {
        let write = |source| LabError::io("write", &self.path, source);
        let mut text = serde_json::to_vec(line).map_err(|error| write(io::Error::other(error)))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(write)
    }
}

/// Writes a file whole or not at all.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), LabError> {
    let write = |source| LabError::io("write", path, source);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .map_err(write)?;
    file.write_all(bytes).map_err(write)?;
    file.persist(path).map_err(|error| write(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_other_files_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
        let error = Store::open(dir.path(), false).unwrap_err();
        assert!(matches!(error, LabError::ForeignFolder { .. }), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn two_labs_do_not_work_in_one_folder() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let first = Store::open(&out, false).unwrap();
        assert!(matches!(Store::open(&out, false), Err(LabError::Locked { .. })));
        drop(first);
        Store::open(&out, false).unwrap();
    }

    #[test]
    fn values_are_recalled_and_fresh_forgets_them() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::of(["a", "bc"]);
        assert_ne!(key, Key::of(["ab", "c"]));
        let store = Store::open(dir.path(), false).unwrap();
        let even = |value: &i32| value % 2 == 0;
        assert_eq!(store.memo(&key, even, || Ok(7)).unwrap(), 7);
        assert_eq!(store.memo(&key, even, || Ok(8)).unwrap(), 8, "7 was not to be kept");
        assert_eq!(store.memo(&key, even, || Ok(10)).unwrap(), 8);
        drop(store);
        let store = Store::open(dir.path(), true).unwrap();
        assert_eq!(store.recall::<i32>(&key), None);
    }

    #[test]
    fn a_torn_last_line_of_a_journal_is_dropped_and_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), false).unwrap();
        let key = Key::of(["samples"]);
        let (mut journal, none) = store.journal::<u32>(&key).unwrap();
        assert!(none.is_empty());
        journal.append(&1).unwrap();
        journal.append(&2).unwrap();
        journal.file.write_all(b"12").unwrap();
        drop(journal);
        let (mut journal, lines) = store.journal::<u32>(&key).unwrap();
        assert_eq!(lines, [1, 2]);
        journal.append(&3).unwrap();
        drop(journal);
        assert_eq!(store.journal::<u32>(&key).unwrap().1, [1, 2, 3]);
    }
}
