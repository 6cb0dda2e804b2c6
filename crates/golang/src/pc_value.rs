//! Tables that map a program counter to a value.
//!
//! Pairs of varints: a change of the value, zigzag-coded, and the distance to
//! the program counter up to which the value holds, in the smallest
//! instructions. A change of zero ends a table, but for the first pair
//! (golang/go `runtime/symtab.go`, `step`, 1.16 to 1.27).

/// Reads an unsigned LEB128 number of at most 32 bits and moves behind it.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Measures the table that begins the bytes, its end mark included.
///
/// `None` if it does not end.
pub fn table_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let first = at == 0;
        if varint(bytes, &mut at)? == 0 && !first {
            return Some(at);
        }
        varint(bytes, &mut at)?;
    }
}

/// The entries of a table: a value, and the distance from the function's entry up to which it
/// holds, in bytes.
#[derive(Debug, Clone)]
pub struct PcValues<'a> {
    bytes: &'a [u8],
    at: usize,
    quantum: u32,
    value: i32,
    pc: u32,
}

impl<'a> PcValues<'a> {
    /// Reads the table that begins the bytes; `quantum` is the smallest instruction's length.
    pub fn new(bytes: &'a [u8], quantum: u8) -> PcValues<'a> {
        PcValues { bytes, at: 0, quantum: quantum.into(), value: -1, pc: 0 }
    }
}

impl Iterator for PcValues<'_> {
    type Item = (i32, u32);

    fn next(&mut self) -> Option<(i32, u32)> {
        let first = self.at == 0;
        let change = varint(self.bytes, &mut self.at)?;
        if change == 0 && !first {
            self.bytes = &[];
            return None;
        }
        let magnitude = (change >> 1).cast_signed();
        let change = if change & 1 == 0 { magnitude } else { !magnitude };
        self.value = self.value.wrapping_add(change);
        let distance = varint(self.bytes, &mut self.at)?.wrapping_mul(self.quantum);
        self.pc = self.pc.wrapping_add(distance);
        Some((self.value, self.pc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_ends_at_the_second_zero_change() {
        // 0 up to 4, -1 up to 0x84, end; the next table follows.
        let bytes = [2, 4, 1, 0x80, 1, 0, 9, 9];
        assert_eq!(table_length(&bytes), Some(6));
        assert_eq!(PcValues::new(&bytes, 1).collect::<Vec<_>>(), [(0, 4), (-1, 132)]);
        assert_eq!(PcValues::new(&[0, 3, 0], 4).collect::<Vec<_>>(), [(-1, 12)]);
    }

    #[test]
    fn a_table_that_does_not_end_is_none() {
        assert_eq!(table_length(&[]), None);
        assert_eq!(table_length(&[2, 4, 1]), None);
        assert_eq!(table_length(&[0xff; 40]), None);
        assert_eq!(PcValues::new(&[2, 0xff, 0xff], 1).count(), 0);
    }
}
