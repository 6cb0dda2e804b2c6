//! The probes of all recipes, as many at a time as there are processors.
//!
//! One thread starts the user's program, for two at once may want the same
//! port; the others compress and debug. Nothing here is timed.

use crate::behaviour::Reference;
use crate::debug::{Debugging, Probed};
use crate::engine::Lab;
use crate::error::LabError;
use crate::events::Phase;
use crate::file_facts::FileFacts;
use crate::inspect::{self, Seen, file_facts};
use crate::make::{Artifact, Miss, Source};
use crate::parallel::{in_parallel, processors};
use crate::record::Cell;
use elfin_schema::{Probe, Works};

/// What is found out without the user's program being started.
struct Still {
    facts: Result<FileFacts, String>,
    debug: Option<Result<Probed, Miss>>,
}

/// What is found out by starting it.
struct Moving {
    seen: Seen,
    from_scratch: Probe<Works>,
}

/// Probes every cell that has a file.
pub(crate) fn probe(
    lab: &Lab<'_>,
    cells: &mut [Cell],
    reference: &Reference,
) -> Result<(), LabError> {
    let debugging = match &lab.kitchen.source {
        Source::Package(package) => Debugging::new(
            package,
            lab.kitchen.store,
            lab.kitchen.tools,
            lab.order.plan.debuggers,
            lab.kitchen.cancel,
        )?,
        Source::Binary(..) => None,
    };
    let files: Vec<(usize, &Cell, &Artifact)> = cells
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| Some((at, cell, cell.chain.finished.as_ref().ok()?)))
        .collect();
    let all: Vec<usize> = (0..files.len()).collect();
    let starting: Vec<usize> = all.iter().copied().filter(|&at| files[at].1.works()).collect();
    lab.progress.plan(Phase::Probe, all.len() + starting.len());

    let still = |at: usize| {
        let (_, cell, artifact) = files[at];
        let name = cell.recipe.to_string();
        lab.progress.job(Phase::Probe, &name, || still(lab, debugging.as_ref(), cell, artifact))
    };
    let moving = |at: usize| {
        let (_, cell, artifact) = files[at];
        let name = cell.recipe.to_string();
        lab.progress.job(Phase::Probe, &name, || moving(lab, artifact, reference))
    };
    let (stills, movings) = std::thread::scope(|scope| {
        let stills = scope.spawn(|| in_parallel(&all, processors(), &still));
        let movings = in_parallel(&starting, 1, &moving);
        (stills.join(), movings)
    });
    let stills = stills.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let mut movings = movings?;
    let places: Vec<usize> = files.iter().map(|(place, ..)| *place).collect();
    for (at, still) in stills {
        let cell = &mut cells[places[at]];
        // Mostly a recipe of its own, so that its facts are known by now.
        if let Some(file) = cell.chain.unpacked() {
            cell.unpacked = told(lab, file)?.ok();
        }
        (cell.facts, cell.debug) = (Some(still.facts), still.debug);
        let Some(moving) = movings.remove(&at) else { continue };
        (cell.seen, cell.from_scratch) = (Some(moving.seen), Some(moving.from_scratch));
    }
    Ok(())
}

fn still(
    lab: &Lab<'_>,
    debugging: Option<&Debugging<'_>>,
    cell: &Cell,
    artifact: &Artifact,
) -> Result<Still, LabError> {
    let facts = told(lab, artifact)?;
    let debug = match (debugging, &cell.foreign) {
        (Some(debugging), None) => Some(debugging.probe(&cell.recipe)?),
        _ => None,
    };
    Ok(Still { facts, debug })
}

/// A file's facts; the inner error is in the helper's words.
fn told(lab: &Lab<'_>, artifact: &Artifact) -> Result<Result<FileFacts, String>, LabError> {
    file_facts(&lab.order.helper, artifact, lab.kitchen.store, lab.kitchen.cancel)
}

fn moving(lab: &Lab<'_>, artifact: &Artifact, reference: &Reference) -> Result<Moving, LabError> {
    let (store, cancel) = (lab.kitchen.store, lab.kitchen.cancel);
    let starts = lab.order.plan.effort.rounds.aslr;
    Ok(Moving {
        seen: inspect::look(artifact, &lab.launch, starts, store, cancel)?,
        from_scratch: inspect::from_scratch(artifact, &lab.launch, reference, store, cancel)?,
    })
}
