//! `elfin env`: the right Go for this folder.

use crate::arguments::{EnvArguments, EnvCommand, OutputArguments};
use crate::commands::report::replace;
use crate::commands::{print, terminal};
use anyhow::{Context, Result, bail};
use elfin_goenv::{
    Cancel, GODOTENV, GoVersion, InstalledGo, Options, Selection, Shell, Surroundings, Words,
};
use elfin_report::Lang;
use elfin_schema::{
    TOOLCHAINS_SCHEMA, ToolchainHere, Toolchains, VERIFIED_SCHEMA, Verified, VerifiedToolchain,
};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Does what the arguments say: false if the answer is "no".
pub(crate) fn run(arguments: EnvArguments) -> Result<bool> {
    let current = Surroundings::of_this_process().context("the current folder cannot be told")?;
    let here = elfin_goenv::before(&current);
    let Some(command) = arguments.command else {
        return show(&here, arguments.strict, &arguments.output).map(|()| true);
    };
    match command {
        EnvCommand::Use { version } => pin(&here, &installed(&version, &here)?.version)?,
        EnvCommand::Pin => {
            let selection = select(&here, true, false)?;
            let go = selection.go.context("there is no Go here to be pinned")?;
            pin(&here, &go.version)?;
        }
        EnvCommand::Install { version } => {
            let go = installed(&version, &here)?;
            print(format!("{} {}\n", go.version, go.goroot.display()).as_bytes())?;
        }
        EnvCommand::List { remote, output } => list(&here, remote, &output)?,
        EnvCommand::Remove { version } => elfin_goenv::remove(&version, &here)?,
        EnvCommand::Verify { versions, check, output } => {
            return verify(&here, versions, check, &output);
        }
        EnvCommand::Allow { file } => {
            let file = godotenv(&here, file)?;
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            elfin_goenv::parse(&text).with_context(|| file.display().to_string())?;
            Words::of(&here).give(&file, &text)?;
        }
        EnvCommand::Deny { file } => {
            Words::of(&here).take_back(&godotenv(&here, file)?)?;
        }
        EnvCommand::Export { shell, hook, strict } => export(&current, shell, hook, strict)?,
        EnvCommand::Hook { shell } => {
            let elfin = std::env::current_exe().context("elfin's own path cannot be told")?;
            print(&shell.hook(&elfin))?;
        }
        EnvCommand::Bench { rounds, builds, markdown, output } => {
            bench(&here, (rounds.into(), builds.into()), markdown, &output)?;
        }
        EnvCommand::Exec { strict, command } => exec(&current, strict, &command)?,
    }
    Ok(true)
}

/// `elfin env export [--hook] [SHELL]` without the definition of all the other commands, which
/// takes longer to make than the answer; `None` for any other command line.
pub(crate) fn quick_export(arguments: &[OsString]) -> Option<Result<()>> {
    let [env, export_, rest @ ..] = arguments else { return None };
    if env != "env" || export_ != "export" {
        return None;
    }
    let (hook, rest) = match rest {
        [first, rest @ ..] if first == "--hook" => (true, rest),
        rest => (false, rest),
    };
    let shell = match rest {
        [] => Shell::Bash,
        [shell] => shell.to_str()?.parse().ok()?,
        _ => return None,
    };
    let current = Surroundings::of_this_process().context("the current folder cannot be told");
    Some(current.and_then(|current| export(&current, shell, hook, false)))
}

fn select(here: &Surroundings, install: bool, strict: bool) -> Result<Selection> {
    let options = Options { install, strict, installing };
    Ok(elfin_goenv::select(here, &options, &Cancel::default())?)
}

/// Says that a version is being installed; a terminal is also told how far it is.
fn installing(version: &GoVersion) {
    eprintln!("elfin: installing {version} through the go command; this takes a while");
    if std::io::stderr().is_terminal() {
        std::thread::spawn(watch_download);
    }
}

/// Shows how much has been downloaded, until it is all there.
fn watch_download() {
    let Ok(here) = Surroundings::of_this_process() else { return };
    let here = elfin_goenv::before(&here);
    let mut shown = false;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(300));
        match elfin_goenv::downloading(&here) {
            Some(bytes) => {
                eprint!("\relfin: {} MiB downloaded ", bytes >> 20);
                shown = true;
            }
            None if shown => return eprintln!("\relfin: downloaded; checking and unpacking"),
            None => {}
        }
    }
}

fn show(here: &Surroundings, strict: bool, output: &OutputArguments) -> Result<()> {
    let selection = select(here, strict, strict)?;
    if output.json {
        return print(&[serde_json::to_vec_pretty(&selection.document)?, b"\n".into()].concat());
    }
    let (width, colour) = terminal();
    let text = elfin_report::go_selection(&selection.document, output.lang.into(), width, colour);
    print(text.as_bytes())
}

/// Prints the changes; a folder whose files are nonsense changes nothing, and says so once.
fn export(current: &Surroundings, shell: Shell, hook: bool, strict: bool) -> Result<()> {
    let here = elfin_goenv::before(current);
    let selection = select(&here, true, strict);
    let (target, go) = match &selection {
        Ok(selection) => {
            warn(selection);
            (selection.target.clone(), selection.go.as_ref())
        }
        Err(_) => Default::default(),
    };
    let mut text = shell.exports(&elfin_goenv::changes(current, &target));
    if hook {
        text.extend(shell.watches(&elfin_goenv::watch(&here, go), &here));
    }
    print(&text)?;
    selection.map(drop)
}

fn warn(selection: &Selection) {
    for finding in &selection.document.findings {
        eprintln!("elfin: {}", elfin_report::env_finding(finding, Lang::En));
    }
}

fn exec(current: &Surroundings, strict: bool, command: &[OsString]) -> Result<()> {
    let here = elfin_goenv::before(current);
    let selection = select(&here, true, strict)?;
    warn(&selection);
    let mut inside = current.clone();
    for (name, value) in elfin_goenv::changes(current, &selection.target) {
        match value {
            Some(value) => inside.variables.insert(name, value),
            None => inside.variables.remove(&name),
        };
    }
    let Some((program, arguments)) = command.split_first() else { bail!("name a command") };
    let path = match program.to_str() {
        Some(name) if !name.contains('/') => inside.find(name),
        _ => Some(PathBuf::from(program)),
    };
    let path = path.with_context(|| format!("{}: not found in PATH", program.display()))?;
    let error = elfin_process::replace(&path, arguments, &inside.variables);
    Err(error).with_context(|| format!("{} cannot be started", path.display()))
}

/// Installs a version, or the newest release of a language version.
fn installed(version: &GoVersion, here: &Surroundings) -> Result<InstalledGo> {
    let cancel = Cancel::default();
    let exact = if version.is_language() {
        let remote = elfin_goenv::remote(here, &cancel)?;
        let newest = remote.into_iter().rfind(|it| it.is_of(version) && it.is_release());
        newest.with_context(|| format!("{version}: the module proxy has no release of it"))?
    } else {
        version.clone()
    };
    if let Some(system) = here.system_go().filter(|it| it.version == exact) {
        return Ok(system);
    }
    if !here.installed().iter().any(|it| it.version == exact) {
        installing(&exact);
    }
    let (go, is_new) = elfin_goenv::install(&exact, here, &cancel)?;
    if is_new {
        eprintln!("elfin: installed {exact}");
    }
    Ok(go)
}

/// Writes a version to the folder's own `.godotenv`; what was allowed there stays allowed.
fn pin(here: &Surroundings, version: &GoVersion) -> Result<()> {
    let file = here.folder.join(GODOTENV);
    let text = match fs::read_to_string(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.with_context(|| file.display().to_string())?,
    };
    let words = Words::of(here);
    let was_allowed = words.given(&file, &text);
    let number = version.to_string();
    let text = elfin_goenv::with_version(&text, number.trim_start_matches("go"));
    replace(&file, &text)?;
    if was_allowed {
        words.give(&file, &text)?;
    }
    print(format!("{}: {version}\n", file.display()).as_bytes())
}

/// The file that is named, or the nearest, as the selection names it.
fn godotenv(here: &Surroundings, file: Option<PathBuf>) -> Result<PathBuf> {
    let nearest = || {
        let places = here.folder.ancestors().map(|folder| folder.join(GODOTENV));
        places.into_iter().find(|file| file.is_file())
    };
    match file {
        Some(file) if file.file_name() == Some(OsStr::new(GODOTENV)) => {
            let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            Ok(folder.canonicalize().with_context(|| folder.display().to_string())?.join(GODOTENV))
        }
        Some(file) => bail!("{} is no {GODOTENV}", file.display()),
        None => nearest().with_context(|| format!("no {GODOTENV} here or above")),
    }
}

/// Times switches; `many` is rounds and builds.
fn bench(
    here: &Surroundings,
    many: (usize, usize),
    markdown: bool,
    output: &OutputArguments,
) -> Result<()> {
    let elfin = std::env::current_exe().context("elfin's own path cannot be told")?;
    let order = elfin_goenv::BenchOrder { elfin: &elfin, rounds: many.0, builds: many.1 };
    let mut says = |what: &str| eprintln!("elfin: {what}");
    let document = elfin_goenv::bench(&order, here, &mut says, &Cancel::default())
        .context("a bench switches to an installed Go that is not the one in PATH")?;
    let lang = output.lang.into();
    if output.json {
        return print(&[serde_json::to_vec_pretty(&document)?, b"\n".into()].concat());
    }
    if markdown {
        return print(elfin_report::env_bench_markdown(&document, lang).as_bytes());
    }
    let (width, colour) = terminal();
    print(elfin_report::env_bench(&document, lang, width, colour).as_bytes())
}

fn list(here: &Surroundings, remote: bool, output: &OutputArguments) -> Result<()> {
    let of = |go: InstalledGo, system| ToolchainHere {
        version: go.version.to_string(),
        goroot: go.goroot.display().to_string(),
        system,
    };
    let mut installed: Vec<ToolchainHere> =
        here.installed().into_iter().map(|go| of(go, false)).collect();
    installed.extend(here.system_go().map(|go| of(go, true)));
    let remote = remote.then(|| elfin_goenv::remote(here, &Cancel::default())).transpose()?;
    let remote = remote.map(|it| it.iter().map(ToString::to_string).collect());
    let document = Toolchains { schema: TOOLCHAINS_SCHEMA.to_owned(), installed, remote };
    if output.json {
        return print(&[serde_json::to_vec_pretty(&document)?, b"\n".into()].concat());
    }
    print(elfin_report::toolchains(&document, output.lang.into()).as_bytes())
}

fn verify(
    here: &Surroundings,
    versions: Vec<GoVersion>,
    check: bool,
    output: &OutputArguments,
) -> Result<bool> {
    let all = || here.installed().into_iter().map(|go| go.version).collect();
    let versions: Vec<GoVersion> = if versions.is_empty() { all() } else { versions };
    let cancel = Cancel::default();
    let verify = |version| elfin_goenv::verify(version, !check, here, &cancel);
    let toolchains: Vec<VerifiedToolchain> =
        versions.iter().map(verify).collect::<Result<_, _>>()?;
    let is_sound = toolchains.iter().all(VerifiedToolchain::is_sound);
    let document = Verified { schema: VERIFIED_SCHEMA.to_owned(), toolchains };
    if output.json {
        print(&[serde_json::to_vec_pretty(&document)?, b"\n".into()].concat())?;
    } else {
        print(elfin_report::verified(&document, output.lang.into()).as_bytes())?;
    }
    Ok(is_sound)
}
