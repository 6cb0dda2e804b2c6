//! Builds a package inside of a root, with the Go of this machine and the C compiler of the root.
//!
//! Sources, modules and Go stand inside at the paths that they have outside, read-only, so that what
//! is built differs by the root alone. A build without cgo takes nothing from the root and shares the
//! user's own build cache; with cgo each root has a cache of its own, for Go's key of a compiled C
//! file does not know the headers.

use super::RootsError;
use super::place::{MUSL_GCC, PATH, Place};
use crate::error::LabError;
use crate::source::{Package, go_says};
use crate::store::hash_file;
use crate::variant::Variant;
use elfin_elf::ElfFile;
use elfin_process::{Cancel, Graft, Tool, ToolError};
use elfin_schema::{Bytes, VersionNeed};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(3600);

/// A file that was built inside of a root.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Built {
    pub(super) path: PathBuf,
    pub(super) content: String,
    pub(super) bytes: Bytes,
    pub(super) interpreter: Option<String>,
    pub(super) needed: Vec<String>,
    pub(super) versions: Vec<VersionNeed>,
}

/// The ways in which a root can build: without cgo, with it, and with musl's compiler.
pub(super) fn ways(place: &Place) -> Vec<Variant> {
    let mut ways = vec![Variant { cgo: Some(false), ..Variant::default() }];
    let cgo = Variant { cgo: Some(true), ..Variant::default() };
    if let Some(compiler) = place.compiler {
        let cc = (compiler != "gcc").then(|| compiler.to_owned());
        ways.push(Variant { cc, ..cgo.clone() });
    }
    if place.has_musl_gcc {
        ways.push(Variant { cc: Some(MUSL_GCC.to_owned()), ..cgo });
    }
    ways
}

/// What builds inside of roots have of this machine.
#[derive(Debug)]
pub(super) struct Workshop {
    go: PathBuf,
    environment: Vec<(String, String)>,
    users_cache: PathBuf,
    /// Caches and programs, a folder for each root.
    caches: PathBuf,
    programs: PathBuf,
    pub(super) grafts: Vec<Graft>,
}

/// Settings of the user's that shape a build.
const KEPT: [&str; 7] =
    ["GOFLAGS", "GOMODCACHE", "GOPATH", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOWORK"];

impl Workshop {
    /// Asks Go, outside, where everything is; that also downloads the modules that are missing.
    pub(super) fn of(
        package: &Package,
        probe: &Package,
        dir: &Path,
        cancel: &Cancel,
    ) -> Result<Workshop, RootsError> {
        let says = |says| LabError::NotAPackage { package: package.argument.clone(), says };
        let any = Variant::default();
        let env = package.env(&any, cancel)?.map_err(says)?;
        let list = ["list", "-deps", "-f", "{{with .Module}}{{.Dir}}{{end}}", &package.argument];
        let listed = package.run_go(&any, &list, cancel)?.map_err(says)?;
        let set = |name: &str| env.get(name).filter(|it| !it.is_empty()).cloned();
        let path = |name: &str| set(name).map(PathBuf::from);
        let goroot = path("GOROOT").ok_or_else(|| says("go env has no GOROOT".into()))?;
        let mut workshop = Workshop {
            go: goroot.join("bin/go"),
            environment: KEPT.iter().filter_map(|it| Some((it.to_string(), set(it)?))).collect(),
            users_cache: path("GOCACHE").unwrap_or_else(|| dir.join("cache")),
            caches: dir.join("caches"),
            programs: dir.join("programs"),
            grafts: Vec::new(),
        };
        for folder in [&workshop.users_cache, &workshop.caches, &workshop.programs] {
            fs::create_dir_all(folder).map_err(|it| RootsError::io("write", folder, it))?;
        }
        let written =
            [path("GOMODCACHE"), Some(workshop.users_cache.clone()), Some(workshop.caches.clone())];
        let read = workspace(&env).into_iter().chain(links_out_of(&goroot)).chain([
            goroot,
            package.directory.clone(),
            probe.directory.clone(),
        ]);
        let modules = String::from_utf8_lossy(&listed).into_owned();
        let read = read.chain(modules.lines().filter(|it| !it.is_empty()).map(PathBuf::from));
        let written = written.into_iter().flatten().chain([workshop.programs.clone()]);
        let all = written.map(|it| (it, true)).chain(read.map(|it| (it, false)));
        for (path, writable) in all {
            let graft = Graft { path: fs::canonicalize(&path).unwrap_or(path), writable };
            let covered = workshop.grafts.iter().any(|it| graft.path.starts_with(&it.path));
            if graft.path.exists() && !covered {
                workshop.grafts.push(graft);
            }
        }
        Ok(workshop)
    }

    /// Builds inside of a root: the file, or Go's own words.
    pub(super) fn build(
        &self,
        package: &Package,
        way: &Variant,
        place: &Place,
        cancel: &Cancel,
    ) -> Result<Result<Built, String>, RootsError> {
        let file = format!("{}-{}", package.name, way.to_string().replace(['/', ' '], "_"));
        let folder = self.programs.join(&place.facts.name);
        fs::create_dir_all(&folder).map_err(|it| RootsError::io("write", &folder, it))?;
        let path = folder.join(file);
        let output = match self.command(package, way, place, &path).run(cancel) {
            Ok(output) => output,
            Err(ToolError::Interrupted) => return Err(RootsError::interrupted()),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if !output.exit.success() {
            return Ok(Err(go_says(&output.stderr)));
        }
        let data = fs::read(&path).map_err(|it| RootsError::io("read", &path, it))?;
        let elf = match ElfFile::parse(&data) {
            Ok(elf) => elf,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let versions = elf.version_needs().into_iter().map(|need| VersionNeed {
            library: need.library,
            version: need.version,
            symbols: need.symbols,
        });
        Ok(Ok(Built {
            content: hash_file(&path)?,
            bytes: data.len() as Bytes,
            interpreter: elf.interpreter(),
            needed: elf.needed(),
            versions: versions.collect(),
            path,
        }))
    }

    fn command(&self, package: &Package, way: &Variant, place: &Place, out: &Path) -> Tool {
        let cache = match way.cgo {
            Some(true) if !place.own => self.caches.join(&place.facts.name),
            _ => self.users_cache.clone(),
        };
        let directory = fs::canonicalize(&package.directory);
        let directory = directory.unwrap_or_else(|_| package.directory.clone());
        let mut go = Tool::new(&self.go).in_root(&place.at).dir(directory).timeout(LIMIT);
        let own = self.environment.iter().filter(|(name, _)| {
            // What the package itself sets, another says.
            !package.environment.iter().any(|(its, _)| its == name)
        });
        for (name, value) in own {
            go = go.env(name, value);
        }
        let set = package.environment.iter().cloned().chain(way.environment());
        for (name, value) in set.filter(|(name, _)| *name != "GOTOOLCHAIN") {
            go = go.env(name, value);
        }
        // Everything is here, and nobody in there knows of the repository.
        go.env("GOTOOLCHAIN", "local")
            .env("GOPROXY", "off")
            .env("GOCACHE", cache)
            .env("HOME", "/tmp")
            .env("PATH", PATH)
            .args(["build", "-buildvcs=false"])
            .args(way.flags(&package.flags))
            .arg("-o")
            .arg(out)
            .arg(&package.argument)
    }
}

/// The files of a workspace.
fn workspace(env: &HashMap<String, String>) -> Vec<PathBuf> {
    let Some(work) = env.get("GOWORK").filter(|it| it.starts_with('/')) else { return Vec::new() };
    vec![PathBuf::from(work), PathBuf::from(format!("{work}.sum"))]
}

/// Where links of a toolchain lead: distributions keep parts of one elsewhere.
fn links_out_of(goroot: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(goroot).into_iter().flatten().flatten();
    let links = entries.filter(|it| it.file_type().is_ok_and(|kind| kind.is_symlink()));
    links.filter_map(|it| fs::canonicalize(it.path()).ok()).collect()
}
