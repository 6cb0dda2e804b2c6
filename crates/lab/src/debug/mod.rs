//! Debuggability, by really doing it: every tool gets its chance at a probe program that was
//! made by the same recipe.
//!
//! Whether a tool works hangs on what the recipe left in the file, not on
//! what the program is, so a small program that panics, profiles and waits
//! for a debugger on request stands in for the user's own.

mod debugger;
mod go_tools;
mod perf;

use crate::error::LabError;
use crate::make::{Artifact, Kitchen, Miss, Source};
use crate::recipe::Recipe;
use crate::source::Package;
use crate::store::{Key, Store, replace};
use crate::tools::Toolbox;
use crate::variant::Variant;
use elfin_process::{Cancel, Output, Tool as Command, ToolError};
use elfin_schema::{Capability, Message, Probe, Works};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The probe program's source.
const SOURCE: &str = include_str!("../../probe/main.go");
const MODULE: &str = include_str!("../../probe/go.mod.txt");
/// The line of the source at which debuggers stop.
const BREAK_MARK: &str = "BREAK HERE";

const LIMIT: Duration = Duration::from_secs(60);

/// What was probed: each capability and its answer.
pub(crate) type Probed = BTreeMap<Capability, Probe<Works>>;

/// Makes probe programs and tries the tools on them.
#[derive(Debug)]
pub(crate) struct Debugging<'a> {
    /// Makes the probe programs.
    kitchen: Kitchen<'a>,
    debuggers: bool,
    go: GoTools,
}

/// Where Go keeps the tools that are asked: it builds some of them when they are first wanted.
#[derive(Debug)]
struct GoTools {
    go: PathBuf,
    nm: PathBuf,
    addr2line: PathBuf,
    pprof: PathBuf,
}

impl<'a> Debugging<'a> {
    /// Lays out the probe program below the output folder, to be built as a package is.
    pub(crate) fn new(
        package: &Package,
        store: &'a Store,
        tools: &'a Toolbox,
        debuggers: bool,
        cancel: &'a Cancel,
    ) -> Result<Option<Debugging<'a>>, LabError> {
        let Ok(go) = tools.need("go") else { return Ok(None) };
        let key = Key::of(["probe", SOURCE, MODULE]);
        let directory = store.place(&key)?;
        replace(&directory.join("main.go"), SOURCE.as_bytes())?;
        replace(&directory.join("go.mod"), MODULE.as_bytes())?;
        let probe = package.own(&directory, "probe");
        let locate = |name| {
            let located = probe.go(&Variant::default()).args(["tool", "-n", name]);
            match located.timeout(Duration::from_secs(300)).run(cancel) {
                Ok(output) => {
                    let path = String::from_utf8_lossy(&output.stdout);
                    Ok(PathBuf::from(path.trim()))
                }
                Err(ToolError::Interrupted) => Err(LabError::Interrupted),
                // Asked for by name later, it says itself what is wrong.
                Err(_) => Ok(PathBuf::from(name)),
            }
        };
        let go_tools = GoTools {
            go: go.path.clone(),
            nm: locate("nm")?,
            addr2line: locate("addr2line")?,
            pprof: locate("pprof")?,
        };
        let kitchen = Kitchen::new(store, tools, Source::Package(probe), "probe".into(), cancel);
        Ok(Some(Debugging { kitchen, debuggers, go: go_tools }))
    }

    /// Makes the probe program by a recipe and tries every tool on it.
    ///
    /// The inner error tells why the recipe cannot be made of the probe program.
    pub(crate) fn probe(&self, recipe: &Recipe) -> Result<Result<Probed, Miss>, LabError> {
        let Kitchen { store, tools, .. } = self.kitchen;
        let chain = self.kitchen.make(recipe)?;
        let artifact = match &chain.finished {
            Ok(artifact) => artifact,
            Err(miss) => return Ok(Err(miss.clone())),
        };
        let mut parts = vec!["debug", artifact.content.as_str()];
        for tool in ["go", "gdb", "dlv", "perf"] {
            parts.push(tools.need(tool).map_or("", |found| found.identity.as_str()));
        }
        if self.debuggers {
            parts.push("debuggers");
        }
        let key = Key::of(parts);
        store.memo(&key, definite, || self.try_all(artifact)).map(Ok)
    }

    fn try_all(&self, artifact: &Artifact) -> Result<Probed, LabError> {
        let bench = Workbench {
            program: &artifact.path,
            dir: self.kitchen.store.scratch()?,
            cancel: self.kitchen.cancel,
            break_line: break_line(),
        };
        let mut probed = Probed::new();
        go_tools::try_all(&bench, &self.go, &mut probed)?;
        for (tool, capabilities) in [
            ("gdb", &debugger::GDB_CAPABILITIES[..]),
            ("dlv", &debugger::DLV_CAPABILITIES[..]),
            ("perf", &[Capability::Perf][..]),
        ] {
            let found = match self.kitchen.tools.need(tool) {
                _ if !self.debuggers => Err(Message::LeftOutByQuick),
                found => found,
            };
            match (found, tool) {
                (Err(why), _) => {
                    let skipped = || Probe::Skipped { why: why.clone() };
                    probed.extend(capabilities.iter().map(|&of| (of, skipped())));
                }
                (Ok(gdb), "gdb") => debugger::try_gdb(&bench, &gdb.path, &mut probed)?,
                (Ok(dlv), "dlv") => debugger::try_delve(&bench, &dlv.path, &mut probed)?,
                (Ok(perf), _) => {
                    probed.insert(Capability::Perf, perf::try_perf(&bench, &perf.path)?);
                }
            }
        }
        for probe in probed.values_mut() {
            name_program(probe, artifact);
        }
        Ok(probed)
    }
}

/// True if nothing was refused by the machine or went wrong on the way.
fn definite(probed: &Probed) -> bool {
    !probed.values().any(|probe| {
        matches!(probe, Probe::Failed { .. } | Probe::Skipped { why: Message::NotPermitted { .. } })
    })
}

/// A tool names the file by its path in the store, which tells a reader nothing.
fn name_program(probe: &mut Probe<Works>, artifact: &Artifact) {
    let (Probe::Measured { value: Works { says, .. } } | Probe::Failed { says }) = probe else {
        return;
    };
    *says = says.replace(&artifact.path.display().to_string(), "probe");
}

/// A probe program and a place to try tools on it.
struct Workbench<'a> {
    program: &'a Path,
    dir: tempfile::TempDir,
    cancel: &'a Cancel,
    break_line: usize,
}

impl Workbench<'_> {
    /// Runs a command: what it gave, or why it gave nothing.
    fn run(&self, command: Command) -> Result<Result<Output, String>, LabError> {
        match command.dir(self.dir.path()).timeout(LIMIT).run(self.cancel) {
            Ok(output) => Ok(Ok(output)),
            Err(ToolError::Interrupted) => Err(LabError::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// Runs a command and takes both streams as one text, in the order in which they came.
    fn transcript(
        &self,
        program: &Path,
        arguments: &[String],
    ) -> Result<Result<String, String>, LabError> {
        let shell = Command::new("/bin/sh").args(["-c", "exec \"$0\" \"$@\" 2>&1"]);
        let output = self.run(shell.arg(program).args(arguments))?;
        Ok(output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()))
    }
}

/// One-based line of the probe's source at which debuggers stop.
fn break_line() -> usize {
    SOURCE.lines().position(|line| line.contains(BREAK_MARK)).map_or(0, |line| line + 1)
}

/// A measured yes, or a measured no in the tool's own words.
fn answer(yes: bool, says: &str) -> Probe<Works> {
    let says = if yes { String::new() } else { shorten(says) };
    Probe::Measured { value: Works { yes, says } }
}

/// The first lines of what a tool said.
fn shorten(says: &str) -> String {
    let lines: Vec<&str> = says.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[..lines.len().min(4)].join("\n").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_has_the_line_at_which_debuggers_stop() {
        assert!(break_line() > 10);
        assert_eq!(SOURCE.matches(BREAK_MARK).count(), 1);
    }
}
