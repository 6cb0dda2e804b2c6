//! Start-up: every recipe in every round, so that whatever disturbs a round disturbs all alike.
//!
//! Nothing else runs meanwhile. Each start is a line of the journal, so a run
//! that is killed goes on with the next start. The rounds visit the recipes
//! in an order that is shuffled by round number: no recipe always follows the
//! same one.

use crate::behaviour::{Broken, Launch, Reference};
use crate::error::LabError;
use crate::events::{Phase, Progress};
use crate::machine;
use crate::make::Artifact;
use crate::parallel::processors;
use crate::stats;
use crate::store::{Journal, Key, Store};
use elfin_process::{Cancel, StartError, Started};
use elfin_schema::{Message, Probe, Rounds, Series, Start};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;

/// A start that fails is tried so many times in all before it says something of the program.
const TRIES: usize = 3;

/// One start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    /// The file's content hash.
    file: String,
    round: usize,
    cold: bool,
    /// Starts that failed before this one.
    failed: usize,
    ms: f64,
    cpu_ms: f64,
    minor_faults: u64,
    major_faults: u64,
}

/// The starts of all recipes.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    samples: HashMap<String, Vec<Sample>>,
    /// Files that no longer start, though they did when they were judged.
    pub broken: HashMap<String, Broken>,
    /// Processors that were busy before the first start.
    pub busy: f64,
    /// Why there are no cold starts.
    no_cold: Option<Message>,
}

/// What is started, and against what it is held.
#[derive(Debug)]
pub(crate) struct Course<'a> {
    /// Recipes that work, each file once.
    pub files: &'a [(String, &'a Artifact)],
    pub launch: &'a Launch,
    pub reference: &'a Reference,
    /// The content hash of the file that the reference is of.
    pub own: &'a str,
    pub rounds: Rounds,
    /// The machine, for keys.
    pub machine: &'a str,
    pub store: &'a Store,
    pub cancel: &'a Cancel,
}

impl Course<'_> {
    /// What tells these figures from others.
    pub(crate) fn key(&self, what: &[&str]) -> Key {
        let launch = self.launch.identity();
        let files = self.files.iter().map(|(_, artifact)| artifact.content.as_str());
        Key::of(what.iter().copied().chain([launch.as_str(), self.machine]).chain(files))
    }

    /// Measures the starts of the files, or goes on with it.
    ///
    /// Returns an error if it was interrupted, or the baseline no longer starts.
    pub(crate) fn run(&self, progress: &Progress<'_>) -> Result<Starts, LabError> {
        let (mut starts, mut journal) = self.known()?;
        if !starts.complete(self.files, self.rounds) {
            // One start each first: the first run of a file pays for things that are nobody's
            // start-up.
            for (recipe, artifact) in self.files {
                self.start(&mut starts, recipe, artifact, false)?;
            }
        }
        for (cold, count) in [(false, self.rounds.warm), (true, self.rounds.cold)] {
            for round in 0..count {
                for &at in &order(self.files.len(), round) {
                    let (recipe, artifact) = &self.files[at];
                    progress.job(Phase::Start, recipe, || {
                        if starts.has(&artifact.content, round, cold) {
                            return Ok(());
                        }
                        let taken = self.start(&mut starts, recipe, artifact, cold)?;
                        let Some(sample) = taken else { return Ok(()) };
                        let sample = Sample { round, cold, ..sample };
                        journal.append(&sample)?;
                        starts.samples.entry(sample.file.clone()).or_default().push(sample);
                        Ok::<_, LabError>(())
                    })?;
                }
            }
        }
        Ok(starts)
    }

    /// What an earlier run measured of the rounds that are asked for, unless the machine was busy
    /// then and is quiet now.
    fn known(&self) -> Result<(Starts, Journal), LabError> {
        let key = self.key(&["starts"]);
        let (mut journal, mut known) = self.store.journal::<Sample>(&key)?;
        let busy_then = Key::of(["busy", key.as_str()]);
        let is_busy = |busy| machine::is_busy(busy, processors());
        let busy = match self.store.recall::<f64>(&busy_then) {
            Some(then) if !is_busy(then) => then,
            then => match (then, machine::busy_processors()) {
                (Some(then), now) if is_busy(now) => then,
                (_, now) => {
                    self.store.remember(&busy_then, &now)?;
                    journal.empty()?;
                    known.clear();
                    now
                }
            },
        };
        let mut starts = Starts { busy, ..Starts::default() };
        for sample in known {
            let asked = if sample.cold { self.rounds.cold } else { self.rounds.warm };
            if sample.round < asked {
                starts.samples.entry(sample.file.clone()).or_default().push(sample);
            }
        }
        Ok((starts, journal))
    }

    /// Starts a file; `None` where there is no such start to be had, which `starts` then says.
    fn start(
        &self,
        starts: &mut Starts,
        recipe: &str,
        artifact: &Artifact,
        cold: bool,
    ) -> Result<Option<Sample>, LabError> {
        if starts.broken.contains_key(&artifact.content) || (cold && starts.no_cold.is_some()) {
            return Ok(None);
        }
        let mut failed = 0;
        loop {
            if cold && let Err(why) = drop_cache(artifact) {
                // Once it worked, it is a sample that is missing, and not all of them.
                if !starts.samples.values().flatten().any(|sample| sample.cold) {
                    starts.no_cold = Some(why);
                }
                return Ok(None);
            }
            let attempt = match self.launch.start(&artifact.path, self.cancel) {
                Ok(started) => match self.reference.ends_otherwise(&started) {
                    None => return Ok(Some(Sample::of(&started, artifact, failed))),
                    Some(broken) => Ok(broken),
                },
                Err(StartError::Interrupted) => return Err(LabError::Interrupted),
                Err(error) => Broken::of(error, &self.launch.ready),
            };
            failed += 1;
            match attempt {
                Ok(_) if failed < TRIES => {}
                Ok(broken) if artifact.content != self.own => {
                    starts.samples.remove(&artifact.content);
                    starts.broken.insert(artifact.content.clone(), broken);
                    return Ok(None);
                }
                Ok(broken) => return Err(no_longer_starts(recipe, broken.says)),
                Err(error) => return Err(no_longer_starts(recipe, error.to_string())),
            }
        }
    }
}

impl Sample {
    fn of(started: &Started, artifact: &Artifact, failed: usize) -> Sample {
        Sample {
            file: artifact.content.clone(),
            round: 0,
            cold: false,
            failed,
            ms: started.to_ready.as_secs_f64() * 1e3,
            cpu_ms: started.cpu.as_secs_f64() * 1e3,
            minor_faults: started.minor_faults,
            major_faults: started.major_faults,
        }
    }
}

fn no_longer_starts(recipe: &str, says: String) -> LabError {
    LabError::NoReference {
        recipe: recipe.to_owned(),
        says: "it got ready before, and does not now".into(),
        output: if says.is_empty() { says } else { says + "\n" },
        hint: "start the measurement again on a quieter machine".into(),
    }
}

fn drop_cache(artifact: &Artifact) -> Result<(), Message> {
    match elfin_process::drop_page_cache(&artifact.path) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Message::NotPermitted { what: "posix_fadvise".into() })
        }
        Ok(false) | Err(_) => {
            let file_system = machine::file_system_of(&artifact.path);
            Err(Message::CacheNotDropped { file_system })
        }
    }
}

/// The order in which a round visits the recipes: the same each time it is asked for.
pub(crate) fn order(count: usize, round: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    fastrand::Rng::with_seed(round as u64).shuffle(&mut order);
    order
}

impl Starts {
    fn complete(&self, files: &[(String, &Artifact)], rounds: Rounds) -> bool {
        files.iter().all(|(_, artifact)| {
            let samples = self.samples.get(&artifact.content).map_or(0, Vec::len);
            samples >= rounds.warm + rounds.cold
        })
    }

    /// How many starts of a file failed before they were tried again.
    pub(crate) fn failed(&self, file: &str) -> usize {
        self.samples.get(file).into_iter().flatten().map(|sample| sample.failed).sum()
    }

    fn has(&self, file: &str, round: usize, cold: bool) -> bool {
        let samples = self.samples.get(file);
        samples.is_some_and(|samples| samples.iter().any(|s| s.round == round && s.cold == cold))
    }

    fn column(&self, file: &str, cold: bool, of: impl Fn(&Sample) -> f64) -> Vec<(usize, f64)> {
        let samples = self.samples.get(file).into_iter().flatten();
        samples.filter(|s| s.cold == cold).map(|s| (s.round, of(s))).collect()
    }

    /// The start-up of a file against the baseline's.
    pub(crate) fn of(&self, file: &str, baseline: Option<&str>) -> Option<Start> {
        let values = |cold, of: fn(&Sample) -> f64| -> Vec<f64> {
            self.column(file, cold, of).into_iter().map(|(_, value)| value).collect()
        };
        let ratio = |cold| {
            let base = baseline.filter(|base| *base != file)?;
            let base: HashMap<usize, f64> = self.column(base, cold, |s| s.ms).into_iter().collect();
            let pairs: Vec<(f64, f64)> = self
                .column(file, cold, |s| s.ms)
                .into_iter()
                .filter_map(|(round, ms)| Some((ms, *base.get(&round)?)))
                .collect();
            stats::compare(&pairs)
        };
        let cold = stats::describe(&values(true, |s| s.ms));
        Some(Start {
            warm: stats::describe(&values(false, |s| s.ms))?,
            cpu_ms: stats::describe(&values(false, |s| s.cpu_ms))?,
            minor_faults: stats::median(&values(false, |s| s.minor_faults as f64)),
            major_faults_cold: cold
                .map(|_| stats::median(&values(true, |s| s.major_faults as f64))),
            cold: self.cold(cold),
            ratio: ratio(false),
            cold_ratio: ratio(true),
        })
    }

    fn cold(&self, series: Option<Series>) -> Probe<Series> {
        match (series, &self.no_cold) {
            (Some(value), _) => Probe::Measured { value },
            (None, Some(why)) => Probe::Skipped { why: why.clone() },
            (None, None) => Probe::Skipped { why: Message::NotSeen { what: "cold start".into() } },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(file: &str, round: usize, ms: f64) -> Sample {
        let file = file.to_owned();
        let (cpu_ms, minor_faults, major_faults) = (ms, 1, 0);
        Sample { file, round, cold: false, failed: 0, ms, cpu_ms, minor_faults, major_faults }
    }

    #[test]
    fn a_recipe_is_compared_with_the_baseline_of_the_same_round() {
        let mut starts = Starts::default();
        for round in 0..20 {
            // A disturbance that grows tenfold over the rounds disturbs both.
            let disturbed = 1.0 + round as f64 / 2.0;
            for (file, ms) in [("base", 2.0), ("packed", 6.0)] {
                let sample = sample(file, round, ms * disturbed);
                starts.samples.entry(file.into()).or_default().push(sample);
            }
        }
        let packed = starts.of("packed", Some("base")).unwrap();
        let ratio = packed.ratio.unwrap();
        assert!((ratio.median - 3.0).abs() < 1e-9 && ratio.differs);
        assert!(starts.of("base", Some("base")).unwrap().ratio.is_none());
        assert!(matches!(packed.cold, Probe::Skipped { .. }));
    }

    #[test]
    fn a_round_visits_each_once_and_rounds_differ() {
        let mut first = order(9, 0);
        assert_ne!(first, order(9, 1));
        assert_eq!(first, order(9, 0));
        first.sort_unstable();
        assert_eq!(first, (0..9).collect::<Vec<_>>());
    }
}
