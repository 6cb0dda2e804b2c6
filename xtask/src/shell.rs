//! Runs commands as a person would: shown first, the terminal theirs, a failure the end.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// The checkout, whatever folder the task was started from.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A text whose paths in the checkout begin there, as nobody else has it in the same folder.
pub(crate) fn without_root(text: &str) -> String {
    text.replace(&format!("{}/", root().display()), "")
}

/// A command that runs in the checkout.
pub(crate) fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the one that started this task.
pub(crate) fn cargo() -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// Shows a command and runs it to its end.
///
/// Returns an error if it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("{line}: cannot be started"))?;
    ensure!(status.success(), "{line}: {status}");
    Ok(())
}

/// Runs a command quietly and gives what it printed, if it could be started and succeeded.
pub(crate) fn asks(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The executable of this name in PATH.
pub(crate) fn find(name: &str) -> Option<std::path::PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
