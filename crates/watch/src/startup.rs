//! What happens between exec and `main`: the stages on two clocks, the packages, the way in.

mod chain;
mod counted;
mod timed;
mod trace;

use crate::WatchError;
use crate::marks::{Marks, Subject};
use chain::{chain, only};
use counted::Counted;
use elfin_lab::stats;
use elfin_process::{Cancel, Program};
use elfin_schema::{
    Counting, EntryFunction, InitClock, Message, PackageInit, Phase, Probe, STARTUP_SCHEMA,
    StartPhase, Startup, WatchedProgram,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use timed::Timed;
use trace::Traced;

/// How a start is watched.
#[derive(Debug, Clone)]
pub struct StartupOrder {
    /// Starts that are timed.
    pub starts: usize,
    /// Starts whose instructions are counted; 0 for none.
    pub counts: usize,
    /// Let the processor do every instruction that is counted.
    pub only_processor: bool,
    /// No start may take longer.
    pub timeout: Duration,
}

impl Default for StartupOrder {
    fn default() -> StartupOrder {
        StartupOrder {
            starts: 20,
            counts: 2,
            only_processor: false,
            timeout: Duration::from_secs(120),
        }
    }
}

/// Starts of the runtime's trace.
const TRACES: usize = 3;

/// Watches a program start, beside another if there is one.
///
/// `said` is told what is being done. Returns an error if a program cannot be started, or does not
/// come as far as its `main`.
pub fn startup(
    program: (&Program, &[u8]),
    versus: Option<(&Program, &[u8])>,
    order: &StartupOrder,
    cancel: &Cancel,
    said: &dyn Fn(&str),
) -> Result<Startup, WatchError> {
    let subjects: Vec<Subject<'_>> = [Some(program), versus]
        .into_iter()
        .flatten()
        .map(|(program, data)| Subject::read(program, data))
        .collect::<Result<_, _>>()?;
    said("timing");
    let all: Vec<&Subject<'_>> = subjects.iter().collect();
    let timed = in_turn(&all, order.starts, order.timeout, cancel)?;
    let mut watched = Vec::new();
    for (subject, timed) in subjects.iter().zip(&timed) {
        watched.push(watch(subject, timed, order, cancel, said)?);
    }
    let mut watched = watched.into_iter();
    let (Some(program), versus) = (watched.next(), watched.next()) else {
        return Err(subjects[0].ended("the first start"));
    };
    let ratio = versus.is_some().then(|| {
        let pairs = timed[0].iter().zip(&timed[1]).map(|(a, b)| (a.total_ms(), b.total_ms()));
        stats::compare(&pairs.collect::<Vec<_>>())
    });
    Ok(Startup {
        schema: STARTUP_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        only: versus.as_ref().map(|versus| only(&program.chain, &versus.chain)),
        program,
        versus,
        ratio: ratio.flatten(),
    })
}

/// Times programs in turn, so that whatever disturbs a round disturbs all, and none is always first.
fn in_turn(
    subjects: &[&Subject<'_>],
    starts: usize,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Vec<Vec<Timed>>, WatchError> {
    let mut timed: Vec<Vec<Timed>> = vec![Vec::new(); subjects.len()];
    for subject in subjects {
        timed::start(subject, timeout, cancel)?; // the first pays for what is nobody's
    }
    for round in 0..starts {
        let mut turn: Vec<usize> = (0..subjects.len()).collect();
        fastrand::Rng::with_seed(round as u64).shuffle(&mut turn);
        for at in turn {
            timed[at].push(timed::start(subjects[at], timeout, cancel)?);
        }
    }
    Ok(timed)
}

/// The milliseconds from exec to `main` of programs that are started in turn.
pub(crate) fn timed_totals(
    subjects: &[&Subject<'_>],
    starts: usize,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Vec<Vec<f64>>, WatchError> {
    let timed = in_turn(subjects, starts, timeout, cancel)?;
    Ok(timed.iter().map(|all| all.iter().map(Timed::total_ms).collect()).collect())
}

/// Puts together what is known of one program.
fn watch(
    subject: &Subject<'_>,
    timed: &[Timed],
    order: &StartupOrder,
    cancel: &Cancel,
    said: &dyn Fn(&str),
) -> Result<WatchedProgram, WatchError> {
    let totals: Vec<f64> = timed.iter().map(Timed::total_ms).collect();
    let ms = stats::describe(&totals).ok_or_else(|| subject.ended("the first start"))?;
    said("counting instructions");
    let counted = count(subject, order, cancel)?;
    let least = counted.as_ref().ok().and_then(|all| all.iter().min_by_key(|it| it.total));
    said("reading the runtime's trace");
    let traced = traced(subject, order, cancel)?;
    Ok(WatchedProgram {
        name: name(subject.path()),
        size: subject.file.data().len() as u64,
        go: subject.file.go_version(),
        interpreter: subject.file.interpreter(),
        until: subject.marks.last().1.to_owned(),
        ms,
        instructions: least.map(|it| it.total),
        counting: counting(&counted),
        phases: phases(timed, least),
        packages: packages(&subject.marks, timed, least, &traced),
        chain: chain(&subject.file, &subject.marks),
    })
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Counts, or says why that cannot be.
fn count(
    subject: &Subject<'_>,
    order: &StartupOrder,
    cancel: &Cancel,
) -> Result<Result<Vec<Counted>, Probe<Counting>>, WatchError> {
    if !subject.runs_here() {
        let what = "single-stepping on this processor".to_owned();
        return Ok(Err(Probe::Skipped { why: Message::NotPermitted { what } }));
    }
    let mut all = Vec::new();
    for _ in 0..order.counts {
        match counted::start(subject, order, cancel) {
            Ok(counted) => all.push(counted),
            Err(WatchError::Interrupted) => return Err(WatchError::Interrupted),
            Err(error) => return Ok(Err(Probe::Failed { says: error.to_string() })),
        }
    }
    Ok(if all.is_empty() { Err(Probe::Skipped { why: Message::NotAsked }) } else { Ok(all) })
}

fn counting(counted: &Result<Vec<Counted>, Probe<Counting>>) -> Probe<Counting> {
    let all = match counted {
        Ok(all) => all,
        Err(why) => return why.clone(),
    };
    let totals = || all.iter().map(|it| it.total);
    let (least, most) = (totals().min().unwrap_or(0), totals().max().unwrap_or(0));
    let by_processor = all.iter().map(|it| it.by_processor).min().unwrap_or(0);
    Probe::Measured { value: Counting { starts: all.len(), spread: most - least, by_processor } }
}

fn phases(timed: &[Timed], counted: Option<&Counted>) -> Vec<StartPhase> {
    let mut phases = Vec::new();
    for phase in Phase::ALL {
        let of = |it: &Timed| it.phases.get(&phase).copied();
        let samples: Vec<_> = timed.iter().filter_map(of).collect();
        let ms: Vec<f64> = samples.iter().map(|it| it.ms).collect();
        let Some(series) = stats::describe(&ms) else { continue };
        let faults: Vec<f64> = samples.iter().map(|it| it.faults as f64).collect();
        phases.push(StartPhase {
            name: phase,
            ms: series.median,
            interval: series.interval,
            // The kernel's own are nobody's to count.
            instructions: counted
                .filter(|_| phase != Phase::Exec)
                .map(|it| it.phases.get(&phase).copied().unwrap_or(0)),
            faults: stats::median(&faults),
        });
    }
    phases
}

fn packages(
    marks: &Marks,
    timed: &[Timed],
    counted: Option<&Counted>,
    traced: &[Traced],
) -> Vec<PackageInit> {
    // In the order in which they ran.
    let mut order: Vec<&str> = Vec::new();
    for it in timed.first().into_iter().flat_map(|it| &it.inits) {
        if !order.contains(&it.0.as_str()) {
            order.push(&it.0);
        }
    }
    debug_assert!(order.len() <= marks.inits.len());
    let mut packages = Vec::new();
    for package in order {
        let by_trace: Vec<f64> =
            traced.iter().filter_map(|it| it.packages.get(package)).map(|it| it.ms).collect();
        let by_breakpoints = || {
            let of = |it: &Timed| {
                it.inits.iter().filter(|(name, _)| name == package).map(|it| it.1).sum()
            };
            stats::median(&timed.iter().map(of).collect::<Vec<f64>>())
        };
        let seen = traced.iter().find_map(|it| it.packages.get(package));
        let (ms, clock) = if by_trace.is_empty() {
            (by_breakpoints(), InitClock::Breakpoints)
        } else {
            (stats::median(&by_trace), InitClock::Trace)
        };
        packages.push(PackageInit {
            package: package.to_owned(),
            ms,
            clock,
            instructions: counted.and_then(|it| it.packages.get(package).copied()),
            bytes: seen.map(|it| it.bytes),
            allocations: seen.map(|it| it.allocations),
        });
    }
    packages
}

/// Starts a Go program a few times with the runtime's own trace.
fn traced(
    subject: &Subject<'_>,
    order: &StartupOrder,
    cancel: &Cancel,
) -> Result<Vec<Traced>, WatchError> {
    let mut all = Vec::new();
    if subject.marks.runtime_main.is_some() {
        for _ in 0..TRACES {
            all.push(trace::start(subject, order.timeout, cancel)?);
        }
    }
    Ok(all)
}

/// The milliseconds that the dynamic linker takes, and its instructions.
pub(crate) fn loader(
    subject: &Subject<'_>,
    starts: usize,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<(Option<elfin_schema::Series>, Option<u64>), WatchError> {
    let mut ms = Vec::new();
    for _ in 0..=starts {
        let timed = timed::start(subject, timeout, cancel)?;
        ms.extend(timed.phases.get(&Phase::Loader).map(|it| it.ms));
    }
    let order = StartupOrder { timeout, ..StartupOrder::default() };
    let counted = match counted::until_entry(subject, &order, cancel) {
        Ok(count) => Some(count),
        Err(WatchError::Interrupted) => return Err(WatchError::Interrupted),
        Err(_) => None,
    };
    Ok((stats::describe(ms.get(1..).unwrap_or_default()), counted))
}

/// Lists the functions from a program's entry point to `runtime.rt0_go` and what that calls.
pub fn entry_chain(subject: &Subject<'_>) -> Vec<EntryFunction> {
    chain(&subject.file, &subject.marks)
}

/// By what a stage is known while it is measured.
type ByPhase<T> = BTreeMap<Phase, T>;
