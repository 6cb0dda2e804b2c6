//! The build cache of each world: its own, and gone with it.
//!
//! A cache that two worlds share would make the second build a copy of the first. As a rule a world
//! begins with the compiled standard library, which one cold build of its packages has made (a seed
//! for each set of settings), and compiles everything else itself. The second build of all, with
//! nothing varied, begins with nothing.

use super::scene::Scene;
use super::subject::Subject;
use super::{ReproError, Workshop};
use elfin_process::ToolError;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes build caches.
pub(crate) struct Caches<'w, 'a> {
    workshop: &'w Workshop<'a>,
    subject: &'w Subject,
    /// Without seeds.
    cold: bool,
    /// By settings, and by all else of a scene that changes what the standard library is.
    seeds: Vec<(Vec<String>, PathBuf)>,
}

impl<'w, 'a> Caches<'w, 'a> {
    pub(super) fn new(workshop: &'w Workshop<'a>, subject: &'w Subject, cold: bool) -> Self {
        Caches { workshop, subject, cold, seeds: Vec::new() }
    }

    /// Gives a scene an empty cache; that of the world before is gone.
    pub(super) fn empty(&self, scene: &Scene) -> Result<Scene, ReproError> {
        // At the same place in every world, for a path may leak.
        let cache = self.workshop.folder("cache");
        clear(&cache)?;
        Ok(Scene { cache: Some(cache), ..scene.clone() })
    }

    /// Gives a scene a cache with the standard library.
    pub(super) fn furnish(
        &mut self,
        scene: &Scene,
        settings: &[String],
    ) -> Result<Scene, ReproError> {
        let furnished = self.empty(scene)?;
        if let (Some(cache), Some(seed)) = (&furnished.cache, self.seed(scene, settings)?) {
            fill(&seed, cache)?;
        }
        Ok(furnished)
    }

    /// A folder with the standard library compiled as the settings say; `None` where worlds are
    /// cold. What does not compile is left to the build itself to say.
    pub(super) fn seed(
        &mut self,
        scene: &Scene,
        settings: &[String],
    ) -> Result<Option<PathBuf>, ReproError> {
        if self.cold {
            return Ok(None);
        }
        if let Some((_, seed)) = self.seeds.iter().find(|(of, _)| of == settings) {
            return Ok(Some(seed.clone()));
        }
        let seed = self.workshop.folder(&format!("seed-{}", self.seeds.len()));
        clear(&seed)?;
        if let Some((_, first)) = self.seeds.first() {
            fill(first, &seed)?;
        }
        // Whatever the world: an ordinary build, which the varied one may then use or not.
        let plain = Scene {
            cache: Some(seed.clone()),
            wrapper: Vec::new(),
            umask: None,
            user: None,
            ahead: None,
            ..scene.clone()
        };
        let mut arguments = vec!["build"];
        arguments.extend(settings.iter().map(String::as_str).filter(|it| it.starts_with('-')));
        arguments.extend(self.subject.standard.iter().map(String::as_str));
        let run = plain.tool(settings, &arguments).run(self.workshop.cancel);
        if let Err(ToolError::Interrupted) = run {
            return Err(ReproError::Stopped);
        }
        self.seeds.push((settings.to_vec(), seed.clone()));
        Ok(Some(seed))
    }
}

fn clear(folder: &Path) -> Result<(), ReproError> {
    let write = |source| ReproError::io("empty", folder, source);
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(write)?;
    }
    fs::create_dir_all(folder).map_err(write)
}

/// Fills a cache from a seed. Outputs are linked where that can be: Go never changes one. Action
/// entries are copied, because Go writes them in place.
pub(super) fn fill(seed: &Path, cache: &Path) -> Result<(), ReproError> {
    fs::create_dir_all(cache).map_err(|source| ReproError::io("write", cache, source))?;
    let read = |source| ReproError::io("read", seed, source);
    for entry in fs::read_dir(seed).map_err(read)? {
        let entry = entry.map_err(read)?;
        let (from, to) = (entry.path(), cache.join(entry.file_name()));
        if entry.file_type().map_err(read)?.is_dir() {
            fill(&from, &to)?;
            continue;
        }
        let output = entry.file_name().as_encoded_bytes().ends_with(b"-d");
        if output && fs::hard_link(&from, &to).is_ok() {
            continue;
        }
        fs::copy(&from, &to).map_err(|source| ReproError::io("copy", &from, source))?;
    }
    Ok(())
}
