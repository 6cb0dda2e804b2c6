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
use crate::make::{Artifact, Source};
use crate::parallel::{in_parallel, processors};
use crate::record::Cell;
use elfin_schema::{Probe, Works};

/// What is found out without the user's program being started.
struct Still {
    facts: Option<FileFacts>,
    debug: Option<Probed>,
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
    let made: Vec<usize> =
        (0..cells.len()).filter(|&at| cells[at].chain.finished().is_some()).collect();
    let moving: Vec<usize> = made.iter().copied().filter(|&at| cells[at].works()).collect();
    lab.progress.plan(Phase::Probe, made.len() + moving.len());

    let (stills, movings) = {
        let cells = &*cells;
        let still = |at: usize| {
            let name = cells[at].recipe.to_string();
            lab.progress.job(Phase::Probe, &name, || still(lab, debugging.as_ref(), &cells[at]))
        };
        let moving_one = |at: usize| {
            let name = cells[at].recipe.to_string();
            lab.progress.job(Phase::Probe, &name, || moving_probe(lab, &cells[at], reference))
        };
        std::thread::scope(|scope| {
            let still = &still;
            let stills = scope.spawn(|| in_parallel(&made, processors(), still));
            let movings = in_parallel(&moving, 1, &moving_one);
            (stills.join(), movings)
        })
    };
    let stills = stills.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let mut movings = movings?;
    for (at, still) in stills {
        cells[at].facts = still.facts;
        cells[at].debug = still.debug;
        // Mostly a recipe of its own, so that its facts are known by now.
        let unpacked = cells[at].chain.unpacked().cloned();
        cells[at].unpacked = match unpacked {
            Some(file) => told(lab, &file)?,
            None => None,
        };
    }
    for (at, cell) in cells.iter_mut().enumerate() {
        let Some(moving) = movings.remove(&at) else { continue };
        cell.seen = Some(moving.seen);
        cell.from_scratch = Some(moving.from_scratch);
    }
    Ok(())
}

fn finished(cell: &Cell) -> Option<&Artifact> {
    cell.chain.finished()
}

fn still(lab: &Lab<'_>, debugging: Option<&Debugging<'_>>, cell: &Cell) -> Result<Still, LabError> {
    let Some(artifact) = finished(cell) else { return Ok(Still { facts: None, debug: None }) };
    let facts = told(lab, artifact)?;
    let debug = match (debugging, &cell.foreign) {
        (Some(debugging), None) => debugging.probe(&cell.recipe)?,
        _ => None,
    };
    Ok(Still { facts, debug })
}

/// A file's facts; `None` where it cannot be understood.
fn told(lab: &Lab<'_>, artifact: &Artifact) -> Result<Option<FileFacts>, LabError> {
    let told = file_facts(&lab.order.helper, artifact, lab.kitchen.store, lab.kitchen.cancel)?;
    Ok(told.ok())
}

fn moving_probe(lab: &Lab<'_>, cell: &Cell, reference: &Reference) -> Result<Moving, LabError> {
    let Some(artifact) = finished(cell) else {
        return Err(LabError::NothingBuilt { says: cell.recipe.to_string() });
    };
    let starts = lab.order.plan.effort.rounds.aslr;
    let seen = inspect::look(artifact, &lab.launch, starts, lab.kitchen.store, lab.kitchen.cancel)?;
    let from_scratch = inspect::from_scratch(
        artifact,
        &lab.launch,
        reference,
        lab.kitchen.store,
        lab.kitchen.cancel,
    )?;
    Ok(Moving { seen, from_scratch })
}
