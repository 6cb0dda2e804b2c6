//! Which words of the data something leads to: a bit for each word.

use super::loaded::Loaded;
use std::ops::Range;

/// Marked words of the data.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    /// Each stretch of data with the number of its first word.
    regions: Vec<(Range<u32>, usize)>,
    /// A word is as long as a pointer.
    word: u32,
    bits: Vec<u64>,
}

impl Marks {
    /// Marks the places of these that a word begins at.
    pub(crate) fn of(loaded: &Loaded<'_, '_>, offsets: impl Iterator<Item = u32>) -> Marks {
        let word = loaded.pointer_size();
        let mut words = 0;
        let mut regions = Vec::new();
        for it in loaded.regions() {
            regions.push((it.start..it.end(), words));
            words += (it.end() / word).saturating_sub(it.start / word) as usize + 1;
        }
        let mut marks = Marks { regions, word, bits: vec![0; words.div_ceil(64)] };
        for offset in offsets {
            marks.is_new(offset);
        }
        marks
    }

    /// Marks a place; false if it was marked, or if no word of the data begins there.
    pub(crate) fn is_new(&mut self, offset: u32) -> bool {
        if !offset.is_multiple_of(self.word) {
            return false;
        }
        let behind = self.regions.partition_point(|(it, _)| it.start <= offset);
        let Some((region, first)) = behind.checked_sub(1).and_then(|it| self.regions.get(it))
        else {
            return false;
        };
        if offset >= region.end {
            return false;
        }
        let index = first + (offset / self.word - region.start / self.word) as usize;
        let Some(bits) = self.bits.get_mut(index / 64) else { return false };
        let bit = 1 << (index % 64);
        let is_new = *bits & bit == 0;
        *bits |= bit;
        is_new
    }

    /// The marked places, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = u32> + '_ {
        let mut regions = self.regions.iter();
        let mut region = regions.next();
        let all = (0..).zip(&self.bits).filter(|(_, bits)| **bits != 0);
        all.flat_map(|(index, bits)| Ones(*bits).map(move |it| 64 * index + it as usize))
            .filter_map(move |index| {
                let ahead = |(range, first): &(Range<u32>, usize)| {
                    let words = (range.end / self.word).saturating_sub(range.start / self.word);
                    first + (words as usize) < index
                };
                while region.is_some_and(ahead) {
                    region = regions.next();
                }
                let (range, first) = region?;
                let word = u32::try_from(index.checked_sub(*first)?).ok()?;
                (range.start / self.word).checked_add(word)?.checked_mul(self.word)
            })
    }
}

/// The numbers of the bits that are set.
pub(crate) struct Ones(pub(crate) u64);

impl Iterator for Ones {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let number = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (number < 64).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(regions: Vec<(Range<u32>, usize)>, offsets: &[u32]) -> (Marks, Vec<bool>) {
        let words = regions.iter().map(|(it, _)| it.len() / 8 + 1).sum::<usize>();
        let mut marks = Marks { regions, word: 8, bits: vec![0; words.div_ceil(64)] };
        let new = offsets.iter().map(|it| marks.is_new(*it)).collect();
        (marks, new)
    }

    #[test]
    fn a_word_is_marked_once_and_given_in_order() {
        let regions = vec![(16..1016, 0), (1 << 20..(1 << 20) + 4, 126)];
        let offsets = [1 << 20, 1008, 16, 16, 20, 8, 1016, 4000, (1 << 20) + 8, 512];
        let (marks, new) = marks(regions, &offsets);
        let are_new = [true, true, true, false, false, false, false, false, false, true];
        assert_eq!(new, are_new);
        assert_eq!(marks.places().collect::<Vec<_>>(), [16, 512, 1008, 1 << 20]);
    }
}
