//! Finds the last of many sorted places that is not behind an offset, in few looks at memory.
//!
//! A search by halves in hundreds of thousands of places waits for memory at
//! every step; here the first step is by arithmetic, and few are left.

/// The places of a list by the stretch of offsets that they are in.
#[derive(Debug)]
pub(crate) struct Lookup {
    base: u32,
    shift: u32,
    /// For each stretch the number of the first place in it or behind it, and how many there are.
    firsts: Vec<u32>,
}

impl Lookup {
    /// Looks through places in ascending order.
    pub(crate) fn new<T>(places: &[T], start: impl Fn(&T) -> u32) -> Lookup {
        let base = places.first().map_or(0, &start);
        let span = places.last().map_or(0, |it| start(it).saturating_sub(base));
        // As many stretches as places, or up to twice as many.
        let shift = (0..32).find(|it| (span >> it) as usize <= 2 * places.len()).unwrap_or(31);
        let mut firsts = Vec::with_capacity((span >> shift) as usize + 2);
        for (number, place) in (0_u32..).zip(places) {
            let stretch = (start(place).saturating_sub(base) >> shift) as usize;
            while firsts.len() <= stretch {
                firsts.push(number);
            }
        }
        firsts.push(u32::try_from(places.len()).unwrap_or(u32::MAX));
        Lookup { base, shift, firsts }
    }

    /// The number of the last place that is not behind the offset, in the same list.
    pub(crate) fn last<T>(
        &self,
        places: &[T],
        offset: u32,
        start: impl Fn(&T) -> u32,
    ) -> Option<usize> {
        let stretch = (offset.checked_sub(self.base)? >> self.shift) as usize;
        let end = self.firsts.len() - 1;
        let at = |stretch: usize| self.firsts.get(stretch.min(end)).map_or(0, |it| *it as usize);
        let (first, behind) = (at(stretch), at(stretch.saturating_add(1)));
        let inside = places.get(first..behind).unwrap_or_default();
        (first + inside.partition_point(|it| start(it) <= offset)).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_a_search_by_halves_finds() {
        let lists = [
            vec![],
            vec![7],
            vec![0, 1, 2, 3],
            vec![5, 5, 5, 9],
            vec![3, 1000, 1001, 1002, 5000],
            (0..500).map(|it| it * it).collect(),
            vec![0, u32::MAX],
        ];
        for list in lists {
            let lookup = Lookup::new(&list, |it| *it);
            let near = list.iter().flat_map(|it| [it.saturating_sub(1), *it, it.saturating_add(1)]);
            for offset in near.chain([0, 6, 1 << 20, u32::MAX]) {
                let searched = list.partition_point(|it| *it <= offset).checked_sub(1);
                assert_eq!(lookup.last(&list, offset, |it| *it), searched, "{offset} in {list:?}");
            }
        }
    }
}
