//! What stands where in the memory of a program, as far as the codec treats it in a way of its own.

use std::ops::Range;

/// A range of an image and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Offsets into the image's bytes.
    pub range: Range<usize>,
    /// What stands there.
    pub kind: RegionKind,
}

/// What a range of an image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// Machine code of amd64.
    Code,
    /// Go's table of functions, `.gopclntab`.
    Pclntab,
    /// Go's type descriptors.
    Types,
    /// Go's itabs.
    Itabs,
    /// Relocations with addends, 24 bytes each.
    Relocations,
    /// Data that is only read.
    ReadOnly,
    /// Data that is written.
    Data,
}
