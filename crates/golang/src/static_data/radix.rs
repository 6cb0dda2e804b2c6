//! Sorts millions of things by a number that each has, digit by digit.
//!
//! A sort by comparison takes several times as long, and what has the same
//! number would not stay in the order in which it comes.

use super::references::Reference;

/// Sorts references by their targets alone; those to one place stay in their order.
pub(crate) fn sort_by_target(all: &mut Vec<Reference>, spare: &mut Vec<Reference>) {
    sort_by_number(all, spare, |it| it.target());
}

/// Sorts by a number; what has the same stays in its order. What is in `spare` does not matter, but
/// its memory is used, and kept for the next time.
pub fn sort_by_number<T: Copy>(all: &mut Vec<T>, spare: &mut Vec<T>, number: impl Fn(&T) -> u32) {
    /// Fewer are in order before the digits are counted.
    const FEW: usize = 1 << 10;
    /// As many places are written to in turn as a processor keeps near.
    const MOST_BITS: u32 = 10;
    if all.len() < FEW {
        return all.sort_by_key(number);
    }
    let ends = |(first, last): (u32, u32), it| (first.min(number(it)), last.max(number(it)));
    let (first, last) = all.iter().fold((u32::MAX, 0), ends);
    let bits = 32 - (last - first).leading_zeros();
    let passes = bits.div_ceil(MOST_BITS);
    if passes == 0 {
        return;
    }
    let digit_bits = bits.div_ceil(passes);
    spare.truncate(all.len());
    spare.extend_from_slice(all.get(spare.len()..).unwrap_or_default());
    for pass in 0..passes {
        let (shift, mask) = (pass * digit_bits, (1_u32 << digit_bits) - 1);
        let digit = |it: &T| ((number(it) - first) >> shift & mask) as usize;
        let mut places = vec![0_usize; 1 << digit_bits];
        for it in all.iter() {
            places[digit(it)] += 1;
        }
        let mut behind = 0;
        for place in &mut places {
            behind += std::mem::replace(place, behind);
        }
        for it in all.iter() {
            let place = &mut places[digit(it)];
            spare[*place] = *it;
            *place += 1;
        }
        std::mem::swap(all, spare);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_a_stable_sort_by_comparison_does() {
        let (mut random, mut spare) = (7_u32, Vec::new());
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 4
        };
        for (count, span) in [(0, 1), (5, 9), (3000, 1), (3000, 70), (5000, 1 << 27)] {
            let all: Vec<_> =
                (0..count).map(|it| Reference::new(900 + next() % span, it)).collect();
            let (mut sorted, mut expected) = (all.clone(), all);
            sort_by_target(&mut sorted, &mut spare);
            expected.sort_by_key(|it| it.target());
            assert_eq!(sorted, expected, "{count} within {span}");
        }
        let mut ends: Vec<_> =
            (0..2000).map(|it| Reference::new(u32::MAX * (it % 2), it)).collect();
        sort_by_target(&mut ends, &mut spare);
        assert!(ends.is_sorted());
    }
}
