//! Whether a Go runs: tried once, and then believed for as long as its programs are the same.

use crate::dirhash::hex;
use crate::places::go_arch;
use crate::{EnvError, InstalledGo, Surroundings};
use elfin_process::{Cancel, Exit, Tool};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

/// As long as `go version` may take, on a busy machine with a cold disk.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes sure that a Go runs and is the version that it says.
///
/// Fails where it does not, with what it said. Starts nothing if it ran before and none of its
/// programs has changed since.
pub(crate) fn runs(
    go: &InstalledGo,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<(), EnvError> {
    let stamp = stamp(go);
    let note = note(go, surroundings);
    if note.as_ref().is_some_and(|note| fs::read_to_string(note).is_ok_and(|was| was == stamp)) {
        return Ok(());
    }
    let broken = |says: String| EnvError::DoesNotRun { go: go.go(), says };
    let tool = Tool::new(go.go()).arg("version").dir("/").timeout(LIMIT);
    let tool = tool.env("GOTOOLCHAIN", "local").env_remove("GOROOT").env_remove("GOFLAGS");
    let output = tool.run(cancel).map_err(|error| broken(error.to_string()))?;
    let says = String::from_utf8_lossy(&output.stdout);
    let expected = format!("go version {} ", go.version);
    if output.exit != Exit::Code(0) || !says.starts_with(&expected) {
        let words = format!("{}{}", says, String::from_utf8_lossy(&output.stderr));
        return Err(broken(format!("{}: {}", output.exit, words.trim())));
    }
    // Only a convenience: without it the next time tries again.
    if let Some(note) = note {
        let _ = note.parent().map(fs::create_dir_all);
        let _ = fs::write(note, stamp);
    }
    Ok(())
}

/// What changes when one of the programs does.
fn stamp(go: &InstalledGo) -> String {
    let tools = go.goroot.join(format!("pkg/tool/linux_{}", go_arch()));
    let mut stamp = String::new();
    for file in [go.go(), tools.join("compile"), tools.join("link"), tools.join("asm")] {
        let _ = match fs::metadata(&file) {
            Ok(data) => writeln!(
                stamp,
                "{} {} {}.{} {}.{}",
                data.ino(),
                data.len(),
                data.mtime(),
                data.mtime_nsec(),
                data.ctime(),
                data.ctime_nsec()
            ),
            Err(_) => writeln!(stamp, "none"),
        };
    }
    stamp
}

fn note(go: &InstalledGo, surroundings: &Surroundings) -> Option<PathBuf> {
    let name = hex(&Sha256::digest(go.goroot.as_os_str().as_bytes()));
    Some(surroundings.cache()?.join("runs").join(name))
}
