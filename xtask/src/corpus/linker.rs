//! Go's linker, built again so that it writes down what it knows.
//!
//! An overlay adds one file of ours to cmd/link and edits two of the
//! toolchain's own, whose text is read when needed and never kept here. The go
//! command starts this linker through `-toolexec`; it still asks the
//! toolchain's linker for its version, so build IDs stay the same.

use super::toolchain::Toolchain;
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is added to the linker.
pub(super) const DUMP: &str = include_str!("dump.go");

/// What the linker's pclntab generators decide in local variables, kept for the dump.
const KEPT: [&str; 5] = ["nameOffsets", "fileOffsets", "cuEntries", "startLocations", "inlSyms"];

/// Where the linker is called for the last time before it writes the program.
const BEFORE_WRITING: &str = "\tbench.Start(\"Asmb\")\n";

/// Names the linker that `toolexec` puts in the place of the toolchain's.
const LINKER: &str = "ELFIN_LINKER";
/// Names the file that the host linker writes its map to, if it comes to one.
const MAP: &str = "ELFIN_MAP";
/// Names the file of the dump; the added file reads it.
const TRUTH: &str = "ELFIN_TRUTH";

/// Builds the linker of a toolchain into a folder, unless it is there.
///
/// Returns an error if the toolchain's source is not as expected or does not build.
pub(super) fn build(toolchain: &Toolchain, folder: &Path) -> Result<PathBuf> {
    let linker = folder.join("link");
    if linker.is_file() {
        return Ok(linker);
    }
    fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    let source = toolchain.root.join("src/cmd/link/internal/ld");
    let mut replace = serde_json::Map::new();
    let mut put = |name: &str, text: &str| -> Result<()> {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        let original = source.join(name).to_string_lossy().into_owned();
        replace.insert(original, path.to_string_lossy().into());
        Ok(())
    };
    put("elfin_truth.go", DUMP)?;
    for (name, edit) in [("pcln.go", keep as fn(&str) -> Result<String>), ("main.go", call)] {
        let path = source.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        put(name, &edit(&text).with_context(|| format!("{}", path.display()))?)?;
    }
    let overlay = folder.join("overlay.json");
    fs::write(&overlay, serde_json::json!({ "Replace": replace }).to_string())?;

    let (made, mut go) = (folder.join("making"), toolchain.go());
    // A fetched toolchain lies in the module cache, where go allows no overlay.
    go.env("GOMODCACHE", folder.join("modules")).env("CGO_ENABLED", "0").current_dir(folder);
    go.args(["build", "-trimpath", "-overlay"]).arg(&overlay).arg("-o").arg(&made);
    shell::run(go.arg("cmd/link"))?;
    fs::rename(&made, &linker).with_context(|| format!("{}", linker.display()))?;
    Ok(linker)
}

/// Keeps what pclntab's generators decide.
fn keep(text: &str) -> Result<String> {
    KEPT.iter().try_fold(text.to_owned(), |text, name| {
        let begin = format!("\t{name} := make(");
        let mut places = text.match_indices(&begin);
        let (Some((at, _)), None) = (places.next(), places.next()) else {
            anyhow::bail!("the linker does not make `{name}` in one place: write the dump anew");
        };
        let end = at + text[at..].find('\n').context("the file ends in a line")?;
        Ok(format!("{}; truth.{name} = {name}{}", &text[..end], &text[end..]))
    })
}

/// Calls the dump before the program is written.
fn call(text: &str) -> Result<String> {
    let places = text.matches(BEFORE_WRITING).count();
    ensure!(places == 1, "the linker writes the program in {places} places: write the dump anew");
    Ok(text.replace(BEFORE_WRITING, &format!("\tctxt.writeTruth()\n{BEFORE_WRITING}")))
}

/// Makes a `go build` link by the linker that dumps, into these files.
///
/// Returns an error if this program cannot tell where it is.
pub(super) fn use_in(build: &mut Command, linker: &Path, truth: &Path, map: &Path) -> Result<()> {
    let ourselves = std::env::current_exe().context("where is this program?")?;
    build.arg("-toolexec").arg(format!("'{}' toolexec", ourselves.display()));
    build.env(LINKER, linker).env(TRUTH, truth).env(MAP, map);
    Ok(())
}

/// Runs a tool of the go command, or our linker in the place of Go's.
///
/// Returns only if it could not be started, with an error.
pub(crate) fn toolexec(tool: &OsStr, arguments: &[OsString]) -> Result<()> {
    let links = Path::new(tool).file_name() == Some(OsStr::new("link"))
        && arguments.first().is_none_or(|it| it != "-V=full");
    let mut command = Command::new(tool);
    if links {
        let named = |name| std::env::var_os(name).with_context(|| format!("no {name} to link by"));
        command = Command::new(named(LINKER)?);
        let map = named(MAP)?;
        command.arg(format!("-extldflags=-Wl,-Map={}", Path::new(&map).display()));
    }
    let error = command.args(arguments).exec();
    Err(error).with_context(|| format!("{}: cannot be started", tool.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_generators_decide_is_kept_in_place() {
        let lines: String =
            KEPT.iter().map(|name| format!("\t{name} := make(map[a]b, n)\n\tnext()\n")).collect();
        let edited = keep(&lines).unwrap();
        assert!(edited.contains("\tinlSyms := make(map[a]b, n); truth.inlSyms = inlSyms\n\tnext"));
        assert_eq!(edited.lines().count(), lines.lines().count());
    }

    #[test]
    fn a_linker_that_is_written_otherwise_is_refused() {
        assert!(keep("package ld\n").unwrap_err().to_string().contains("nameOffsets"));
        assert!(call("package ld\n").is_err());
        assert!(call(&BEFORE_WRITING.repeat(2)).is_err());
        assert_eq!(call(BEFORE_WRITING).unwrap(), "\tctxt.writeTruth()\n\tbench.Start(\"Asmb\")\n");
    }
}
