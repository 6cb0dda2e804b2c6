//! What the lab tells while it runs. The lab prints nothing; whoever runs it listens.

use std::time::Duration;

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The phase.
    pub phase: Phase,
    /// The recipe or variant in hand.
    pub doing: String,
    /// Jobs done, of all phases.
    pub done: usize,
    /// Jobs in all.
    pub total: usize,
    /// An estimate of the time that is left; `None` before there is anything to go by.
    pub left: Option<Duration>,
}

/// A phase of the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// `go build`.
    Build,
    /// Stages after the link.
    Stage,
    /// The second build of each variant.
    Rebuild,
    /// Compression, debuggers, address bits, empty root.
    Probe,
    /// Interleaved starts.
    Start,
    /// The user's own benchmark.
    Bench,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Phase; 6] =
        [Phase::Build, Phase::Stage, Phase::Rebuild, Phase::Probe, Phase::Start, Phase::Bench];

    /// The word that a progress line shows.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Build => "build",
            Phase::Stage => "stage",
            Phase::Rebuild => "rebuild",
            Phase::Probe => "probe",
            Phase::Start => "start",
            Phase::Bench => "bench",
        }
    }

    /// Seconds that a job takes until the jobs themselves tell.
    fn guess(self) -> f64 {
        match self {
            Phase::Build => 6.0,
            Phase::Stage => 2.0,
            Phase::Rebuild => 2.0,
            Phase::Probe => 4.0,
            Phase::Start => 0.1,
            Phase::Bench => 1.0,
        }
    }
}

/// As many jobs as the guess of a job's time counts for.
const GUESS_WEIGHT: f64 = 3.0;

/// Counts jobs and estimates what is left, phase by phase.
pub(crate) struct Progress<'a> {
    tell: &'a (dyn Fn(Event) + Sync),
    tallies: std::sync::Mutex<Vec<(Phase, Tally)>>,
}

#[derive(Default, Clone, Copy)]
struct Tally {
    done: usize,
    total: usize,
    spent: Duration,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(tell: &'a (dyn Fn(Event) + Sync)) -> Self {
        let tallies = Phase::ALL.map(|phase| (phase, Tally::default())).to_vec();
        Progress { tell, tallies: tallies.into() }
    }

    /// Says how many jobs a phase has.
    pub(crate) fn plan(&self, phase: Phase, total: usize) {
        self.update(phase, |tally| tally.total = total);
    }

    /// Does a job and counts it.
    pub(crate) fn job<T>(&self, phase: Phase, doing: &str, work: impl FnOnce() -> T) -> T {
        self.say(phase, doing);
        let began = std::time::Instant::now();
        let result = work();
        self.update(phase, |tally| {
            tally.done += 1;
            tally.spent += began.elapsed();
        });
        result
    }

    fn update(&self, phase: Phase, change: impl FnOnce(&mut Tally)) {
        let mut tallies = self.tallies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, tally)) = tallies.iter_mut().find(|(of, _)| *of == phase) {
            change(tally);
        }
    }

    fn say(&self, phase: Phase, doing: &str) {
        let tallies =
            self.tallies.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let done = tallies.iter().map(|(_, tally)| tally.done).sum();
        let total = tallies.iter().map(|(_, tally)| tally.total).sum();
        let left: f64 = tallies
            .iter()
            .map(|(phase, tally)| {
                // The guess weighs as much as a few jobs: the first one is rarely typical.
                let each = (GUESS_WEIGHT * phase.guess() + tally.spent.as_secs_f64())
                    / (GUESS_WEIGHT + tally.done as f64);
                each * tally.total.saturating_sub(tally.done) as f64
            })
            .sum();
        let left = (done > 0).then(|| Duration::from_secs_f64(left));
        (self.tell)(Event { phase, doing: doing.to_owned(), done, total, left });
    }
}
