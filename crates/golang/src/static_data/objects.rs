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

/// An object of the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Object {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: DataKind,
    pub(crate) whose: Whose,
}

/// Where an object begins of which something is known; without an end it lasts up to the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) start: u32,
    pub(crate) end: Option<u32>,
    pub(crate) kind: DataKind,
    pub(crate) whose: Whose,
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

/// Divides the data into objects.
pub(crate) fn divide(
    mut known: Vec<Known>,
    from_code: &[Reference],
    from_data: &[Reference],
    bounds: &Bounds,
) -> Vec<Object> {
    // Of two that begin together the one that knows its end says more.
    known.sort_by_key(|it| (it.start, it.end.is_none()));
    known.dedup_by_key(|it| it.start);
    let mut known = known.into_iter().peekable();
    let mut fences = bounds.fences.iter().copied().peekable();
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
        open = next.is_none_or(|it| it.end.is_none());
        objects.push(match next {
            Some(Known { start, end, kind, whose }) => {
                Object { start, end: end.unwrap_or(u32::MAX), kind, whose }
            }
            None if bounds.strings.contains(&at) => {
                Object { start: at, end: u32::MAX, kind: DataKind::String, whose: Whose::Everyone }
            }
            None => {
                Object { start: at, end: u32::MAX, kind: DataKind::Other, whose: Whose::Definer }
            }
        });
    }
    objects.retain(|it| it.start < it.end);
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
        let known = known.iter().map(|&(start, end)| Known {
            start,
            end,
            kind: DataKind::Type,
            whose: Whose::Everyone,
        });
        let references: Vec<_> = targets.iter().map(|it| Reference::new(*it, 1)).collect();
        let bounds = Bounds { fences: fences.to_vec(), strings: 0..0, pointers: 0..0 };
        let objects = divide(known.collect(), &references, &[], &bounds);
        objects.iter().map(|it| (it.start, it.end)).collect()
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
