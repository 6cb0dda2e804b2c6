//! A block: a range of an image taken apart into streams, and put in one row when they are coded.

use super::choice::Coded;
use super::{code, pclntab};
use elfin_pack_format::block::Method;
use elfin_pack_format::branches::{self, Way};
use elfin_pack_format::pclntab::Layout;
use std::borrow::Cow;

/// What it takes to put a byte together again, in tens of picoseconds, as it was when this was written.
mod pace {
    /// A byte of memory that nobody has touched.
    pub(super) const FRESH: usize = 30;
    pub(super) const BRANCHES: usize = 55;
    pub(super) const CODE: usize = 400;
    pub(super) const PCLNTAB: usize = 110;
}

/// A range of an image, taken apart.
#[derive(Debug)]
pub(super) struct Block<'i> {
    method: Method,
    /// Bytes that it unpacks to.
    length: usize,
    /// What stands before the streams.
    head: Vec<u8>,
    streams: Vec<Stream<'i>>,
    /// What a byte takes besides unpacking the streams.
    pace: usize,
}

#[derive(Debug)]
struct Stream<'i> {
    bytes: Cow<'i, [u8]>,
    /// Whether its lengths stand before it, as they do where others follow.
    measured: bool,
}

impl<'i> Stream<'i> {
    fn alone(bytes: impl Into<Cow<'i, [u8]>>) -> Self {
        Self { bytes: bytes.into(), measured: false }
    }

    fn measured(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), measured: true }
    }
}

impl<'i> Block<'i> {
    /// Bytes as they stand.
    pub(super) fn plain(bytes: &'i [u8]) -> Self {
        Self {
            method: Method::Stream,
            length: bytes.len(),
            head: Vec::new(),
            streams: vec![Stream::alone(bytes)],
            pace: 0,
        }
    }

    /// Code at `base` of the image as it stands, but for operands.
    pub(super) fn branches(bytes: &[u8], base: usize) -> Self {
        let mut changed = bytes.to_vec();
        branches::change(&mut changed, base as u32, Way::ToOffsets);
        Self {
            method: Method::Branches,
            length: bytes.len(),
            head: word(base).to_vec(),
            streams: vec![Stream::alone(changed)],
            pace: pace::BRANCHES,
        }
    }

    /// Code at `base` of the image, taken apart.
    pub(super) fn code(bytes: &[u8], base: usize) -> Self {
        let split = code::split(bytes, base as u32);
        let left = &bytes[bytes.len() - split.left..];
        Self {
            method: Method::Code,
            length: bytes.len(),
            head: [&word(base)[..], &word(left.len()), left].concat(),
            streams: split.streams.into_iter().map(Stream::measured).collect(),
            pace: pace::CODE,
        }
    }

    /// Go's table of functions; `None` if it is not as it should be.
    pub(super) fn pclntab(bytes: &'i [u8], layout: Layout) -> Option<Self> {
        let pclntab::Split { layout, streams, rest_at } = pclntab::split(bytes, layout)?;
        let rest = Stream::alone(&bytes[rest_at..]);
        Some(Self {
            method: Method::Pclntab,
            length: bytes.len(),
            head: [layout.functions, layout.lookup, rest_at].map(word).concat(),
            streams: streams.into_iter().map(Stream::measured).chain([rest]).collect(),
            pace: pace::PCLNTAB,
        })
    }

    /// Returns what is to be coded, in order.
    pub(super) fn streams(&self) -> impl Iterator<Item = &[u8]> {
        self.streams.iter().map(|it| &*it.bytes)
    }

    /// Returns the block with its streams, which are taken from the front of what is coded.
    pub(super) fn finish(self, coded: &mut impl Iterator<Item = Coded>) -> Coded {
        let mut packed = self.head;
        let mut time = self.length * (self.pace + pace::FRESH);
        for (stream, coded) in self.streams.iter().zip(coded) {
            let empty = stream.measured && stream.bytes.is_empty();
            let coded = if empty { Coded::plain(&[]) } else { coded };
            if stream.measured {
                packed.extend(word(stream.bytes.len()));
                packed.extend(word(coded.bytes.len()));
            }
            packed.extend(coded.bytes);
            time += coded.time;
        }
        Coded { bytes: with_head(self.method, self.length, &packed), time }
    }
}

/// Returns a block of bytes that are not packed.
pub(super) fn stored(bytes: &[u8]) -> Coded {
    let Coded { time, .. } = Coded::plain(bytes);
    let fresh = bytes.len() * pace::FRESH;
    Coded { bytes: with_head(Method::Stored, bytes.len(), bytes), time: time + fresh }
}

fn with_head(method: Method, length: usize, packed: &[u8]) -> Vec<u8> {
    [&[method as u8], &word(length)[..], &word(packed.len()), packed].concat()
}

/// Returns a number as it stands in a packed image.
pub(super) fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
