//! The corpus: Go programs linked in every way that matters, each with the linker's own truth.
//!
//! Built under target/corpus and never committed. A link lies in a folder
//! whose name has a hash of what it depends on; it appears there whole, so
//! what was interrupted goes on where it was. manifest.json lists the files
//! (quick.json, here.json: of a part).

mod link;
mod linker;
pub(crate) mod pairs;
mod plan;
mod toolchain;

pub(crate) use linker::toolexec;
pub(crate) use plan::Scope;

use crate::shell;
use anyhow::{Context, Result, ensure};
use plan::{Link, Origin};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use toolchain::Toolchain;

/// A file of the corpus.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// A name for people.
    pub(crate) name: String,
    /// The program.
    pub(crate) file: PathBuf,
    /// What the linker that made it wrote down, gzipped.
    pub(crate) truth: PathBuf,
    /// The host linker's map, where a host linker made the file.
    pub(crate) map: Option<PathBuf>,
    pub(crate) program: String,
    /// Import path of its main package.
    pub(crate) main: String,
    pub(crate) go: String,
    pub(crate) arch: String,
    pub(crate) pie: bool,
    pub(crate) cgo: bool,
    pub(crate) strip: Strip,
    /// A real program.
    pub(crate) large: bool,
    pub(crate) size: u64,
}

/// What took the symbols off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strip {
    /// Nothing.
    No,
    /// The Go linker: `-s -w`.
    Linker,
    /// The program `strip`.
    Tool,
    /// The program `strip`, and the section headers are gone too.
    Headers,
}

/// Builds what is missing and writes the manifest.
///
/// Returns an error that lists the links that could not be made; the others are there.
pub(crate) fn run(scope: Scope) -> Result<()> {
    let (entries, failed) = build(scope)?;
    let bytes: u64 = entries.iter().map(|it| it.size).sum();
    println!("{} files, {} MB: {}", entries.len(), bytes / 1_000_000, manifest(scope).display());
    ensure!(failed.is_empty(), "could not be made:\n  {}", failed.join("\n  "));
    Ok(())
}

/// Builds what is missing; gives the files, and what could not be made and why.
///
/// Returns an error if the plan cannot be read or the manifest not written.
pub(crate) fn build(scope: Scope) -> Result<(Vec<Entry>, Vec<String>)> {
    let (mut entries, mut failed) = (Vec::new(), Vec::new());
    let mut toolchains = HashMap::new();
    for link in plan::links(scope)? {
        let tools = toolchains.entry(link.go.clone()).or_insert_with(|| tools(&link.go));
        let made = match tools {
            Ok((toolchain, linker)) => link::make(&link, toolchain, linker),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        match made {
            Ok(folder) => entries.extend(files(&link, &folder)?),
            Err(error) => {
                eprintln!("warning: {}: {error:#}", link.name());
                failed.push(format!("{}: {error:#}", link.name()));
            }
        }
    }
    let text = serde_json::to_string_pretty(&entries)?;
    let path = manifest(scope);
    fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
    Ok((entries, failed))
}

/// A program of the corpus without the truth about it.
#[derive(Debug)]
pub(crate) struct Plain {
    /// A name for people.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) program: String,
    pub(crate) arch: &'static str,
    pub(crate) pie: bool,
    pub(crate) cgo: bool,
    /// Linked without symbols and DWARF.
    pub(crate) stripped: bool,
    /// A real program.
    pub(crate) large: bool,
}

impl Plain {
    /// What makes it tell its version and end, where it has to be told.
    pub(crate) fn arguments(&self) -> &'static [&'static str] {
        match &*self.program {
            "compile" => &["-V"],
            "esbuild" => &["--version"],
            "server" => &["-version"],
            _ if self.large => &["version"],
            _ => &[],
        }
    }
}

/// Builds the programs whose name has one of `parts` in it, separated by commas, once each, and
/// gives those that could be made.
///
/// Returns an error if the plan cannot be read.
pub(crate) fn plain(scope: Scope, parts: &str) -> Result<Vec<Plain>> {
    let (mut programs, mut toolchains) = (Vec::new(), HashMap::new());
    let wanted = |link: &Link| parts.split(',').any(|part| link.name().contains(part));
    for link in plan::links(scope)?.into_iter().filter(wanted) {
        let toolchain =
            toolchains.entry(link.go.clone()).or_insert_with(|| Toolchain::find(&link.go).ok());
        let made = toolchain.as_ref().context("its Go is not to be had");
        match made.and_then(|toolchain| link::program(&link, toolchain)) {
            Ok(file) => programs.push(Plain {
                name: link.name(),
                file,
                program: link.program,
                arch: link.arch,
                pie: link.pie,
                cgo: link.cgo,
                stripped: link.stripped,
                large: !matches!(link.origin, Origin::Folder(_)),
            }),
            Err(error) => eprintln!("warning: {}: {error:#}", link.name()),
        }
    }
    Ok(programs)
}

/// How many files the whole plan comes to.
///
/// Returns an error if the plan cannot be read.
pub(crate) fn planned() -> Result<usize> {
    // What is not stripped by the linker gets two stripped siblings.
    Ok(plan::links(Scope::All)?.iter().map(|it| if it.stripped { 1 } else { 3 }).sum())
}

/// Lists what of the corpus is built already.
///
/// Returns an error if the plan cannot be read.
pub(crate) fn built() -> Result<Vec<Entry>> {
    let mut toolchains = HashMap::new();
    let mut entries = Vec::new();
    for link in plan::links(Scope::All)? {
        let found = toolchains.entry(link.go.clone()).or_insert_with(|| Toolchain::find(&link.go));
        if let Ok(toolchain) = found {
            let folder = link::made(&link, toolchain)?;
            if folder.is_dir() {
                entries.extend(files(&link, &folder)?);
            }
        }
    }
    Ok(entries)
}

/// The folder of everything that is built.
fn folder() -> PathBuf {
    shell::root().join("target/corpus")
}

fn manifest(scope: Scope) -> PathBuf {
    folder().join(scope.name()).with_extension("json")
}

/// A toolchain and its linker that dumps.
fn tools(version: &str) -> Result<(Toolchain, PathBuf)> {
    let toolchain = Toolchain::find(version)?;
    let key = link::key([toolchain.version.as_bytes(), linker::DUMP.as_bytes()]);
    let linker = linker::build(&toolchain, &folder().join(format!("linkers/{version}-{key}")))?;
    Ok((toolchain, linker))
}

/// Lists the files of a finished link.
fn files(link: &Link, folder: &Path) -> Result<Vec<Entry>> {
    let (truth, map) = (folder.join(link::TRUTH), folder.join(link::MAP));
    let strip = if link.stripped { Strip::Linker } else { Strip::No };
    let kinds = [
        (link::PROGRAM, "", strip),
        (link::STRIPPED, "-strip", Strip::Tool),
        (link::BARE, "-bare", Strip::Headers),
    ];
    let made = kinds.into_iter().filter(|(file, ..)| folder.join(file).is_file());
    made.map(|(file, suffix, strip)| {
        let file = folder.join(file);
        Ok(Entry {
            name: link.name() + suffix,
            size: fs::metadata(&file)?.len(),
            file,
            truth: truth.clone(),
            map: map.is_file().then(|| map.clone()),
            program: link.program.clone(),
            main: match link.origin {
                Origin::Folder(_) => format!("example.com/{}", link.program),
                Origin::Toolchain | Origin::Module(_) => link.package.clone(),
            },
            go: link.go.clone(),
            arch: link.arch.to_owned(),
            pie: link.pie,
            cgo: link.cgo,
            strip,
            large: !matches!(link.origin, Origin::Folder(_)),
        })
    })
    .collect()
}
