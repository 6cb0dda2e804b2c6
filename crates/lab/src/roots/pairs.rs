//! Each different file in each root: does it start, how fast, and how it bears a load.

use super::built::Built;
use super::load::{self, Asked, Borne};
use super::place::Place;
use super::{RootsError, Shop, why};
use crate::behaviour::Launch;
use crate::events::Phase;
use crate::startup::order;
use crate::stats;
use elfin_process::{Exit, Program, Ready, Running, StartError, Started, snapshot, start};
use elfin_schema::{HttpLoad, Memory, Message, Probe, RootPair, RootWhy};
use std::collections::{BTreeMap, HashMap};
use std::thread::scope;
use std::time::Duration;

/// A start that fails is tried so many times in all before it says something of the program.
const TRIES: usize = 3;
/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_millis(300);
/// How often its memory is read under load.
const LOOK: Duration = Duration::from_millis(250);

/// A file and the root in which it runs.
pub(super) struct Pair<'a> {
    pub(super) built_in: &'a Place,
    pub(super) way: String,
    pub(super) built: &'a Built,
    pub(super) run_in: &'a Place,
    /// Why it does not start, and what it said.
    why: Option<(RootWhy, String)>,
    /// Milliseconds to ready, by round.
    starts: BTreeMap<usize, f64>,
    rest: Option<Probe<Memory>>,
    load: Option<Probe<HttpLoad>>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(
        built_in: &'a Place,
        way: String,
        built: &'a Built,
        run_in: &'a Place,
    ) -> Pair<'a> {
        let (why, starts, rest, load) = (None, BTreeMap::new(), None, None);
        Pair { built_in, way, built, run_in, why, starts, rest, load }
    }

    fn doing(&self) -> String {
        let (built, run) = (&self.built_in.facts.name, &self.run_in.facts.name);
        format!("{} of {built} in {run}", self.way)
    }

    fn program(&self, launch: &Launch) -> Program {
        let root = Some(self.run_in.at.clone());
        Program { root, directory: Some("/".into()), ..launch.program(&self.built.path) }
    }

    fn start(&self, shop: &Shop<'_>) -> Result<Started, StartError> {
        start(&self.program(&shop.launch), &shop.launch.ready, shop.launch.timeout, shop.cancel)
    }

    /// Starts it once; `usual` is how it ends where it works.
    fn judge(&mut self, shop: &Shop<'_>, usual: Option<Exit>) -> Result<Option<Exit>, RootsError> {
        let libc = &self.run_in.facts.libc;
        match self.start(shop) {
            Ok(started) => {
                self.why = why::of_end(&started, usual, self.built, libc);
                Ok(started.exit)
            }
            Err(StartError::Interrupted) => Err(RootsError::interrupted()),
            Err(error @ StartError::PortTaken { .. }) => Err(RootsError::Start(error)),
            Err(error) => {
                self.why = Some(why::of_error(&error, self.built, libc));
                Ok(None)
            }
        }
    }

    /// Starts it for a round, a few times where that fails.
    fn round(&mut self, shop: &Shop<'_>, round: usize) -> Result<(), RootsError> {
        for tried in 1..=TRIES {
            match self.start(shop) {
                Ok(started) => {
                    self.starts.insert(round, started.to_ready.as_secs_f64() * 1e3);
                    return Ok(());
                }
                Err(StartError::Interrupted) => return Err(RootsError::interrupted()),
                Err(error) if tried == TRIES => {
                    let libc = &self.run_in.facts.libc;
                    self.why = Some(why::of_error(&error, self.built, libc));
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Reads its memory, and loads it where it is a server.
    fn bear(&mut self, shop: &Shop<'_>) -> Result<(), RootsError> {
        let (program, launch) = (self.program(&shop.launch), &shop.launch);
        let interrupted = |error: &StartError| matches!(error, StartError::Interrupted);
        if matches!(launch.ready, Ready::Exit) {
            let seen = snapshot(&program, &launch.ready, launch.timeout, shop.cancel);
            self.rest = Some(match seen {
                Ok(it) => Probe::Measured { value: memory(it) },
                Err(error) if interrupted(&error) => return Err(RootsError::interrupted()),
                Err(error) => Probe::Failed { says: error.to_string() },
            });
            self.load = Some(Probe::Skipped { why: Message::NoServer });
            return Ok(());
        }
        match under_load(&program, shop) {
            Ok((rest, load)) => (self.rest, self.load) = (Some(rest), Some(load)),
            Err(error) if interrupted(&error) => return Err(RootsError::interrupted()),
            Err(error) => self.load = Some(Probe::Failed { says: error.to_string() }),
        }
        Ok(())
    }

    /// What is known of it.
    pub(super) fn record(self, baseline: &BTreeMap<usize, f64>) -> RootPair {
        let own = *baseline == self.starts;
        let times: Vec<f64> = self.starts.values().copied().collect();
        let pairs: Vec<(f64, f64)> = self
            .starts
            .iter()
            .filter_map(|(round, ms)| Some((*ms, *baseline.get(round)?)))
            .collect();
        let (why, says) = self.why.map_or((None, String::new()), |(why, says)| (Some(why), says));
        let works = why.is_none();
        RootPair {
            built_in: self.built_in.facts.name.clone(),
            way: self.way,
            run_in: self.run_in.facts.name.clone(),
            start: stats::describe(&times).filter(|_| works),
            ratio: stats::compare(&pairs).filter(|_| works && !own),
            why,
            says,
            rest: self.rest,
            load: self.load,
        }
    }
}

/// Measures all pairs; their records.
pub(super) fn measure(
    shop: &Shop<'_>,
    mut pairs: Vec<Pair<'_>>,
) -> Result<Vec<RootPair>, RootsError> {
    judge(shop, &mut pairs)?;
    let working = |pairs: &[Pair<'_>]| -> Vec<usize> {
        (0..pairs.len()).filter(|&at| pairs[at].why.is_none()).collect()
    };
    let at_first = working(&pairs);
    shop.progress.plan(Phase::Start, shop.rounds * at_first.len());
    shop.progress.plan(Phase::Bench, at_first.len());
    for round in 0..shop.rounds {
        for at in order(at_first.len(), round) {
            let pair = &mut pairs[at_first[at]];
            if pair.why.is_none() {
                let doing = pair.doing();
                shop.progress.job(Phase::Start, &doing, || pair.round(shop, round))?;
            }
        }
    }
    for at in working(&pairs) {
        let doing = pairs[at].doing();
        shop.progress.job(Phase::Bench, &doing, || pairs[at].bear(shop))?;
    }
    let baseline = working(&pairs).first().map(|&at| pairs[at].starts.clone());
    let baseline = baseline.unwrap_or_default();
    Ok(pairs.into_iter().map(|pair| pair.record(&baseline)).collect())
}

/// Starts each once, where it was built first: how it ends there is how it is to end elsewhere.
fn judge(shop: &Shop<'_>, pairs: &mut [Pair<'_>]) -> Result<(), RootsError> {
    let mut usual: HashMap<String, Option<Exit>> = HashMap::new();
    for own in [true, false] {
        for pair in pairs.iter_mut() {
            if (pair.built_in.facts.name == pair.run_in.facts.name) != own {
                continue;
            }
            let known = usual.get(&pair.built.content).copied().flatten();
            let exit = pair.judge(shop, known)?;
            if own {
                let failed = |why: &Option<(RootWhy, String)>| {
                    why.as_ref().is_none_or(|(why, _)| matches!(why, RootWhy::Ended { .. }))
                };
                // A program may fail by itself, the same everywhere.
                if failed(&pair.why) && exit.is_some() {
                    pair.why = None;
                    usual.insert(pair.built.content.clone(), exit);
                }
            }
        }
    }
    Ok(())
}

fn memory(seen: elfin_process::Snapshot) -> Memory {
    Memory { max_rss: seen.max_rss, private_dirty: seen.private_dirty }
}

/// A server at rest and under load.
fn under_load(
    program: &Program,
    shop: &Shop<'_>,
) -> Result<(Probe<Memory>, Probe<HttpLoad>), StartError> {
    let launch = &shop.launch;
    let mut running = Running::start(program, &launch.ready, launch.timeout, shop.cancel)?;
    running.attend(REST, shop.cancel)?;
    let rest = Probe::Measured { value: memory(running.memory()?) };
    let port = running.ports()?.into_iter().find(|port| load::is_http(*port, &shop.load.path));
    let Some(port) = port else {
        running.end()?;
        return Ok((rest, Probe::Skipped { why: Message::NoServer }));
    };
    let mut most = Memory { max_rss: 0, private_dirty: 0 };
    let borne = scope(|threads| -> Result<Borne, StartError> {
        let handle = threads.spawn(|| load::load(port, &shop.load));
        while !handle.is_finished() {
            running.attend(LOOK, shop.cancel)?;
            let seen = running.memory()?;
            most.max_rss = most.max_rss.max(seen.max_rss);
            most.private_dirty = most.private_dirty.max(seen.private_dirty);
        }
        Ok(handle.join().unwrap_or_default())
    })?;
    running.end()?;
    let load = told(port, &shop.load, borne, most);
    Ok((
        rest,
        load.map_or(Probe::Skipped { why: Message::NoServer }, |value| Probe::Measured { value }),
    ))
}

/// What a load came to; `None` where nothing was answered.
fn told(port: u16, asked: &Asked, borne: Borne, memory: Memory) -> Option<HttpLoad> {
    let mut latencies = borne.latencies;
    latencies.sort_by(f64::total_cmp);
    let answered = latencies.len();
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for status in borne.statuses {
        *statuses.entry(status).or_default() += 1;
    }
    let status = statuses.into_iter().max_by_key(|(_, count)| *count)?.0;
    let seconds = asked.time.as_secs_f64();
    Some(HttpLoad {
        port,
        path: asked.path.clone(),
        asked: asked.rate,
        reached: answered as f64 / seconds,
        connections: asked.connections,
        seconds,
        answered: answered as u64,
        failed: borne.failed,
        status,
        median_ms: stats::median(&latencies),
        p99_ms: *latencies.get((answered * 99 / 100).min(answered.saturating_sub(1)))?,
        memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_told_by_what_most_answers_were() {
        let asked =
            Asked { path: "/".into(), rate: 100.0, connections: 1, time: Duration::from_secs(2) };
        let memory = Memory { max_rss: 2, private_dirty: 1 };
        let borne = Borne {
            latencies: (1..=100).rev().map(f64::from).collect(),
            statuses: [vec![200; 99], vec![500]].concat(),
            failed: 3,
        };
        let load = told(80, &asked, borne, memory).unwrap();
        assert_eq!((load.status, load.answered, load.failed), (200, 100, 3));
        assert_eq!((load.reached, load.median_ms, load.p99_ms), (50.0, 50.5, 100.0));
        assert!(told(80, &asked, Borne::default(), memory).is_none());
    }
}
