//! What symbols cost under the models as they are now, in 256ths of a bit.

use elfin_pack_format::lz::{
    HIGH, KIND, LAST, LENGTH, LOW, RUN, SHAPE_MODELS, SHORTEST, TAILED, TAILS, distance_symbol,
};
use elfin_pack_format::nibble::{Nibble, Opinion, TOTAL};
use std::sync::LazyLock;

/// 256ths of a bit.
pub(crate) type Price = u32;

/// One bit.
pub(crate) const BIT: Price = 256;

static OF_WIDTH: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let price = |width: u32| (f64::from(TOTAL) / f64::from(width.max(1))).log2() * f64::from(BIT);
    #[expect(clippy::cast_sign_loss, reason = "between 0 and 15 bits")]
    (0..=TOTAL).map(|width| price(width).round() as u16).collect()
});

/// Prices of symbols by their frequency.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Widths(&'static [u16]);

impl Widths {
    pub(crate) fn get() -> Self {
        Self(&OF_WIDTH)
    }

    /// Returns what a symbol costs under an opinion.
    pub(crate) fn of(self, opinion: Opinion, symbol: usize) -> Price {
        Price::from(self.0[opinion.place(symbol).width as usize])
    }

    fn all(self, model: &Nibble) -> [Price; 16] {
        let opinion = Opinion::of(model);
        std::array::from_fn(|symbol| self.of(opinion, symbol))
    }
}

/// Runs and lengths up to here have a price in a table.
const TABLED: usize = 320;

/// Prices of everything but literals.
#[derive(Debug)]
pub(crate) struct Prices {
    /// By last kind and run.
    runs: Vec<[Price; TABLED]>,
    /// By last kind and run (16), and kind and length class (16).
    kinds: Vec<[Price; 16]>,
    /// By kind and length beyond the classes.
    lengths: Vec<[Price; TABLED]>,
    /// By length class and symbol.
    distances: Vec<[Price; 256]>,
    last: Vec<[Price; 16]>,
}

fn tailed(prices: &[Price; 16], value: usize) -> Price {
    if value < TAILED {
        return prices[value];
    }
    let tail = TAILS.iter().rposition(|(base, _)| value >= *base).unwrap_or(0);
    prices[TAILED + tail] + TAILS[tail].1 * BIT
}

impl Prices {
    /// Returns the prices of models as they are.
    pub(crate) fn of(shape: &[Nibble]) -> Self {
        let widths = Widths::get();
        let all: Vec<[Price; 16]> =
            shape[..SHAPE_MODELS].iter().map(|model| widths.all(model)).collect();
        let table = |from: usize| {
            all[from..from + 4].iter().map(|it| std::array::from_fn(|value| tailed(it, value)))
        };
        let distance = |class: usize| {
            std::array::from_fn(|symbol: usize| {
                let extra = (symbol.max(16) as u32 - 16) / 8 + u32::from(symbol >= 16);
                let raw = if extra < 4 { extra } else { extra - 4 };
                all[HIGH + class][symbol >> 4] + all[LOW + (symbol >> 4)][symbol & 15] + raw * BIT
            })
        };
        Self {
            runs: table(RUN).collect(),
            kinds: all[KIND..KIND + 16].to_vec(),
            lengths: table(LENGTH).collect(),
            distances: (0..4).map(distance).collect(),
            last: all[LAST..].to_vec(),
        }
    }

    /// Returns what a run of literals costs, without the literals.
    pub(crate) fn run(&self, kind: usize, run: usize) -> Price {
        self.runs[kind][run.min(TABLED - 1)]
    }

    /// Returns what kind and length of a match cost.
    pub(crate) fn length(&self, last: usize, run: usize, kind: usize, length: usize) -> Price {
        let beyond = length - SHORTEST;
        let row = &self.kinds[last * 4 + run.min(3)];
        if beyond < 3 {
            return row[kind << 2 | beyond];
        }
        row[kind << 2 | 3] + self.lengths[kind][(beyond - 3).min(TABLED - 1)]
    }

    /// Returns what a new distance costs with a match of some length.
    pub(crate) fn distance(&self, distance: usize, length: usize) -> Price {
        let (symbol, extra) = distance_symbol(distance);
        let price = self.distances[(length - SHORTEST).min(3)][symbol];
        if extra < 4 { price } else { price + self.last[extra as usize + 3][(distance - 1) & 15] }
    }
}
