//! What a folder may set without anybody's word, and the word that was given.
//!
//! Whoever clones a repository has not read it. What may be set without a word is therefore a list
//! of what is known to be harmless: versions, targets, limits, and some flags. All else waits.

use crate::godotenv::{Assignment, GOVERSION};
use crate::{GoFlags, Surroundings};
use elfin_schema::NeedsWord;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Names whose every value is harmless.
const HARMLESS: &[&str] = &[
    "CGO_ENABLED",
    "GO386",
    "GOAMD64",
    "GOARCH",
    "GOARM",
    "GOARM64",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "GOMIPS",
    "GOMIPS64",
    "GOOS",
    "GOPPC64",
    "GORISCV64",
    "GOTRACEBACK",
    GOVERSION,
    "GOWASM",
];

/// Flags in GOFLAGS whose every value is harmless.
const HARMLESS_FLAGS: &[&str] = &[
    "a",
    "asan",
    "benchmem",
    "buildmode",
    "buildvcs",
    "count",
    "cover",
    "covermode",
    "cpu",
    "failfast",
    "json",
    "mod",
    "msan",
    "n",
    "p",
    "parallel",
    "race",
    "short",
    "shuffle",
    "tags",
    "timeout",
    "trimpath",
    "v",
    "x",
];

/// Where modules come from, and whether they are checked.
const TRUST: &[&str] = &[
    "GO111MODULE",
    "GOAUTH",
    "GODEBUG",
    "GOINSECURE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOVCS",
];

/// Where Go reads and writes.
const FILES: &[&str] = &["GOBIN", "GOCACHE", "GOENV", "GOMODCACHE", "GOPATH", "GOTMPDIR", "GOWORK"];

/// Says why a value needs the user's word.
pub fn needs_word(assignment: &Assignment, is_ours: impl Fn(&Path) -> bool) -> Option<NeedsWord> {
    let value = assignment.value.as_str();
    match assignment.name.as_str() {
        name if HARMLESS.contains(&name) => None,
        "GOFLAGS" => flags_need_word(&GoFlags::parse(value)),
        "GOROOT" if is_ours(Path::new(value)) => None,
        "GOTOOLCHAIN" if ["local", "auto"].contains(&value) => None,
        name if TRUST.contains(&name) => Some(NeedsWord::ChangesTrust),
        name if FILES.contains(&name) => Some(NeedsWord::OtherFiles),
        _ => Some(NeedsWord::RunsProgram),
    }
}

fn flags_need_word(flags: &GoFlags) -> Option<NeedsWord> {
    let needs =
        flags.names().filter(|name| !HARMLESS_FLAGS.contains(name)).map(|name| match name {
            "insecure" => NeedsWord::ChangesTrust,
            "modfile" | "overlay" | "pkgdir" | "pgo" | "C" | "modcacherw" => NeedsWord::OtherFiles,
            _ => NeedsWord::RunsProgram,
        });
    // What runs a program is worth more to know than what reads a file.
    needs.min_by_key(|needs| !matches!(needs, NeedsWord::RunsProgram))
}

/// Where the user's words are kept: a file for each file that is allowed, named by its hash.
#[derive(Debug, Clone)]
pub struct Words(Option<PathBuf>);

impl Words {
    /// The user's own: `elfin/allowed` in the data folder.
    pub fn of(surroundings: &Surroundings) -> Words {
        let data = surroundings.xdg("XDG_DATA_HOME", ".local/share");
        Words(data.map(|data| data.join("elfin/allowed")))
    }

    /// The file that stands for the word about a file of this path and content.
    pub fn place(&self, file: &Path, content: &str) -> Option<PathBuf> {
        let mut hash = Sha256::new();
        hash.update(file.as_os_str().as_bytes());
        hash.update([0]);
        hash.update(content);
        Some(self.0.as_ref()?.join(crate::dirhash::hex(&hash.finalize())))
    }

    /// Says whether the word was given.
    pub fn given(&self, file: &Path, content: &str) -> bool {
        self.place(file, content).is_some_and(|place| place.exists())
    }

    /// Remembers the word.
    ///
    /// Fails where the user's data folder cannot be written.
    pub fn give(&self, file: &Path, content: &str) -> io::Result<()> {
        let no_home = || io::Error::other("neither HOME nor XDG_DATA_HOME is set");
        let place = self.place(file, content).ok_or_else(no_home)?;
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(place, file.as_os_str().as_bytes())
    }

    /// Takes the word back, whatever the content was when it was given.
    ///
    /// Fails where the user's data folder cannot be read or written.
    pub fn take_back(&self, file: &Path) -> io::Result<usize> {
        let entries = match self.0.as_ref().map(fs::read_dir) {
            None => return Ok(0),
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Some(entries) => entries?,
        };
        let mut taken = 0;
        for entry in entries {
            let place = entry?.path();
            if fs::read(&place)? == file.as_os_str().as_bytes() {
                fs::remove_file(&place)?;
                taken += 1;
            }
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Option<NeedsWord> {
        let assignment = crate::godotenv::parse(text).unwrap().remove(0);
        needs_word(&assignment, |goroot| goroot == Path::new("/cache/go"))
    }

    #[test]
    fn what_is_harmless_needs_no_word() {
        for text in [
            "GOVERSION=1.24.11",
            "GOOS=linux",
            "CGO_ENABLED=0",
            "GOEXPERIMENT=x",
            "GOROOT=/cache/go",
            "GOFLAGS=-trimpath -tags=a,b -mod=vendor",
            "GOTOOLCHAIN=local",
        ] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    #[test]
    fn what_runs_a_program_or_changes_trust_needs_one() {
        for (text, why) in [
            ("CC=./evil", NeedsWord::RunsProgram),
            ("GOFLAGS=-trimpath -toolexec=./evil", NeedsWord::RunsProgram),
            ("GOFLAGS=-overlay=x --exec=./evil", NeedsWord::RunsProgram),
            ("GOFLAGS=-ldflags=-extld=./evil", NeedsWord::RunsProgram),
            ("GOFLAGS=-vettool=./evil", NeedsWord::RunsProgram),
            ("GOFLAGS=-overlay=x.json", NeedsWord::OtherFiles),
            ("GOFLAGS=-neverheard", NeedsWord::RunsProgram),
            ("GOROOT=./go", NeedsWord::RunsProgram),
            ("GOTOOLCHAIN=go1.24.11-evil", NeedsWord::RunsProgram),
            ("GOCACHEPROG=./evil", NeedsWord::RunsProgram),
            ("PKG_CONFIG=./evil", NeedsWord::RunsProgram),
            ("GOPROXY=file:///tmp", NeedsWord::ChangesTrust),
            ("GONOSUMDB=*", NeedsWord::ChangesTrust),
            ("GOAUTH=command", NeedsWord::ChangesTrust),
            ("GOCACHE=/tmp/planted", NeedsWord::OtherFiles),
            ("GOENV=./env", NeedsWord::OtherFiles),
        ] {
            assert_eq!(judged(text), Some(why), "{text}");
        }
    }

    #[test]
    fn a_word_is_about_one_file_and_one_content() {
        let home = tempfile::tempdir().unwrap();
        let words = Words(Some(home.path().join("allowed")));
        let (here, there) = (Path::new("/a/.godotenv"), Path::new("/b/.godotenv"));
        words.give(here, "CC=gcc\n").unwrap();
        assert!(words.given(here, "CC=gcc\n"));
        assert!(!words.given(here, "CC=evil\n") && !words.given(there, "CC=gcc\n"));
        assert_eq!(words.take_back(there).unwrap(), 0);
        assert_eq!(words.take_back(here).unwrap(), 1);
        assert!(!words.given(here, "CC=gcc\n"));
    }
}
