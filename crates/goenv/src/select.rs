//! Chooses the Go of a folder: the files are read, the Go they ask for is found or installed, and
//! what cannot be had falls back to the system's.

use crate::change::Target;
use crate::decide::{Decision, Demand, Loaded, candidates, said};
use crate::godotenv::GOVERSION;
use crate::install::{install, remote, toolchain};
use crate::places::Toolchain;
use crate::runs::runs;
use crate::trust::{Words, needs_word};
use crate::{EnvError, GoVersion, InstalledGo, Surroundings};
use elfin_process::Cancel;
use elfin_schema::{DecidedBy, ENV_SCHEMA, EnvFinding, GoSelection, GoSetting};
use std::path::{Path, PathBuf};

/// How a Go is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What is missing or broken is installed; else it is only said.
    pub install: bool,
    /// Nothing but what was asked for will do.
    pub strict: bool,
    /// Told before something is installed, which takes a while.
    pub installing: fn(&GoVersion),
}

/// The files that a selection depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    /// Those that are there.
    pub seen: Vec<PathBuf>,
    /// Those whose coming would change it.
    pub absent: Vec<PathBuf>,
}

/// The Go of a folder.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What is told of it.
    pub document: GoSelection,
    /// What it wants of the environment.
    pub target: Target,
    /// Where it is; `None` where there is no Go.
    pub go: Option<InstalledGo>,
}

/// Chooses the Go of a folder, in an environment that elfin has not changed yet ([`crate::before`]).
///
/// Fails at a file that says nonsense; and, where the options are strict, if what is asked for
/// cannot be had.
pub fn select(
    surroundings: &Surroundings,
    options: &Options,
    cancel: &Cancel,
) -> Result<Selection, EnvError> {
    let said = said(surroundings)?;
    let mut findings = Vec::new();
    let godotenv = said.godotenv.as_ref();
    let settings = godotenv.map(|it| settings(it, surroundings, &mut findings)).unwrap_or_default();
    let found = find(&said.decision, &settings, surroundings, options, cancel, &mut findings);
    let chosen = found.or_else(|error| match error {
        EnvError::Tool(elfin_process::ToolError::Interrupted) => Err(error),
        _ if options.strict => Err(EnvError::Strict { says: error.to_string() }),
        _ => {
            let asked = said.decision.asked.clone().unwrap_or_default();
            findings.push(EnvFinding::FellBack { asked, says: error.to_string() });
            Ok(surroundings.system_go())
        }
    })?;
    if chosen.is_none() && surroundings.find("go").is_none() {
        findings.push(EnvFinding::NoGo);
    }
    if let (Some(chosen), Some((least, file))) = (&chosen, &said.least)
        && chosen.version < *least
    {
        findings.push(EnvFinding::OlderThanNeeded {
            version: chosen.version.to_string(),
            needed: least.to_string(),
            file: file.display().to_string(),
        });
    }
    let target = target(chosen.as_ref(), &said.decision.demand, &settings, surroundings);
    let path = |path: &Path| path.display().to_string();
    let document = GoSelection {
        schema: ENV_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        version: chosen.as_ref().map(|it| it.version.to_string()),
        goroot: chosen.as_ref().map(|it| path(&it.goroot)),
        decided_by: DecidedBy {
            what: said.decision.what,
            file: said.decision.file.as_deref().map(path),
            line: said.decision.line,
        },
        asked: said.decision.asked,
        settings,
        findings,
    };
    Ok(Selection { document, target, go: chosen })
}

/// The files on which the selection of a folder depends, whatever stands in them.
pub fn watch(surroundings: &Surroundings, go: Option<&InstalledGo>) -> Watch {
    let mut watch = Watch::default();
    let words = Words::of(surroundings);
    for file in candidates(&surroundings.folder) {
        if file.is_file() {
            if file.ends_with(crate::GODOTENV)
                && let Ok(text) = std::fs::read_to_string(&file)
                && let Some(place) = words.place(&file, &text)
            {
                watch.put(place);
            }
            watch.seen.push(file);
        } else if !file.exists() {
            watch.absent.push(file);
        }
    }
    if let Some(go) = go {
        watch.put(go.go());
    }
    watch
}

impl Watch {
    fn put(&mut self, file: PathBuf) {
        if file.exists() { &mut self.seen } else { &mut self.absent }.push(file);
    }
}

/// What a `.godotenv` sets, and what waits for the user's word.
fn settings(
    loaded: &Loaded,
    surroundings: &Surroundings,
    findings: &mut Vec<EnvFinding>,
) -> Vec<GoSetting> {
    let cache = surroundings.module_cache();
    let is_ours =
        |goroot: &Path| cache.as_deref().is_some_and(|cache| in_cache(cache, goroot).is_some());
    let given = Words::of(surroundings).given(&loaded.file, &loaded.text);
    let settings: Vec<GoSetting> = loaded
        .assignments
        .iter()
        .map(|one| {
            let needs_word = needs_word(one, is_ours);
            GoSetting {
                name: one.name.clone(),
                value: one.value.clone(),
                line: one.line,
                set: needs_word.is_none() || given,
                needs_word,
            }
        })
        .collect();
    let waiting = settings.iter().filter(|it| !it.set).map(|it| it.name.clone());
    let names: Vec<String> = waiting.collect();
    if !names.is_empty() {
        findings.push(EnvFinding::NotAllowed { file: loaded.file.display().to_string(), names });
    }
    settings
}

/// The toolchain whose place in a module cache this is.
fn in_cache(cache: &Path, goroot: &Path) -> Option<Toolchain> {
    let name = goroot.file_name()?.to_str()?.strip_prefix("toolchain@")?;
    let toolchain = Toolchain::new(cache, &crate::places::version_of_module(name)?);
    (toolchain.goroot() == goroot).then_some(toolchain)
}

/// Finds or installs what a decision asks for; `None` is the system's, where it is not seen.
fn find(
    decision: &Decision,
    settings: &[GoSetting],
    surroundings: &Surroundings,
    options: &Options,
    cancel: &Cancel,
    findings: &mut Vec<EnvFinding>,
) -> Result<Option<InstalledGo>, EnvError> {
    let system = surroundings.system_go();
    let root = settings.iter().find(|it| it.name == "GOROOT" && !it.value.is_empty());
    let version = match &decision.demand {
        Demand::System => return Ok(system),
        Demand::Root(_) if root.is_some_and(|it| !it.set) => return Ok(system),
        Demand::Root(goroot) => {
            let cache = surroundings.module_cache();
            match cache.as_deref().and_then(|cache| in_cache(cache, goroot)) {
                Some(toolchain) => toolchain.version,
                None => return at_root(goroot, surroundings, cancel).map(Some),
            }
        }
        Demand::AtLeast(least) => match system {
            Some(system) if system.version >= *least => return Ok(Some(system)),
            _ => least.first_release(),
        },
        Demand::Version(language) if language.is_language() => {
            let here = surroundings.installed().into_iter().chain(system);
            let newest = here
                .filter(|it| it.version.is_of(language))
                .max_by(|a, b| a.version.cmp(&b.version));
            match newest {
                Some(newest) => newest.version,
                None if options.install => newest_remote(language, surroundings, cancel)?,
                None => language.first_release(),
            }
        }
        Demand::Version(version) => {
            // A GOROOT beside GOVERSION is where it is looked for first.
            if let Some(root) = root.filter(|root| root.set)
                && let Ok(there) = at_root(Path::new(&root.value), surroundings, cancel)
                && there.version == *version
            {
                return Ok(Some(there));
            }
            version.clone()
        }
    };
    if let Some(system) = surroundings.system_go()
        && system.version == version
    {
        return Ok(Some(system));
    }
    if let Some(here) = toolchain(&version, surroundings)?.installed()
        && runs(&here, surroundings, cancel).is_ok()
    {
        return Ok(Some(here));
    }
    if !options.install {
        findings.push(EnvFinding::NotInstalled { version: version.to_string() });
        let goroot = toolchain(&version, surroundings)?.goroot();
        return Ok(Some(InstalledGo { version, goroot }));
    }
    (options.installing)(&version);
    let (here, is_new) = install(&version, surroundings, cancel)?;
    if is_new {
        findings.push(EnvFinding::Installed { version: version.to_string() });
    }
    Ok(Some(here))
}

fn at_root(
    goroot: &Path,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<InstalledGo, EnvError> {
    let none = || EnvError::DoesNotRun {
        go: goroot.join("bin/go"),
        says: "there is no Go in this GOROOT".into(),
    };
    let there = InstalledGo::at(goroot.to_owned()).ok_or_else(none)?;
    runs(&there, surroundings, cancel).map(|()| there)
}

/// The newest release of a language version that the module proxy has.
pub(crate) fn newest_remote(
    language: &GoVersion,
    surroundings: &Surroundings,
    cancel: &Cancel,
) -> Result<GoVersion, EnvError> {
    let versions = remote(surroundings, cancel)?;
    let newest = versions.into_iter().rfind(|it| it.is_of(language) && it.is_release());
    Ok(newest.unwrap_or_else(|| language.first_release()))
}

fn target(
    chosen: Option<&InstalledGo>,
    demand: &Demand,
    settings: &[GoSetting],
    surroundings: &Surroundings,
) -> Target {
    let mut target = Target::default();
    let is_system = |go: &InstalledGo| surroundings.system_go().is_some_and(|it| it == *go);
    if let Some(go) = chosen.filter(|go| !is_system(go)) {
        target.bin = Some(go.goroot.join("bin"));
        // Another Go's GOROOT would make this one run that one's tools.
        target.variables.insert("GOROOT".into(), None);
    }
    if matches!(demand, Demand::Version(_) | Demand::Root(_)) || target.bin.is_some() {
        // What was chosen shall run, and not what it would choose in turn.
        target.variables.insert("GOTOOLCHAIN".into(), Some("local".into()));
    }
    for setting in
        settings.iter().filter(|it| it.set && it.name != GOVERSION && it.name != "GOROOT")
    {
        target.variables.insert(setting.name.clone(), Some((&setting.value).into()));
    }
    target
}
