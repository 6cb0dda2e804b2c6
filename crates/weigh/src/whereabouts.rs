//! Where bytes stand: in which section, and in which loaded segment.
//!
//! Sections and segments may lie over one another in a damaged file; then the
//! earlier one has the bytes, so that a byte stands in one place only.

use crate::facts::Facts;
use elfin_model::FileRange;
use std::collections::HashMap;

/// Indices of a section header and of a program header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Whereabouts {
    section: Option<usize>,
    segment: Option<usize>,
}

impl Whereabouts {
    /// The section's name.
    pub(crate) fn section(self, facts: &Facts<'_>) -> Option<String> {
        Some(facts.file.sections().get(self.section?)?.name.to_owned())
    }

    /// The program header's number and what the memory may be used for.
    pub(crate) fn segment(self, facts: &Facts<'_>) -> Option<String> {
        let index = self.segment?;
        let access = facts.file.segments().get(index)?.access();
        Some(format!("LOAD {index} {access}"))
    }
}

/// Cuts the file into stretches of one section and one segment; they cover it in order.
pub(crate) fn stretches(facts: &Facts<'_>) -> Vec<(FileRange, Whereabouts)> {
    let sections = facts.stored.iter().map(|(index, it)| (it.range(), *index));
    let loads = facts.file.segments().iter().enumerate().filter(|(_, it)| it.is_loaded());
    let mut loads: Vec<_> = loads.map(|(index, it)| (it.range(), index)).collect();
    loads.sort_by_key(|(range, _)| range.start());
    let (sections, segments) = (disjoint(sections), disjoint(loads.into_iter()));

    let size = facts.file.data().len() as u64;
    let edges = sections.iter().chain(&segments).flat_map(|(it, _)| [it.start(), it.end()]);
    let mut edges: Vec<u64> = edges.chain([0, size]).filter(|edge| *edge <= size).collect();
    edges.sort_unstable();
    edges.dedup();
    let at = |of: &[(FileRange, usize)], start: u64| {
        let before = of.partition_point(|(range, _)| range.end() <= start);
        of.get(before).filter(|(range, _)| range.start() <= start).map(|(_, index)| *index)
    };
    let stretch = |edge: &[u64]| {
        let start = edge[0];
        let place = Whereabouts { section: at(&sections, start), segment: at(&segments, start) };
        (FileRange::between(start, edge[1]), place)
    };
    edges.windows(2).map(stretch).collect()
}

/// Gives the stretches with numbers in the place of whereabouts, which stand beside them.
pub(crate) fn numbered(facts: &Facts<'_>) -> (Vec<(FileRange, u32)>, Vec<Whereabouts>) {
    let mut places = Vec::new();
    let mut numbers: HashMap<Whereabouts, u32> = HashMap::new();
    let stretches = stretches(facts).into_iter();
    let numbered = stretches.map(|(range, place)| {
        let number = *numbers.entry(place).or_insert_with(|| {
            places.push(place);
            u32::try_from(places.len() - 1).unwrap_or(u32::MAX)
        });
        (range, number)
    });
    (numbered.collect(), places)
}

/// Leaves to each range what no range before it has.
fn disjoint(ranges: impl Iterator<Item = (FileRange, usize)>) -> Vec<(FileRange, usize)> {
    let mut end = 0;
    let own = ranges.map(|(range, index)| {
        let own = FileRange::between(range.start().max(end), range.end());
        end = end.max(range.end());
        (own, index)
    });
    own.filter(|(range, _)| !range.is_empty()).collect()
}
