//! Values that come again and again, told by their rank: the more often, the lower.
//!
//! A value that comes changes places with the one at half its rank. That is cheaper than moving it to the
//! front and all others back, and keeps what comes often in front as well.

/// Ranks that there are; rank 0 is a new value.
pub const RANKS: usize = 1 << 16;

/// Which value has which rank.
#[derive(Debug)]
pub struct Ranks<'m> {
    values: &'m mut [[u8; 4]],
    used: usize,
}

impl<'m> Ranks<'m> {
    /// Bytes of memory that it takes.
    pub const BYTES: usize = RANKS * 4;

    /// Begins without values, in memory of [`Self::BYTES`].
    #[must_use]
    pub fn new(memory: &'m mut [u8]) -> Self {
        Self { values: memory.as_chunks_mut().0, used: 1 }
    }

    /// Adds a value. Where there is no place left, it takes the last one's.
    #[inline(always)]
    pub fn add(&mut self, value: u32) {
        let rank = self.used.min(self.values.len().min(RANKS) - 1);
        self.used = rank + 1;
        if let Some(place) = self.values.get_mut(rank) {
            *place = value.to_le_bytes();
        }
    }

    /// Returns the value of a rank.
    #[inline(always)]
    pub fn take(&mut self, rank: usize) -> Option<u32> {
        if rank == 0 || rank >= self.used {
            return None;
        }
        let half = rank.div_ceil(2);
        self.values.swap(rank, half);
        Some(u32::from_le_bytes(self.values[half]))
    }
}
