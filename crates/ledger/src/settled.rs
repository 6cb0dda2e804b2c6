//! The settled file: pieces in file order that cover it, and what clashed on the way.

use crate::LedgerError;
use crate::claim::{Claims, LAYERS, Stretch};
use crate::cover::{cover, overlay};
use crate::layer::{resolve, sort};
use crate::owners::{NOBODY, Owner, Owners, Sets};
use elfin_model::{FileOffset, FileRange};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A stretch of the file and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes.
    pub range: FileRange,
    /// Whose they are.
    pub owners: Owners<'a>,
    /// The same number for the same owners, in one settled file.
    pub owners_number: u32,
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

    fn take_over(&mut self, others: Clashes) {
        self.bytes += others.bytes;
        let left = Self::MOST.saturating_sub(self.first.len());
        self.first.extend(others.first.into_iter().take(left));
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
        let Claims { file, mut settled, mut layers, mut sets, mut clashes } = self;
        if overlap(&settled, &mut layers[0]) {
            // Seldom: what was claimed since has to come to terms with what was settled.
            settled.retain(|it| it.owner != NOBODY);
            layers[0].append(&mut settled);
            layers[0] = resolve(std::mem::take(&mut layers[0]), &mut sets, &mut clashes);
        }
        let resolved: Vec<_> = layers.into_par_iter().map(alone).collect();
        let mut layers = [const { Vec::new() }; LAYERS];
        for (place, (layer, own_sets, own_clashes)) in layers.iter_mut().zip(resolved) {
            *place = renamed(layer, &sets.take_over(&own_sets));
            clashes.take_over(own_clashes);
        }
        let pieces = match settled.is_empty() {
            true => cover(layers, file),
            false => overlay(settled, &cover(layers, file)),
        };
        let settled = Settled { pieces, sets, clashes };
        settled.check(file)?;
        Ok(settled)
    }
}

/// True if claims, which are sorted for it, have bytes of a piece that somebody owns.
fn overlap(settled: &[Stretch], claims: &mut [Stretch]) -> bool {
    if settled.is_empty() {
        return false;
    }
    sort(claims);
    let mut owned = settled.iter().filter(|it| it.owner != NOBODY).peekable();
    claims.iter().any(|it| {
        while owned.next_if(|piece| piece.end() <= it.start).is_some() {}
        owned.peek().is_some_and(|piece| piece.start < it.end())
    })
}

/// Resolves a layer without a look at the others.
fn alone(claims: Vec<Stretch>) -> (Vec<Stretch>, Sets, Clashes) {
    let (mut sets, mut clashes) = Default::default();
    (resolve(claims, &mut sets, &mut clashes), sets, clashes)
}

/// Gives the sets of a layer's owners the names that they have among all.
fn renamed(mut layer: Vec<Stretch>, names: &[Owner]) -> Vec<Stretch> {
    if !names.is_empty() {
        layer.iter_mut().for_each(|it| it.owner = it.owner.renamed(names));
    }
    layer
}

impl Settled {
    /// Opens the claims again, with what is settled as the lowest layer and nobody's bytes free.
    ///
    /// So may claims be made that hang on who owns other bytes.
    pub fn reopen(self) -> Claims {
        let file = self.pieces.last().map_or(0, Stretch::end);
        let Settled { pieces, sets, clashes } = self;
        Claims { settled: pieces, sets, clashes, ..Claims::new(file) }
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

    /// The owners that a piece gives the number of.
    pub fn owners(&self, number: u32) -> Owners<'_> {
        self.sets.owners(Owner::of_number(number))
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
            owners_number: it.owner.number(),
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
