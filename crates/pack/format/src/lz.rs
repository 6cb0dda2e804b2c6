//! A stream: literals and matches, all under adaptive models.
//!
//! A stream is a row of sequences: how many literals, the literals, what kind of match, its length and, if
//! it is not one of the last three, its distance. Literals are predicted from two
//! [contexts](crate::literal) that the header names; everything else from what kind of match came last.

use crate::Damaged;
use crate::coder::Coder;
use crate::literal::{CONTEXT_BYTES, Context, PER_CONTEXT, Ready, refresh};
use crate::nibble::{Nibble, Pace};

/// Bytes of a stream's header: two contexts and the paces of literals and of the rest.
pub const HEADER: usize = 2 * CONTEXT_BYTES + 2;

/// The shortest match.
pub const SHORTEST: usize = 2;
/// From this symbol on, a number has further bits.
pub const TAILED: usize = 13;
/// What numbers begin with behind the symbols 13, 14 and 15, and their bits.
pub const TAILS: [(usize, u32); 3] = [(13, 4), (13 + 16, 8), (13 + 16 + 256, 30)];
/// The longest run of literals and the longest match, less the shortest.
pub const LONGEST: usize = 13 + 16 + 256 + (1 << 30) - 1;

/// What a stream's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The two contexts of a literal.
    pub contexts: [Context; 2],
    /// Up to how many uses literals' models become slower.
    pub literal_pace: u8,
    /// Up to how many uses all other models become slower.
    pub pace: u8,
}

impl Settings {
    /// Reads a stream's header.
    ///
    /// # Errors
    /// If it is not one.
    pub fn parse(header: &[u8; HEADER]) -> Result<Self, Damaged> {
        let [a, b, c, d, e, f, g, h, literal_pace, pace] = *header;
        let contexts = [Context::parse([a, b, c, d])?, Context::parse([e, f, g, h])?];
        Ok(Self { contexts, literal_pace, pace })
    }

    /// Returns the header.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&self.contexts[0].to_bytes());
        bytes[4..8].copy_from_slice(&self.contexts[1].to_bytes());
        bytes[8] = self.literal_pace;
        bytes[9] = self.pace;
        bytes
    }

    /// Returns how many models a stream needs.
    #[must_use]
    pub fn models(&self) -> usize {
        let [one, other] = self.contexts.map(Context::ready);
        SHAPE_MODELS + one.models() + other.models()
    }
}

/// Models of everything but literals.
pub const SHAPE_MODELS: usize = 128;
/// Where in them the models of a run's length are, by the last kind.
pub const RUN: usize = 0;
/// Of a match's kind and length, by the last kind and the run before.
pub const KIND: usize = 4;
/// Of longer lengths, by the kind.
pub const LENGTH: usize = KIND + 16;
/// Of a distance's upper half, by the length.
pub const HIGH: usize = LENGTH + 4;
/// Of a distance's lower half, by the upper half.
pub const LOW: usize = HIGH + 4;
/// Of the last four bits of a distance, by their number of bits.
pub const LAST: usize = LOW + 16;

/// The matches' distances and kind: what both sides carry from sequence to sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// The last three distances.
    pub distances: [usize; 3],
    /// The kind of the last match.
    pub kind: usize,
}

impl Recent {
    /// What a stream begins with.
    pub const START: Self = Self { distances: [1, 2, 4], kind: 0 };

    /// Moves the distance `kind` to the front; kind 0 is a new one.
    #[inline(always)]
    #[must_use]
    pub fn take(self, kind: usize, new: usize) -> Self {
        let [a, b, c] = self.distances;
        let distances = match kind {
            0 => [new, a, b],
            1 => [a, b, c],
            2 => [b, a, c],
            _ => [c, a, b],
        };
        Self { distances, kind }
    }
}

/// Returns the symbol of a distance, and how many further bits it has.
#[must_use]
pub fn distance_symbol(distance: usize) -> (usize, u32) {
    let value = distance - 1;
    if value < 16 {
        return (value, 0);
    }
    let log = value.ilog2();
    (16 + (log as usize - 4) * 8 + (value >> (log - 3) & 7), log - 3)
}

/// Decodes a stream into `output`, which it fills.
///
/// `models` are scratch, as many as [`Settings::models`] says.
///
/// # Errors
/// If the stream is damaged. What `output` holds then is of no use.
pub fn unpack(
    packed: &[u8],
    settings: Settings,
    output: &mut [u8],
    models: &mut [Nibble],
) -> Result<(), Damaged> {
    refresh(models);
    let (shape, literals) =
        models.split_at_mut_checked(SHAPE_MODELS).ok_or(Damaged("a stream is damaged"))?;
    let [one, other] = settings.contexts.map(Context::ready);
    let (one_models, other_models) =
        literals.split_at_mut_checked(one.models()).ok_or(Damaged("a stream is damaged"))?;
    let mut decoder = Decoder {
        coder: Coder::new(packed),
        shape: shape.try_into().map_err(|_| Damaged("a stream is damaged"))?,
        contexts: [one, other],
        models: [
            one_models,
            other_models.get_mut(..other.models()).ok_or(Damaged("a stream is damaged"))?,
        ],
        pace: Pace::new(settings.pace),
        literal_pace: Pace::new(settings.literal_pace),
        recent: Recent::START,
    };
    let mut at = 0;
    while at < output.len() {
        let (run, end) = decoder.run(output, at)?;
        if end == output.len() {
            break;
        }
        at = decoder.copy(output, end, run)?;
    }
    if decoder.coder.ended_well() { Ok(()) } else { Err(Damaged("a stream is damaged")) }
}

struct Decoder<'a> {
    coder: Coder<'a>,
    shape: &'a mut [Nibble; SHAPE_MODELS],
    contexts: [Ready; 2],
    models: [&'a mut [Nibble]; 2],
    pace: Pace,
    literal_pace: Pace,
    recent: Recent,
}

impl Decoder<'_> {
    #[inline(always)]
    fn symbol(&mut self, model: usize) -> usize {
        self.coder.nibble(&mut self.shape[model & (SHAPE_MODELS - 1)], &self.pace)
    }

    /// Does the same as [`Self::symbol`], in less code and a little more time.
    fn rare_symbol(&mut self, model: usize) -> usize {
        self.coder.rare_nibble(&mut self.shape[model & (SHAPE_MODELS - 1)], &self.pace)
    }

    #[inline(always)]
    fn tail(&mut self, symbol: usize) -> usize {
        if symbol < TAILED { symbol } else { self.long_tail(symbol) }
    }

    #[inline(never)]
    fn long_tail(&mut self, symbol: usize) -> usize {
        let (base, bits) = TAILS[(symbol - TAILED).min(2)];
        base + self.coder.many_bits(bits)
    }

    /// Decodes a run of literals; returns its length and where it ends.
    #[inline(always)]
    fn run(&mut self, output: &mut [u8], at: usize) -> Result<(usize, usize), Damaged> {
        let symbol = self.rare_symbol(RUN + self.recent.kind);
        let run = self.tail(symbol);
        let end = at + run;
        if end > output.len() {
            return Err(Damaged("a stream is damaged"));
        }
        let distance = self.recent.distances[0];
        let mut before = before(output, at);
        let mut refused = if at == 0 { 0 } else { 256 };
        for position in at..end {
            let expected =
                output.get(position.wrapping_sub(distance)).map_or(0, |it| usize::from(*it));
            let byte = self.literal(before, position, expected | refused);
            output[position] = byte;
            before = before << 8 | u64::from(byte);
            refused = 0;
        }
        Ok((run, end))
    }

    #[inline(always)]
    fn literal(&mut self, before: u64, position: usize, expected: usize) -> u8 {
        let [one, other] = &mut self.models;
        let base = self.contexts[0].number(before, position, expected) * PER_CONTEXT;
        let one = &mut one[base..base + PER_CONTEXT];
        let base = self.contexts[1].number(before, position, expected) * PER_CONTEXT;
        let other = &mut other[base..base + PER_CONTEXT];
        let high = self.coder.nibble_of_both(&mut one[0], &mut other[0], &self.literal_pace);
        let (a, b) = (&mut one[1 + high], &mut other[1 + high]);
        let low = self.coder.nibble_of_both(a, b, &self.literal_pace);
        (high << 4 | low) as u8
    }

    /// Decodes a match and copies it; returns where it ends.
    #[inline(always)]
    fn copy(&mut self, output: &mut [u8], at: usize, run: usize) -> Result<usize, Damaged> {
        let symbol = self.symbol(KIND + self.recent.kind * 4 + run.min(3));
        let (kind, class) = (symbol >> 2, symbol & 3);
        let mut length = SHORTEST + class;
        if class == 3 {
            let symbol = self.rare_symbol(LENGTH + kind);
            length += self.tail(symbol);
        }
        let new = if kind == 0 { self.distance(class)? } else { 0 };
        self.recent = self.recent.take(kind, new);
        repeat(output, at, self.recent.distances[0], length)
    }

    #[inline(always)]
    fn distance(&mut self, class: usize) -> Result<usize, Damaged> {
        let high = self.rare_symbol(HIGH + class);
        let low = self.rare_symbol(LOW + high);
        let symbol = high << 4 | low;
        if symbol < 16 {
            return Ok(symbol + 1);
        }
        let log = (symbol - 16) / 8 + 4;
        let bits = log as u32 - 3;
        if bits > 26 {
            return Err(Damaged("a stream is damaged"));
        }
        let mut value = 8 | symbol & 7;
        if bits < 4 {
            value = value << bits | self.coder.bits(bits);
        } else {
            value = value << (bits - 4) | self.coder.many_bits(bits - 4);
            value = value << 4 | self.rare_symbol(LAST + log);
        }
        Ok(value + 1)
    }
}

/// Returns the eight bytes before a position, the last one lowest; zeros before the beginning.
#[inline(always)]
#[must_use]
pub fn before(bytes: &[u8], at: usize) -> u64 {
    if let Some(eight) = at.checked_sub(8).and_then(|it| bytes.get(it..)?.first_chunk()) {
        return u64::from_be_bytes(*eight);
    }
    bytes.iter().take(at).fold(0, |before, byte| before << 8 | u64::from(*byte))
}

/// Repeats `length` bytes from `distance` before `at`, which may overlap; returns where they end.
#[inline(always)]
pub(crate) fn repeat(
    output: &mut [u8],
    at: usize,
    distance: usize,
    length: usize,
) -> Result<usize, Damaged> {
    let from = at.checked_sub(distance).ok_or(Damaged("a stream is damaged"))?;
    let end = at + length;
    if end > output.len() || distance == 0 {
        return Err(Damaged("a stream is damaged"));
    }
    // Whole steps of 16 bytes, which write over what comes next anyway.
    if distance >= 16 && end + 16 <= output.len() {
        for done in (0..length).step_by(16) {
            let sixteen = output.get(from + done..).and_then(|it| it.first_chunk::<16>());
            let sixteen = *sixteen.ok_or(Damaged("a stream is damaged"))?;
            let to = output.get_mut(at + done..).and_then(|it| it.first_chunk_mut());
            *to.ok_or(Damaged("a stream is damaged"))? = sixteen;
        }
        return Ok(end);
    }
    for to in at..end {
        output[to] = output[to - distance];
    }
    Ok(end)
}
