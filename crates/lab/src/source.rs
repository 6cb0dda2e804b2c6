//! The Go package that is built: where it is, what it is called, how `go` is run for it.
//!
//! What it is made from is in `ingredients`.

use crate::error::LabError;
use crate::ingredients::Ingredients;
use crate::tools::remedy;
use crate::variant::Variant;
use elfin_goenv::GoFlags;
use elfin_process::{Cancel, Tool as Command, ToolError};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A Go main package.
#[derive(Debug)]
pub(crate) struct Package {
    /// What `go build` is given.
    pub argument: String,
    /// The folder in which `go` is run.
    pub directory: PathBuf,
    /// That folder as the user goes into it, where it is not the one that elfin was started in.
    pub folder: Option<String>,
    /// The program's file name.
    pub name: String,
    /// Set besides the user's environment.
    pub environment: Vec<(&'static str, String)>,
    /// GOFLAGS.
    pub flags: GoFlags,
    /// The version of Go that is chosen in the folder: `go1.26.8`.
    pub toolchain: String,
    go: PathBuf,
    /// By what of the variant decides which files are built.
    ingredients: Mutex<HashMap<String, Result<Ingredients, String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    import_path: String,
    #[serde(default)]
    name: String,
}

/// GOFLAGS that are about the user's own module and files, and not about how a program is built.
const OF_THE_MODULE: [&str; 5] = ["mod", "modfile", "modcacherw", "overlay", "pgo"];

/// Gives what `go build` is given for a main package and the folder in which it is run, which is its own
/// where it belongs to another module than `directory`.
///
/// Returns an error if there is no Go, Go does not know the package, or it is no command.
pub fn place_of(
    package: &str,
    directory: &Path,
    cancel: &Cancel,
) -> Result<(String, PathBuf), LabError> {
    let Package { argument, directory, .. } =
        Package::find(&installed_go()?, package, directory, cancel)?;
    Ok((argument, directory))
}

/// Finds the go that is run.
pub(crate) fn installed_go() -> Result<PathBuf, LabError> {
    elfin_process::find("go").ok_or_else(|| LabError::NoGo { remedy: remedy("go").to_owned() })
}

impl Package {
    /// Finds a main package, given as on the command line of `go build`.
    ///
    /// A folder that belongs to another module than `directory` is looked at from inside.
    /// Returns an error if Go does not know the package or it is no command.
    pub(crate) fn find(
        go: &Path,
        argument: &str,
        directory: &Path,
        cancel: &Cancel,
    ) -> Result<Package, LabError> {
        let here = Package::at(go, argument, directory);
        let inside = directory.join(argument);
        match here.identified(cancel) {
            Err(LabError::NotAPackage { package, says }) if inside.is_dir() => {
                let folder = Some(argument.to_owned());
                match (Package { folder, ..Package::at(go, ".", &inside) }).identified(cancel) {
                    Err(LabError::NotAPackage { .. }) => {
                        Err(LabError::NotAPackage { package, says })
                    }
                    other => other,
                }
            }
            other => other,
        }
    }

    /// A package of which only the place is known.
    pub(crate) fn at(go: &Path, argument: &str, directory: &Path) -> Package {
        Package {
            argument: argument.to_owned(),
            directory: directory.to_owned(),
            folder: None,
            name: String::new(),
            environment: Vec::new(),
            flags: GoFlags::default(),
            toolchain: String::new(),
            go: go.to_owned(),
            ingredients: Mutex::default(),
        }
    }

    /// Asks Go what it is.
    fn identified(mut self, cancel: &Cancel) -> Result<Package, LabError> {
        let package = self.argument.clone();
        let list = ["list", "-find", "-json=ImportPath,Name", &package];
        let listed = match self.run_go(&Variant::default(), &list, cancel)? {
            Ok(listed) => listed,
            Err(says) => return Err(LabError::NotAPackage { package, says }),
        };
        match serde_json::from_slice::<Found>(&listed) {
            Ok(found) if found.name == "main" => {
                self.name = program_name(&found.import_path, &package);
            }
            Ok(found) => return Err(LabError::NotACommand { package, name: found.name }),
            Err(_) => {
                let says = "it names more than one package, or none".to_owned();
                return Err(LabError::NotAPackage { package, says });
            }
        }
        let mut environment = match self.env(&Variant::default(), cancel)? {
            Ok(environment) => environment,
            Err(says) => return Err(LabError::NotAPackage { package, says }),
        };
        self.flags = GoFlags::parse(&environment.remove("GOFLAGS").unwrap_or_default());
        self.toolchain = environment.remove("GOVERSION").unwrap_or_default();
        Ok(self)
    }

    /// Another package, out of reach of this one's module, that is built as this one is: the
    /// probe program.
    pub(crate) fn own(&self, directory: &Path, name: &str) -> Package {
        // The user's GOFLAGS stay, for they shape the binary.
        let flags = self.flags.without(&OF_THE_MODULE);
        let mut environment = vec![("GOWORK", "off".into()), ("GOFLAGS", flags.to_string())];
        // The user's module may ask for another Go than is chosen outside it. A Go that somebody
        // built from source has a version that GOTOOLCHAIN does not take, and is chosen anyway.
        if self.toolchain.starts_with("go1.") && !self.toolchain.contains(' ') {
            environment.push(("GOTOOLCHAIN", self.toolchain.clone()));
        }
        let toolchain = self.toolchain.clone();
        let here = Package::at(&self.go, ".", directory);
        Package { name: name.to_owned(), environment, flags, toolchain, ..here }
    }

    /// The go that is run.
    pub(crate) fn go_program(&self) -> &Path {
        &self.go
    }

    /// `go` with a variant's environment, in the package's folder.
    pub(crate) fn go(&self, variant: &Variant) -> Command {
        let mut command = Command::new(&self.go).dir(&self.directory);
        for (name, value) in self.environment.iter().cloned().chain(variant.environment()) {
            command = command.env(name, value);
        }
        command
    }

    /// Runs `go`: its standard output, or its own words where it fails.
    pub(crate) fn run_go(
        &self,
        variant: &Variant,
        arguments: &[&str],
        cancel: &Cancel,
    ) -> Result<Result<Vec<u8>, String>, LabError> {
        match self.go(variant).args(arguments).run(cancel) {
            Ok(output) if output.exit.success() => Ok(Ok(output.stdout)),
            Ok(output) => Ok(Err(go_says(&output.stderr))),
            Err(ToolError::Interrupted) => Err(LabError::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// What `go env` says with a variant's settings, or Go's own words why it says nothing.
    pub(crate) fn env(
        &self,
        variant: &Variant,
        cancel: &Cancel,
    ) -> Result<Result<HashMap<String, String>, String>, LabError> {
        let json = self.run_go(variant, &["env", "-json"], cancel)?;
        Ok(json.map(|json| serde_json::from_slice(&json).unwrap_or_default()))
    }

    /// What a variant is built from, as it was when it was first asked for; or Go's own words
    /// why that cannot be listed.
    pub(crate) fn ingredients(
        &self,
        variant: &Variant,
        cancel: &Cancel,
    ) -> Result<Result<Ingredients, String>, LabError> {
        let selects = format!("{:?} {:?}", variant.environment(), variant.tags);
        let mut known = self.ingredients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&selects) {
            return Ok(known.clone());
        }
        let gathered = self.gather(variant, cancel)?;
        known.insert(selects, gathered.clone());
        Ok(gathered)
    }

    /// True while a variant is built from what it was built from at first.
    pub(crate) fn rests(&self, variant: &Variant, cancel: &Cancel) -> Result<bool, LabError> {
        Ok(self.gather(variant, cancel)? == self.ingredients(variant, cancel)?)
    }
}

/// The name that `go build` gives to a command: the last element of its path without a version,
/// or that of the file where it was given as one.
fn program_name(import_path: &str, argument: &str) -> String {
    if import_path == "command-line-arguments" {
        let stem = Path::new(argument).file_stem().unwrap_or(argument.as_ref());
        return stem.to_string_lossy().into_owned();
    }
    let mut elements = import_path.rsplit('/');
    let last = elements.next().unwrap_or(import_path);
    let version = last.strip_prefix('v').is_some_and(|digits| digits.parse::<u32>().is_ok());
    let name = if version { elements.next().unwrap_or(last) } else { last };
    name.to_owned()
}

/// Go's own words, without what it says of downloads.
pub(crate) fn go_says(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("go: downloading ") && !line.starts_with("go: finding "))
        .collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_as_go_build_names_it() {
        assert_eq!(program_name("example.com/cmd/app", "./cmd/app"), "app");
        assert_eq!(program_name("example.com/app/v2", "."), "app");
        assert_eq!(program_name("command-line-arguments", "tools/gen.go"), "gen");
    }

    #[test]
    fn the_probe_is_built_with_the_users_go_and_flags_but_not_from_the_users_files() {
        let mut users = Package::at(Path::new("go"), ".", Path::new("/src"));
        users.flags = GoFlags::parse("-mod=vendor '-ldflags=-s -w' -pgo=cpu.pprof -overlay=o.json");
        users.toolchain = "go1.99.1".into();
        let set = |package: &Package, of: &str| {
            let mut environment = package.environment.clone().into_iter();
            environment.find(|(name, _)| *name == of).map(|(_, value)| value)
        };
        let probe = users.own(Path::new("/probe"), "probe");
        assert_eq!(set(&probe, "GOFLAGS").unwrap(), "'-ldflags=-s -w'");
        assert_eq!(set(&probe, "GOTOOLCHAIN").unwrap(), "go1.99.1");
        users.toolchain = "devel go1.99-0123abc".into();
        assert_eq!(set(&users.own(Path::new("/probe"), "probe"), "GOTOOLCHAIN"), None);
    }

    #[test]
    fn a_module_below_is_gone_into_and_names_its_own_go() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("tools/gen");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(inside.join("go.mod"), "module example.com/gen\n\ngo 1.21\n").unwrap();
        std::fs::write(inside.join("main.go"), "package main\n\nfunc main() {}\n").unwrap();
        let go = elfin_process::find("go").unwrap();
        let find = |argument| Package::find(&go, argument, dir.path(), &Cancel::new()).unwrap();
        let gen_ = find("./tools/gen");
        assert_eq!((gen_.folder.as_deref(), &*gen_.argument), (Some("./tools/gen"), "."));
        assert_eq!(gen_.name, "gen");
        assert!(gen_.toolchain.starts_with("go1."), "{}", gen_.toolchain);
        assert_eq!(find("tools/gen/main.go").name, "main");
    }

    #[test]
    fn downloads_are_not_what_go_says_of_a_failure() {
        let stderr = b"go: downloading golang.org/x/text v0.3.0\n# app\n./main.go:3: oh\n";
        assert_eq!(go_says(stderr), "# app\n./main.go:3: oh");
    }
}
