//! A stream: what is coded how, and the models that learn from it.

use super::parse::{Coder, Costs, Sequence};
use super::prices::{Price, Prices, Widths};
use super::symbols::Symbols;
use elfin_pack_format::literal::{Context, PER_CONTEXT, Ready, refresh};
use elfin_pack_format::lz::{
    HIGH, KIND, LAST, LENGTH, LOW, RUN, Recent, SHAPE_MODELS, SHORTEST, Settings, TAILED, TAILS,
    before, distance_symbol,
};
use elfin_pack_format::nibble::{FRESH, Nibble, Opinion, Pace};

/// Codes a stream under adaptive models.
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

    /// Begins with models that learn, and gives no packed bytes, which take memory.
    pub(crate) fn learning(bytes: &'b [u8], settings: Settings) -> Self {
        Self { symbols: Symbols::only_learning(), ..Self::new(bytes, settings) }
    }

    /// Returns what the literal at a position would cost.
    fn literal_price(&self, at: usize, distance: usize, first: bool, widths: Widths) -> Price {
        let byte = usize::from(self.bytes[at]);
        let bases = self.literals.bases(self.bytes, at, expected(self.bytes, at, distance, first));
        let price = |model: usize, symbol: usize| {
            let [one, other] = [0, 1].map(|it| &self.literals.models[it][bases[it] + model]);
            widths.of(Opinion::of_both(one, other), symbol)
        };
        price(0, byte >> 4) + price(1 + (byte >> 4), byte & 15)
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

impl Coder for Coding<'_> {
    fn costs(&self) -> impl Costs {
        Learnt { coding: self, prices: Prices::of(&self.shape), widths: Widths::get() }
    }

    fn recent(&self) -> Recent {
        self.recent
    }

    fn code(&mut self, sequence: Sequence) {
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
}

/// What sequences cost under models as they are.
struct Learnt<'c> {
    coding: &'c Coding<'c>,
    prices: Prices,
    widths: Widths,
}

impl Costs for Learnt<'_> {
    fn literal(&self, at: usize, recent: &Recent, run: usize) -> Price {
        let literal = self.coding.literal_price(at, recent.distances[0], run == 0, self.widths);
        let longer = literal + self.prices.run(recent.kind, run + 1);
        longer.saturating_sub(self.prices.run(recent.kind, run))
    }

    fn matched(&self, last: usize, sequence: Sequence) -> Price {
        let Sequence { run, length, kind, distance } = sequence;
        // The run that begins behind it is paid for at once, as if it were empty.
        let price = self.prices.length(last, run, kind, length) + self.prices.run(kind, 0);
        if kind > 0 { price } else { price + self.prices.distance(distance, length) }
    }
}
