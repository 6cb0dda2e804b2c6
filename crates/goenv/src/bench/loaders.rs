//! The tools that switch, each asked in its own way to put one toolchain in front of PATH.

use super::scratch::Scratch;
use crate::{EnvError, Surroundings};
use elfin_process::{Cancel, Tool};
use elfin_schema::Switch;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub(super) const ELFIN: &str = "elfin";
/// What any process costs: a program that does nothing.
const BARE: &str = "true";

/// A tool with the command line of one switch.
pub(super) struct Loader {
    name: &'static str,
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: PathBuf,
    pub(super) environment: Vec<(OsString, OsString)>,
    /// What must be said once before it takes the folder's word.
    allow: &'static [&'static str],
    skipped: Option<String>,
}

/// The tools that are here; those that are not say so.
pub(super) fn here(
    elfin: &Path,
    scratch: &Scratch,
    surroundings: &Surroundings,
) -> Result<Vec<Loader>, EnvError> {
    let find = |name: &str| surroundings.find(name);
    let (goroot, version) = (scratch.goroot(), scratch.version());
    let bin = goroot.join("bin");
    let bin = bin.display();
    let envrc = format!("export GOTOOLCHAIN=local CGO_ENABLED=0\nunset GOROOT\nPATH_add '{bin}'\n");
    scratch.write("direnv/.envrc", &envrc)?;
    let mise =
        format!("[env]\nGOTOOLCHAIN = \"local\"\nCGO_ENABLED = \"0\"\n_.path = [\"{bin}\"]\n");
    scratch.write("mise/mise.toml", &mise)?;
    let number = version.trim_start_matches("go");
    scratch.write("goenv/.go-version", &format!("{number}\n"))?;
    let gvm = gvm(surroundings);
    let gvm_line = gvm.as_ref().map(|root| {
        let scripts = root.join("scripts/gvm");
        format!(". '{}' && gvm use {version}", scripts.display())
    });
    let loader = |name, path: Option<PathBuf>, arguments: &[&str], allow, folder: &str| {
        let folder = scratch.project().with_file_name(folder);
        let skipped = path.is_none().then(|| "not found".to_owned());
        let mut environment: Vec<(OsString, OsString)> = scratch
            .environment()
            .into_iter()
            .map(|(name, value)| (name.into(), value.into_os_string()))
            .collect();
        if name == "gvm" {
            // gvm's versions are its own; it is asked for one that it has.
            environment.retain(|it| it.0 != "HOME");
        }
        let arguments = arguments.iter().map(OsString::from).collect();
        let path = path.unwrap_or_else(|| PathBuf::from(name));
        Loader { name, path, arguments, folder, environment, allow, skipped }
    };
    let none: &[&str] = &[];
    let loaders = vec![
        loader(BARE, find(BARE), &[], none, "project"),
        loader(ELFIN, Some(elfin.to_owned()), &["env", "export", "bash"], none, "project"),
        loader("direnv", find("direnv"), &["export", "bash"], &["allow"], "direnv"),
        loader("mise", find("mise"), &["hook-env", "-s", "bash"], &["trust"], "mise"),
        loader("goenv", find("goenv"), &["which", "go"], none, "goenv"),
        loader(
            "gvm",
            find("bash").filter(|_| gvm_line.is_some()),
            &["-c", gvm_line.as_deref().unwrap_or_default()],
            none,
            "project",
        ),
    ];
    Ok(loaders)
}

/// Where gvm is installed.
fn gvm(surroundings: &Surroundings) -> Option<PathBuf> {
    let root = surroundings.get("GVM_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(Path::new(surroundings.get("HOME")?).join(".gvm")))?;
    root.join("scripts/gvm").is_file().then_some(root)
}

impl Loader {
    pub(super) fn switch(&self) -> Switch {
        Switch {
            name: self.name.to_owned(),
            line: Tool::new(&self.path).args(&self.arguments).line(),
            first: None,
            later: Vec::new(),
            cpu: Vec::new(),
            busy: Vec::new(),
            memory: None,
            ratio: None,
            skipped: self.skipped.clone(),
        }
    }

    /// Its command line for one switch.
    pub(super) fn tool(&self) -> Tool {
        self.command(&self.arguments)
    }

    fn command(&self, arguments: &[OsString]) -> Tool {
        let tool = Tool::new(&self.path).args(arguments).dir(&self.folder);
        self.environment.iter().fold(tool, |tool, (name, value)| tool.env(name, value))
    }

    /// Gives the word that it asks for.
    pub(super) fn allow(&self, cancel: &Cancel) -> Result<(), EnvError> {
        if !self.allow.is_empty() {
            let words: Vec<OsString> = self.allow.iter().map(OsString::from).collect();
            self.command(&words).run(cancel)?;
        }
        Ok(())
    }
}
