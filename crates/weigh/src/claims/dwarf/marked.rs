//! Sections that are made of the units' parts, of which the units tell where each begins.
//!
//! Since DWARF 5 lists and addresses stand in contributions with a header
//! (DWARF 5, sections 7.27 to 7.29): a C compiler writes one for each unit,
//! Go's linker one for all of them.

use super::Part;
use super::stream::Stream;
use super::units::Unit;
use crate::owners::Owner;
use elfin_elf::Numbers;

/// A section, and where in it a unit's part begins.
pub(crate) struct Marked {
    pub(crate) name: &'static str,
    pub(crate) mark: fn(&Unit) -> Option<u64>,
    /// True if contributions have headers.
    has_headers: bool,
    /// True if the first of several marks in a unit counts, so that all of the unit must be read.
    is_of_lists: bool,
}

const fn marked(name: &'static str, mark: fn(&Unit) -> Option<u64>) -> Marked {
    Marked { name, mark, has_headers: false, is_of_lists: false }
}

const fn lists(name: &'static str, mark: fn(&Unit) -> Option<u64>) -> Marked {
    Marked { is_of_lists: true, ..marked(name, mark) }
}

/// The sections.
pub(crate) const MARKED: [Marked; 7] = [
    marked("abbrev", |unit| Some(unit.abbreviations)),
    marked("line", |unit| unit.line),
    lists("loc", |unit| unit.locations.filter(|_| unit.version < 5)),
    lists("ranges", |unit| unit.ranges.filter(|_| unit.version < 5)),
    Marked {
        has_headers: true,
        ..lists("loclists", |unit| unit.locations.filter(|_| unit.version >= 5))
    },
    Marked {
        has_headers: true,
        ..lists("rnglists", |unit| unit.ranges.filter(|_| unit.version >= 5))
    },
    Marked { has_headers: true, ..marked("addr", |unit| unit.addresses) },
];

impl Marked {
    /// Parts from each mark to the next one, or to the end of the contribution. What units have in
    /// common is a part for each of them.
    ///
    /// Returns an error with what the decompressor says.
    pub(crate) fn parts(
        &self,
        units: &[(Unit, Owner)],
        numbers: Numbers,
        mut stream: Stream<'_>,
    ) -> Result<Vec<Part>, String> {
        let marks = units.iter().filter_map(|(unit, owner)| Some(((self.mark)(unit)?, *owner)));
        let mut marks: Vec<(u64, Owner)> = marks.collect();
        marks.sort_unstable();
        marks.dedup();
        let mut exact = !self.is_of_lists || units.iter().all(|(unit, _)| !unit.is_cut);
        let mut parts = Vec::new();
        let mut rest = &marks[..];
        while !rest.is_empty() && stream.position() < stream.size() {
            let (start, size) = (stream.position(), stream.size());
            let length = numbers.u32(stream.peek(4)?, 0).map(|it| start + 4 + u64::from(it));
            let end = match length.filter(|end| *end <= size) {
                Some(end) if self.has_headers => end,
                _ => {
                    exact &= !self.has_headers;
                    size
                }
            };
            let (here, behind) = rest.split_at(rest.partition_point(|(at, _)| *at < end));
            rest = behind;
            self.cut(here, start, end, exact, &mut parts);
            if !rest.is_empty() {
                stream.skip(end - start)?;
            }
        }
        Ok(parts)
    }

    /// Cuts a contribution. One of a single unit is the unit's with its header.
    fn cut(
        &self,
        marks: &[(u64, Owner)],
        start: u64,
        end: u64,
        exact: bool,
        parts: &mut Vec<Part>,
    ) {
        let groups = marks.chunk_by(|a, b| a.0 == b.0);
        let is_single = self.has_headers && groups.clone().count() == 1;
        let ends = groups.clone().skip(1).map(|group| group[0].0).chain([end]);
        for (group, end) in groups.zip(ends) {
            for (mark, owner) in group {
                let start = if is_single { start } else { *mark };
                parts.push(Part { start, end, owner: *owner, exact });
            }
        }
    }
}
