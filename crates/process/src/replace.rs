//! Becomes another program.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Replaces this process by a program with this environment and no other.
///
/// Returns only where the program cannot be executed.
pub fn replace(
    program: &Path,
    arguments: &[OsString],
    environment: &BTreeMap<OsString, OsString>,
) -> io::Error {
    Command::new(program).args(arguments).env_clear().envs(environment).exec()
}
