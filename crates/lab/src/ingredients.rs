//! What a program is made from, as two hashes.
//!
//! A recipe may be used again only while the **key** stays the same: it covers
//! all that the bytes depend on. Beside the content these are the folders, the
//! VCS state that Go stamps, and every environment setting that Go's own build
//! ID depends on. The **content** hash is for people: two checkouts of one
//! source have the same, on any machine and with any Go. C libraries that
//! `#cgo LDFLAGS` names are in neither.

use crate::error::LabError;
use crate::source::Package;
use crate::store::{Key, hash_file, hash_parts};
use crate::variant::Variant;
use elfin_goenv::GoFlags;
use elfin_process::{Cancel, Tool as Command, ToolError};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What a variant is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ingredients {
    /// Hash of all that the bytes depend on.
    pub key: Key,
    /// Hash of the content alone.
    pub content: String,
    /// The packages that C code or the C library is used by: the program's own, `net`, `os/user`.
    pub cgo: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    import_path: String,
    #[serde(default)]
    dir: PathBuf,
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

/// Source: golang/go src/cmd/go/internal/fsys/fsys.go (go1.26), overlayJSON.
#[derive(Debug, Default, Deserialize)]
struct Overlay {
    #[serde(rename = "Replace", default)]
    replace: BTreeMap<String, PathBuf>,
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
    "GOMODCACHE",
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

/// The standard packages that ask the C library, where cgo is on.
const STANDARD_CGO: [&str; 2] = ["net", "os/user"];

impl Package {
    /// Looks at all that a variant is built from, as it is now.
    ///
    /// The inner error is Go's own words why it cannot be listed.
    pub(crate) fn gather(
        &self,
        variant: &Variant,
        cancel: &Cancel,
    ) -> Result<Result<Ingredients, String>, LabError> {
        let environment = match self.env(variant, cancel)? {
            Ok(environment) => environment,
            Err(says) => return Ok(Err(says)),
        };
        let set = |name: &str| environment.get(name).map_or("", String::as_str);
        let flags = GoFlags::parse(set("GOFLAGS"));

        let fields = format!("-json=ImportPath,Dir,Standard,Module,{}", FILE_FIELDS.join(","));
        let tags = format!("-tags={}", variant.tags(&flags));
        let list = ["list", "-deps", &fields, &tags, &self.argument];
        let listed = match self.run_go(variant, &list, cancel)? {
            Ok(listed) => listed,
            Err(says) => return Ok(Err(says)),
        };

        let mut basket = Basket::default();
        basket.place.extend(ENVIRONMENT.iter().map(|name| format!("{name}={}", set(name))));
        basket.place.push(self.version_control(cancel)?);
        basket.named_by(&flags, &self.directory)?;
        for package in serde_json::Deserializer::from_slice(&listed).into_iter::<Listed>() {
            let Ok(package) = package else { continue };
            basket.package(&package, set("GOMODCACHE"))?;
        }
        for (path, sum) in [(set("GOMOD"), "sum"), (set("GOWORK"), "work.sum")] {
            basket.file(Path::new(path))?;
            basket.file(&Path::new(path).with_extension(sum))?;
        }
        Ok(Ok(basket.sealed()))
    }

    /// The revision and whether the tree is dirty: Go stamps both.
    fn version_control(&self, cancel: &Cancel) -> Result<String, LabError> {
        let Some(git) = elfin_process::find("git") else { return Ok(String::new()) };
        let ask = |arguments: &[&str]| match Command::new(&git)
            .args(arguments)
            .dir(&self.directory)
            .run(cancel)
        {
            Ok(output) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Err(ToolError::Interrupted) => Err(LabError::Interrupted),
            Err(_) => Ok(String::new()),
        };
        let revision = ask(&["describe", "--always", "--tags", "--long", "--abbrev=40"])?;
        let dirty = !ask(&["status", "--porcelain"])?.is_empty();
        Ok(format!("{revision} dirty={dirty}"))
    }
}

/// What has been gathered so far.
#[derive(Debug, Default)]
struct Basket {
    /// What is the same in every checkout.
    content: Vec<String>,
    /// What is of this folder, this machine and this moment.
    place: Vec<String>,
    cgo: Vec<String>,
    /// Files need not be where `go list` says: an overlay has them elsewhere.
    overlaid: bool,
}

impl Basket {
    /// Adds a file's content, where there is a file.
    fn file(&mut self, path: &Path) -> Result<(), LabError> {
        if path.is_file() {
            self.content.push(hash_file(path)?);
        }
        Ok(())
    }

    /// Adds the files that GOFLAGS names: a profile, an overlay, another go.mod.
    fn named_by(&mut self, flags: &GoFlags, directory: &Path) -> Result<(), LabError> {
        let path = |name| flags.value(name).map(|value| directory.join(value));
        let sum = path("modfile").map(|file| file.with_extension("sum"));
        for file in [path("pgo"), path("modfile"), sum].into_iter().flatten() {
            self.file(&file)?;
        }
        let Some(overlay) = path("overlay").filter(|path| path.is_file()) else { return Ok(()) };
        let text =
            std::fs::read(&overlay).map_err(|source| LabError::io("read", &overlay, source))?;
        self.overlaid = true;
        self.place.push(hash_parts([&text]));
        // Go refuses an overlay that is no JSON, in words of its own.
        let overlay: Overlay = serde_json::from_slice(&text).unwrap_or_default();
        overlay.replace.values().try_for_each(|file| self.file(&directory.join(file)))
    }

    /// Adds what of a package reaches the binary.
    fn package(&mut self, package: &Listed, module_cache: &str) -> Result<(), LabError> {
        let Listed { import_path, dir, .. } = package;
        let files = |field: &str| {
            let names = package.files.get(field).and_then(|names| names.as_array());
            names.into_iter().flatten().filter_map(|name| name.as_str())
        };
        let known = !package.standard || STANDARD_CGO.contains(&import_path.as_str());
        if known && files("CgoFiles").next().is_some() {
            self.cgo.push(import_path.clone());
        }
        if package.standard {
            return Ok(()); // Go's version stands for it
        }
        self.content.push(import_path.clone());
        if let Some(module) = &package.module {
            let version = module.version.as_deref().unwrap_or_default();
            self.content.push(format!("{}@{version}", module.path));
            let cached = !module_cache.is_empty()
                && module.dir.as_deref().is_some_and(|dir| dir.starts_with(module_cache))
                && dir.starts_with(module_cache);
            if cached {
                return Ok(()); // read-only, and go.sum has its hash
            }
        }
        self.place.push(dir.display().to_string());
        // A profile that `go build` takes by itself, and `go list` does not name.
        self.file(&dir.join("default.pgo"))?;
        for name in FILE_FIELDS.iter().copied().flat_map(files) {
            let path = dir.join(name);
            self.content.push(name.to_owned());
            if !self.overlaid || path.is_file() {
                self.content.push(hash_file(&path)?);
            }
        }
        Ok(())
    }

    fn sealed(self) -> Ingredients {
        let content = hash_parts(&self.content);
        let place = self.place.iter().map(String::as_str);
        Ingredients { key: Key::of(place.chain([content.as_str()])), content, cgo: self.cgo }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A module in a folder of its own.
    fn module() -> (tempfile::TempDir, Package) {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("go.mod", "module example.com/app\n\ngo 1.21\n");
        write("main.go", "package main\n\nimport _ \"os/user\"\n\nfunc main() {}\n");
        let go = elfin_process::find("go").unwrap();
        let mut package = Package::at(&go, ".", dir.path());
        package.environment.push(("CGO_ENABLED", "1".into()));
        (dir, package)
    }

    fn gather(package: &Package) -> Ingredients {
        package.gather(&Variant::default(), &Cancel::new()).unwrap().unwrap()
    }

    #[test]
    fn two_checkouts_have_one_content_and_two_keys() {
        let ((_a, here), (b, there)) = (module(), module());
        let (one, other) = (gather(&here), gather(&there));
        assert_eq!(one.content, other.content);
        assert_ne!(one.key, other.key);
        assert_eq!(one.cgo, ["os/user"]);
        fs::write(b.path().join("go.mod"), "module example.com/app\n\ngo 1.22\n").unwrap();
        assert_ne!(gather(&there).content, one.content);
    }

    #[test]
    fn neither_go_nor_its_environment_is_content() {
        let (_dir, mut package) = module();
        let before = gather(&package);
        package.environment.push(("GOFLAGS", "-trimpath".into()));
        let after = gather(&package);
        assert_eq!(before.content, after.content);
        assert_ne!(before.key, after.key);
    }

    #[test]
    fn what_goflags_names_is_an_ingredient() {
        let (dir, mut package) = module();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        write("cpu.pprof", "one");
        write("overlay.json", r#"{"Replace": {"added.go": "elsewhere.txt"}}"#);
        write("elsewhere.txt", "package main\n");
        package.environment.push(("GOFLAGS", "-pgo=cpu.pprof -overlay=overlay.json".into()));
        let mut seen = vec![gather(&package)];
        for (name, text) in [
            ("cpu.pprof", "two"),
            ("elsewhere.txt", "package main\n\nvar x int\n"),
            ("overlay.json", r#"{"Replace": {"other.go": "elsewhere.txt"}}"#),
        ] {
            write(name, text);
            let now = gather(&package);
            assert!(seen.iter().all(|before| before.key != now.key), "{name}");
            seen.push(now);
        }
        assert_ne!(seen[0].content, seen[1].content);
        assert_ne!(seen[1].content, seen[2].content);
    }

    #[test]
    fn a_commit_changes_the_key_and_not_the_content() {
        let (dir, package) = module();
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let git = Command::new("git").args(identity).args(arguments).dir(dir.path());
            assert!(git.run(&Cancel::new()).unwrap().exit.success(), "{arguments:?}");
        };
        git(&["init", "-q"]);
        let dirty = gather(&package);
        git(&["add", "."]);
        git(&["commit", "-q", "-m", "one"]);
        let clean = gather(&package);
        git(&["commit", "-q", "--allow-empty", "-m", "two"]);
        let next = gather(&package);
        assert_eq!((&dirty.content, &clean.content), (&clean.content, &next.content));
        assert!(dirty.key != clean.key && clean.key != next.key);
    }
}
