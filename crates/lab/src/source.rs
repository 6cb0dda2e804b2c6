//! What a program is made from: the package and everything that it is built of, as a hash.
//!
//! A recipe may be used again only while this hash stays the same, so it
//! covers the content of every file outside the module cache, the versions of
//! the modules inside it, go.mod and go.sum, the VCS state that Go stamps, and
//! every environment setting that Go's own build ID depends on.

use crate::error::LabError;
use crate::store::{Key, hash_file};
use crate::variant::Variant;
use elfin_process::{Cancel, Tool as Command, ToolError};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// A Go main package.
#[derive(Debug)]
pub(crate) struct Package {
    /// What `go build` is given.
    pub argument: String,
    /// The folder in which `go` is run.
    pub directory: PathBuf,
    /// The import path.
    pub import_path: String,
    /// The program's file name.
    pub name: String,
    /// Set besides the user's environment.
    pub environment: Vec<(&'static str, String)>,
    go: PathBuf,
    /// Hash by what of the variant decides which files are built.
    hashes: Mutex<HashMap<String, Result<Key, String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    import_path: String,
    #[serde(default)]
    dir: PathBuf,
    #[serde(default)]
    name: String,
    #[serde(default)]
    standard: bool,
    module: Option<Module>,
    #[serde(flatten)]
    files: HashMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    path: String,
    version: Option<String>,
    dir: Option<PathBuf>,
}

/// The fields of `go list` that name files which reach the binary.
const FILE_FIELDS: &[&str] = &[
    "GoFiles",
    "CgoFiles",
    "CFiles",
    "CXXFiles",
    "MFiles",
    "HFiles",
    "FFiles",
    "SFiles",
    "SwigFiles",
    "SwigCXXFiles",
    "SysoFiles",
    "EmbedFiles",
];

/// What `go env` says that a build depends on.
const ENVIRONMENT: &[&str] = &[
    "GOVERSION",
    "GOROOT",
    "GOOS",
    "GOARCH",
    "GOAMD64",
    "GOARM64",
    "GOARM",
    "GO386",
    "GOEXPERIMENT",
    "GOFIPS140",
    "GOFLAGS",
    "GOWORK",
    "CGO_ENABLED",
    "CC",
    "CXX",
    "AR",
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_FFLAGS",
    "CGO_LDFLAGS",
    "PKG_CONFIG",
];

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
                match Package::at(go, ".", &inside).identified(cancel) {
                    Err(LabError::NotAPackage { .. }) => {
                        Err(LabError::NotAPackage { package, says })
                    }
                    other => other,
                }
            }
            other => other,
        }
    }

    fn at(go: &Path, argument: &str, directory: &Path) -> Package {
        Package {
            argument: argument.to_owned(),
            directory: directory.to_owned(),
            import_path: String::new(),
            name: String::new(),
            environment: Vec::new(),
            go: go.to_owned(),
            hashes: Mutex::default(),
        }
    }

    /// Asks Go for the import path.
    fn identified(mut self, cancel: &Cancel) -> Result<Package, LabError> {
        let package = self.argument.clone();
        let list = ["list", "-find", "-json=ImportPath,Name,Dir", &package];
        let listed = match self.run_go(&Variant::default(), &list, cancel)? {
            Ok(listed) => listed,
            Err(says) => return Err(LabError::NotAPackage { package, says }),
        };
        match serde_json::from_slice::<Listed>(&listed) {
            Ok(listed) if listed.name == "main" => {
                self.name = program_name(&listed.import_path);
                self.import_path = listed.import_path;
                Ok(self)
            }
            Ok(listed) => Err(LabError::NotACommand { package, name: listed.name }),
            Err(_) => {
                let says = "it names more than one package, or none".to_owned();
                Err(LabError::NotAPackage { package, says })
            }
        }
    }

    /// The probe program: a package in a folder of its own, out of reach of the user's module.
    pub(crate) fn own(go: &Path, directory: &Path, name: &str) -> Package {
        // The user's GOFLAGS stay, for they shape the binary, but -mod is about the user's module.
        let flags = std::env::var("GOFLAGS").unwrap_or_default();
        let kept: Vec<&str> =
            flags.split_whitespace().filter(|flag| !flag.starts_with("-mod")).collect();
        Package {
            name: name.to_owned(),
            environment: vec![("GOWORK", "off".into()), ("GOFLAGS", kept.join(" "))],
            ..Package::at(go, ".", directory)
        }
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
    fn run_go(
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

    /// The hash of all that a variant is built from, or Go's own words why it cannot be listed.
    pub(crate) fn sources(
        &self,
        variant: &Variant,
        cancel: &Cancel,
    ) -> Result<Result<Key, String>, LabError> {
        let selects = format!("{:?} {:?}", variant.environment(), variant.tags);
        let mut hashes = self.hashes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = hashes.get(&selects) {
            return Ok(known.clone());
        }
        let hash = self.hash_sources(variant, cancel)?;
        hashes.insert(selects, hash.clone());
        Ok(hash)
    }

    fn hash_sources(
        &self,
        variant: &Variant,
        cancel: &Cancel,
    ) -> Result<Result<Key, String>, LabError> {
        let fields = format!("-json=ImportPath,Dir,Standard,Module,{}", FILE_FIELDS.join(","));
        let tags = format!("-tags={}", variant.tags.join(","));
        let mut list = vec!["list", "-deps", &fields];
        if !variant.tags.is_empty() {
            list.push(&tags);
        }
        list.push(&self.argument);
        let listed = match self.run_go(variant, &list, cancel)? {
            Ok(listed) => listed,
            Err(says) => return Ok(Err(says)),
        };
        let environment = ["env", "-json"];
        let environment = match self.run_go(variant, &environment, cancel)? {
            Ok(json) => {
                serde_json::from_slice::<HashMap<String, String>>(&json).unwrap_or_default()
            }
            Err(says) => return Ok(Err(says)),
        };

        let mut parts: Vec<String> = ENVIRONMENT
            .iter()
            .map(|name| format!("{name}={}", environment.get(*name).map_or("", String::as_str)))
            .collect();
        let cache = environment.get("GOMODCACHE").map_or("", String::as_str);
        for package in serde_json::Deserializer::from_slice(&listed).into_iter::<Listed>() {
            let Ok(package) = package else { continue };
            package.describe(cache, &mut parts)?;
        }
        for (name, sum) in [("GOMOD", "sum"), ("GOWORK", "work.sum")] {
            let Some(path) = environment.get(name).filter(|path| Path::new(path).is_file()) else {
                continue;
            };
            for path in [PathBuf::from(path), Path::new(path).with_extension(sum)] {
                if path.is_file() {
                    parts.push(hash_file(&path)?);
                }
            }
        }
        parts.push(self.version_control(cancel)?);
        Ok(Ok(Key::of(parts.iter().map(String::as_str))))
    }

    /// The revision and whether the tree is dirty: Go stamps both.
    fn version_control(&self, cancel: &Cancel) -> Result<String, LabError> {
        let Some(git) = elfin_process::find("git") else { return Ok(String::new()) };
        let mut state = String::new();
        for arguments in [&["describe", "--always", "--tags"][..], &["status", "--porcelain"]] {
            match Command::new(&git).args(arguments).dir(&self.directory).run(cancel) {
                Ok(output) => state.push_str(&String::from_utf8_lossy(&output.stdout)),
                Err(ToolError::Interrupted) => return Err(LabError::Interrupted),
                Err(_) => {}
            }
        }
        Ok(state)
    }
}

impl Listed {
    /// Adds what of a package reaches the binary.
    fn describe(&self, module_cache: &str, parts: &mut Vec<String>) -> Result<(), LabError> {
        if self.standard {
            return Ok(()); // Go's version stands for it
        }
        parts.push(self.import_path.clone());
        if let Some(module) = &self.module {
            let version = module.version.as_deref().unwrap_or_default();
            parts.push(format!("{}@{version}", module.path));
            let cached = !module_cache.is_empty()
                && module.dir.as_deref().is_some_and(|dir| dir.starts_with(module_cache))
                && self.dir.starts_with(module_cache);
            if cached {
                return Ok(()); // read-only, and go.sum has its hash
            }
        }
        // A profile that `go build` takes by itself, and `go list` does not name.
        let profile = self.dir.join("default.pgo");
        if profile.is_file() {
            parts.push(hash_file(&profile)?);
        }
        for field in FILE_FIELDS {
            let names = self.files.get(*field).and_then(|names| names.as_array());
            for name in names.into_iter().flatten().filter_map(|name| name.as_str()) {
                let path = self.dir.join(name);
                parts.push(path.display().to_string());
                parts.push(hash_file(&path)?);
            }
        }
        Ok(())
    }
}

/// The name that `go build` gives to a command: the last element, without a version.
fn program_name(import_path: &str) -> String {
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
        assert_eq!(program_name("example.com/cmd/app"), "app");
        assert_eq!(program_name("example.com/app/v2"), "app");
        assert_eq!(program_name("command-line-arguments"), "command-line-arguments");
    }

    #[test]
    fn downloads_are_not_what_go_says_of_a_failure() {
        let stderr = b"go: downloading golang.org/x/text v0.3.0\n# app\n./main.go:3: oh\n";
        assert_eq!(go_says(stderr), "# app\n./main.go:3: oh");
    }
}
