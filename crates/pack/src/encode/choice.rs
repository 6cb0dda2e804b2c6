//! How a stream is coded: as what is smallest, unless it takes too long to unpack.

use super::parse::{self, Search};
use super::prices::BIT;
use super::quick;
use super::stream::{Coding, Sequence};
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

    /// Adds others behind.
    pub(crate) fn and(mut self, others: &[Self]) -> Self {
        for Self { bytes, time } in others {
            self.bytes.extend(bytes);
            self.time += time;
        }
        self
    }
}

/// What a byte takes that is merely copied.
const COPIED: usize = 5;
/// What a literal and a sequence take under adaptive models, and in fixed codes.
const ADAPTIVE: [usize; 2] = [2700, 5800];
const QUICK: [usize; 2] = [150, 1200];
/// What a stream takes to begin with.
const BEGUN: usize = 1_000_000;
/// How much time a byte is worth where size comes first.
const TIME_OF_A_BYTE: usize = 40_000;

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 250,
    pace: 250,
};

/// Literals without context, as they are where they stand in fixed codes.
const QUICK_SETTINGS: Settings = Settings {
    contexts: [Context { bytes: 0, phase: 0, expected: false, bits: 0 }; 2],
    ..SETTINGS
};

/// What may predict a literal besides the byte before it.
const SECONDS: [Context; 3] = [
    SETTINGS.contexts[1],
    Context { bytes: 0b11, phase: 0, expected: false, bits: 10 },
    Context { bytes: 0b1000, phase: 3, expected: false, bits: 10 },
];

const SMALL: Search = Search { depth: 48, enough: 200, dearer: 5 * BIT / 2, only_learn: false };
const SMALL_QUICK: Search = Search { dearer: 3 * BIT, only_learn: true, ..SMALL };
const FAST: Search = Search { depth: 24, enough: 100, dearer: 12 * BIT, only_learn: true };
/// To see which contexts are best.
const TRIAL: Search = Search { depth: 4, enough: 64, dearer: 0, only_learn: true };
/// Shorter streams are not worth a trial.
const WORTH_A_TRIAL: usize = 4096;

/// Returns a stream: coded as the effort asks for, or as it is if that is no longer.
pub(crate) fn stream(bytes: &[u8], effort: Effort) -> Coded {
    let coded = match effort {
        Effort::Small => {
            let (adaptive, quick) = rayon::join(|| adaptive(bytes), || quick(bytes, SMALL_QUICK));
            let worth = |it: &Coded| it.bytes.len() + it.time / TIME_OF_A_BYTE;
            if worth(&quick) <= worth(&adaptive) { quick } else { adaptive }
        }
        Effort::Fast => quick(bytes, FAST),
    };
    if coded.bytes.len() <= bytes.len() {
        return coded;
    }
    Coded::plain(&[&[stream::Coding::Stored as u8], bytes].concat())
}

fn adaptive(bytes: &[u8]) -> Coded {
    let settings = chosen(bytes);
    let (sequences, packed) = parse::parse(bytes, settings, SMALL);
    let head = [&[stream::Coding::Adaptive as u8], &settings.to_bytes()[..]].concat();
    Coded { bytes: [head, packed].concat(), time: time(&sequences, ADAPTIVE) }
}

fn quick(bytes: &[u8], search: Search) -> Coded {
    let (sequences, _) = parse::parse(bytes, QUICK_SETTINGS, search);
    let packed = quick::pack(bytes, &sequences);
    let bytes = [&[stream::Coding::Quick as u8], &packed[..]].concat();
    Coded { bytes, time: time(&sequences, QUICK) }
}

fn time(sequences: &[Sequence], [literal, sequence]: [usize; 2]) -> usize {
    let literals: usize = sequences.iter().map(|it| it.run).sum();
    BEGUN + literals * literal + sequences.len() * sequence
}

/// Returns the settings that make a stream smallest, by a trial.
fn chosen(bytes: &[u8]) -> Settings {
    if bytes.len() < WORTH_A_TRIAL {
        return SETTINGS;
    }
    let (sequences, _) = parse::parse(bytes, SETTINGS, TRIAL);
    let with = |second| Settings { contexts: [SETTINGS.contexts[0], second], ..SETTINGS };
    let size = |settings: &Settings| {
        let mut coding = Coding::new(bytes, *settings);
        for sequence in &sequences {
            coding.code(*sequence);
        }
        coding.finish().len()
    };
    SECONDS.map(with).into_iter().min_by_key(size).unwrap_or(SETTINGS)
}
