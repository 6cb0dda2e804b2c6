//! What stands where in the memory of a program, as far as the codec treats it in a way of its own.

use crate::original::Original;
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
    /// Relocations with addends, 24 bytes each.
    Relocations,
    /// Anything else.
    Data,
}

/// Sections, and what they hold.
const SECTIONS: [(&str, RegionKind); 17] = [
    (".text", RegionKind::Code),
    (".plt", RegionKind::Code),
    (".gopclntab", RegionKind::Pclntab),
    (".data.rel.ro.gopclntab", RegionKind::Pclntab),
    (".go.type", RegionKind::Data),
    (".itablink", RegionKind::Data),
    (".rela", RegionKind::Relocations),
    (".rela.dyn", RegionKind::Relocations),
    (".rodata", RegionKind::Data),
    (".typelink", RegionKind::Data),
    (".eh_frame", RegionKind::Data),
    (".data.rel.ro", RegionKind::Data),
    (".data.rel.ro.typelink", RegionKind::Data),
    (".data.rel.ro.itablink", RegionKind::Data),
    (".go.module", RegionKind::Data),
    (".noptrdata", RegionKind::Data),
    (".data", RegionKind::Data),
];

/// Finds the regions of a program by its sections.
pub(crate) fn find(original: &Original<'_>) -> Vec<Region> {
    let named = SECTIONS
        .iter()
        .filter_map(|(name, kind)| Some(Region { range: original.section(name)?, kind: *kind }));
    let mut regions: Vec<Region> = named.filter(|it| !it.range.is_empty()).collect();
    regions.sort_by_key(|it| it.range.start);
    let mut end = 0;
    regions.retain(|it| {
        let apart = it.range.start >= end;
        end = it.range.end.max(end);
        apart
    });
    regions
}
