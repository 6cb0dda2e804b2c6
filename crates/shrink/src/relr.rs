//! RELR: where pointers are, as runs of bits instead of 24 bytes each.
//!
//! An even word is an address and tells of one pointer there; an odd word tells
//! by its other 63 bits which of the 63 words that follow are pointers too. The
//! addend stands in the pointer itself. The format is that of the System V ABI
//! (DT_RELR), as in glibc 2.36 `elf/dynamic-link.h` and musl 1.2.4.

const WORD: u64 = size_of::<u64>() as u64;
const BITS: u64 = u64::BITS as u64 - 1;

/// Packs addresses, which ascend and are even, into words.
pub(crate) fn encode(addresses: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut words = Vec::new();
    let mut rest = addresses.peekable();
    while let Some(address) = rest.next() {
        words.push(address);
        let mut base = address.wrapping_add(WORD);
        loop {
            let mut bits = 0;
            while let Some(bit) = rest.peek().and_then(|next| bit(*next, base)) {
                bits |= 1 << bit;
                rest.next();
            }
            if bits == 0 {
                break;
            }
            words.push(bits << 1 | 1);
            base = base.wrapping_add(BITS * WORD);
        }
    }
    words
}

/// Which bit stands for an address in the word of bits that begins at `base`.
fn bit(address: u64, base: u64) -> Option<u64> {
    let distance = address.checked_sub(base)?;
    (distance.is_multiple_of(WORD) && distance / WORD < BITS).then_some(distance / WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a loader reads it.
    fn decode(words: &[u64]) -> Vec<u64> {
        let (mut addresses, mut base) = (Vec::new(), 0);
        for word in words {
            if word & 1 == 0 {
                addresses.push(*word);
                base = word + WORD;
            } else {
                let set = (0..BITS).filter(|bit| word >> (bit + 1) & 1 == 1);
                addresses.extend(set.map(|bit| base + bit * WORD));
                base += BITS * WORD;
            }
        }
        addresses
    }

    #[test]
    fn what_is_packed_is_what_is_read() {
        let every = |step: usize| (0x1000..0x9000).step_by(step).collect::<Vec<u64>>();
        let odd_places = vec![2, 12, 20, 28, 40, 0x1000, 0x1008, 0x1008 + 63 * 8, 1 << 62];
        for addresses in [vec![], every(8), every(16), every(504), every(512), odd_places] {
            assert_eq!(decode(&encode(addresses.iter().copied())), addresses);
        }
    }

    #[test]
    fn pointers_side_by_side_take_a_bit_each() {
        let addresses: Vec<u64> = (0..64).map(|index| 0x1000 + index * WORD).collect();
        assert_eq!(encode(addresses.into_iter()), [0x1000, u64::MAX]);
    }
}
