//! All that surrounds one build: folders, variables, the clock, who builds.

use super::tree::Tree;
use super::{ReproError, Workshop};
use crate::source::{Package, go_says};
use crate::store::hash_file;
use elfin_process::{Tool, ToolError};
use elfin_schema::ReproFile;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// All that surrounds a build.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(super) go: PathBuf,
    /// Where go is run.
    pub(super) directory: PathBuf,
    /// What it is to build.
    pub(super) argument: String,
    /// Variables that are set, or taken away.
    pub(super) environment: Vec<(String, Option<String>)>,
    /// Flags of `go build`.
    pub(super) flags: Vec<String>,
    /// The build cache, once there is one.
    pub(super) cache: Option<PathBuf>,
    /// The folder for temporary files.
    pub(super) temporary: PathBuf,
    /// A command that runs the command behind it.
    pub(super) wrapper: Vec<String>,
    pub(super) umask: Option<u32>,
    pub(super) user: Option<u32>,
    /// Seconds.
    pub(super) ahead: Option<i64>,
    pub(super) name: String,
}

/// A program that was built.
#[derive(Debug)]
pub(crate) struct Built {
    pub(super) path: PathBuf,
    pub(super) file: ReproFile,
    pub(super) seconds: f64,
}

impl Drop for Built {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path); // the workshop goes as a whole anyway
    }
}

impl Built {
    pub(super) fn read(&self) -> Result<Vec<u8>, ReproError> {
        fs::read(&self.path).map_err(|source| ReproError::io("read", &self.path, source))
    }
}

/// How much larger the second is.
pub(super) fn difference(from: &ReproFile, to: &ReproFile) -> i64 {
    let [from, to] = [from, to].map(|it| i64::try_from(it.bytes).unwrap_or(i64::MAX));
    to - from
}

impl Scene {
    /// The copy as it is, in the user's own environment.
    pub(super) fn new(workshop: &Workshop<'_>, package: &Package, tree: &Tree) -> Scene {
        let argument = match Path::new(&package.argument) {
            whole if whole.is_absolute() => tree.place(whole).to_string_lossy().into_owned(),
            _ => package.argument.clone(),
        };
        let directory = tree.place(&super::subject::real(&package.directory));
        Scene { argument, ..Scene::in_place(workshop, package, &directory) }
    }

    /// A build in a folder that is not a copy's.
    pub(super) fn in_place(workshop: &Workshop<'_>, package: &Package, folder: &Path) -> Scene {
        let set = package.environment.iter();
        Scene {
            go: package.go_program().to_owned(),
            directory: folder.to_owned(),
            argument: package.argument.clone(),
            environment: set
                .map(|(name, value)| ((*name).to_owned(), Some(value.clone())))
                .collect(),
            flags: Vec::new(),
            cache: None,
            temporary: workshop.folder("tmp"),
            wrapper: Vec::new(),
            umask: None,
            user: None,
            ahead: None,
            name: package.name.clone(),
        }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.push((name.to_owned(), Some(value.into())));
    }

    /// Takes a variable away.
    pub(super) fn unset(&mut self, name: &str) {
        self.environment.push((name.to_owned(), None));
    }

    /// `go` with these arguments.
    pub(super) fn tool(&self, settings: &[String], arguments: &[&str]) -> Tool {
        let mut words = self.wrapper.iter();
        let mut tool = match words.next() {
            Some(first) => Tool::new(first).args(words).arg(&self.go),
            None => Tool::new(&self.go),
        };
        tool = tool.args(arguments).dir(&self.directory).timeout(BUILD_LIMIT);
        // The folder as a shell tells it, which compilers believe where it is the same one.
        tool = tool.env("PWD", &self.directory);
        tool = tool.env("TMPDIR", &self.temporary).env("GOTMPDIR", &self.temporary);
        if let Some(cache) = &self.cache {
            tool = tool.env("GOCACHE", cache);
        }
        for (name, value) in &self.environment {
            tool = match value {
                Some(value) => tool.env(name, value),
                None => tool.env_remove(name),
            };
        }
        for (name, value) in settings.iter().filter_map(|it| variable(it)) {
            tool = tool.env(name, value);
        }
        if let Some(mask) = self.umask {
            tool = tool.umask(mask);
        }
        if let Some(user) = self.user {
            tool = tool.seen_as(user, user);
        }
        if let Some(seconds) = self.ahead {
            tool = tool.clock_ahead(seconds);
        }
        tool
    }

    /// Builds with settings, which are flags and variables as one types them.
    ///
    /// The inner error is Go's own words.
    pub(super) fn build(
        &self,
        settings: &[String],
        workshop: &Workshop<'_>,
    ) -> Result<Result<Built, String>, ReproError> {
        // The same place in every world; what is kept is moved away.
        let out = workshop.folder("out").join(&self.name);
        let _ = fs::remove_file(&out);
        let mut arguments = vec!["build"];
        arguments.extend(self.flags.iter().map(String::as_str));
        arguments.extend(settings.iter().map(String::as_str).filter(|it| it.starts_with('-')));
        let path = out.to_string_lossy();
        arguments.extend(["-o", &path, &self.argument]);
        let output = match self.tool(settings, &arguments).run(workshop.cancel) {
            Ok(output) => output,
            Err(ToolError::Interrupted) => return Err(ReproError::Stopped),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if !output.exit.success() {
            let says = go_says(&output.stderr);
            let says = if says.is_empty() { output.exit.to_string() } else { says };
            return Ok(Err(says));
        }
        let write = |source| ReproError::io("keep", &out, source);
        let path = workshop.folder("kept").join(workshop.number().to_string());
        fs::rename(&out, &path).map_err(write)?;
        let bytes = fs::metadata(&path).map_err(write)?.len();
        let file = ReproFile { bytes, sha256: hash_file(&path)? };
        Ok(Ok(Built { path, file, seconds: output.wall.as_secs_f64() }))
    }
}

/// `NAME=VALUE`, where a setting is that.
fn variable(setting: &str) -> Option<(&str, &str)> {
    if setting.starts_with('-') { None } else { setting.split_once('=') }
}
