//! How the numbers of a file stand in it: byte order and the size of a pointer.

/// Reads the numbers of one file out of any of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The least byte comes first.
    pub little: bool,
    /// Bytes of a pointer, 4 or 8.
    pub pointer: usize,
}

impl Numbers {
    /// Reads two bytes.
    #[inline]
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    /// Reads four bytes.
    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    /// Reads eight bytes.
    #[inline]
    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }

    /// Reads a pointer, or a number of the same size.
    #[inline]
    pub fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.pointer == 8 { self.u64(bytes, at) } else { self.u32(bytes, at).map(u64::from) }
    }
}
