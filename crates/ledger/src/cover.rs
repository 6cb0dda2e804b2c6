//! From layers, each in order, to pieces that cover the file.

use crate::claim::{LAYERS, Stretch, append};
use crate::owners::NOBODY;
use std::ops::Range;

/// Covers `0..file` by the highest layer that has something at each place.
pub(crate) fn cover(layers: [Vec<Stretch>; LAYERS], file: u64) -> Vec<Stretch> {
    let middle = middle(&layers, file);
    let (mut pieces, behind) =
        rayon::join(|| cover_part(&layers, 0..middle), || cover_part(&layers, middle..file));
    drop(layers);
    join(&mut pieces, &behind);
    pieces
}

/// An offset that has about as many stretches before it as behind it.
fn middle(layers: &[Vec<Stretch>; LAYERS], file: u64) -> u64 {
    let half = layers.iter().map(Vec::len).sum::<usize>() / 2;
    let before =
        |offset| layers.iter().map(|it| it.partition_point(|it| it.start < offset)).sum::<usize>();
    let (mut low, mut high) = (0, file);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) < half { low = middle + 1 } else { high = middle }
    }
    low
}

fn cover_part(layers: &[Vec<Stretch>; LAYERS], part: Range<u64>) -> Vec<Stretch> {
    let from = |it: &'_ Vec<Stretch>| it.partition_point(|it| it.end() <= part.start);
    let rests = layers.iter().rev().map(|it| it.get(from(it)..).unwrap_or_default());
    let mut rests: Vec<&[Stretch]> = rests.filter(|it| !it.is_empty()).collect();
    let mut pieces = Vec::new();
    let mut at = part.start;
    while at < part.end {
        // A length has 32 bits; the longest claim has as much.
        let mut until = part.end.min(at + u64::from(u32::MAX));
        let mut found = None;
        for rest in &mut rests {
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
        let bytes = u32::try_from(until - at).unwrap_or(u32::MAX);
        let found = found.unwrap_or(UNCLAIMED);
        append(&mut pieces, Stretch { start: at, bytes, may_share: false, ..found });
        at = until;
    }
    pieces
}

const UNCLAIMED: Stretch = Stretch {
    start: 0,
    bytes: 0,
    owner: NOBODY,
    label: 0,
    class: 0,
    exact: true,
    may_share: false,
};

/// Puts pieces behind others; only the first of them may continue what is before.
fn join(pieces: &mut Vec<Stretch>, behind: &[Stretch]) {
    if let Some((first, rest)) = behind.split_first() {
        append(pieces, *first);
        pieces.extend_from_slice(rest);
    }
}

/// Lays pieces over those that were settled before; what nobody owns of them leaves these as they
/// are.
///
/// From the end, within the memory of what is settled: what is moved goes where nothing is needed
/// any more.
pub(crate) fn overlay(mut settled: Vec<Stretch>, over: &[Stretch]) -> Vec<Stretch> {
    let mut left = settled.len();
    let over = over.iter().filter(|it| it.owner != NOBODY);
    // Each lies over others, or between the two halves of one.
    settled.resize(left + 2 * over.clone().count(), UNCLAIMED);
    let mut first = settled.len();
    for it in over.rev() {
        let (start, end) = (it.start, it.end());
        // Those that begin in it or behind it: the first of these may begin before it too.
        while let Some(last) = left.checked_sub(1).map(|it| settled[it])
            && last.end() > end
        {
            let behind = last.start.max(end);
            let bytes = u32::try_from(last.end() - behind).unwrap_or(last.bytes);
            prepend(&mut settled, &mut first, Stretch { start: behind, bytes, ..last });
            if last.start < end {
                settled[left - 1].bytes = u32::try_from(end - last.start).unwrap_or(last.bytes);
                break;
            }
            left -= 1;
        }
        while left.checked_sub(1).is_some_and(|it| settled[it].start >= start) {
            left -= 1;
        }
        if let Some(last) = left.checked_sub(1).map(|it| &mut settled[it])
            && last.end() > start
        {
            last.bytes = u32::try_from(start - last.start).unwrap_or(last.bytes);
        }
        prepend(&mut settled, &mut first, *it);
    }
    // What is left stands where it did, and its last may go on in the first that was moved.
    let joins = left.checked_sub(1).zip(settled.get(first).copied());
    if let Some((last, next)) = joins
        && settled[last].join(&next)
    {
        first += 1;
    }
    settled.drain(left..first);
    settled
}

/// Puts a stretch before those from `first` on, or lengthens the first where it says the same.
fn prepend(stretches: &mut [Stretch], first: &mut usize, mut before: Stretch) {
    if let Some(next) = stretches.get(*first).copied()
        && before.join(&next)
    {
        stretches[*first] = before;
    } else {
        *first -= 1;
        stretches[*first] = before;
    }
}
