//! How a stream is coded: as what is smallest, unless it takes too long to unpack.

use super::parse::{Coder, Search, Sequence, parse};
use super::prices::BIT;
use super::quick::Quick;
use super::stream::Coding;
use crate::Effort;
use elfin_pack_format::literal::Context;
use elfin_pack_format::lz::Settings;
use elfin_pack_format::stream;

/// Packed bytes, and how long they take to unpack: in tens of picoseconds of the machine on which that was
/// measured. It is reckoned, never measured while packing, so that the same input gives the same output.
#[derive(Debug, Clone)]
pub(crate) struct Coded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) time: usize,
}

impl Coded {
    /// Returns bytes that only need be copied.
    pub(crate) fn plain(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), time: bytes.len() * COPIED }
    }

    /// Returns its size with what its time is worth where size comes first; less is better.
    fn worth(&self) -> usize {
        worth(self.bytes.len(), self.time)
    }
}

/// What a byte takes that is merely copied.
const COPIED: usize = 5;
/// What a literal and a sequence take under adaptive models, and in fixed codes; what is not worth codes
/// takes less, which is not reckoned.
const ADAPTIVE: [usize; 2] = [2700, 5800];
const QUICK: [usize; 2] = [150, 1200];
/// What a stream takes to begin with.
const BEGUN: usize = 1_000_000;
/// How much time a byte is worth where size comes first.
const TIME_OF_A_BYTE: usize = 30_000;
/// A trial that finds one coding better by more than this part is believed.
const CLOSE: usize = 32;

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 250,
    pace: 250,
};

/// What may predict a literal besides the byte before it.
const SECONDS: [Context; 3] = [
    SETTINGS.contexts[1],
    Context { bytes: 0b11, phase: 0, expected: false, bits: 10 },
    Context { bytes: 0b1000, phase: 3, expected: false, bits: 10 },
];

const SMALL: Search = Search { depth: 32, block: 1 << 14, enough: 200, dearer: 5 * BIT / 2 };
const SMALL_QUICK: Search = Search { dearer: 3 * BIT, ..SMALL };
const FAST: Search = Search { depth: 24, block: 1 << 15, enough: 100, dearer: 16 * BIT };
/// To see which coding and which contexts are best.
const TRIAL: Search = Search { depth: 4, enough: 64, ..SMALL };
const TRIAL_QUICK: Search = Search { depth: 4, enough: 64, ..SMALL_QUICK };
/// What part of bytes fixed codes must save to be worth the time: any, and for a quick start.
const ANY_CODES: usize = usize::MAX;
const FAST_CODES: usize = 3;
/// What a trial looks at: the middle of a stream.
const SAMPLE: usize = 1 << 18;
/// Shorter streams are not worth a trial.
const WORTH_A_TRIAL: usize = 4096;

/// Returns a stream: coded as the effort asks for, or as it is if that is no longer.
pub(crate) fn stream(bytes: &[u8], effort: Effort) -> Coded {
    let coded = match effort {
        Effort::Small => small(bytes),
        Effort::Fast => quick(bytes, FAST, FAST_CODES),
    };
    if coded.bytes.len() <= bytes.len() {
        return coded;
    }
    Coded::plain(&[&[stream::Coding::Stored as u8], bytes].concat())
}

/// Tries the coding that a trial says is better, or both if it does not say so clearly.
fn small(bytes: &[u8]) -> Coded {
    let trial = if bytes.len() < WORTH_A_TRIAL { Trial::NONE } else { Trial::of(bytes) };
    let close = |one: usize, other: usize| one <= other + other / CLOSE;
    if !close(trial.adaptive, trial.quick) {
        return quick(bytes, SMALL_QUICK, ANY_CODES);
    }
    let adaptive = adaptive(bytes, trial.settings);
    if !close(trial.quick, trial.adaptive) {
        return adaptive;
    }
    let quick = quick(bytes, SMALL_QUICK, ANY_CODES);
    if quick.worth() <= adaptive.worth() { quick } else { adaptive }
}

fn adaptive(bytes: &[u8], settings: Settings) -> Coded {
    let (mut count, mut coding) = (Count::default(), Coding::new(bytes, settings));
    parse(bytes, SMALL, &mut coding, |it| count.add(it));
    let head = [&[stream::Coding::Adaptive as u8], &settings.to_bytes()[..]].concat();
    Coded { bytes: [head, coding.finish()].concat(), time: count.time(ADAPTIVE) }
}

fn quick(bytes: &[u8], search: Search, codes: usize) -> Coded {
    let (mut count, mut quick) = (Count::default(), Quick::new(bytes, codes));
    parse(bytes, search, &mut quick, |it| count.add(it));
    let bytes = [&[stream::Coding::Quick as u8], &quick.finish()[..]].concat();
    Coded { bytes, time: count.time(QUICK) }
}

/// What takes time when a stream is unpacked.
#[derive(Debug, Default)]
struct Count {
    literals: usize,
    sequences: usize,
}

impl Count {
    fn add(&mut self, sequence: Sequence) {
        self.literals += sequence.run;
        self.sequences += 1;
    }

    fn time(&self, [literal, sequence]: [usize; 2]) -> usize {
        BEGUN + self.literals * literal + self.sequences * sequence
    }
}

fn worth(size: usize, time: usize) -> usize {
    size + time / TIME_OF_A_BYTE
}

/// What a hasty parse says of the codings: the settings that make a stream smallest, and what each is worth.
struct Trial {
    settings: Settings,
    adaptive: usize,
    quick: usize,
}

impl Trial {
    /// Says nothing.
    const NONE: Trial = Trial { settings: SETTINGS, adaptive: 0, quick: 0 };

    fn of(bytes: &[u8]) -> Trial {
        let start = bytes.len().saturating_sub(SAMPLE) / 2;
        let bytes = &bytes[start..bytes.len().min(start + SAMPLE)];
        let (mut sequences, mut count) = (Vec::new(), Count::default());
        parse(bytes, TRIAL, &mut Coding::learning(bytes, SETTINGS), |it| {
            count.add(it);
            sequences.push(it);
        });
        let size = |settings: &Settings| {
            let mut coding = Coding::new(bytes, *settings);
            for sequence in &sequences {
                coding.code(*sequence);
            }
            coding.finish().len()
        };
        let with = |second| Settings { contexts: [SETTINGS.contexts[0], second], ..SETTINGS };
        let sizes = SECONDS.map(with).map(|it| (size(&it), it));
        let (size, settings) =
            sizes.into_iter().min_by_key(|it| it.0).unwrap_or((bytes.len(), SETTINGS));
        Trial {
            settings,
            adaptive: worth(size, count.time(ADAPTIVE)),
            quick: quick(bytes, TRIAL_QUICK, ANY_CODES).worth(),
        }
    }
}
