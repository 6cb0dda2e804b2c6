//! What Go knows of the program: where its files are, what of it is C, which folders count.

use super::ReproError;
use crate::source::Package;
use crate::variant::Variant;
use elfin_process::{Cancel, Tool, ToolError};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What Go knows of a program.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The folder in which go is run.
    pub(super) directory: PathBuf,
    /// What `go env` says there.
    pub(super) environment: HashMap<String, String>,
    /// Folders of packages that are neither Go's nor from the module cache.
    pub(super) package_folders: BTreeSet<PathBuf>,
    /// Files that packages embed or compile.
    pub(super) files: BTreeSet<PathBuf>,
    /// The main package's folder and its first Go file.
    pub(super) main: Option<(PathBuf, String)>,
    /// Folders of modules that are built where they lie.
    pub(super) module_folders: BTreeSet<PathBuf>,
    /// Public packages of the standard library.
    pub(super) standard: Vec<String>,
    /// Packages with C code, the standard library's too.
    pub(super) cgo: Vec<String>,
    /// Flags of `#cgo` lines, by package.
    pub(super) cgo_flags: Vec<(String, Vec<String>)>,
    /// The root of the git repository around the main package.
    pub(super) repository: Option<PathBuf>,
    /// True if something in it is not committed.
    pub(super) dirty: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    import_path: String,
    #[serde(default)]
    dir: PathBuf,
    #[serde(default)]
    standard: bool,
    #[serde(default)]
    dep_only: bool,
    #[serde(default)]
    go_files: Vec<String>,
    #[serde(default)]
    cgo_files: Vec<String>,
    #[serde(default)]
    embed_files: Vec<String>,
    #[serde(default, rename = "CgoCFLAGS")]
    cgo_cflags: Vec<String>,
    #[serde(default, rename = "CgoLDFLAGS")]
    cgo_ldflags: Vec<String>,
}

/// Source: golang/go src/cmd/go/internal/modcmd/edit.go (go1.26), the types of `-json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoMod {
    #[serde(default)]
    replace: Option<Vec<Replaced>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replaced {
    new: Replacement,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replacement {
    path: PathBuf,
}

impl Subject {
    /// Asks Go and git.
    ///
    /// Returns an error if Go cannot list the package.
    pub(super) fn ask(package: &Package, cancel: &Cancel) -> Result<Subject, ReproError> {
        let ours = Variant::default();
        let not_built = |says| ReproError::NotBuilt { says };
        let environment = package.env(&ours, cancel)?.map_err(not_built)?;
        let mut subject = Subject {
            directory: real(&package.directory),
            environment,
            package_folders: BTreeSet::new(),
            files: BTreeSet::new(),
            main: None,
            module_folders: BTreeSet::new(),
            standard: Vec::new(),
            cgo: Vec::new(),
            cgo_flags: Vec::new(),
            repository: None,
            dirty: false,
        };
        let fields = "-json=ImportPath,Dir,Standard,DepOnly,GoFiles,CgoFiles,EmbedFiles,CgoCFLAGS,CgoLDFLAGS";
        let tags = format!("-tags={}", ours.tags(&package.flags));
        let list = ["list", "-deps", fields, &tags, &package.argument];
        let listed = package.run_go(&ours, &list, cancel)?.map_err(not_built)?;
        for one in serde_json::Deserializer::from_slice(&listed).into_iter::<Listed>().flatten() {
            subject.package(one);
        }
        subject.modules(package, cancel)?;
        subject.version_control(cancel)?;
        Ok(subject)
    }

    /// A setting of `go env`.
    pub(super) fn env(&self, name: &str) -> &str {
        self.environment.get(name).map_or("", String::as_str)
    }

    /// True if C code of its own, or of what it requires, is compiled.
    pub(super) fn has_c(&self) -> bool {
        self.cgo.iter().any(|it| !self.standard.contains(it))
    }

    fn package(&mut self, one: Listed) {
        if !one.cgo_files.is_empty() {
            self.cgo.push(one.import_path.clone());
        }
        if one.standard {
            let own = one.import_path.split('/').any(|it| it == "internal" || it == "vendor");
            if !own {
                self.standard.push(one.import_path);
            }
            return;
        }
        let flags: Vec<String> = one.cgo_cflags.into_iter().chain(one.cgo_ldflags).collect();
        if !flags.is_empty() {
            self.cgo_flags.push((one.import_path, flags));
        }
        let folder = real(&one.dir);
        if !one.dep_only {
            let first = one.go_files.iter().chain(&one.cgo_files).next();
            self.main = first.map(|file| (folder.clone(), file.clone()));
        }
        let cached = self.env("GOMODCACHE");
        if !cached.is_empty() && one.dir.starts_with(cached) {
            return;
        }
        self.files.extend(one.embed_files.iter().map(|file| folder.join(file)));
        self.package_folders.insert(folder);
    }

    /// The folders of the main modules, and of those that `replace` has elsewhere.
    fn modules(&mut self, package: &Package, cancel: &Cancel) -> Result<(), ReproError> {
        let ours = Variant::default();
        let says = package.run_go(&ours, &["list", "-m", "-f={{.Dir}}"], cancel)?;
        let folders = says.map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default();
        for folder in folders.lines().filter(|it| !it.is_empty()) {
            let go_mod = format!("{folder}/go.mod");
            self.module_folders.insert(real(Path::new(folder)));
            let edit = ["mod", "edit", "-json", &go_mod];
            let Ok(json) = package.run_go(&ours, &edit, cancel)? else { continue };
            let Ok(parsed) = serde_json::from_slice::<GoMod>(&json) else { continue };
            for replaced in parsed.replace.into_iter().flatten() {
                let path = replaced.new.path;
                // A folder begins with a dot; a path from the root is found where it is.
                if path.starts_with(".") || path.starts_with("..") {
                    self.module_folders.insert(real(&Path::new(folder).join(path)));
                }
            }
        }
        Ok(())
    }

    fn version_control(&mut self, cancel: &Cancel) -> Result<(), ReproError> {
        let Some((folder, _)) = &self.main else { return Ok(()) };
        let top = git(folder, &["rev-parse", "--show-toplevel"], cancel)?;
        let Ok(top) = top else { return Ok(()) };
        let top = PathBuf::from(top.trim_end_matches('\n'));
        let status = git(&top, &["status", "--porcelain"], cancel)?;
        self.dirty = status.is_ok_and(|it| !it.is_empty());
        self.repository = Some(real(&top));
        Ok(())
    }
}

/// A path without symbolic links, or as it is where it is not there.
pub(super) fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Runs git: what it prints, or its own words.
pub(super) fn git(
    folder: &Path,
    arguments: &[&str],
    cancel: &Cancel,
) -> Result<Result<String, String>, ReproError> {
    let tool = Tool::new("git").args(arguments).dir(folder).env("GIT_OPTIONAL_LOCKS", "0");
    match tool.run(cancel) {
        Ok(output) if output.exit.success() => {
            Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(output) => Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(ToolError::Interrupted) => Err(ReproError::Stopped),
        Err(error) => Ok(Err(error.to_string())),
    }
}
