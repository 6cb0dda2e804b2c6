//! Changes in the words of a shell, and the hook that asks for them.
//!
//! The hook runs before each prompt and starts no process while nothing has changed: it compares
//! the folder, whether files that would decide have come, and for each that did decide its time
//! of change with that of a stamp, an empty file which was given the same time. Shells can
//! compare two files' times, but not read one.

use crate::change::Change;
use crate::dirhash::hex;
use crate::{Surroundings, Watch};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::UNIX_EPOCH;

/// A shell whose words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash, and what reads its assignments.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

/// A shell that is not known.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is none of bash, zsh and fish")]
pub struct UnknownShell(String);

impl FromStr for Shell {
    type Err = UnknownShell;

    fn from_str(name: &str) -> Result<Shell, UnknownShell> {
        match name {
            "bash" => Ok(Shell::Bash),
            "zsh" => Ok(Shell::Zsh),
            "fish" => Ok(Shell::Fish),
            other => Err(UnknownShell(other.to_owned())),
        }
    }
}

impl Shell {
    /// A word that the shell takes for exactly this text.
    pub fn quote(self, text: &OsStr) -> Vec<u8> {
        let mut quoted = vec![b'\''];
        for &byte in text.as_bytes() {
            match (self, byte) {
                (Shell::Fish, b'\'' | b'\\') => quoted.extend([b'\\', byte]),
                (_, b'\'') => quoted.extend(b"'\\''"),
                _ => quoted.push(byte),
            }
        }
        quoted.push(b'\'');
        quoted
    }

    /// The lines that make changes.
    pub fn exports(self, changes: &[Change]) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, value) in changes {
            match (self, value) {
                (Shell::Fish, Some(value)) => {
                    text.extend([b"set -gx ", name.as_bytes(), b" "].concat());
                    text.extend(self.quote(value));
                }
                (Shell::Fish, None) => text.extend([b"set -e ", name.as_bytes()].concat()),
                (_, Some(value)) => {
                    text.extend([b"export ", name.as_bytes(), b"="].concat());
                    text.extend(self.quote(value));
                }
                (_, None) => text.extend([b"unset ", name.as_bytes()].concat()),
            }
            text.push(b'\n');
        }
        text
    }

    /// The lines that tell the hook what to look at.
    pub fn watches(self, watch: &Watch, surroundings: &Surroundings) -> Vec<u8> {
        let mut seen: Vec<PathBuf> = Vec::new();
        for file in &watch.seen {
            // Without a stamp the hook asks again each time, which is slow and right.
            let stamp = stamp(file, surroundings).unwrap_or_else(|_| PathBuf::from("/nonexistent"));
            seen.extend([file.clone(), stamp]);
        }
        let list = |name: &str, files: &[PathBuf]| {
            let words = files.iter().map(|file| self.quote(file.as_os_str()));
            let words = words.collect::<Vec<_>>().join(&b' ');
            match self {
                Shell::Fish => [b"set -g ", name.as_bytes(), b" ", &words, b"\n"].concat(),
                _ => [name.as_bytes(), b"=(", &words, b")\n"].concat(),
            }
        };
        [list("__elfin_seen", &seen), list("__elfin_absent", &watch.absent)].concat()
    }

    /// The hook, which runs this elfin.
    pub fn hook(self, elfin: &Path) -> Vec<u8> {
        let (text, quoted) = (self.hook_text(), self.quote(elfin.as_os_str()));
        let (head, tail) = text.split_once("ELFIN").unwrap_or((text, ""));
        [head.as_bytes(), &quoted, tail.as_bytes()].concat()
    }

    fn hook_text(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("hook/hook.bash"),
            Shell::Zsh => include_str!("hook/hook.zsh"),
            Shell::Fish => include_str!("hook/hook.fish"),
        }
    }
}

/// A file with the time of change of another, which stands for that time.
fn stamp(file: &Path, surroundings: &Surroundings) -> io::Result<PathBuf> {
    let time = fs::metadata(file)?.modified()?;
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let cache = surroundings.cache().ok_or(io::ErrorKind::NotFound)?;
    let name = hex(&Sha256::digest(file.as_os_str().as_bytes())[..16]);
    let folder = cache.join("stamps").join(name);
    let stamp = folder.join(format!("{}.{:09}", since.as_secs(), since.subsec_nanos()));
    if stamp.exists() {
        return Ok(stamp);
    }
    fs::create_dir_all(&folder)?;
    // Other times of this file are over.
    for old in fs::read_dir(&folder)?.flatten() {
        let _ = fs::remove_file(old.path());
    }
    let making = folder.join(format!("making-{}", std::process::id()));
    File::create(&making)?.set_modified(time)?;
    fs::rename(&making, &stamp)?;
    Ok(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_in_the_shell_s_own_way() {
        let odd = OsStr::new("it's $(a) `b` \\ \"c\"");
        assert_eq!(Shell::Bash.quote(odd), br#"'it'\''s $(a) `b` \ "c"'"#);
        assert_eq!(Shell::Fish.quote(odd), br#"'it\'s $(a) `b` \\ "c"'"#);
    }
}
