//! A stream that is quick to unpack: pieces of literals, tokens, lengths and distances as
//! [codes](crate::prefix), which are unpacked first, so that what puts them together waits for nothing.
//!
//! A token is a run of literals and a match behind it: the kind of the match in its two highest
//! bits, the length of the run in the next three and that of the match in the lowest. What is too long
//! for three bits goes on among the lengths.

use crate::Damaged;
use crate::fetch::fetch;
use crate::input::Input;
use crate::lz::{Recent, SHORTEST, repeat};
use crate::nibble::Nibble;
use crate::prefix::{self, Bits, ENTRIES, Entry};

/// Three bits that say that a length goes on: by a byte.
pub const MORE: usize = 7;
/// A byte that says that a length is told by the four bytes behind it.
pub const FAR: u8 = 255;
/// About how long the output of a piece is. Its literals must fit into scratch memory with all else.
pub const PIECE: usize = 1 << 19;

/// Literals that are copied at once.
const NEAR: usize = 16;
/// Tokens that are read before what they say is done.
const STEPS: usize = 64;

/// Bytes that the arrays of a piece may have besides twice its output.
const SLACK: usize = 64;

const DAMAGED: Damaged = Damaged("a stream is damaged");

/// Unpacks a stream into `output`, which it fills.
///
/// # Errors
/// If the stream is damaged.
pub(crate) fn unpack(
    packed: &[u8],
    output: &mut [u8],
    memory: &mut [Nibble],
) -> Result<(), Damaged> {
    let (table, memory) = memory
        .as_flattened_mut()
        .split_first_chunk_mut::<{ ENTRIES * size_of::<Entry>() }>()
        .ok_or(DAMAGED)?;
    let (table, _) = table.as_chunks_mut::<2>();
    let table: &mut [Entry; ENTRIES] = table.try_into().map_err(|_| DAMAGED)?;
    let mut input = Input(packed);
    let mut recent = Recent::START;
    let mut at = 0;
    while at < output.len() {
        let end = at + input.short_number()?;
        if end == at || end > output.len() {
            return Err(DAMAGED);
        }
        let mut arrays = [&[][..]; 4];
        // All arrays together are hardly longer than what they become.
        let most = memory.len().min(2 * (end - at) + SLACK);
        let mut memory = memory.get_mut(..most).unwrap_or_default();
        for array in &mut arrays {
            (*array, memory) = prefix::unpack(&mut input, table, memory)?;
        }
        let [literals, tokens, lengths, distances] = arrays;
        let bits = input.short_number()?;
        let bits = Bits::new(input.take(bits)?);
        let mut piece = Piece { literals, lengths: Input(lengths), distances, bits, recent };
        let output = output.get_mut(..end).ok_or(DAMAGED)?;
        at = piece.put_together(tokens, output, at)?;
        recent = piece.recent;
    }
    if input.0.is_empty() { Ok(()) } else { Err(DAMAGED) }
}

/// What a token says.
#[derive(Clone, Copy, Default)]
struct Step {
    run: usize,
    length: usize,
    /// The kind of the match until its distance is found.
    distance: usize,
}

struct Piece<'a> {
    literals: &'a [u8],
    lengths: Input<'a>,
    distances: &'a [u8],
    bits: Bits<'a>,
    recent: Recent,
}

impl Piece<'_> {
    /// Fills `output` from `at` on; returns its end.
    ///
    /// What some tokens say is found out before it is done, so that what matches repeat is fetched meanwhile.
    fn put_together(
        &mut self,
        tokens: &[u8],
        output: &mut [u8],
        mut at: usize,
    ) -> Result<usize, Damaged> {
        let mut steps = [Step::default(); STEPS];
        'all: for tokens in tokens.chunks(STEPS) {
            for (step, token) in steps.iter_mut().zip(tokens) {
                let token = usize::from(*token);
                *step = Step { run: token >> 3 & 7, length: token & 7, distance: token >> 6 };
                self.find_lengths(step)?;
            }
            let steps = steps.get_mut(..tokens.len()).unwrap_or_default();
            self.find_distances(steps, output, at);
            for step in steps {
                at = self.run(step.run, output, at)?;
                if at == output.len() {
                    break 'all;
                }
                at = repeat(output, at, step.distance, step.length)?;
            }
        }
        if at == output.len() && self.literals.is_empty() { Ok(at) } else { Err(DAMAGED) }
    }

    /// Finds out the lengths of a run and a match, of three bits each, with what they go on with.
    ///
    /// Whether they go on can hardly be predicted, so that it is counted rather than asked.
    #[inline(always)]
    fn find_lengths(&mut self, step: &mut Step) -> Result<(), Damaged> {
        let [run, length] = [step.run, step.length].map(|it| usize::from(it == MORE));
        step.length += SHORTEST;
        if let Some([one, other]) = self.lengths.0.first_chunk::<2>() {
            let [one, other] = [*one, *other].map(usize::from);
            let next = one ^ (one ^ other) & run.wrapping_neg();
            let (one, next) = (one & run.wrapping_neg(), next & length.wrapping_neg());
            if one.max(next) < usize::from(FAR) {
                step.run += one;
                step.length += next;
                self.lengths.0 = &self.lengths.0[run + length..];
                return Ok(());
            }
        }
        step.run += self.further(run)?;
        step.length += self.further(length)?;
        Ok(())
    }

    /// Returns what a length goes on with; `count` is 1 if it does, and 0 otherwise.
    #[inline(never)]
    fn further(&mut self, count: usize) -> Result<usize, Damaged> {
        if count == 0 {
            return Ok(0);
        }
        let [more] = *self.lengths.array()?;
        if more == FAR { self.lengths.number() } else { Ok(usize::from(more)) }
    }

    /// Finds out the distances of matches, of which steps have the kinds.
    #[inline(always)]
    fn find_distances(&mut self, steps: &mut [Step], output: &[u8], mut at: usize) {
        for step in steps {
            at = at.saturating_add(step.run);
            if at >= output.len() {
                return;
            }
            step.distance = self.distance(step.distance);
            fetch(output, at.wrapping_sub(step.distance));
            at = at.saturating_add(step.length);
        }
    }

    /// Copies a run of literals; returns where it ends.
    #[inline(always)]
    fn run(&mut self, run: usize, output: &mut [u8], at: usize) -> Result<usize, Damaged> {
        let near = output.get_mut(at..).and_then(|it| it.first_chunk_mut::<NEAR>());
        if let (Some(to), Some(from)) = (near, self.literals.first_chunk::<NEAR>())
            && run <= NEAR
        {
            *to = *from; // What is too much is written over by what comes next.
            self.literals = &self.literals[run..];
            return Ok(at + run);
        }
        let (from, rest) = self.literals.split_at_checked(run).ok_or(DAMAGED)?;
        let to = output.get_mut(at..).and_then(|it| it.get_mut(..run));
        to.ok_or(DAMAGED)?.copy_from_slice(from);
        self.literals = rest;
        Ok(at + run)
    }

    /// Returns the distance of a match, which goes to the front of the last ones.
    ///
    /// Kinds can hardly be predicted, so that all is found out and then chosen.
    #[inline(always)]
    fn distance(&mut self, kind: usize) -> usize {
        let new = kind == 0;
        let symbol = usize::from(self.distances.first().copied().unwrap_or(0));
        self.distances = self.distances.get(usize::from(new)..).unwrap_or_default();
        let tailed = symbol >= 16;
        let bits = if tailed { symbol / 8 - 1 } else { 0 };
        let base = if tailed { 8 | symbol & 7 } else { symbol };
        self.bits.refill();
        let tail = self.bits.take(if new { bits as u32 } else { 0 });
        let [a, b, c] = self.recent.distances;
        let first = [(base << bits | tail) + 1, a, b, c][kind & 3];
        let either = |one: usize, other: usize, second: bool| {
            one ^ (one ^ other) & usize::from(second).wrapping_neg()
        };
        self.recent.distances = [first, either(a, b, kind == 1), either(c, b, new | (kind == 3))];
        first
    }
}
