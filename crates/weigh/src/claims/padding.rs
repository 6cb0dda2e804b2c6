//! What nobody claimed and only fills up to an alignment: to what is aligned.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use crate::packed;
use elfin_ledger::{Owners, Piece, Settled};
use elfin_model::{FileRange, VirtAddr};
use elfin_schema::Kind;

/// Nothing within a section is aligned to more.
const MOST_WITHIN: u64 = 63;

pub(crate) fn claim(facts: &Facts<'_>, settled: &Settled, book: &mut Book<'_>) {
    let edges = if facts.stored.is_empty() { edges(facts) } else { Vec::new() };
    between_sections(facts, book);
    let mut gap = None;
    for piece in settled.pieces() {
        if let Some(gap) = gap.take() {
            within_section(facts, gap, &piece, book);
        }
        gap = (piece.owners == Owners::Nobody).then_some(piece.range);
        gap = gap.filter(|gap| !at_edges(facts, *gap, &edges, book));
    }
    if packed::by_upx(&facts.file) {
        return; // What it had behind its segments is packed too.
    }
    let file = facts.file.data().len() as u64;
    let described = facts.described.iter().map(|it| it.range().end());
    let segments = facts.file.segments().iter().map(|it| it.range().end());
    let headers = facts.file.header_ranges().map(FileRange::end);
    let end = described.chain(segments).chain(headers).filter(|it| *it <= file).max();
    let trailing = FileRange::between(end.unwrap_or(file), file);
    book.claim(Layer::Area, trailing, Goods::of(SYSTEM, Kind::Trailing));
}

/// What neither a header nor a section has is there to align the next section.
fn between_sections(facts: &Facts<'_>, book: &mut Book<'_>) {
    let sections = facts.described.iter().map(|it| (it.range(), it.name.as_bytes()));
    let headers = facts.file.header_ranges().map(|range| (range, &b"headers"[..]));
    let mut described: Vec<_> = headers.chain(sections).collect();
    described.sort_unstable_by_key(|(range, _)| *range);
    let mut end = 0;
    for (range, name) in described {
        let gap = FileRange::between(end, range.start());
        if is_filling(facts, gap) {
            let label = book.label(name.to_vec());
            // Above what fills up within a section, because it has another reason.
            book.claim(Layer::Format, gap, Goods::of(SYSTEM, Kind::Padding).labelled(label));
        }
        end = end.max(range.end());
    }
}

/// Where something begins or ends in a file that has no sections, in order.
fn edges(facts: &Facts<'_>) -> Vec<u64> {
    let segments = facts.file.segments().iter().map(elfin_elf::Segment::range);
    let tables = facts.described.iter().map(elfin_elf::Section::range);
    let code = facts.module.iter().filter_map(|it| {
        let bytes = it.text.end.saturating_sub(it.text.start);
        facts.file.range_of(VirtAddr(it.text.start), bytes)
    });
    let ranges = segments.chain(tables).chain(code).chain(facts.file.header_ranges());
    let ranges = ranges.filter(|it| !it.is_empty());
    let mut edges: Vec<u64> = ranges.flat_map(|it| [it.start(), it.end()]).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Claims what fills up to an edge or behind one; false if there was nothing.
fn at_edges(facts: &Facts<'_>, gap: FileRange, edges: &[u64], book: &mut Book<'_>) -> bool {
    let first = edges.partition_point(|it| *it < gap.start());
    let inside = edges.iter().skip(first).copied().take_while(|it| *it <= gap.end());
    let (mut start, mut any) = (gap.start(), false);
    let mut ends = inside.peekable();
    if ends.peek().is_none() {
        return false;
    }
    for end in ends.chain([gap.end()]) {
        let part = FileRange::between(start, end);
        if is_filling(facts, part) {
            book.claim(Layer::Area, part, Goods::of(SYSTEM, Kind::Padding));
            any = true;
        }
        start = end;
    }
    any
}

fn within_section(facts: &Facts<'_>, gap: FileRange, next: &Piece<'_>, book: &mut Book<'_>) {
    if gap.bytes() > MOST_WITHIN || !is_filling(facts, gap) {
        return;
    }
    // An alignment is a power of two, and a smaller one would have taken less.
    let aligned = 1u64 << next.range.start().trailing_zeros().min(12);
    if aligned <= gap.bytes() {
        return;
    }
    let owner = match next.owners {
        Owners::One(owner) => Owner::of_number(owner),
        _ => SYSTEM,
    };
    book.claim(Layer::Area, gap, Goods::of(owner, Kind::Padding));
}

/// True for zeros, and for the INT3 with which Go's linker fills up code.
fn is_filling(facts: &Facts<'_>, range: FileRange) -> bool {
    let bytes = facts.file.slice(range);
    matches!(bytes.first(), Some(0 | 0xcc)) && bytes.iter().all(|byte| Some(byte) == bytes.first())
}
