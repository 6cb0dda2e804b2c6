//! The units that elfin counts in: file offsets, addresses, and ranges of a file.
//!
//! An offset and an address are both numbers, and mixing them up is the usual
//! mistake of a tool that reads binaries, so each has a type. Nothing here
//! knows ELF, Go, or what a range is for.

use std::fmt;

/// A position in the file, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileOffset(pub u64);

/// An address of the program as the file asks for it, before any relocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct VirtAddr(pub u64);

/// A stretch of the file, from `start` up to and without `end`; never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileRange {
    start: u64,
    end: u64,
}

impl fmt::Display for FileOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for VirtAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl VirtAddr {
    /// The address `bytes` further on; `None` beyond the last address.
    pub fn plus(self, bytes: u64) -> Option<VirtAddr> {
        self.0.checked_add(bytes).map(VirtAddr)
    }
}

impl FileRange {
    /// The range of `bytes` bytes from `start`; it ends at the last offset where it would pass it.
    pub fn new(start: FileOffset, bytes: u64) -> FileRange {
        FileRange { start: start.0, end: start.0.saturating_add(bytes) }
    }

    /// The range between two offsets; empty where they are in the wrong order.
    pub fn between(start: u64, end: u64) -> FileRange {
        FileRange { start, end: end.max(start) }
    }

    /// Where it begins.
    pub fn start(self) -> u64 {
        self.start
    }

    /// The first offset behind it.
    pub fn end(self) -> u64 {
        self.end
    }

    /// Its length in bytes.
    pub fn bytes(self) -> u64 {
        self.end - self.start
    }

    /// True if it has no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// True if the offset is in it.
    pub fn contains(self, offset: u64) -> bool {
        self.start <= offset && offset < self.end
    }

    /// What both have in common; empty where that is nothing.
    pub fn within(self, other: FileRange) -> FileRange {
        FileRange::between(self.start.max(other.start), self.end.min(other.end))
    }
}

impl fmt::Display for FileRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}..{:#x}", self.start, self.end)
    }
}

impl fmt::Debug for FileRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_never_negative_and_never_wraps() {
        assert!(FileRange::between(9, 3).is_empty());
        assert_eq!(FileRange::new(FileOffset(u64::MAX - 1), 8).bytes(), 1);
        let part = FileRange::between(2, 9).within(FileRange::between(5, 20));
        assert_eq!((part.start(), part.end()), (5, 9));
        assert!(part.contains(5) && !part.contains(9));
        assert!(FileRange::between(0, 3).within(FileRange::between(7, 9)).is_empty());
    }
}
