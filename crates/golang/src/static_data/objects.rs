//! Where one object ends and the next begins.
//!
//! What is read by its structure or named by a symbol has a length; of the
//! rest only the beginning is known, because something refers to it, and it
//! lasts up to the next beginning. Go's linker sorts what is alike by size and
//! leaves nothing between, so that holds (golang/go
//! `cmd/link/internal/ld/data.go`, `dodataSect`).

use super::DataKind;
use super::references::Reference;
use std::ops::Range;

/// Who an object belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Its package is known.
    Owner(u32),
    /// All who refer to it: the linker merged what several packages have.
    Everyone,
    /// One of those who refer to it.
    Definer,
    /// No package's.
    System,
}

/// An object of the data, or what is known of one. A large program has half a million of them, so
/// it takes 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object {
    pub(crate) start: u32,
    /// [`OPEN`] for one that lasts up to the next.
    pub(crate) end: u32,
    owner: u32,
    tag: Tag,
    pub(crate) kind: DataKind,
}

/// The end of an object of which only the beginning is known.
pub(crate) const OPEN: u32 = u32::MAX;

/// [`Whose`] without the number.
#[derive(Debug, Clone, Copy)]
enum Tag {
    Owner,
    Everyone,
    Definer,
    System,
}

impl Object {
    pub(crate) fn new(range: Range<u32>, kind: DataKind, whose: Whose) -> Object {
        let object =
            Object { start: range.start, end: range.end, owner: 0, tag: Tag::System, kind };
        object.of(whose)
    }

    /// The same of somebody else.
    pub(crate) fn of(self, whose: Whose) -> Object {
        let (tag, owner) = match whose {
            Whose::Owner(owner) => (Tag::Owner, owner),
            Whose::Everyone => (Tag::Everyone, 0),
            Whose::Definer => (Tag::Definer, 0),
            Whose::System => (Tag::System, 0),
        };
        Object { owner, tag, ..self }
    }

    /// Who it belongs to.
    pub(crate) fn whose(&self) -> Whose {
        match self.tag {
            Tag::Owner => Whose::Owner(self.owner),
            Tag::Everyone => Whose::Everyone,
            Tag::Definer => Whose::Definer,
            Tag::System => Whose::System,
        }
    }
}

/// Where objects begin and end, but for what is known of them.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// Where an object without an end of its own ends at the latest; sorted.
    pub(crate) fences: Vec<u32>,
    /// What is referred to in here is a string.
    pub(crate) strings: Range<u32>,
    /// Pointers in here are surely some; elsewhere a number may look like one.
    pub(crate) pointers: Range<u32>,
}

/// Divides the data into objects. References are sorted by target.
pub(crate) fn divide(
    mut known: Vec<Object>,
    from_code: &[Reference],
    from_data: &[Reference],
    bounds: &Bounds,
) -> Vec<Object> {
    // Of two that begin together the one that knows its end says more.
    known.sort_by_key(|it| (it.start, it.end == OPEN));
    known.dedup_by_key(|it| it.start);
    // What is known of begins an object whatever is before it, so there it can be cut.
    let middle = from_data.get(from_data.len() / 2).map_or(0, |it| it.target());
    let cut = known.partition_point(|it| it.start < middle);
    let middle = known.get(cut).map_or(u32::MAX, |it| it.start);
    let (known, known_behind) = known.split_at(cut);
    let split = |all: &[Reference]| all.partition_point(|it| it.target() < middle);
    let (code, code_behind) = from_code.split_at(split(from_code));
    let (data, data_behind) = from_data.split_at(split(from_data));
    let fences = bounds.fences.split_at(bounds.fences.partition_point(|it| *it < middle));
    let (mut objects, behind) = rayon::join(
        || divide_part(known, fences.0, [code, data], bounds),
        || divide_part(known_behind, fences.1, [code_behind, data_behind], bounds),
    );
    if let Some(last) = objects.last_mut() {
        last.end = last.end.min(middle);
    }
    objects.extend_from_slice(&behind);
    objects.retain(|it| it.start < it.end);
    objects
}

/// Divides a part of the data by what is known in it, what bounds it and who refers to it.
fn divide_part(
    known: &[Object],
    fences: &[u32],
    [from_code, from_data]: [&[Reference]; 2],
    bounds: &Bounds,
) -> Vec<Object> {
    let mut known = known.iter().copied().peekable();
    let mut fences = fences.iter().copied().peekable();
    let (mut from_code, mut from_data) = (from_code.iter().peekable(), from_data.iter().peekable());
    let mut objects: Vec<Object> = Vec::new();
    // The last object lasts up to the next beginning.
    let mut open = false;
    loop {
        let begins = known.peek().map(|it| it.start);
        let targets = [from_code.peek(), from_data.peek()].map(|it| it.map(|it| it.target()));
        let places = [begins, fences.peek().copied(), targets[0], targets[1]];
        let Some(at) = places.into_iter().flatten().min() else { break };
        let next = known.next_if(|it| it.start == at);
        let is_fence = std::iter::from_fn(|| fences.next_if_eq(&at)).count() > 0;
        let mut is_taken = false;
        while let Some(it) = from_code.next_if(|it| it.target() == at) {
            is_taken |= it.takes();
        }
        while let Some(it) = from_data.next_if(|it| it.target() == at) {
            // What looks like a pointer to something large leads where that would be aligned.
            is_taken |= bounds.pointers.contains(&it.source())
                || bounds.strings.contains(&at)
                || at.is_multiple_of(8);
        }
        let is_target = targets.contains(&Some(at));
        let inside = !open && objects.last().is_some_and(|it| at < it.end);
        let inside = inside || open && objects.last().is_some_and(|it| is_within(it, at, is_taken));
        let begins = next.is_some() || is_target && !inside;
        if let Some(last) = objects.last_mut().filter(|_| begins || is_fence) {
            last.end = if open || begins { last.end.min(at) } else { last.end };
            open = false;
        }
        if !begins {
            continue;
        }
        open = next.is_none_or(|it| it.end == OPEN);
        objects.push(match next {
            Some(known) => known,
            None if bounds.strings.contains(&at) => {
                Object::new(at..OPEN, DataKind::String, Whose::Everyone)
            }
            None => Object::new(at..OPEN, DataKind::Other, Whose::Definer),
        });
    }
    objects
}

/// True if what is referred to at an offset is rather a part of the object before it.
fn is_within(object: &Object, at: u32, is_taken: bool) -> bool {
    /// Smaller ones are variables, of which single words are read.
    const LARGE: u32 = 256;
    /// A string as long as this is not read by its first word alone.
    const LONG: u32 = 16;
    let length = at - object.start;
    match object.kind {
        DataKind::Other => !is_taken && length >= LARGE,
        DataKind::String => !is_taken && length >= LONG,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(known: &[(u32, Option<u32>)], targets: &[u32], fences: &[u32]) -> Vec<(u32, u32)> {
        let known = known.iter().map(|&(start, end)| {
            Object::new(start..end.unwrap_or(OPEN), DataKind::Type, Whose::Everyone)
        });
        let references: Vec<_> = targets.iter().map(|it| Reference::new(*it, 1)).collect();
        let bounds = Bounds { fences: fences.to_vec(), strings: 0..0, pointers: 0..0 };
        let objects = divide(known.collect(), &references, &[], &bounds);
        objects.iter().map(|it| (it.start, it.end)).collect()
    }

    #[test]
    fn an_object_is_small_and_says_whose_it_is() {
        assert_eq!(size_of::<Object>(), 16);
        for whose in [Whose::Owner(7), Whose::Everyone, Whose::Definer, Whose::System] {
            assert_eq!(Object::new(1..2, DataKind::Itab, whose).whose(), whose);
        }
    }

    #[test]
    fn what_has_no_end_lasts_up_to_the_next() {
        assert_eq!(divided(&[], &[10, 10, 14], &[8, 20]), [(10, 14), (14, 20)]);
        assert_eq!(
            divided(&[(8, None), (16, Some(20))], &[12], &[30]),
            [(8, 12), (12, 16), (16, 20)]
        );
    }

    #[test]
    fn what_has_an_end_is_not_divided_by_what_refers_into_it() {
        assert_eq!(divided(&[(8, Some(24))], &[8, 16, 24], &[12, 32]), [(8, 24), (24, 32)]);
        assert_eq!(
            divided(&[(8, Some(24)), (8, None), (20, Some(28))], &[], &[]),
            [(8, 20), (20, 28)]
        );
    }
}
