//! Pairs of builds of which it is known what makes them differ.
//!
//! A pair is a base and one to three injected causes. It is built one cause
//! at a time, so what each is worth is measured and not thought up. The files
//! lie under target/corpus/diff by a hash of what they depend on; pairs.json
//! lists them.

mod injection;
mod plan;
mod program;

use super::link::key;
use super::toolchain::Toolchain;
use crate::shell;
use anyhow::{Context, Result, ensure};
use injection::Injection;
use plan::Planned;
use program::Config;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Two files and what makes them differ.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// A name for people.
    pub(crate) name: String,
    pub(crate) from: PathBuf,
    pub(crate) to: PathBuf,
    /// Every injected cause with the bytes that it alone changed, in the order of the builds.
    pub(crate) causes: Vec<Injected>,
}

/// A cause and what it is worth.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Injected {
    /// The cause, by the name that the document of a difference has for it.
    pub(crate) cause: String,
    pub(crate) bytes: i64,
}

/// Builds what is missing and writes pairs.json.
///
/// Returns an error that lists the pairs that could not be built; the others are there.
pub(crate) fn run() -> Result<()> {
    let (pairs, failed) = build(false)?;
    let singles = pairs.iter().filter(|it| it.causes.len() == 1).count();
    println!("{} pairs, {singles} with one cause: {}", pairs.len(), list().display());
    ensure!(failed.is_empty(), "could not be built:\n  {}", failed.join("\n  "));
    Ok(())
}

/// Builds what is missing, or takes only what is there; gives the pairs, and what could not be
/// built and why.
///
/// Returns an error if the list cannot be written.
pub(crate) fn build(only_there: bool) -> Result<(Vec<Pair>, Vec<String>)> {
    let (mut pairs, mut failed) = (Vec::new(), Vec::new());
    let mut toolchains = HashMap::new();
    for planned in plan::pairs() {
        match pair(&planned, &mut toolchains, only_there) {
            Err(_) if only_there => {}
            Ok(pair) => pairs.push(pair),
            Err(error) => {
                eprintln!("warning: {}: {error:#}", planned.name);
                failed.push(format!("{}: {error:#}", planned.name));
            }
        }
    }
    let path = list();
    fs::write(&path, serde_json::to_string_pretty(&pairs)?)
        .with_context(|| format!("{}", path.display()))?;
    Ok((pairs, failed))
}

fn folder() -> PathBuf {
    super::folder().join("diff")
}

fn list() -> PathBuf {
    folder().join("pairs.json")
}

/// Builds a pair with every step between.
fn pair(
    planned: &Planned,
    toolchains: &mut HashMap<String, Toolchain>,
    only_there: bool,
) -> Result<Pair> {
    let mut config = planned.base();
    let from = made(&config, toolchains, only_there)?;
    let mut size = bytes(&from)?;
    let (mut to, mut causes) = (from.clone(), Vec::new());
    for injection in &planned.injections {
        injection.apply(&mut config);
        to = made(&config, toolchains, only_there)?;
        let grown = bytes(&to)?;
        causes.push((*injection, grown - size));
        size = grown;
    }
    let (mut from, mut to) = (from, to);
    if planned.backwards {
        std::mem::swap(&mut from, &mut to);
    }
    let named = |(injection, bytes): (Injection, i64)| Injected {
        cause: injection.cause(planned.backwards).to_owned(),
        bytes: if planned.backwards { -bytes } else { bytes },
    };
    let causes = causes.into_iter().map(named).collect();
    Ok(Pair { name: planned.name.clone(), from, to, causes })
}

fn bytes(file: &Path) -> Result<i64> {
    Ok(i64::try_from(fs::metadata(file)?.len())?)
}

/// Builds a program unless it is there.
fn made(
    config: &Config,
    toolchains: &mut HashMap<String, Toolchain>,
    only_there: bool,
) -> Result<PathBuf> {
    if !toolchains.contains_key(&config.go) {
        toolchains.insert(config.go.clone(), Toolchain::find(&config.go)?);
    }
    let toolchain = toolchains.get(&config.go).context("it was found just now")?;
    let sources = config.sources();
    let mut parts = vec![config.recipe(), toolchain.version.clone()];
    parts.extend(sources.iter().flat_map(|(path, text)| [path.clone(), text.clone()]));
    let key = key(parts.iter().map(String::as_bytes));
    let file = folder().join("builds").join(format!("{}-{key}", config.program));
    if file.is_file() {
        return Ok(file);
    }
    ensure!(!only_there, "{} is not built", file.display());
    // The same folder each time, because its path is in the file.
    let source = folder().join("source").join(&config.program);
    if source.is_dir() {
        fs::remove_dir_all(&source).with_context(|| format!("{}", source.display()))?;
    }
    for (path, text) in &sources {
        let path = source.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&source))?;
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
    }
    let made = folder().join("made");
    let mut go = toolchain.go();
    go.current_dir(&source).envs(config.environment.iter().map(|(key, value)| (key, value)));
    go.arg("build").args(config.arguments()).arg("-o").arg(&made).arg(".");
    shell::run(&mut go)?;
    fs::create_dir_all(folder().join("builds"))?;
    fs::rename(&made, &file).with_context(|| format!("{}", file.display()))?;
    Ok(file)
}
