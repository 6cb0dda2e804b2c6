//! `elfin report`: renders a stored experiment or judged claims again; no binary and no Go are needed.

use crate::arguments::{Format, ReportArguments};
use crate::commands::{print, terminal};
use anyhow::{Context, Result, anyhow, bail, ensure};
use elfin_schema::{Experiment, RecipeRecord};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// What a folder of `elfin lab --root` holds.
const ROOTS: &str = "roots.json";
/// What a folder of `elfin claims` holds.
pub(crate) const CLAIMS: &str = "claims.json";

/// Renders one experiment, or two side by side.
pub(crate) fn run(arguments: &ReportArguments) -> Result<()> {
    let alone = |name: &str| {
        let path = arguments.dir.join(name);
        (arguments.other.is_none() && path.is_file()).then_some(path)
    };
    let text = if let Some(path) = alone(ROOTS) {
        across_roots(arguments, &path)?
    } else if let Some(path) = alone(CLAIMS) {
        claims(arguments, &path)?
    } else {
        experiments(arguments)?
    };
    match &arguments.output_file {
        Some(file) => page(file, &text),
        None => print(text.as_bytes()),
    }
}

fn experiments(arguments: &ReportArguments) -> Result<String> {
    let (experiment, records) = read(&arguments.dir)?;
    let lang = arguments.output.lang.into();
    let (width, colour) = terminal();
    Ok(match &arguments.other {
        _ if arguments.output.json && arguments.other.is_some() => {
            bail!("--json takes one folder: the documents of two are two documents")
        }
        None if arguments.output.json => json(&experiment, &records)?,
        None => match arguments.format {
            Format::Text => elfin_report::terminal(&experiment, &records, lang, width, colour),
            Format::Md => elfin_report::markdown(&experiment, &records, lang),
            Format::Csv => elfin_report::csv(&experiment, &records),
            Format::Html => elfin_report::html(&experiment, &records, lang),
        },
        Some(other) => {
            let (other, others) = read(other)?;
            let (a, b) = ((&experiment, &records[..]), (&other, &others[..]));
            match arguments.format {
                Format::Text => elfin_report::compare_terminal(a, b, lang, width, colour),
                Format::Md => elfin_report::compare_markdown(a, b, lang),
                Format::Html => elfin_report::compare_html(a, b, lang),
                Format::Csv => bail!("--format csv takes one folder; print two tables instead"),
            }
        }
    })
}

/// Renders an experiment across roots.
fn across_roots(arguments: &ReportArguments, path: &Path) -> Result<String> {
    let document = stored(path, elfin_schema::read_roots)?;
    let lang = arguments.output.lang.into();
    let (width, colour) = terminal();
    Ok(match arguments.format {
        _ if arguments.output.json => super::lab_roots::json(&document)?,
        Format::Text => elfin_report::roots(&document, lang, width, colour),
        Format::Md => elfin_report::roots_markdown(&document, lang),
        Format::Html => elfin_report::roots_html(&document, lang),
        Format::Csv => {
            bail!("--format csv: there is none of an experiment across roots; use --json")
        }
    })
}

/// Renders judged claims.
fn claims(arguments: &ReportArguments, path: &Path) -> Result<String> {
    let document = stored(path, elfin_schema::read_claims)?;
    let lang = arguments.output.lang.into();
    let (width, colour) = terminal();
    Ok(match arguments.format {
        _ if arguments.output.json => elfin_report::claims_json(&document, lang)? + "\n",
        Format::Text => elfin_report::claims(&document, lang, width, colour),
        Format::Md => elfin_report::claims_markdown(&document, lang),
        Format::Html => elfin_report::claims_html(&document, lang),
        Format::Csv => bail!("--format csv: there is none of claims; use --json"),
    })
}

/// Reads the documents of an output folder.
fn read(dir: &Path) -> Result<(Experiment, Vec<RecipeRecord>)> {
    let experiment = stored(&dir.join("experiment.json"), elfin_schema::read_experiment)?;
    let records = stored(&dir.join("record.jsonl"), elfin_schema::read_records)?;
    Ok((experiment, records))
}

/// Reads a document of an output folder.
fn stored<T, E>(path: &Path, read: fn(&str) -> Result<T, E>) -> Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let text = fs::read_to_string(path).map_err(|error| {
        anyhow!("cannot read {}: {error}; is it in a folder of elfin lab?", path.display())
    })?;
    read(&text).with_context(|| path.display().to_string())
}

/// Both documents as one JSON object.
pub(crate) fn json(experiment: &Experiment, records: &[RecipeRecord]) -> Result<String> {
    let both = serde_json::json!({ "experiment": experiment, "recipes": records });
    Ok(serde_json::to_string_pretty(&both)? + "\n")
}

/// Writes a page where its reader wants it: where a symlink leads, into what is no file, and never
/// over a program or a document.
pub(crate) fn page(file: &Path, text: &str) -> Result<()> {
    let Ok(target) = fs::canonicalize(file) else { return replace(file, text) };
    let named = || format!("cannot write {}", file.display());
    if !target.is_file() {
        let mut open = fs::OpenOptions::new().write(true).open(&target).with_context(named)?;
        return open.write_all(text.as_bytes()).with_context(named);
    }
    let mut first = Vec::new();
    fs::File::open(&target)
        .and_then(|it| it.take(4).read_to_end(&mut first))
        .with_context(named)?;
    let is_document = first.starts_with(b"{") && !text.starts_with('{');
    ensure!(
        !is_document && first != b"\x7fELF",
        "{} is a program or a document; name another file for the page",
        file.display()
    );
    replace(&target, text)
}

/// Writes a file whole or not at all.
pub(crate) fn replace(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let write = || -> io::Result<()> {
        let mut whole = tempfile::Builder::new()
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            // The name that the file would have had until then says nothing to anybody.
            .map_err(|error| io::Error::from(error.kind()))?;
        whole.write_all(text.as_bytes())?;
        whole.persist(file)?;
        Ok(())
    };
    let named = || format!("cannot write {}", file.display());
    let is_there = folder.is_none_or(Path::is_dir);
    ensure!(is_there, "{}: there is no folder {}", named(), folder.unwrap_or(file).display());
    write().with_context(named)
}
