//! The user's own benchmark over every recipe's file, interleaved like the starts.

use crate::error::LabError;
use crate::events::{Phase, Progress};
use crate::make::{Artifact, own_words};
use crate::startup::Course;
use crate::stats;
use elfin_process::{Cancel, Tool as Command, ToolError};
use elfin_schema::{Bench, Probe};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(3600);
/// Stands for the program in the benchmark's command line.
const PROGRAM: &str = "{}";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sample {
    file: String,
    round: usize,
    wall_ms: f64,
    cpu_ms: f64,
}

/// What the benchmark gave.
#[derive(Debug, Default)]
pub(crate) struct Benches {
    samples: HashMap<String, Vec<Sample>>,
    /// Files that it failed with in this run, and what it said. The next run tries again.
    failed: HashMap<String, String>,
}

/// Runs the benchmark over each file in each round, or goes on with it.
pub(crate) fn measure(
    course: &Course<'_>,
    command: &str,
    progress: &Progress<'_>,
) -> Result<Benches, LabError> {
    let rounds = course.rounds.bench;
    let (mut journal, known) = course.store.journal::<Sample>(&course.key(&["bench", command]))?;
    let mut benches = Benches::default();
    for sample in known.into_iter().filter(|sample| sample.round < rounds) {
        benches.samples.entry(sample.file.clone()).or_default().push(sample);
    }
    progress.plan(Phase::Bench, rounds * course.files.len());
    for round in 0..rounds {
        for (recipe, artifact) in course.files {
            progress.job(Phase::Bench, recipe, || {
                let samples = benches.samples.entry(artifact.content.clone()).or_default();
                let taken = samples.iter().any(|sample| sample.round == round);
                if taken || benches.failed.contains_key(&artifact.content) {
                    return Ok(());
                }
                match run(command, artifact, round, course.cancel)? {
                    Ok(sample) => {
                        journal.append(&sample)?;
                        samples.push(sample);
                    }
                    Err(says) => {
                        benches.failed.insert(artifact.content.clone(), says);
                    }
                }
                Ok::<_, LabError>(())
            })?;
        }
    }
    Ok(benches)
}

/// Runs it once; the inner error is what it said where it failed.
fn run(
    command: &str,
    artifact: &Artifact,
    round: usize,
    cancel: &Cancel,
) -> Result<Result<Sample, String>, LabError> {
    let path = artifact.path.display().to_string();
    let line = command.replace(PROGRAM, &shell_words::quote(&path));
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    match Command::new("/bin/sh").args(["-c", &line]).timeout(LIMIT).run(cancel) {
        Ok(output) if output.exit.success() => Ok(Ok(Sample {
            file: artifact.content.clone(),
            round,
            wall_ms: ms(output.wall),
            cpu_ms: ms(output.cpu),
        })),
        Ok(output) => {
            let (exit, words) = (output.exit.to_string(), own_words(&output));
            Ok(Err(if words == exit { exit } else { format!("{exit}: {words}") }))
        }
        Err(ToolError::Interrupted) => Err(LabError::Interrupted),
        Err(error) => Ok(Err(error.to_string())),
    }
}

impl Benches {
    /// What the benchmark gave for a file, against the baseline's.
    pub(crate) fn of(&self, file: &str, baseline: Option<&str>) -> Option<Probe<Bench>> {
        if let Some(says) = self.failed.get(file) {
            return Some(Probe::Failed { says: says.clone() });
        }
        let samples = self.samples.get(file)?;
        let base = baseline.filter(|base| *base != file).and_then(|base| self.samples.get(base));
        let pairs: Vec<(f64, f64)> = samples
            .iter()
            .filter_map(|sample| {
                let same = base?.iter().find(|base| base.round == sample.round)?;
                Some((sample.wall_ms, same.wall_ms))
            })
            .collect();
        let column = |of: fn(&Sample) -> f64| samples.iter().map(of).collect::<Vec<f64>>();
        let value = Bench {
            wall_ms: stats::describe(&column(|s| s.wall_ms))?,
            cpu_ms: stats::describe(&column(|s| s.cpu_ms))?,
            ratio: stats::compare(&pairs),
        };
        Some(Probe::Measured { value })
    }
}
