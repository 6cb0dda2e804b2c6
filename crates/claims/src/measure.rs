//! The tests that claims can ask for, and the ground that they stand on.
//!
//! A test takes what the claim says `with`, and gives values by the names listed
//! here; what it cannot measure on this machine it says. One experiment of the
//! lab has all recipes that any claim names, one look at the program built both
//! ways has addresses, gadgets and relocations.

mod builds;
mod c_program;
mod distributions;
mod entry;
mod experiment;
mod kernel;
mod linkers;
mod paths;
mod protection;
mod sections;
mod switches;

use crate::file::Claim;
use crate::judge::{ClaimsError, ClaimsOrder};
use elfin_lab::{Event, LabError, Outcome};
use elfin_process::{Cancel, Tool, ToolError};
use elfin_schema::{ClaimValue, Hardening, Machine, Message};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) name: &'static str,
    /// What a claim may say `with`.
    pub(crate) takes: &'static [&'static str],
    /// The names of the values that it gives; one that does not apply is not there.
    pub(crate) gives: &'static [&'static str],
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lab,
    Gap,
    Aslr,
    Gadgets,
    Relocations,
    Returns,
    Entry,
    Linkers,
    Section,
    Symbol,
    COrder,
    Rebuilds,
    CacheTimes,
    Toolchains,
    KernelSettings,
    Switches,
    Distributions,
    Paths,
    Elsewhere,
}

/// Every test, by the name that a claims file knows it by.
pub(crate) const TESTS: &[Test] = &[
    Test {
        name: "lab",
        takes: &["recipe", "against", "after", "after_against"],
        gives: experiment::GIVES,
        kind: Kind::Lab,
    },
    Test { name: "gap", takes: &[], gives: experiment::GAP, kind: Kind::Gap },
    Test { name: "aslr", takes: &[], gives: protection::ASLR, kind: Kind::Aslr },
    Test { name: "gadgets", takes: &[], gives: protection::GADGETS, kind: Kind::Gadgets },
    Test {
        name: "relocations",
        takes: &[],
        gives: protection::RELOCATIONS,
        kind: Kind::Relocations,
    },
    Test { name: "returns", takes: &[], gives: protection::RETURNS, kind: Kind::Returns },
    Test { name: "entry", takes: &[], gives: entry::GIVES, kind: Kind::Entry },
    Test { name: "linkers", takes: &[], gives: linkers::GIVES, kind: Kind::Linkers },
    Test { name: "section", takes: &["section"], gives: sections::SECTION, kind: Kind::Section },
    Test { name: "symbol", takes: &["symbol"], gives: sections::SYMBOL, kind: Kind::Symbol },
    Test { name: "c-order", takes: &[], gives: c_program::GIVES, kind: Kind::COrder },
    Test { name: "rebuilds", takes: &["builds"], gives: builds::REBUILDS, kind: Kind::Rebuilds },
    Test { name: "cache-times", takes: &[], gives: builds::CACHE_TIMES, kind: Kind::CacheTimes },
    Test { name: "toolchains", takes: &[], gives: builds::TOOLCHAINS, kind: Kind::Toolchains },
    Test { name: "kernel-settings", takes: &[], gives: kernel::GIVES, kind: Kind::KernelSettings },
    Test { name: "switches", takes: &[], gives: switches::GIVES, kind: Kind::Switches },
    Test {
        name: "distributions",
        takes: &[],
        gives: distributions::GIVES,
        kind: Kind::Distributions,
    },
    Test { name: "paths", takes: &[], gives: paths::GIVES, kind: Kind::Paths },
    // What only another machine, or another tool's installation, could tell.
    Test { name: "elsewhere", takes: &[], gives: &["value"], kind: Kind::Elsewhere },
];

/// What a test saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) values: BTreeMap<String, ClaimValue>,
    /// Where a value has one, its 95 % interval.
    pub(crate) intervals: BTreeMap<String, [f64; 2]>,
    /// A command that shows it.
    pub(crate) command: String,
}

impl Seen {
    pub(crate) fn of(command: impl Into<String>) -> Seen {
        Seen { command: command.into(), ..Seen::default() }
    }

    pub(crate) fn number(&mut self, name: &str, value: f64) {
        if value.is_finite() {
            self.values.insert(name.to_owned(), ClaimValue::Number(value));
        }
    }

    pub(crate) fn yes(&mut self, name: &str, value: bool) {
        self.values.insert(name.to_owned(), ClaimValue::Bool(value));
    }

    pub(crate) fn text(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), ClaimValue::Text(value.into()));
    }
}

/// Why a test saw nothing.
#[derive(Debug)]
pub(crate) enum Unmeasured {
    Interrupted,
    Lab(LabError),
    /// This machine is none that could tell.
    NotHere {
        command: String,
    },
    /// A tool failed; its words.
    Failed {
        says: String,
        command: String,
    },
}

impl Unmeasured {
    #[expect(clippy::needless_pass_by_value, reason = "an error is told, and is over")]
    pub(crate) fn failed(says: impl ToString, command: &str) -> Unmeasured {
        Unmeasured::Failed { says: says.to_string(), command: command.to_owned() }
    }
}

/// What the tests stand on, and what they have found so far.
pub(crate) struct Ground<'o> {
    pub(crate) order: &'o ClaimsOrder,
    /// What `go build` is given, and where it is run.
    place: (String, PathBuf),
    pub(crate) cancel: &'o Cancel,
    tell: &'o (dyn Fn(Event) + Sync),
    pub(crate) machine: Machine,
    pub(crate) go: String,
    /// Programs that were built, by the name of the way.
    built: BTreeMap<String, PathBuf>,
    experiment: Option<Outcome>,
    hardening: Option<Hardening>,
    seen: BTreeMap<String, Seen>,
}

impl<'o> Ground<'o> {
    pub(crate) fn new(
        order: &'o ClaimsOrder,
        tell: &'o (dyn Fn(Event) + Sync),
        cancel: &'o Cancel,
    ) -> Result<Ground<'o>, ClaimsError> {
        let io = |source| ClaimsError::Io { path: order.out.clone(), source };
        std::fs::create_dir_all(order.out.join("programs")).map_err(io)?;
        // What is built here must not make the repository that it lies in dirty.
        std::fs::write(order.out.join(".gitignore"), "*\n").map_err(io)?;
        let place = match elfin_lab::place_of(&order.package, &order.directory, cancel) {
            // Some claims can be judged without.
            Err(LabError::NoGo { .. }) => (order.package.clone(), order.directory.clone()),
            place => place?,
        };
        let version = Tool::new("go").arg("version").dir(&place.1).run(cancel);
        let go = match version {
            Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
            Err(ToolError::Interrupted) => return Err(ClaimsError::Interrupted),
            Err(error) => error.to_string(),
        };
        Ok(Ground {
            machine: elfin_lab::look_at_machine(&order.out),
            order,
            place,
            cancel,
            tell,
            go,
            built: BTreeMap::new(),
            experiment: None,
            hardening: None,
            seen: BTreeMap::new(),
        })
    }

    /// What the experiment found that disturbs its figures.
    pub(crate) fn findings(&self) -> Vec<Message> {
        self.experiment.as_ref().map(|it| it.experiment.findings.clone()).unwrap_or_default()
    }

    /// Makes the test that a claim asks for, or gives what it gave before.
    pub(crate) fn measure(&mut self, claim: &Claim) -> Result<Seen, Unmeasured> {
        if self.cancel.is_cancelled() {
            return Err(Unmeasured::Interrupted);
        }
        let key = format!("{} {} {:?}", claim.test.name, claim.wsl2, claim.with);
        if let Some(seen) = self.seen.get(&key) {
            return Ok(seen.clone());
        }
        if claim.wsl2 && self.machine.wsl != Some(2) {
            // Only an experiment that was made there can tell.
            let seen = match claim.test.kind {
                Kind::Lab => experiment::elsewhere(self, claim)?,
                Kind::Gap => experiment::gap(self, claim)?,
                Kind::Paths => paths::measure(self, claim)?,
                _ => return Err(Unmeasured::NotHere { command: self.command(claim) }),
            };
            self.seen.insert(key, seen.clone());
            return Ok(seen);
        }
        let seen = match claim.test.kind {
            Kind::Lab => experiment::measure(self, claim),
            Kind::Gap => experiment::gap(self, claim),
            Kind::Aslr => protection::aslr(self),
            Kind::Gadgets => protection::gadgets(self),
            Kind::Relocations => protection::relocations(self),
            Kind::Returns => protection::returns(self),
            Kind::Entry => entry::measure(self),
            Kind::Linkers => linkers::measure(self),
            Kind::Section => sections::section(self, claim),
            Kind::Symbol => sections::symbol(self, claim),
            Kind::COrder => c_program::measure(self),
            Kind::Rebuilds => builds::rebuilds(self, claim),
            Kind::CacheTimes => builds::cache_times(self),
            Kind::Toolchains => builds::toolchains(self),
            Kind::KernelSettings => kernel::measure(self),
            Kind::Switches => switches::measure(self),
            Kind::Distributions => distributions::measure(self, claim),
            Kind::Paths => paths::measure(self, claim),
            Kind::Elsewhere => Err(Unmeasured::NotHere { command: self.command(claim) }),
        }?;
        self.seen.insert(key, seen.clone());
        Ok(seen)
    }

    /// The command that asks for one claim alone.
    pub(crate) fn command(&self, claim: &Claim) -> String {
        let package = shell_words::quote(&self.order.package).into_owned();
        format!("elfin claims {package} --only {}", shell_words::quote(&claim.id))
    }

    /// Runs a tool to its end; its words where it fails.
    pub(crate) fn run(&self, tool: &Tool) -> Result<Vec<u8>, Unmeasured> {
        match tool.run(self.cancel) {
            Ok(output) if output.exit.success() => Ok(output.stdout),
            Ok(output) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
                let said = text(&output.stderr);
                let said = if said.is_empty() { text(&output.stdout) } else { said };
                // gcc says last that its linker failed, which the linker has said better.
                let words = said.lines().rev().find(|it| !it.starts_with("collect2:"));
                let here = format!("{}/", self.order.out.display());
                let words = words.unwrap_or_default().replace(&here, "");
                let says = if words.is_empty() { output.exit.to_string() } else { words };
                Err(Unmeasured::failed(says, &tool.line()))
            }
            Err(ToolError::Interrupted) => Err(Unmeasured::Interrupted),
            Err(error) => Err(Unmeasured::failed(error, &tool.line())),
        }
    }

    /// Starts a `go build` of the program.
    pub(crate) fn go_build(
        &self,
        out: &Path,
        flags: &[&str],
        environment: &[(&str, &str)],
    ) -> Tool {
        let mut tool = Tool::new("go").arg("build").args(flags).arg("-o").arg(out);
        for (key, value) in environment {
            tool = tool.env(key, value);
        }
        let (package, folder) = &self.place;
        tool.arg(package).dir(folder).timeout(Duration::from_secs(1800))
    }

    /// Builds the program some way, or gives what was built before.
    pub(crate) fn program(
        &mut self,
        name: &str,
        flags: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<PathBuf, Unmeasured> {
        if let Some(path) = self.built.get(name) {
            return Ok(path.clone());
        }
        let path = self.order.out.join("programs").join(name);
        self.run(&self.go_build(&path, flags, environment))?;
        self.built.insert(name.to_owned(), path.clone());
        Ok(path)
    }
}

/// Reads a file, or says what was wrong.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Unmeasured> {
    std::fs::read(path).map_err(|error| Unmeasured::failed(error, &path.display().to_string()))
}
