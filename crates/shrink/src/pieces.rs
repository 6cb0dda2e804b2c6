//! A file that is put together from pieces of others, without a copy of what does not change.
//!
//! A program of 100 MB is shrunk by leaving most of it where it stands, so the
//! output is a list of borrowed and made pieces with zeros between them. Who
//! wants it whole writes it out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

static ZEROS: [u8; 1 << 14] = [0; 1 << 14];

/// The bytes of a file, piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Pieces<'a> {
    parts: BTreeMap<usize, Cow<'a, [u8]>>,
    len: usize,
}

impl<'a> Pieces<'a> {
    /// Puts bytes at an offset, over whatever stood there.
    pub(crate) fn put(&mut self, at: usize, bytes: impl Into<Cow<'a, [u8]>>) {
        let bytes = bytes.into();
        let end = at.saturating_add(bytes.len());
        self.split(at);
        self.split(end);
        while let Some((&start, _)) = self.parts.range(at..end).next() {
            self.parts.remove(&start);
        }
        self.len = self.len.max(end);
        if !bytes.is_empty() {
            self.parts.insert(at, bytes);
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
    pub fn slices(&self) -> impl Iterator<Item = &[u8]> {
        self.slices_of(0..self.len)
    }

    /// Gives the bytes of a range in order, zeros where it reaches past the end.
    pub(crate) fn slices_of(&self, range: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            let left = range.end.checked_sub(at).filter(|left| *left > 0)?;
            let inside = self.parts.range(..=at).next_back().and_then(|(start, bytes)| {
                bytes.get(at - start..).filter(|bytes| !bytes.is_empty())
            });
            let slice = inside.unwrap_or_else(|| {
                let next = self.parts.range(at..).next().map_or(usize::MAX, |(start, _)| *start);
                ZEROS.get(..next - at).unwrap_or(&ZEROS)
            });
            let slice = slice.get(..left).unwrap_or(slice);
            at += slice.len();
            Some(slice)
        })
    }

    /// Writes the bytes out.
    ///
    /// Returns the writer's error.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        self.slices().try_for_each(|slice| out.write_all(slice))
    }

    /// Gives the bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        self.slices().for_each(|slice| bytes.extend_from_slice(slice));
        bytes
    }

    /// Makes a piece begin at an offset that is in the middle of one.
    fn split(&mut self, at: usize) {
        let Some((&start, bytes)) = self.parts.range_mut(..at).next_back() else { return };
        let cut = at - start;
        if cut >= bytes.len() {
            return;
        }
        let behind = match bytes {
            Cow::Borrowed(whole) => {
                let (before, behind) = whole.split_at(cut);
                *whole = before;
                Cow::Borrowed(behind)
            }
            Cow::Owned(whole) => Cow::Owned(whole.split_off(cut)),
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
        let part: Vec<u8> = pieces.slices_of(2..5).flatten().copied().collect();
        assert_eq!(part, b"\0a\0");
    }
}
