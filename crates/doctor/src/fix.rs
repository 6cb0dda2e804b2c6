//! Mends what an edit of a file can mend: as a list of whole new contents, which the caller shows
//! before it writes them.

use crate::wsl::CONF;
use crate::{Machine, ini};
use elfin_schema::{Diagnosis, Problem};

/// A file with its content before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Its path.
    pub file: String,
    /// What stands there now; `None` where it is not there.
    pub before: Option<String>,
    /// What shall stand there.
    pub after: String,
}

/// What becomes of a text.
type Change = Box<dyn Fn(&str) -> String>;

/// The edits that mend what a diagnosis found, one a file.
pub fn edits(machine: &Machine, diagnosis: &Diagnosis) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for finding in &diagnosis.findings {
        let source = finding.evidence.first().map(|it| it.source.clone()).unwrap_or_default();
        let (file, change): (String, Change) = match &finding.problem {
            Problem::WindowsPath { .. } => {
                let change = |text: &str| ini::with(text, "interop", "appendWindowsPath", "false");
                (CONF.to_owned(), Box::new(change))
            }
            Problem::NoMetadata { .. } => (CONF.to_owned(), Box::new(with_metadata)),
            Problem::SetForEver { name, .. } => {
                let start = format!("{name}=");
                let change = move |text: &str| {
                    let kept = text.lines().filter(|line| !line.starts_with(&start));
                    kept.map(|line| format!("{line}\n")).collect()
                };
                (source, Box::new(change))
            }
            _ => continue,
        };
        match edits.iter_mut().find(|edit| edit.file == file) {
            Some(edit) => edit.after = change(&edit.after),
            None => {
                let before = machine.read(&file);
                let after = change(before.as_deref().unwrap_or_default());
                edits.push(Edit { file, before, after });
            }
        }
    }
    edits.retain(|edit| edit.before.as_deref() != Some(edit.after.as_str()));
    edits
}

/// Adds `metadata` to the options of automounts that are set.
fn with_metadata(text: &str) -> String {
    let lines = ini::parse(text);
    let options = lines.iter().rfind(|line| line.is("automount", "options"));
    let options = options.map(|line| line.value.as_str()).filter(|it| !it.is_empty());
    if options.is_some_and(|it| it.split(',').any(|option| option == "metadata")) {
        return text.to_owned();
    }
    let options = options.map_or("metadata".to_owned(), |it| format!("metadata,{it}"));
    ini::with(text, "automount", "options", &format!("\"{options}\""))
}
