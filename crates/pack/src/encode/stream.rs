//! A stream: what is coded how, and the models that learn from it.

use super::prices::{Price, Widths};
use super::symbols::Symbols;
use elfin_pack_format::literal::{Context, PER_CONTEXT, Ready, refresh};
use elfin_pack_format::lz::{
    HIGH, KIND, LAST, LENGTH, LOW, RUN, Recent, SHAPE_MODELS, SHORTEST, Settings, TAILED, TAILS,
    before, distance_symbol,
};
use elfin_pack_format::nibble::{FRESH, Nibble, Opinion, Pace};

/// Literals, and then a match, unless the stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) run: usize,
    /// 0 where the stream ends with the run.
    pub(crate) length: usize,
    /// 0 if the distance is new.
    pub(crate) kind: usize,
    pub(crate) distance: usize,
}

/// Codes a stream.
#[derive(Debug)]
pub(crate) struct Coding<'b> {
    bytes: &'b [u8],
    at: usize,
    recent: Recent,
    symbols: Symbols,
    shape: Vec<Nibble>,
    literals: Literals,
    pace: Pace,
}

/// The models of literals.
#[derive(Debug)]
struct Literals {
    contexts: [Ready; 2],
    models: [Vec<Nibble>; 2],
    pace: Pace,
}

impl Literals {
    fn bases(&self, bytes: &[u8], at: usize, expected: usize) -> [usize; 2] {
        let before = before(bytes, at);
        self.contexts.map(|it| it.number(before, at, expected) * PER_CONTEXT)
    }
}

/// Returns the byte that the last match would go on with, and whether it was refused just now.
fn expected(bytes: &[u8], at: usize, distance: usize, first: bool) -> usize {
    let byte = bytes[..at].get(at.wrapping_sub(distance)).map_or(0, |it| usize::from(*it));
    byte | if first && at > 0 { 256 } else { 0 }
}

impl<'b> Coding<'b> {
    pub(crate) fn new(bytes: &'b [u8], settings: Settings) -> Self {
        let contexts = settings.contexts.map(Context::ready);
        let fresh = |count| {
            let mut models = vec![FRESH; count];
            refresh(&mut models);
            models
        };
        Self {
            bytes,
            at: 0,
            recent: Recent::START,
            symbols: Symbols::default(),
            shape: fresh(SHAPE_MODELS),
            literals: Literals {
                contexts,
                models: contexts.map(|it| fresh(it.models())),
                pace: Pace::new(settings.literal_pace),
            },
            pace: Pace::new(settings.pace),
        }
    }

    /// Lets models learn and gives no packed bytes, which take memory.
    pub(crate) fn only_learn(&mut self) {
        self.symbols.only_learn();
    }

    pub(crate) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    pub(crate) fn recent(&self) -> Recent {
        self.recent
    }

    pub(crate) fn shape(&self) -> &[Nibble] {
        &self.shape
    }

    /// Returns what the literal at a position would cost.
    pub(crate) fn literal_price(
        &self,
        at: usize,
        distance: usize,
        first: bool,
        widths: Widths,
    ) -> Price {
        let byte = usize::from(self.bytes[at]);
        let bases = self.literals.bases(self.bytes, at, expected(self.bytes, at, distance, first));
        let price = |model: usize, symbol: usize| {
            let [one, other] = [0, 1].map(|it| &self.literals.models[it][bases[it] + model]);
            widths.of(Opinion::of_both(one, other), symbol)
        };
        price(0, byte >> 4) + price(1 + (byte >> 4), byte & 15)
    }

    /// Codes a sequence.
    pub(crate) fn code(&mut self, sequence: Sequence) {
        let Sequence { run, length, kind, distance } = sequence;
        self.number(RUN + self.recent.kind, run);
        for index in 0..run {
            self.literal(index == 0);
        }
        if length == 0 {
            return;
        }
        let class = (length - SHORTEST).min(3);
        self.symbol(KIND + self.recent.kind * 4 + run.min(3), kind << 2 | class);
        if class == 3 {
            self.number(LENGTH + kind, length - SHORTEST - 3);
        }
        if kind == 0 {
            self.distance(distance, class);
        }
        self.recent = self.recent.take(kind, distance);
        self.at += length;
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.symbols.finish()
    }

    fn symbol(&mut self, model: usize, symbol: usize) {
        self.symbols.nibble(symbol, &mut self.shape[model], &self.pace);
    }

    fn number(&mut self, model: usize, value: usize) {
        if value < TAILED {
            return self.symbol(model, value);
        }
        let tail = TAILS.iter().rposition(|(base, _)| value >= *base).unwrap_or(0);
        self.symbol(model, TAILED + tail);
        self.symbols.bits(value - TAILS[tail].0, TAILS[tail].1);
    }

    fn distance(&mut self, distance: usize, class: usize) {
        let (symbol, extra) = distance_symbol(distance);
        self.symbol(HIGH + class, symbol >> 4);
        self.symbol(LOW + (symbol >> 4), symbol & 15);
        let value = distance - 1;
        if extra < 4 {
            if extra > 0 {
                self.symbols.bits(value & ((1 << extra) - 1), extra);
            }
        } else {
            self.symbols.bits((value & ((1 << extra) - 1)) >> 4, extra - 4);
            self.symbol(LAST + extra as usize + 3, value & 15);
        }
    }

    fn literal(&mut self, first: bool) {
        let at = self.at;
        let byte = usize::from(self.bytes[at]);
        let expected = expected(self.bytes, at, self.recent.distances[0], first);
        let [a, b] = self.literals.bases(self.bytes, at, expected);
        let [one, other] = &mut self.literals.models;
        for (model, symbol) in [(0, byte >> 4), (1 + (byte >> 4), byte & 15)] {
            let models = [&mut one[a + model], &mut other[b + model]];
            self.symbols.nibble_of_both(symbol, models, &self.literals.pace);
        }
        self.at += 1;
    }
}
