//! One start on the clock: from mark to mark, what the stops themselves cost taken off.
//!
//! A stop is a switch to elfin and back. What it costs is measured at the end of
//! each start, by stops after single instructions, and taken off each stretch
//! between two marks; a stretch that is shorter than that counts as nothing.

use super::ByPhase;
use crate::WatchError;
use crate::marks::{Marks, Subject};
use elfin_lab::stats;
use elfin_process::{Cancel, Course, Event, StartError, Stepper};
use elfin_schema::Phase;
use std::io;
use std::time::Duration;

/// A stage of one start.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) ms: f64,
    pub(crate) faults: u64,
}

/// One start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Timed {
    pub(crate) phases: ByPhase<Stretch>,
    /// Milliseconds of each function that initialized a package, in order.
    pub(crate) inits: Vec<(String, f64)>,
}

impl Timed {
    pub(crate) fn total_ms(&self) -> f64 {
        self.phases.values().map(|it| it.ms).sum()
    }
}

/// A start that fails is tried so many times in all.
const TRIES: usize = 3;
/// Instructions by which the cost of a stop is measured.
const STOPS: usize = 9;

/// Starts a program once and times it up to its `main`.
pub(crate) fn start(
    subject: &Subject<'_>,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Timed, WatchError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match once(subject, timeout, cancel) {
            Ok(timed) => return Ok(timed),
            Err(WatchError::Interrupted) => return Err(WatchError::Interrupted),
            // Another thread may run into a mark that is meant for the first.
            Err(_) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

/// What is known while a start is timed.
struct Run<'s> {
    stepper: Stepper,
    marks: &'s Marks,
    moved: u64,
    phase: Phase,
    last: f64,
    last_faults: u64,
    /// Where the function returns to that initializes a package now, and when it began.
    inside: Option<(u64, String, f64)>,
    /// Stops of each stage.
    stops: ByPhase<u32>,
    timed: Timed,
}

fn once(subject: &Subject<'_>, timeout: Duration, cancel: &Cancel) -> Result<Timed, WatchError> {
    let marks = &subject.marks;
    let stepper = Stepper::start(subject.program, marks.entry, Course::Free, timeout, cancel)
        .map_err(|error| subject.failed(error))?;
    let os = subject.os("leading a program");
    let mut run = Run {
        moved: stepper.moved(),
        stepper,
        marks,
        phase: Phase::Loader,
        last: 0.0,
        last_faults: 0,
        inside: None,
        stops: ByPhase::new(),
        timed: Timed::default(),
    };
    run.begin(subject.file.interpreter().is_some()).map_err(&os)?;
    loop {
        match run.stepper.proceed().map_err(&os)? {
            Event::Mark(at) => {
                if run.reached(at).map_err(&os)? {
                    return run.settled().map_err(&os);
                }
            }
            Event::Stepped => {}
            Event::Ended => {
                let error = match run.stepper.ended(cancel) {
                    StartError::NeverReady { after, .. } if after < timeout => {
                        subject.ended(marks.last().1)
                    }
                    error => subject.failed(error),
                };
                return Err(error);
            }
        }
    }
}

impl Run<'_> {
    fn now(&self) -> f64 {
        self.stepper.ran().as_secs_f64() * 1e3
    }

    fn begin(&mut self, has_loader: bool) -> io::Result<()> {
        let faults = self.stepper.faults().map_or(0, |(minor, major)| minor + major);
        let ms = self.stepper.exec().as_secs_f64() * 1e3;
        self.timed.phases.insert(Phase::Exec, Stretch { ms, faults });
        if !has_loader {
            self.phase = Phase::Entry;
        }
        (self.last, self.last_faults) = (self.now(), faults);
        let marks = self.marks;
        let stages = [marks.rt0, marks.schedinit, marks.runtime_main, Some(marks.last().0)];
        let entry = has_loader.then_some(marks.entry);
        for at in entry.into_iter().chain(stages.into_iter().flatten()) {
            self.place(at)?;
        }
        let inits: Vec<u64> = marks.inits.keys().copied().collect();
        inits.into_iter().try_for_each(|at| self.place(at))
    }

    /// Puts a mark where the program is not yet mapped only if it can be.
    fn place(&mut self, at: u64) -> io::Result<()> {
        match self.stepper.mark(at.wrapping_add(self.moved)) {
            // A packed program has nothing there before it is unpacked.
            Err(error) if error.raw_os_error() == Some(5) => Ok(()),
            done => done,
        }
    }

    /// Takes up a mark; true at the last.
    fn reached(&mut self, at: u64) -> io::Result<bool> {
        let linked = at.wrapping_sub(self.moved);
        if let Some((back, package, began)) = self.inside.take() {
            if back == at {
                let ms = self.now() - began;
                *self.stops.entry(self.phase).or_default() += 1;
                self.timed.inits.push((package, ms));
                return Ok(false);
            }
            self.inside = Some((back, package, began));
        }
        let marks = self.marks;
        let next = match linked {
            _ if linked == marks.last().0 => None,
            _ if linked == marks.entry => Some(Phase::Entry),
            _ if Some(linked) == marks.rt0 => Some(Phase::Rt0),
            _ if Some(linked) == marks.schedinit => Some(Phase::Scheduler),
            _ if Some(linked) == marks.runtime_main => Some(Phase::Runtime),
            _ => return self.package(linked).map(|()| false),
        };
        self.turn(next.unwrap_or(self.phase));
        Ok(next.is_none())
    }

    /// Measures what a stop costs, and takes it off.
    fn settled(mut self) -> io::Result<Timed> {
        let mut each = Vec::new();
        for _ in 0..STOPS {
            let before = self.now();
            if self.stepper.step()? == Event::Ended {
                break;
            }
            each.push(self.now() - before);
        }
        let stop = stats::median(&each);
        for (phase, stretch) in &mut self.timed.phases {
            let stops = f64::from(self.stops.get(phase).copied().unwrap_or(0));
            stretch.ms = (stretch.ms - stops * stop).max(0.0);
        }
        for (_, ms) in &mut self.timed.inits {
            *ms = (*ms - stop).max(0.0);
        }
        Ok(self.timed)
    }

    /// Ends a stage and begins another.
    fn turn(&mut self, next: Phase) {
        let now = self.now();
        let faults = self.stepper.faults().map_or(0, |(minor, major)| minor + major);
        let stretch = self.timed.phases.entry(self.phase).or_default();
        stretch.ms += now - self.last;
        *self.stops.entry(self.phase).or_default() += 1;
        stretch.faults += faults.saturating_sub(self.last_faults);
        (self.phase, self.last, self.last_faults) = (next, now, faults);
    }

    fn package(&mut self, linked: u64) -> io::Result<()> {
        let Some(package) = self.marks.inits.get(&linked).cloned() else { return Ok(()) };
        let is_runtimes = self.phase == Phase::Runtime && is_of_runtime(&package);
        if !is_runtimes {
            // Each stop is a stretch of its own, so that its cost is taken off.
            self.turn(Phase::Packages);
        }
        let mut word = [0; 8];
        self.stepper.read(self.stepper.registers()?.general[4], &mut word)?;
        let back = u64::from_le_bytes(word);
        // A function that another one calls belongs to that one.
        if self.inside.is_none() {
            self.stepper.mark(back)?;
            self.inside = Some((back, package, self.now()));
        }
        Ok(())
    }
}

/// The packages that the runtime initializes before it starts the garbage collector.
pub(crate) fn is_of_runtime(package: &str) -> bool {
    package == "runtime"
        || package.starts_with("runtime/internal/")
        || package.starts_with("internal/")
}
