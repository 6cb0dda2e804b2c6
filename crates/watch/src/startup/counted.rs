//! One start by instructions: the same stages, without a clock.

use super::timed::is_of_runtime;
use super::{ByPhase, StartupOrder};
use crate::WatchError;
use crate::count::Counter;
use crate::marks::Subject;
use elfin_process::Cancel;
use elfin_schema::Phase;
use std::collections::BTreeMap;

/// One start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) total: u64,
    pub(crate) phases: ByPhase<u64>,
    pub(crate) packages: BTreeMap<String, u64>,
    pub(crate) by_processor: u64,
}

/// Starts a program once and counts up to its `main`.
pub(crate) fn start(
    subject: &Subject<'_>,
    order: &StartupOrder,
    cancel: &Cancel,
) -> Result<Counted, WatchError> {
    let mut counter = Counter::start(subject, order.only_processor, order.timeout, cancel)?;
    let marks = &subject.marks;
    let moved = counter.moved();
    let os = subject.os("counting instructions");
    let mut phase = if subject.file.interpreter().is_some() { Phase::Loader } else { Phase::Entry };
    let mut counted = Counted::default();
    let mut began = 0;
    // The package that is being initialized: where it returns to, and since when. Its stack may be
    // moved meanwhile.
    let mut inside: Option<(u64, &str, u64)> = None;
    let last = marks.last().0;
    loop {
        let at = counter.rip().wrapping_sub(moved);
        if let Some((back, package, since)) = inside
            && counter.rip() == back
        {
            *counted.packages.entry(package.to_owned()).or_default() += counter.count - since;
            inside = None;
        }
        let next = match at {
            _ if at == last => None,
            _ if at == marks.entry && phase == Phase::Loader => Some(Phase::Entry),
            _ if Some(at) == marks.rt0 => Some(Phase::Rt0),
            _ if Some(at) == marks.schedinit => Some(Phase::Scheduler),
            _ if Some(at) == marks.runtime_main => Some(Phase::Runtime),
            _ => {
                let package = marks.inits.get(&at);
                if let (Some(package), None) = (package, &inside) {
                    let back = counter.return_address().map_err(&os)?;
                    inside = Some((back, package, counter.count));
                }
                let is_first =
                    phase == Phase::Runtime && package.is_some_and(|it| !is_of_runtime(it));
                Some(if is_first { Phase::Packages } else { phase })
            }
        };
        if next != Some(phase) {
            *counted.phases.entry(phase).or_default() += counter.count - began;
            began = counter.count;
        }
        let Some(next) = next else { break };
        phase = next;
        if !counter.step().map_err(&os)? {
            return Err(subject.failed(counter.ended(cancel)));
        }
    }
    (counted.total, counted.by_processor) = (counter.count, counter.by_processor);
    Ok(counted)
}

/// Counts what runs before a program's own first instruction.
pub(crate) fn until_entry(
    subject: &Subject<'_>,
    order: &StartupOrder,
    cancel: &Cancel,
) -> Result<u64, WatchError> {
    let mut counter = Counter::start(subject, order.only_processor, order.timeout, cancel)?;
    let entry = subject.marks.entry.wrapping_add(counter.moved());
    while counter.rip() != entry {
        if !counter.step().map_err(subject.os("counting instructions"))? {
            return Err(subject.failed(counter.ended(cancel)));
        }
    }
    Ok(counter.count)
}
