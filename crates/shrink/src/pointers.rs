//! What a program's relative relocations add the load address to, in order.
//!
//! There may be a million of them. The addends stay in the table, and are
//! written to where the pointers are only when those bytes go out.

use object::LittleEndian as LE;
use object::elf::Rela64;

/// Bits of an address by which it is sorted at a time; as many counters as a near cache holds.
const DIGIT: usize = 12;
const DIGITS: u64 = (1 << DIGIT) - 1;
/// Bytes of a pointer.
const POINTER: u64 = 8;

/// Pointers by ascending address.
#[derive(Debug)]
pub(crate) struct Pointers<'a> {
    table: &'a [Rela64<LE>],
    order: Vec<u32>,
}

impl<'a> Pointers<'a> {
    /// Takes the entries of a table that are told of by address and number; `None` where some
    /// overlap.
    pub(crate) fn new(
        table: &'a [Rela64<LE>],
        mut entries: Vec<(u64, u32)>,
    ) -> Option<Pointers<'a>> {
        sort(&mut entries);
        let apart = entries.windows(2).all(|pair| match pair {
            [one, next] => next.0 - one.0 >= POINTER,
            _ => true,
        });
        apart.then(|| Pointers { table, order: entries.into_iter().map(|(_, it)| it).collect() })
    }

    /// The addresses of the pointers.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.order.iter().map(|index| self.address(*index))
    }

    /// The last pointer that begins before an address.
    pub(crate) fn last_before(&self, end: u64) -> Option<u64> {
        let behind = self.order.partition_point(|index| self.address(*index) < end);
        behind.checked_sub(1).and_then(|last| self.order.get(last)).map(|it| self.address(*it))
    }

    /// Sets the pointers in bytes, the first of which is loaded at `address`.
    pub(crate) fn set(&self, address: u64, bytes: &mut [u8]) {
        let first = self.order.partition_point(|it| self.address(*it) + POINTER <= address);
        for entry in self.order.iter().skip(first).filter_map(|it| self.table.get(*it as usize)) {
            let addend = entry.r_addend.get(LE).to_le_bytes();
            let at = entry.r_offset.get(LE);
            // One that begins before these bytes or ends behind them is set in part.
            let skip = usize::try_from(address.saturating_sub(at)).unwrap_or(usize::MAX);
            let start = usize::try_from(at.saturating_sub(address)).unwrap_or(usize::MAX);
            let Some(room) = bytes.get_mut(start..).filter(|it| !it.is_empty()) else { return };
            let addend = addend.get(skip..).unwrap_or_default();
            room.iter_mut().zip(addend).for_each(|(byte, by)| *byte = *by);
        }
    }

    fn address(&self, index: u32) -> u64 {
        self.table.get(index as usize).map_or(u64::MAX - POINTER, |it| it.r_offset.get(LE))
    }
}

/// Sorts by address, digit by digit, for they come in runs of a few.
fn sort(entries: &mut Vec<(u64, u32)>) {
    let first = entries.first().map_or(0, |it| it.0);
    let differ = entries.iter().fold(0, |bits, it| bits | (it.0 ^ first));
    let mut sorted = vec![(0, 0); entries.len()];
    for shift in (differ.trailing_zeros()..u64::BITS - differ.leading_zeros()).step_by(DIGIT) {
        let digit = |it: &(u64, u32)| usize::try_from(it.0 >> shift & DIGITS).unwrap_or_default();
        let mut next = [0_usize; 1 << DIGIT];
        for entry in entries.iter() {
            next[digit(entry)] += 1;
        }
        let mut start = 0;
        for count in &mut next {
            start += std::mem::replace(count, start);
        }
        for entry in entries.iter() {
            let place = &mut next[digit(entry)];
            sorted[*place] = *entry;
            *place += 1;
        }
        std::mem::swap(entries, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::{I64, U64};

    fn entry(address: u64, addend: i64) -> Rela64<LE> {
        Rela64 {
            r_offset: U64::new(LE, address),
            r_info: U64::new(LE, 8),
            r_addend: I64::new(LE, addend),
        }
    }

    #[test]
    fn addresses_of_any_size_are_sorted() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for bits in [1, 3, 11, 12, 13, 24, 37, 64] {
            let mut entries: Vec<(u64, u32)> = (0..3000)
                .map(|number| {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    (random >> (64 - bits), number)
                })
                .collect();
            let mut other = entries.clone();
            sort(&mut entries);
            other.sort_by_key(|it| it.0);
            assert!(entries == other, "{bits}");
        }
        sort(&mut Vec::new());
    }

    #[test]
    fn pointers_are_set_whole_or_as_far_as_the_bytes_go() {
        let table = [entry(0x1010, 0x0807_0605_0403_0201), entry(0x1004, -1)];
        let pointers = Pointers::new(&table, vec![(0x1010, 0), (0x1004, 1)]).unwrap();
        assert_eq!(pointers.addresses().collect::<Vec<_>>(), [0x1004, 0x1010]);
        assert_eq!(pointers.last_before(0x1010), Some(0x1004));
        let mut whole = [0x77; 0x20];
        pointers.set(0x1000, &mut whole);
        for start in 0..0x20_u64 {
            for end in start..=0x20 {
                let mut part = vec![0x77; usize::try_from(end - start).unwrap()];
                pointers.set(0x1000 + start, &mut part);
                let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
                assert_eq!(part, whole[range], "{start} {end}");
            }
        }
        assert_eq!(whole[0x10..0x18], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((whole[3], whole[4], whole[11], whole[12]), (0x77, 0xff, 0xff, 0x77));
        assert!(Pointers::new(&table, vec![(0x1010, 0), (0x100c, 1)]).is_none());
    }
}
