//! `elfin doctor`: what of this machine makes Go builds slow or wrong.

use crate::arguments::DoctorArguments;
use crate::commands::{print, terminal};
use anyhow::{Context, Result, bail};
use elfin_doctor::{Edit, Machine};
use elfin_goenv::Cancel;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

mod tar;
mod undo;

/// Judges the machine: false if there are findings.
pub(crate) fn run(arguments: &DoctorArguments) -> Result<bool> {
    if arguments.undo {
        return undo::undo().map(|()| true);
    }
    let machine = match &arguments.root {
        Some(root) => Machine::captured(root).with_context(|| root.display().to_string())?,
        None => this_machine(),
    };
    if let Some(file) = &arguments.capture {
        let mut archive = Vec::new();
        for (path, content) in machine.capture() {
            tar::append(&mut archive, path.trim_start_matches('/'), &content)?;
        }
        tar::end(&mut archive);
        let write = |path: &Path| fs::write(path, &archive);
        return write(file).map(|()| true).with_context(|| file.display().to_string());
    }
    let module = module(arguments)?;
    let diagnosis = elfin_doctor::diagnose(&machine, module.as_deref(), &Cancel::default())?;
    if arguments.fix {
        return fix(&elfin_doctor::edits(&machine, &diagnosis), arguments.yes).map(|()| true);
    }
    let lang = arguments.output.lang.into();
    let text = if arguments.output.json {
        elfin_report::diagnosis_json(&diagnosis, lang)? + "\n"
    } else {
        let (width, colour) = terminal();
        elfin_report::diagnosis(&diagnosis, lang, width, colour)
    };
    print(text.as_bytes())?;
    Ok(diagnosis.findings.is_empty())
}

/// This machine, with the environment of this process.
pub(crate) fn this_machine() -> Machine {
    Machine::here(
        std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    )
}

/// The folder of the go.mod above what is named; inside a captured machine, the folder itself.
fn module(arguments: &DoctorArguments) -> Result<Option<PathBuf>> {
    if arguments.root.is_some() {
        return Ok(arguments.module.clone());
    }
    let named = arguments.module.clone().unwrap_or_else(|| PathBuf::from("."));
    let folder = named.canonicalize().with_context(|| named.display().to_string())?;
    let module = folder.ancestors().find(|it| it.join("go.mod").is_file()).map(Path::to_owned);
    if module.is_none() && arguments.module.is_some() {
        bail!("{}: no go.mod here or above", named.display());
    }
    Ok(module)
}

fn fix(edits: &[Edit], yes: bool) -> Result<()> {
    if edits.is_empty() {
        return print(b"Nothing that was found is mended by an edit of a file.\n");
    }
    for edit in edits {
        print(shown(edit).as_bytes())?;
    }
    if !yes {
        if !std::io::stdin().is_terminal() {
            bail!("nothing was changed: say --yes to make these edits without being asked");
        }
        eprint!("make these edits? [y/N] ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        if !answer.trim().eq_ignore_ascii_case("y") {
            return print(b"nothing was changed\n");
        }
    }
    undo::apply(edits)
}

/// The lines that go and come.
fn shown(edit: &Edit) -> String {
    let before: Vec<&str> = edit.before.as_deref().unwrap_or_default().lines().collect();
    let after: Vec<&str> = edit.after.lines().collect();
    let mut text = format!("{}\n", edit.file);
    for line in before.iter().filter(|line| !after.contains(line)) {
        text.push_str(&format!("- {line}\n"));
    }
    for line in after.iter().filter(|line| !before.contains(line)) {
        text.push_str(&format!("+ {line}\n"));
    }
    text
}
