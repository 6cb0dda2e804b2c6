//! What arm64 code refers to: the page of an address, then the place in it.
//!
//! An ADRP gives a register a page; the ADD, the load or the store that adds
//! the rest follows at once in what Go writes and soon in what C compilers
//! write (Arm Architecture Reference Manual, C6.2).

use super::references::Use;

/// So many instructions later the register may hold something else.
const SOON: usize = 8;
/// What no instruction is soon after.
const NEVER: (usize, u64) = (usize::MAX, 0);

/// Tells each address that an ADRP and an instruction after it make, or an ADR, and where in the code
/// the last of them stands.
pub(crate) fn scan(code: &[u8], address: u64, found: &mut dyn FnMut(usize, u64, Use) -> bool) {
    // For each register: which instruction gave it a page, and the page.
    let mut pages = [NEVER; 32];
    let (instructions, _) = code.as_chunks();
    for (index, bytes) in instructions.iter().enumerate() {
        let word = u32::from_le_bytes(*bytes);
        let place = address.wrapping_add(4 * index as u64);
        let mut written = NEVER;
        if word & 0x9f00_0000 == 0x9000_0000 {
            written = (index, (place & !0xfff).wrapping_add_signed(distance(word) << 12));
        } else if word & 0x9f00_0000 == 0x1000_0000 {
            found(4 * index, place.wrapping_add_signed(distance(word)), Use::Takes);
        } else if let Some((offset, how)) = offset(word) {
            let (given, page) = pages[(word >> 5 & 31) as usize];
            if index.checked_sub(given).is_some_and(|it| it <= SOON) {
                found(4 * index, page.wrapping_add(offset), how);
            }
        }
        // Most instructions write the register that is named last; a store does not, and is few.
        pages[(word & 31) as usize] = written;
    }
}

/// The signed number of ADR and ADRP.
fn distance(word: u32) -> i64 {
    let bits = (word >> 5 & 0x7_ffff) << 2 | word >> 29 & 3;
    i64::from((bits << 11).cast_signed() >> 11)
}

/// What an ADD, a load or a store adds to its register.
fn offset(word: u32) -> Option<(u64, Use)> {
    let number = u64::from(word >> 10 & 0xfff);
    if word & 0xffc0_0000 == 0x9100_0000 {
        return Some((number, Use::Takes));
    }
    let is_vector = word & 0x0480_0000 == 0x0480_0000;
    let scale = if is_vector && word >> 30 == 0 { 4 } else { word >> 30 };
    (word & 0x3b00_0000 == 0x3900_0000).then_some((number << scale, Use::Accesses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_its_offset_are_an_address() {
        // ADRP X0, 2 pages on; ADD X0, X0, #0x123; ADRP X27, 1 page back; LDR X1, [X27, #16]; ADR X2, 8
        let words: [u32; 5] = [0xd000_0000, 0x9104_8c00, 0xf0ff_fffb, 0xf940_0b61, 0x1000_0042];
        let code: Vec<u8> = words.iter().flat_map(|it| it.to_le_bytes()).collect();
        let mut all = Vec::new();
        scan(&code, 0x40_0010, &mut |_, it, _| {
            all.push(it);
            true
        });
        assert_eq!(all, [0x40_2123, 0x3f_f010, 0x40_0028]);
    }

    #[test]
    fn a_page_that_is_long_ago_is_forgotten() {
        let mut words = vec![0xd000_0000u32];
        words.extend([0xd503_201f; 9]); // NOP
        words.push(0x9104_8c00);
        let code: Vec<u8> = words.iter().flat_map(|it| it.to_le_bytes()).collect();
        let mut all = Vec::new();
        scan(&code, 0x1000, &mut |_, it, _| {
            all.push(it);
            true
        });
        assert!(all.is_empty());
        scan(&code[..3], 0x1000, &mut |_, it, _| {
            all.push(it);
            true
        });
        assert!(all.is_empty());
    }
}
