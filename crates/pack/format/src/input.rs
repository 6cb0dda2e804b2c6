//! Bytes that are read from the front.

use crate::Damaged;

const CUT_OFF: Damaged = Damaged("packed bytes are cut off");

/// Bytes that are read from the front.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'p>(pub(crate) &'p [u8]);

impl<'p> Input<'p> {
    #[inline(always)]
    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'p [u8; N], Damaged> {
        let (array, rest) = self.0.split_first_chunk().ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(array)
    }

    /// Four bytes, the lowest first.
    pub(crate) fn number(&mut self) -> Result<usize, Damaged> {
        Ok(u32::from_le_bytes(*self.array()?) as usize)
    }

    /// A number of seven bits a byte, the lowest first.
    pub(crate) fn short_number(&mut self) -> Result<usize, Damaged> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = *self.array()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(CUT_OFF)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'p [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT_OFF)?;
        self.0 = rest;
        Ok(taken)
    }
}
