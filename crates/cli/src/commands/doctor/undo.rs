//! Makes edits with a backup, and puts the backup back.

use crate::commands::print;
use crate::commands::report::replace;
use anyhow::{Context, Result, bail};
use elfin_doctor::Edit;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The file that holds what stood in the files before the last edits.
fn backup() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")));
    Ok(state.context("neither HOME nor XDG_STATE_HOME is set")?.join("elfin/doctor-undo.json"))
}

/// Makes the edits; what stood in the files is kept first.
pub(super) fn apply(edits: &[Edit]) -> Result<()> {
    let backup = backup()?;
    if backup.exists() {
        bail!(
            "{} holds what an earlier --fix changed; --undo first, or remove it",
            backup.display()
        );
    }
    let files: Vec<Value> = edits
        .iter()
        .map(|edit| json!({ "file": edit.file, "before": edit.before, "after": edit.after }))
        .collect();
    backup.parent().map_or(Ok(()), fs::create_dir_all)?;
    replace(&backup, &serde_json::to_string_pretty(&files)?)?;
    for edit in edits {
        replace(Path::new(&edit.file), &edit.after)?;
    }
    print(format!("done; `elfin doctor --undo` takes it back ({})\n", backup.display()).as_bytes())
}

/// Puts back what the last edits changed.
pub(super) fn undo() -> Result<()> {
    let backup = backup()?;
    let text = fs::read_to_string(&backup)
        .with_context(|| format!("{}: there is nothing to undo", backup.display()))?;
    let files: Vec<Value> = serde_json::from_str(&text)?;
    for entry in &files {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let file = Path::new(text("file").context("a backup without a file")?);
        if fs::read_to_string(file).ok().as_deref() != text("after") {
            bail!(
                "{} was changed since; put it right by hand from {}",
                file.display(),
                backup.display()
            );
        }
    }
    for entry in &files {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let file = Path::new(text("file").unwrap_or_default());
        match text("before") {
            Some(before) => replace(file, before)?,
            None => fs::remove_file(file)?,
        }
    }
    fs::remove_file(&backup)?;
    Ok(())
}
