//! The claims of one layer, made disjoint.
//!
//! Nearly all claims of a real file stand alone, or several owners claim
//! exactly the same bytes; both are quick. The rest, a hostile file's million
//! claims on one byte included, is swept in n log n.

use crate::claim::{Stretch, append};
use crate::owners::{Owner, Sets};
use crate::settled::{Clash, Clashes};
use elfin_model::FileRange;
use rayon::slice::ParallelSliceMut;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Makes the claims of a layer disjoint and sorts them by offset.
pub(crate) fn resolve(
    mut claims: Vec<Stretch>,
    sets: &mut Sets,
    clashes: &mut Clashes,
) -> Vec<Stretch> {
    if is_disjoint(&claims) {
        return claims;
    }
    sort(&mut claims);
    if is_disjoint(&claims) {
        return claims;
    }
    let mut resolved = Vec::with_capacity(claims.len());
    let mut rest = &claims[..];
    while let Some(first) = rest.first() {
        let mut end = first.end();
        let crowd = rest[1..].iter().take_while(|next| {
            let overlaps = next.start < end;
            end = end.max(next.end());
            overlaps
        });
        let (crowd, behind) = rest.split_at(1 + crowd.count());
        rest = behind;
        match crowd {
            [alone] => append(&mut resolved, *alone),
            _ if agree(crowd) => append(&mut resolved, shared(crowd, sets)),
            _ => sweep(crowd, sets, clashes, &mut resolved),
        }
    }
    resolved
}

/// True if they are in order and none has bytes of another.
fn is_disjoint(claims: &[Stretch]) -> bool {
    claims.is_sorted_by(|a, b| a.end() <= b.start)
}

/// Sorts claims by offset, the longest first.
pub(crate) fn sort(claims: &mut [Stretch]) {
    // The rest of the key makes the outcome independent of the order of entry.
    let key = |it: &Stretch| (it.start, Reverse(it.bytes), it.owner, it.class, it.label, it.exact);
    if !claims.is_sorted_by_key(key) {
        claims.par_sort_unstable_by_key(key);
    }
}

/// True if all claim the same bytes and may share them.
fn agree(crowd: &[Stretch]) -> bool {
    crowd.iter().all(|it| it.may_share && it.bytes == crowd[0].bytes && it.start == crowd[0].start)
}

/// One stretch of all its owners, which the sort has put in order.
fn shared(crowd: &[Stretch], sets: &mut Sets) -> Stretch {
    let mut last = None;
    let owners =
        crowd.iter().map(|it| it.owner).filter(|owner| last.replace(*owner) != Some(*owner));
    let exact = crowd.iter().all(|it| it.exact);
    Stretch { owner: sets.of(owners), exact, ..crowd[0] }
}

/// The claims that cover the stretch between two ends.
#[derive(Default)]
struct Open {
    /// The innermost first: it begins last and ends first.
    claims: BTreeSet<(Reverse<u64>, u64, usize)>,
    owners: BTreeMap<Owner, usize>,
    /// How many of them do not share.
    jealous: usize,
}

impl Open {
    fn open(&mut self, index: usize, claim: &Stretch) {
        self.claims.insert((Reverse(claim.start), claim.end(), index));
        *self.owners.entry(claim.owner).or_default() += 1;
        self.jealous += usize::from(!claim.may_share);
    }

    fn close(&mut self, index: usize, claim: &Stretch) {
        self.claims.remove(&(Reverse(claim.start), claim.end(), index));
        self.jealous -= usize::from(!claim.may_share);
        if let Some(count) = self.owners.get_mut(&claim.owner) {
            *count -= 1;
            if *count == 0 {
                self.owners.remove(&claim.owner);
            }
        }
    }
}

fn sweep(crowd: &[Stretch], sets: &mut Sets, clashes: &mut Clashes, resolved: &mut Vec<Stretch>) {
    let mut open = Open::default();
    let mut ends = BinaryHeap::new();
    let mut next = 0;
    let mut at = crowd[0].start;
    loop {
        while let Some(&Reverse((end, index))) = ends.peek()
            && end <= at
        {
            ends.pop();
            open.close(index, &crowd[index]);
        }
        while let Some(claim) = crowd.get(next)
            && claim.start <= at
        {
            open.open(next, claim);
            ends.push(Reverse((claim.end(), next)));
            next += 1;
        }
        // The crowd overlaps without a gap, so nothing is open only behind its end.
        let Some(&Reverse((closes, _))) = ends.peek() else { return };
        let until = crowd.get(next).map_or(closes, |claim| claim.start.min(closes));
        if let Some(piece) = piece(crowd, &open, at, until, sets, clashes) {
            append(resolved, piece);
        }
        at = until;
    }
}

/// The stretch from `at` to `until`, which what is open claims.
fn piece(
    crowd: &[Stretch],
    open: &Open,
    at: u64,
    until: u64,
    sets: &mut Sets,
    clashes: &mut Clashes,
) -> Option<Stretch> {
    let innermost = crowd.get(open.claims.first()?.2)?;
    let owner = match open.jealous {
        0 => sets.of(open.owners.keys().copied()),
        _ => innermost.owner,
    };
    if open.jealous > 0 && open.owners.len() > 1 {
        let loser = open.owners.keys().find(|it| **it != innermost.owner);
        let (kept, lost) = (sets.owners(owner), loser.map(|it| sets.owners(*it)));
        clashes.report(Clash::between(FileRange::between(at, until), kept, lost));
    }
    let bytes = u32::try_from(until - at).ok()?;
    Some(Stretch { start: at, bytes, owner, ..*innermost })
}
