//! The user's own benchmark over every recipe's file, interleaved like the starts.

use crate::error::LabError;
use crate::events::{Phase, Progress};
use crate::make::{Artifact, own_words};
use crate::stats;
use crate::store::{Key, Store};
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
    /// What it said where it failed.
    failed: Option<String>,
}

/// What the benchmark gave.
#[derive(Debug, Default)]
pub(crate) struct Benches {
    samples: HashMap<String, Vec<Sample>>,
}

/// Runs the benchmark `rounds` times over each file, or goes on with it.
pub(crate) fn measure(
    files: &[(String, &Artifact)],
    command: &str,
    rounds: usize,
    machine: &str,
    (store, progress, cancel): (&Store, &Progress<'_>, &Cancel),
) -> Result<Benches, LabError> {
    let mut parts = vec!["bench", command, machine];
    parts.extend(files.iter().map(|(_, artifact)| artifact.content.as_str()));
    let (mut journal, known) = store.journal::<Sample>(&Key::of(parts))?;
    let mut benches = Benches::default();
    for sample in known {
        benches.samples.entry(sample.file.clone()).or_default().push(sample);
    }
    progress.plan(Phase::Bench, rounds * files.len());
    for round in 0..rounds {
        for (recipe, artifact) in files {
            progress.job(Phase::Bench, recipe, || {
                let samples = benches.samples.entry(artifact.content.clone()).or_default();
                if samples.iter().any(|s| s.round == round || s.failed.is_some()) {
                    return Ok(());
                }
                let sample = run(command, artifact, round, cancel)?;
                journal.append(&sample)?;
                samples.push(sample);
                Ok::<_, LabError>(())
            })?;
        }
    }
    Ok(benches)
}

fn run(
    command: &str,
    artifact: &Artifact,
    round: usize,
    cancel: &Cancel,
) -> Result<Sample, LabError> {
    let path = artifact.path.display().to_string();
    let line = command.replace(PROGRAM, &shell_words::quote(&path));
    let ran = Command::new("/bin/sh").args(["-c", &line]).timeout(LIMIT).run(cancel);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (wall_ms, cpu_ms, failed) = match ran {
        Ok(output) if output.exit.success() => (ms(output.wall), ms(output.cpu), None),
        Ok(output) => (0.0, 0.0, Some(format!("{}: {}", output.exit, own_words(&output)))),
        Err(ToolError::Interrupted) => return Err(LabError::Interrupted),
        Err(error) => (0.0, 0.0, Some(error.to_string())),
    };
    Ok(Sample { file: artifact.content.clone(), round, wall_ms, cpu_ms, failed })
}

impl Benches {
    /// What the benchmark gave for a file, against the baseline's.
    pub(crate) fn of(&self, file: &str, baseline: Option<&str>) -> Option<Probe<Bench>> {
        let samples = self.samples.get(file)?;
        if let Some(says) = samples.iter().find_map(|sample| sample.failed.clone()) {
            return Some(Probe::Failed { says });
        }
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
