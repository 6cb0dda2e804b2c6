//! A file that is put together from pieces of others, without a copy of what does not change.
//!
//! A program of 100 MB is shrunk by leaving most of it where it stands, so the
//! output is a list of borrowed and made pieces with zeros between them. Where
//! only pointers are set, they are set in a small window when it is asked for.
//! Who wants the file whole writes it out.

use crate::pointers::Pointers;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

static ZEROS: [u8; 1 << 14] = [0; 1 << 14];
/// Bytes in which pointers are set at a time.
const WINDOW: usize = 1 << 16;

/// Bytes that stand together.
#[derive(Debug, Clone)]
enum Part<'a> {
    /// As they are.
    Bytes(Cow<'a, [u8]>),
    /// With pointers set, `.1` being the address of the first byte.
    Set(&'a [u8], u64, Arc<Pointers<'a>>),
}

impl Part<'_> {
    fn len(&self) -> usize {
        match self {
            Part::Bytes(bytes) => bytes.len(),
            Part::Set(bytes, ..) => bytes.len(),
        }
    }

    /// A part of it; `None` where it does not reach so far.
    fn slice(&self, range: Range<usize>) -> Option<Part<'_>> {
        Some(match self {
            Part::Bytes(bytes) => Part::Bytes(Cow::Borrowed(bytes.get(range)?)),
            Part::Set(bytes, address, pointers) => {
                let address = address.wrapping_add(range.start as u64);
                Part::Set(bytes.get(range)?, address, pointers.clone())
            }
        })
    }
}

/// The bytes of a file, piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Pieces<'a> {
    parts: BTreeMap<usize, Part<'a>>,
    len: usize,
}

impl<'a> Pieces<'a> {
    /// Puts bytes at an offset, over whatever stood there.
    pub(crate) fn put(&mut self, at: usize, bytes: impl Into<Cow<'a, [u8]>>) {
        self.put_part(at, Part::Bytes(bytes.into()));
    }

    /// Puts bytes of a program, the first of them loaded at `address`, and sets pointers in them.
    pub(crate) fn put_set(
        &mut self,
        at: usize,
        bytes: &'a [u8],
        address: u64,
        pointers: &Arc<Pointers<'a>>,
    ) {
        self.put_part(at, Part::Set(bytes, address, pointers.clone()));
    }

    /// Puts a range of another file.
    pub(crate) fn put_range(&mut self, at: usize, from: &'a Pieces<'_>, range: Range<usize>) {
        let mut place = at;
        for part in from.parts_of(range, usize::MAX) {
            let len = part.len();
            self.put_part(place, part);
            place += len;
        }
    }

    fn put_part(&mut self, at: usize, part: Part<'a>) {
        let end = at.saturating_add(part.len());
        self.split(at);
        self.split(end);
        while let Some((&start, _)) = self.parts.range(at..end).next() {
            self.parts.remove(&start);
        }
        self.len = self.len.max(end);
        if part.len() > 0 {
            self.parts.insert(at, part);
        }
    }

    /// Makes the file at least this long.
    pub(crate) fn reach(&mut self, len: usize) {
        self.len = self.len.max(len);
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives the bytes in order; none of the slices is empty.
    pub(crate) fn slices(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.slices_of(0..self.len)
    }

    /// Gives the bytes of a range in order, zeros where it reaches past the end.
    pub(crate) fn slices_of(&self, range: Range<usize>) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.parts_of(range, WINDOW).map(|part| match part {
            Part::Bytes(bytes) => bytes,
            Part::Set(bytes, address, pointers) => {
                let mut bytes = bytes.to_vec();
                pointers.set(address, &mut bytes);
                bytes.into()
            }
        })
    }

    /// Gives the parts of a range in order, and zeros between them; where pointers are to be set, at
    /// most `window` bytes.
    fn parts_of(&self, range: Range<usize>, window: usize) -> impl Iterator<Item = Part<'_>> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let left = range.end.checked_sub(at).filter(|left| *left > 0)?;
            let inside = self.parts.range(..=at).next_back().and_then(|(start, part)| {
                let from = at - start;
                let most = if matches!(part, Part::Set(..)) { left.min(window) } else { left };
                part.slice(from..part.len().min(from.saturating_add(most)))
            });
            let part = inside.filter(|it| it.len() > 0).unwrap_or_else(|| {
                let next = self.parts.range(at..).next().map_or(usize::MAX, |(start, _)| *start);
                let zeros = ZEROS.get(..left.min(next - at)).unwrap_or(&ZEROS);
                Part::Bytes(Cow::Borrowed(zeros))
            });
            at += part.len();
            Some(part)
        })
    }

    /// Writes the bytes out.
    ///
    /// Returns the writer's error.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        self.slices().try_for_each(|slice| out.write_all(&slice))
    }

    /// Gives the bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        self.slices().for_each(|slice| bytes.extend_from_slice(&slice));
        bytes
    }

    /// Makes a piece begin at an offset that is in the middle of one.
    fn split(&mut self, at: usize) {
        let Some((&start, part)) = self.parts.range_mut(..at).next_back() else { return };
        let cut = at - start;
        if cut >= part.len() {
            return;
        }
        let behind = match part {
            Part::Bytes(Cow::Borrowed(whole)) => {
                let (before, behind) = whole.split_at(cut);
                *whole = before;
                Part::Bytes(Cow::Borrowed(behind))
            }
            Part::Bytes(Cow::Owned(whole)) => Part::Bytes(Cow::Owned(whole.split_off(cut))),
            Part::Set(whole, address, pointers) => {
                let (before, behind) = whole.split_at(cut);
                *whole = before;
                Part::Set(behind, address.wrapping_add(cut as u64), pointers.clone())
            }
        };
        self.parts.insert(at, behind);
    }
}

impl<'a> From<&'a [u8]> for Pieces<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        let mut pieces = Pieces::default();
        pieces.put(0, bytes);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_last_stands() {
        let mut pieces = Pieces::from(&b"0123456789"[..]);
        pieces.put(2, b"ab".to_vec());
        pieces.put(3, &b"X"[..]);
        pieces.put(8, &b"wxyz"[..]);
        assert_eq!(pieces.to_vec(), b"01aX4567wxyz");
        pieces.put(1, &b"-------"[..]);
        assert_eq!(pieces.to_vec(), b"0-------wxyz");
    }

    #[test]
    fn nothing_between_pieces_is_zero() {
        let mut pieces = Pieces::default();
        pieces.put(3, &b"a"[..]);
        pieces.reach(20_000);
        let bytes = pieces.to_vec();
        assert_eq!((bytes.len(), bytes[3]), (20_000, b'a'));
        assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 1);
        let part: Vec<u8> = pieces.slices_of(2..5).flat_map(Cow::into_owned).collect();
        assert_eq!(part, b"\0a\0");
    }
}
