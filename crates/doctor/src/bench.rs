//! The same Go work in several folders, so that their file systems can be held against each other.
//!
//! Each folder gets a copy of the module in a folder of its own, which is removed at the end; the
//! user's files and build cache are not touched. Folders take turns in each round, so that what
//! disturbs a round disturbs all of them.

mod subject;

use crate::places::resolved;
use crate::{Machine, try_out};
use elfin_process::{Cancel, Exit, Tool, ToolError};
use elfin_schema::{
    BenchPath, BenchStep, BenchSubject, BenchWhat, PATH_BENCH_SCHEMA, PathBench, median,
};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use subject::Subject;
use tempfile::TempDir;

/// As long as one command may take.
const LIMIT: Duration = Duration::from_secs(1800);
/// A build cache with more than this is not copied to every folder.
const CACHE: u64 = 512 << 20;

/// What is to be timed.
#[derive(Debug, Clone)]
pub struct BenchOrder {
    /// The module that is copied; without, one is made up.
    pub module: Option<PathBuf>,
    /// The folders.
    pub paths: Vec<PathBuf>,
    /// How often each has its turn.
    pub rounds: usize,
}

/// Why nothing could be timed.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A folder cannot be used.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The module does not build, wherever it is.
    #[error("{path}: go build ./... fails: {says}")]
    DoesNotBuild {
        /// The folder.
        path: String,
        /// What go said.
        says: String,
    },
    /// Go could not be run.
    #[error(transparent)]
    Tool(#[from] ToolError),
}

/// One folder's share of the work.
struct Site {
    path: PathBuf,
    /// Removed when it is dropped.
    scratch: TempDir,
    steps: Vec<BenchStep>,
}

impl Site {
    fn module(&self) -> PathBuf {
        self.scratch.path().join("module")
    }

    fn caches(&self) -> PathBuf {
        self.scratch.path().join("caches")
    }
}

/// Times the order; `says` is told what is being done, which takes minutes.
///
/// Fails where a folder cannot be written, or the module does not build in the first of them.
pub fn bench(
    order: &BenchOrder,
    says: &mut dyn FnMut(&str),
    cancel: &Cancel,
) -> Result<PathBench, BenchError> {
    let folder = |path: &Path, source| BenchError::Folder { path: path.to_owned(), source };
    let subject = match &order.module {
        Some(module) => Subject::of(module).map_err(|error| folder(module, error))?,
        None => Subject::made_up(),
    };
    let go = Tool::new("go").arg("version").run(cancel)?;
    let cache = tempfile::tempdir().map_err(|error| folder(&std::env::temp_dir(), error))?;
    let mut sites = Vec::new();
    for path in &order.paths {
        says(&format!("copying {} files to {}", subject.files(), path.display()));
        let scratch = tempfile::Builder::new().prefix(".elfin-doctor-").tempdir_in(path);
        let scratch = scratch.map_err(|error| folder(path, error))?;
        let steps = BenchWhat::ALL.map(|what| BenchStep {
            what,
            seconds: Vec::new(),
            ratio: None,
            failed: None,
        });
        let site = Site { path: path.clone(), scratch, steps: steps.into() };
        subject.write(&site.module()).map_err(|error| folder(path, error))?;
        sites.push(site);
    }
    let clock = Clock { cache: cache.path(), cancel };
    prime(&sites, &clock, says)?;
    for round in 0..order.rounds {
        for (index, site) in sites.iter_mut().enumerate() {
            says(&format!("round {} of {}: {}", round + 1, order.rounds, site.path.display()));
            let salt = round * order.paths.len() + index + 1;
            turn(site, &subject, salt, &clock).map_err(|error| match error {
                Failed::Io(source) => folder(&site.path, source),
                Failed::Tool(error) => error.into(),
            })?;
        }
    }
    Ok(document(order, &subject, sites, String::from_utf8_lossy(&go.stdout).trim()))
}

/// Builds everything once: what the module imports is then in the cache, and in a copy of it in
/// each folder.
fn prime(sites: &[Site], clock: &Clock<'_>, says: &mut dyn FnMut(&str)) -> Result<(), BenchError> {
    let Some(first) = sites.first() else { return Ok(()) };
    says("building what the module imports");
    let built = clock.go(&["build", "./..."], &first.module(), clock.cache)?;
    if let Err(says) = built.1 {
        return Err(BenchError::DoesNotBuild { path: first.path.display().to_string(), says });
    }
    for site in sites {
        let go_cache = site.caches();
        let room = subject::size(clock.cache);
        if room <= CACHE {
            says(&format!("copying the build cache to {}", site.path.display()));
            let copied = subject::copy_tree(clock.cache, &go_cache);
            copied.map_err(|source| BenchError::Folder { path: site.path.clone(), source })?;
        }
    }
    Ok(())
}

enum Failed {
    Io(io::Error),
    Tool(ToolError),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Io(error)
    }
}

impl From<ToolError> for Failed {
    fn from(error: ToolError) -> Failed {
        Failed::Tool(error)
    }
}

/// One turn of a folder: each step once.
fn turn(site: &mut Site, subject: &Subject, salt: usize, clock: &Clock<'_>) -> Result<(), Failed> {
    let (module, caches) = (site.module(), site.caches());
    for step in &mut site.steps {
        let (arguments, cache): (&[&str], &Path) = match step.what {
            BenchWhat::BuildChanged => {
                subject.change(&module, 2 * salt)?;
                (&["build", "./..."], clock.cache)
            }
            BenchWhat::BuildUnchanged => (&["build", "./..."], clock.cache),
            BenchWhat::List => (&["list", "./..."], clock.cache),
            BenchWhat::Tidy => (&["mod", "tidy"], clock.cache),
            BenchWhat::BuildWithCaches => {
                if !caches.is_dir() {
                    continue;
                }
                subject.change(&module, 2 * salt + 1)?;
                (&["build", "./..."], &caches)
            }
        };
        match clock.go(arguments, &module, cache)? {
            (wall, Ok(())) => step.seconds.push(wall.as_secs_f64()),
            (_, Err(says)) => step.failed = Some(says),
        }
    }
    Ok(())
}

struct Clock<'a> {
    cache: &'a Path,
    cancel: &'a Cancel,
}

impl Clock<'_> {
    /// Runs go in a module: how long it took, and its words where it failed.
    fn go(
        &self,
        arguments: &[&str],
        module: &Path,
        cache: &Path,
    ) -> Result<(Duration, Result<(), String>), ToolError> {
        let temporary = cache.join("tmp");
        let _ = std::fs::create_dir_all(&temporary);
        let go = Tool::new("go").args(arguments).dir(module).timeout(LIMIT);
        // The copy stands alone: outside any workspace and repository.
        let go = go.env("GOWORK", "off").env("GOCACHE", cache).env("GOTMPDIR", &temporary);
        let output = go.run(self.cancel)?;
        let says = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let ended = if output.exit == Exit::Code(0) { Ok(()) } else { Err(says()) };
        Ok((output.wall, ended))
    }
}

fn document(order: &BenchOrder, subject: &Subject, sites: Vec<Site>, go: &str) -> PathBench {
    let machine = Machine::here([]);
    let mounts = machine.mounts();
    let mut paths: Vec<BenchPath> = Vec::new();
    for mut site in sites {
        let path = resolved(&site.path);
        let mount = mounts.holding(&path);
        if let Some(first) = paths.first() {
            for (step, base) in site.steps.iter_mut().zip(&first.steps) {
                step.ratio = ratio(&step.seconds, &base.seconds);
            }
        }
        paths.push(BenchPath {
            path: path.display().to_string(),
            file_system: mount.map(|it| it.kind.clone()).unwrap_or_default(),
            options: mount.map(|it| it.options.clone()).unwrap_or_default(),
            measured: try_out::try_out(&path),
            steps: site.steps,
        });
    }
    PathBench {
        schema: PATH_BENCH_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        go: go.to_owned(),
        kernel: machine.value("/proc/sys/kernel/osrelease").unwrap_or_default(),
        subject: BenchSubject {
            module: order.module.as_ref().map(|it| it.display().to_string()),
            files: subject.files(),
            bytes: subject.bytes(),
        },
        rounds: order.rounds,
        paths,
    }
}

/// The median of the ratios of the same round.
fn ratio(mine: &[f64], first: &[f64]) -> Option<f64> {
    median(&mine.iter().zip(first).map(|(mine, first)| mine / first).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_the_same_round() {
        assert_eq!(ratio(&[2.0, 30.0, 4.0], &[1.0, 10.0, 2.0]), Some(2.0));
        assert_eq!(ratio(&[2.0, 30.0], &[1.0, 10.0]), Some(2.5));
        assert_eq!(ratio(&[], &[1.0]), None);
    }

    #[test]
    fn folders_are_timed_in_turns_and_left_clean() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let module = tempfile::tempdir().unwrap();
        std::fs::write(module.path().join("go.mod"), "module m\n\ngo 1.21\n").unwrap();
        std::fs::write(module.path().join("m.go"), "package m\n\nconst One = 1\n").unwrap();
        let order = BenchOrder {
            module: Some(module.path().to_owned()),
            paths: vec![one.path().to_owned(), two.path().to_owned()],
            rounds: 2,
        };
        let cancel = Cancel::default();
        let bench = bench(&order, &mut |_| {}, &cancel).unwrap();
        assert_eq!((bench.subject.files, bench.paths.len()), (2, 2));
        for path in &bench.paths {
            for step in &path.steps {
                assert_eq!((step.seconds.len(), &step.failed), (2, &None), "{step:?}");
            }
        }
        assert!(bench.paths[0].steps.iter().all(|it| it.ratio.is_none()));
        assert!(bench.paths[1].steps.iter().all(|it| it.ratio.is_some_and(|ratio| ratio > 0.0)));
        assert!([&one, &two].iter().all(|it| std::fs::read_dir(it.path()).unwrap().count() == 0));
        std::fs::write(module.path().join("m.go"), "package m\n\nvar x int = \"\"\n").unwrap();
        let says = super::bench(&order, &mut |_| {}, &cancel).unwrap_err().to_string();
        assert!(says.contains("m.go:3"), "{says}");
    }
}
