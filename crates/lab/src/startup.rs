//! Start-up: every recipe in every round, so that whatever disturbs a round disturbs all alike.
//!
//! Nothing else runs meanwhile. Each start is a line of the journal, so a run
//! that is killed goes on with the next start. The rounds visit the recipes
//! in an order that is shuffled by round number: no recipe always follows the
//! same one.

use crate::behaviour::Launch;
use crate::error::LabError;
use crate::events::{Phase, Progress};
use crate::machine;
use crate::make::Artifact;
use crate::stats;
use crate::store::{Key, Store};
use elfin_process::{Cancel, StartError};
use elfin_schema::{Message, Probe, Rounds, Series, Start};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io;

/// One start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    /// The file's content hash.
    file: String,
    round: usize,
    cold: bool,
    ms: f64,
    cpu_ms: f64,
    minor_faults: u64,
    major_faults: u64,
}

/// The starts of all recipes.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    samples: HashMap<String, Vec<Sample>>,
    /// Processors that were busy before the first start.
    pub busy: f64,
    /// Why there are no cold starts.
    no_cold: Option<Message>,
}

/// Measures the starts of the files, or goes on with it.
///
/// Returns an error if it was interrupted, or a file that was ready once no longer gets ready.
pub(crate) fn measure(
    files: &[(String, &Artifact)],
    launch: &Launch,
    rounds: Rounds,
    machine_name: &str,
    (store, progress, cancel): (&Store, &Progress<'_>, &Cancel),
) -> Result<Starts, LabError> {
    let mut parts = vec!["starts".to_owned(), launch.identity(), machine_name.to_owned()];
    parts.extend(files.iter().map(|(_, artifact)| artifact.content.clone()));
    let key = Key::of(parts.iter().map(String::as_str));
    let (mut journal, known) = store.journal::<Sample>(&key)?;
    let mut starts = Starts::default();
    let busy = Key::of(["busy", key.as_str()]);
    starts.busy = store.memo(&busy, || Ok(machine::busy_processors()))?;
    for sample in known {
        starts.samples.entry(sample.file.clone()).or_default().push(sample);
    }

    // One start each first: the first run of a file pays for things that are nobody's start-up.
    let series = [(false, rounds.warm), (true, rounds.cold)];
    let jobs: usize = series.iter().map(|(_, count)| count * files.len()).sum();
    progress.plan(Phase::Start, jobs);
    if !starts.complete(files, rounds) {
        for (recipe, artifact) in files {
            start(launch, artifact, recipe, cancel)?;
        }
    }
    for (cold, count) in series {
        for round in 0..count {
            for &at in &order(files.len(), round) {
                let (recipe, artifact) = &files[at];
                let taken = starts.has(&artifact.content, round, cold);
                progress.job(Phase::Start, recipe, || {
                    if taken || (cold && starts.no_cold.is_some()) {
                        return Ok(());
                    }
                    if cold && let Err(why) = drop_cache(artifact) {
                        // Once it worked, it is a sample that is missing, and not all of them.
                        if !starts.samples.values().flatten().any(|sample| sample.cold) {
                            starts.no_cold = Some(why);
                        }
                        return Ok(());
                    }
                    let mut sample = start(launch, artifact, recipe, cancel)?;
                    (sample.round, sample.cold) = (round, cold);
                    journal.append(&sample)?;
                    starts.samples.entry(sample.file.clone()).or_default().push(sample);
                    Ok::<_, LabError>(())
                })?;
            }
        }
    }
    Ok(starts)
}

fn start(
    launch: &Launch,
    artifact: &Artifact,
    recipe: &str,
    cancel: &Cancel,
) -> Result<Sample, LabError> {
    let started = launch.start(&artifact.path, cancel).map_err(|error| match error {
        StartError::Interrupted => LabError::Interrupted,
        error => LabError::NoReference {
            recipe: recipe.to_owned(),
            says: format!("it got ready before, and now: {error}"),
            output: String::new(),
            hint: "start the measurement again on a quieter machine".into(),
        },
    })?;
    Ok(Sample {
        file: artifact.content.clone(),
        round: 0,
        cold: false,
        ms: started.to_ready.as_secs_f64() * 1e3,
        cpu_ms: started.cpu.as_secs_f64() * 1e3,
        minor_faults: started.minor_faults,
        major_faults: started.major_faults,
    })
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
fn order(count: usize, round: usize) -> Vec<usize> {
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
        Sample { file, round, cold: false, ms, cpu_ms, minor_faults, major_faults }
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
