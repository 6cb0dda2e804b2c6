//! Claims as they come in: kept by layer, small, and joined where they continue each other.
//!
//! A large program brings about a million of them, so a claim is 24 bytes here
//! and neighbours that say the same are one. What they amount to is decided in
//! `layer` and `settled`.

use crate::owners::{Owner, Sets};
use crate::settled::Clashes;
use elfin_model::{FileOffset, FileRange};

/// Layers are numbered from 0, the lowest.
pub const LAYERS: usize = 8;

/// Says that a range of the file belongs to an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The bytes; what lies outside of the file is left out.
    pub range: FileRange,
    /// The owner's number, below 2^31; or [`MANY`](crate::MANY).
    pub owner: u32,
    /// A name for the bytes, a number of the claimant's.
    pub label: u32,
    /// What the bytes are, a number of the claimant's.
    pub class: u8,
    /// Precedence, below [`LAYERS`]; the higher layer has the bytes.
    pub layer: u8,
    /// False where the bytes are charged in proportion.
    pub exact: bool,
    /// Others may own the same bytes in the same layer.
    pub may_share: bool,
}

/// A claim, or a settled piece, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: u64,
    pub(crate) bytes: u32,
    pub(crate) owner: Owner,
    pub(crate) label: u32,
    pub(crate) class: u8,
    pub(crate) exact: bool,
    pub(crate) may_share: bool,
}

impl Stretch {
    pub(crate) fn end(&self) -> u64 {
        self.start + u64::from(self.bytes)
    }

    fn says_the_same(&self, other: &Stretch) -> bool {
        let key = |it: &Stretch| (it.owner, it.label, it.class, it.exact, it.may_share);
        key(self) == key(other)
    }

    /// Takes in the one behind it if that says the same.
    pub(crate) fn join(&mut self, next: &Stretch) -> bool {
        let joined = self.bytes.checked_add(next.bytes);
        let joined = joined.filter(|_| self.end() == next.start && self.says_the_same(next));
        self.bytes = joined.unwrap_or(self.bytes);
        joined.is_some()
    }
}

/// Puts a stretch behind the others, or lengthens the last one where it says the same.
pub(crate) fn append(stretches: &mut Vec<Stretch>, next: Stretch) {
    if !stretches.last_mut().is_some_and(|last| last.join(&next)) {
        stretches.push(next);
    }
}

/// The claims on one file.
#[derive(Debug)]
pub struct Claims {
    pub(crate) file: u64,
    /// What was settled before: the lowest layer, of whole pieces that cover the file.
    pub(crate) settled: Vec<Stretch>,
    pub(crate) layers: [Vec<Stretch>; LAYERS],
    pub(crate) sets: Sets,
    pub(crate) clashes: Clashes,
}

impl Claims {
    /// Opens the claims on a file of `file` bytes.
    pub fn new(file: u64) -> Claims {
        let layers = [const { Vec::new() }; LAYERS];
        let (sets, clashes) = Default::default();
        Claims { file, settled: Vec::new(), layers, sets, clashes }
    }

    /// Enters a claim. An empty one is nothing; a layer that is not there is the highest.
    pub fn push(&mut self, claim: Claim) {
        /// Of two gigabytes, because a length is kept in 32 bits.
        const LONGEST: u32 = 1 << 31;
        let inside = claim.range.within(FileRange::new(FileOffset(0), self.file));
        let layer = &mut self.layers[usize::from(claim.layer).min(LAYERS - 1)];
        let mut start = inside.start();
        while start < inside.end() {
            let bytes = u32::try_from(inside.end() - start).unwrap_or(LONGEST).min(LONGEST);
            let Claim { label, class, exact, may_share, .. } = claim;
            let owner = Owner::one(claim.owner);
            append(layer, Stretch { start, bytes, owner, label, class, exact, may_share });
            start += u64::from(bytes);
        }
    }

    /// Enters all claims of another book on the same file.
    pub fn take_over(&mut self, others: Claims) {
        for (layer, stretches) in self.layers.iter_mut().zip(others.layers) {
            let inside = stretches.into_iter().filter(|it| it.end() <= self.file);
            if layer.is_empty() { *layer = inside.collect() } else { layer.extend(inside) }
        }
    }
}
