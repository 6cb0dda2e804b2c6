//! The settled file: pieces in file order that cover it, and what clashed on the way.

use crate::LedgerError;
use crate::claim::{Claims, LAYERS, Stretch, append};
use crate::layer::resolve;
use crate::owners::{NOBODY, Owners, Sets};
use elfin_model::{FileOffset, FileRange};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A stretch of the file and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes.
    pub range: FileRange,
    /// Whose they are.
    pub owners: Owners<'a>,
    /// As claimed; 0 for nobody's.
    pub label: u32,
    /// As claimed; 0 for nobody's.
    pub class: u8,
    /// As claimed; nobody's bytes are exact.
    pub exact: bool,
}

/// Two claims of one layer on the same bytes that had not agreed to share them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clash {
    /// The bytes.
    pub range: FileRange,
    /// The owner who has them: the innermost claim's.
    pub kept: u32,
    /// The first of the owners who do not.
    pub lost: u32,
}

impl Clash {
    pub(crate) fn between(range: FileRange, kept: Owners<'_>, lost: Option<Owners<'_>>) -> Clash {
        let number = |owners| if let Owners::One(owner) = owners { owner } else { 0 };
        Clash { range, kept: number(kept), lost: lost.map_or(0, number) }
    }
}

/// Clashes, of which a hostile file has any number.
#[derive(Debug, Default)]
pub(crate) struct Clashes {
    first: Vec<Clash>,
    bytes: u64,
}

impl Clashes {
    /// So many are kept; of the others the bytes are counted.
    const MOST: usize = 100;

    pub(crate) fn report(&mut self, clash: Clash) {
        self.bytes += clash.range.bytes();
        if self.first.len() < Self::MOST {
            self.first.push(clash);
        }
    }
}

/// A file in which every byte has been counted once.
#[derive(Debug)]
pub struct Settled {
    pieces: Vec<Stretch>,
    sets: Sets,
    clashes: Clashes,
}

impl Claims {
    /// Settles the claims into pieces that cover the file.
    ///
    /// Returns an error if they do not, which would be a mistake of this crate.
    pub fn settle(self) -> Result<Settled, LedgerError> {
        let Claims { file, layers, mut sets, mut clashes } = self;
        let layers = layers.map(|claims| resolve(claims, &mut sets, &mut clashes));
        let settled = Settled { pieces: cover(&layers, file), sets, clashes };
        settled.check(file)?;
        Ok(settled)
    }
}

/// Covers `0..file` by the highest layer that has something at each place.
fn cover(layers: &[Vec<Stretch>; LAYERS], file: u64) -> Vec<Stretch> {
    let mut rests = layers.each_ref().map(Vec::as_slice);
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < file {
        // A length has 32 bits; the longest claim has as much.
        let mut until = file.min(at + u64::from(u32::MAX));
        let mut found = None;
        for rest in rests.iter_mut().rev() {
            while let [first, behind @ ..] = rest
                && first.end() <= at
            {
                *rest = behind;
            }
            match rest.first() {
                Some(first) if first.start <= at => {
                    until = until.min(first.end());
                    found = Some(*first);
                    break;
                }
                Some(first) => until = until.min(first.start),
                None => {}
            }
        }
        let unclaimed = Stretch {
            start: at,
            bytes: 0,
            owner: NOBODY,
            label: 0,
            class: 0,
            exact: true,
            may_share: false,
        };
        let bytes = u32::try_from(until - at).unwrap_or(u32::MAX);
        append(
            &mut pieces,
            Stretch { start: at, bytes, may_share: false, ..found.unwrap_or(unclaimed) },
        );
        at = until;
    }
    pieces
}

impl Settled {
    /// Opens the claims again, with what is settled as the lowest layer and nobody's bytes free.
    ///
    /// So may claims be made that hang on who owns other bytes.
    pub fn reopen(mut self) -> Claims {
        let file = self.pieces.last().map_or(0, Stretch::end);
        self.pieces.retain(|it| it.owner != NOBODY);
        let mut claims = Claims::new(file);
        claims.layers[0] = self.pieces;
        Claims { sets: self.sets, clashes: self.clashes, ..claims }
    }

    /// The pieces in file order; together they are the file.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.pieces.iter().map(|it| self.piece(it))
    }

    /// The piece that a byte is in; `None` behind the end of the file.
    pub fn at(&self, offset: FileOffset) -> Option<Piece<'_>> {
        let behind = self.pieces.partition_point(|it| it.end() <= offset.0);
        self.pieces.get(behind).map(|it| self.piece(it))
    }

    /// The pieces that have bytes in a range, whole, in file order.
    pub fn within(&self, range: FileRange) -> impl Iterator<Item = Piece<'_>> {
        let first = self.pieces.partition_point(|it| it.end() <= range.start());
        let pieces = self.pieces.iter().skip(first);
        pieces.take_while(move |it| it.start < range.end()).map(|it| self.piece(it))
    }

    /// The first clashes, at most a hundred.
    pub fn clashes(&self) -> &[Clash] {
        &self.clashes.first
    }

    /// Bytes of all clashes.
    pub fn clashing_bytes(&self) -> u64 {
        self.clashes.bytes
    }

    fn piece(&self, it: &Stretch) -> Piece<'_> {
        Piece {
            range: FileRange::between(it.start, it.end()),
            owners: self.sets.owners(it.owner),
            label: it.label,
            class: it.class,
            exact: it.exact,
        }
    }

    /// Adds up the pieces in release builds too: it is the promise that all else stands on.
    fn check(&self, file: u64) -> Result<(), LedgerError> {
        let mut offset = 0;
        for piece in &self.pieces {
            if piece.start != offset {
                break;
            }
            offset = piece.end();
        }
        let counted = self.pieces.iter().map(|it| u64::from(it.bytes)).sum();
        if offset == file && counted == file {
            return Ok(());
        }
        let mut rows = BTreeMap::new();
        for piece in self.pieces() {
            *rows.entry((piece.class, piece.owners)).or_insert(0) += piece.range.bytes();
        }
        let table = rows.iter().fold(String::new(), |mut table, ((class, owners), bytes)| {
            let _ = writeln!(table, "{bytes:>14}  class {class} of {owners:?}"); // A string takes all.
            table
        });
        Err(LedgerError::Sum { offset, counted, file, table })
    }
}
