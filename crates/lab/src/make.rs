//! Making: a variant is built, a stage is done to a file, and each result is kept by content.
//!
//! Recipes that begin alike share what they have in common, because a stage's
//! key is the hash of the file that it starts from and of the tool that does
//! it. The user's program and the probe program are made by the same code.

use crate::error::{LabError, says_no_space};
use crate::recipe::Recipe;
use crate::source::{Package, go_says};
use crate::stage::Stage;
use crate::store::{Key, Store, hash_file};
use crate::tools::Toolbox;
use crate::variant::Variant;
use elfin_process::{Cancel, Exit, Output, Tool as Command, ToolError};
use elfin_schema::{Message, Status};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Artifact {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of its content.
    pub content: String,
    /// Its size.
    pub bytes: u64,
}

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Miss {
    pub status: Status,
    pub says: Option<String>,
    pub explains: Message,
    /// `build` or the stage.
    pub at: String,
}

/// A file or why there is none.
pub(crate) type Made = Result<Artifact, Miss>;

/// What a recipe led to: the files that it passed through, and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// `build` and each stage that was done, with the file after it.
    pub steps: Vec<(String, Artifact)>,
    /// The finished file, or why it went no further.
    pub finished: Made,
}

impl Chain {
    /// The file as it was before it was packed; `None` where it was not.
    pub(crate) fn unpacked(&self) -> Option<&Artifact> {
        let packs = |name: &str| name.parse().is_ok_and(Stage::packs);
        let packed = self.steps.iter().position(|(name, _)| packs(name))?;
        self.steps.get(packed.checked_sub(1)?).map(|(_, artifact)| artifact)
    }
}

/// Where a recipe starts from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A package that is built.
    Package(Package),
    /// The user's finished file, and the Go that built it.
    Binary(Artifact, Option<String>),
}

/// Makes recipes of one source.
#[derive(Debug)]
pub(crate) struct Kitchen<'a> {
    pub store: &'a Store,
    pub tools: &'a Toolbox,
    pub source: Source,
    /// The program's file name.
    pub name: String,
    pub cancel: &'a Cancel,
    /// Builds that failed in this run. They are not kept for the next: a build that fails is
    /// cheap to try again, and what it lacked may have come.
    failed: Mutex<HashMap<Key, Miss>>,
}

impl<'a> Kitchen<'a> {
    pub(crate) fn new(
        store: &'a Store,
        tools: &'a Toolbox,
        source: Source,
        name: String,
        cancel: &'a Cancel,
    ) -> Kitchen<'a> {
        Kitchen { store, tools, source, name, cancel, failed: Mutex::default() }
    }

    /// Makes a recipe, from what is kept where it can.
    pub(crate) fn make(&self, recipe: &Recipe) -> Result<Chain, LabError> {
        let mut steps = Vec::new();
        let mut made = self.source(&recipe.variant)?;
        let mut name = "build".to_owned();
        let mut packed = false;
        for &stage in &recipe.stages {
            let Ok(artifact) = &made else { break };
            steps.push((name, artifact.clone()));
            made = self.stage(stage, artifact, packed)?;
            name = stage.to_string();
            packed |= stage.packs();
        }
        if let Ok(artifact) = &made {
            steps.push((name, artifact.clone()));
        }
        Ok(Chain { steps, finished: made })
    }

    /// Builds a variant, or takes the finished file.
    pub(crate) fn source(&self, variant: &Variant) -> Result<Made, LabError> {
        match &self.source {
            Source::Binary(given, _) => self.take(given).map(Ok),
            Source::Package(package) => self.build(package, variant),
        }
    }

    /// Copies the user's file, so that it is neither started where it lies nor changed under the
    /// lab. Never a link: the user may write over it in place.
    fn take(&self, given: &Artifact) -> Result<Artifact, LabError> {
        let key = Key::of(["binary", &given.content, &self.name]);
        self.store.alone(&key, || {
            if let Some(artifact) = self.kept(&key) {
                return Ok(artifact);
            }
            let scratch = self.store.scratch()?;
            let copy = scratch.path().join(&self.name);
            fs::copy(&given.path, &copy)
                .map_err(|source| LabError::io("copy", &given.path, source))?;
            if hash_file(&copy)? != given.content {
                return Err(LabError::SourcesChanged { package: given.path.display().to_string() });
            }
            self.keep(&key, &copy)
        })
    }

    fn build(&self, package: &Package, variant: &Variant) -> Result<Made, LabError> {
        if let Some(miss) = self.missing(variant) {
            return Ok(Err(miss));
        }
        let key = match package.ingredients(variant, self.cancel)? {
            Ok(ingredients) => self.build_key(package, variant, &ingredients.key),
            Err(says) => return Ok(Err(build_miss(variant, says))),
        };
        self.store.alone(&key, || {
            if let Some(artifact) = self.kept(&key) {
                return Ok(Ok(artifact));
            }
            let failed = || self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(miss) = failed().get(&key) {
                return Ok(Err(miss.clone()));
            }
            let scratch = self.store.scratch()?;
            let file = scratch.path().join(&self.name);
            match self.build_into(package, variant, &file, None)? {
                Ok(()) => self.keep(&key, &file).map(Ok),
                Err(says) => {
                    let miss = build_miss(variant, says);
                    failed().insert(key.clone(), miss.clone());
                    Ok(Err(miss))
                }
            }
        })
    }

    /// Builds into a file, with a build cache of its own if one is given.
    ///
    /// The inner error is Go's own words. Returns an error if the sources changed meanwhile: then
    /// nobody knows what the file was made from.
    pub(crate) fn build_into(
        &self,
        package: &Package,
        variant: &Variant,
        file: &Path,
        cache: Option<&Path>,
    ) -> Result<Result<(), String>, LabError> {
        let mut go = package.go(variant).arg("build").args(variant.flags(&package.flags));
        go = go.arg("-o").arg(file).arg(&package.argument).timeout(BUILD_LIMIT);
        if let Some(folder) = file.parent() {
            // What a killed build leaves behind goes with the folder.
            go = go.env("GOTMPDIR", folder).env("TMPDIR", folder);
        }
        if let Some(cache) = cache {
            go = go.env("GOCACHE", cache);
        }
        let output = match self.run(&go)? {
            Ok(output) => output,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let says = go_says(&output.stderr);
        match (output.exit.success(), says_no_space(&says)) {
            (true, _) if package.rests(variant, self.cancel)? => Ok(Ok(())),
            (true, _) => Err(LabError::SourcesChanged { package: package.argument.clone() }),
            (false, true) => Err(LabError::NoSpace { path: self.store.out().to_owned() }),
            (false, false) => Ok(Err(says)),
        }
    }

    fn build_key(&self, package: &Package, variant: &Variant, sources: &Key) -> Key {
        let directory = package.directory.display().to_string();
        let variant_name = variant.to_string();
        let mut parts = vec!["build", sources.as_str(), &variant_name, &package.argument];
        parts.extend([directory.as_str(), &self.name]);
        // Any of these may have a hand in a link; Go's own version is in the sources' hash.
        for tool in ["cc"].into_iter().chain(variant.needs()) {
            parts.push(self.tools.need(tool).map_or("", |found| found.identity.as_str()));
        }
        Key::of(parts)
    }

    /// Says which tool a variant lacks.
    fn missing(&self, variant: &Variant) -> Option<Miss> {
        let lacks = |tool| self.tools.need(tool).err();
        let explains = variant.needs().into_iter().find_map(lacks)?;
        Some(Miss { status: Status::Skipped, says: None, explains, at: "build".into() })
    }

    fn stage(&self, stage: Stage, input: &Artifact, packed: bool) -> Result<Made, LabError> {
        let tool = match self.tools.need(stage.program()) {
            Ok(tool) => tool,
            Err(explains) => {
                let (status, at) = (Status::Skipped, stage.to_string());
                return Ok(Err(Miss { status, says: None, explains, at }));
            }
        };
        let key =
            Key::of(["stage", stage.name(), &input.content, tool.identity.as_str(), &self.name]);
        self.store.alone(&key, || match (self.kept(&key), self.store.recall::<Miss>(&key)) {
            (Some(artifact), _) => Ok(Ok(artifact)),
            (None, Some(miss)) => Ok(Err(miss)),
            (None, None) => self.do_stage(stage, &key, &tool.path, input, packed),
        })
    }

    fn do_stage(
        &self,
        stage: Stage,
        key: &Key,
        tool: &Path,
        input: &Artifact,
        packed: bool,
    ) -> Result<Made, LabError> {
        let miss = |status, says, explains| Miss { status, says, explains, at: stage.to_string() };
        let scratch = self.store.scratch()?;
        let (given, wanted) = ("app", "app.out");
        let link = scratch.path().join(given);
        copy_or_link(&input.path, &link)?;
        let command = Command::new(tool)
            .args(stage.arguments(given, wanted))
            .dir(scratch.path())
            .timeout(stage.timeout());
        let output = match self.run(&command)? {
            Ok(output) => output,
            Err(ToolError::TimedOut { after, .. }) => {
                let seconds = after.as_secs();
                let why = Message::ToolTimedOut { tool: stage.program().into(), seconds };
                let miss = miss(Status::Failed, None, why);
                self.store.remember(key, &miss)?;
                return Ok(Err(miss));
            }
            Err(error) => {
                let why = Message::ToolFailed { tool: stage.program().into() };
                return Ok(Err(miss(Status::Failed, Some(error.to_string()), why)));
            }
        };
        let debug_file = scratch.path().join(format!("{wanted}.debug"));
        let wanted = scratch.path().join(wanted);
        if output.exit.success() && debug_file.is_file() {
            // It belongs to the program: debuggers look for it beside it, under this name.
            let beside = self.store.place(key)?.join(debug_file.file_name().unwrap_or_default());
            fs::rename(&debug_file, &beside)
                .map_err(|source| LabError::io("write", &beside, source))?;
        }
        if output.exit.success() && wanted.is_file() {
            return self.keep(key, &wanted).map(Ok);
        }
        let says = own_words(&output);
        if says_no_space(&says) {
            return Err(LabError::NoSpace { path: self.store.out().to_owned() });
        }
        let said = format!("{says}\n{}", String::from_utf8_lossy(&output.stdout));
        let (status, explains) = stage.explain(&said, packed);
        let miss = miss(status, Some(says), explains);
        // A tool that was killed has not answered.
        if matches!(output.exit, Exit::Code(_)) {
            self.store.remember(key, &miss)?;
        }
        Ok(Err(miss))
    }

    /// Runs a tool; only the user's Ctrl-C ends the experiment.
    fn run(&self, command: &Command) -> Result<Result<Output, ToolError>, LabError> {
        match command.run(self.cancel) {
            Err(ToolError::Interrupted) => Err(LabError::Interrupted),
            result => Ok(result),
        }
    }

    fn kept(&self, key: &Key) -> Option<Artifact> {
        let artifact: Artifact = self.store.recall(key)?;
        let size = fs::metadata(&artifact.path).ok()?.len();
        (size == artifact.bytes).then_some(artifact)
    }

    fn keep(&self, key: &Key, file: &Path) -> Result<Artifact, LabError> {
        let path = self.store.place(key)?.join(&self.name);
        let artifact = Artifact {
            content: hash_file(file)?,
            bytes: fs::metadata(file).map_err(|source| LabError::io("read", file, source))?.len(),
            path,
        };
        fs::rename(file, &artifact.path)
            .map_err(|source| LabError::io("write", &artifact.path, source))?;
        self.store.remember(key, &artifact)?;
        Ok(artifact)
    }
}

fn build_miss(variant: &Variant, says: String) -> Miss {
    let linker = says.contains("/link: ") || says.contains("running gcc failed");
    let explains = if linker { Message::LinkFailed } else { Message::BuildFailed };
    let explains = match &variant.go {
        Some(version) if says.contains("toolchain not available") => {
            Message::GoMissing { version: version.clone() }
        }
        _ => explains,
    };
    Miss { status: Status::Failed, says: Some(says), explains, at: "build".into() }
}

/// What a tool said: its errors, else its output, else how it ended; without its banner.
pub(crate) fn own_words(output: &Output) -> String {
    for stream in [&output.stderr, &output.stdout] {
        let text = String::from_utf8_lossy(stream);
        if !text.trim().is_empty() {
            return text.trim().to_owned();
        }
    }
    output.exit.to_string()
}

/// Links a file under another name, or copies it where the file system has no links.
pub(crate) fn copy_or_link(from: &Path, to: &Path) -> Result<(), LabError> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to).map(|_| ()).map_err(|source| LabError::io("write", to, source))
}
