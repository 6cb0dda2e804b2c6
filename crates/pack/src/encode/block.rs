//! A block: a range of an image taken apart into streams, and put in one row when they are coded.

use super::choice::Coded;
use super::{code, pclntab};
use elfin_pack_format::block::Method;
use elfin_pack_format::branches::{self, Way};
use elfin_pack_format::pclntab::Layout;
use std::borrow::Cow;

/// What a byte of memory takes that nobody has touched, in tens of picoseconds.
const FRESH: usize = 30;

/// What it takes to put a byte together again from streams, as it was when this was written.
fn pace(method: Method) -> usize {
    match method {
        Method::Branches => 55,
        Method::Code => 400,
        Method::Pclntab => 110,
        Method::Zeros | Method::Stored | Method::Stream => 0,
    }
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

    /// Of an empty one with its lengths before it nothing else is stored.
    fn is_coded(&self) -> bool {
        !self.measured || !self.bytes.is_empty()
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
        })
    }

    /// Returns what is to be coded, in order.
    pub(super) fn streams(&self) -> impl Iterator<Item = &[u8]> {
        self.streams.iter().filter(|it| it.is_coded()).map(|it| &*it.bytes)
    }

    /// Returns the block with its streams, which are taken from the front of what is coded.
    pub(super) fn finish(self, coded: &mut impl Iterator<Item = Coded>) -> Coded {
        let mut packed = self.head;
        let mut time = self.length * (pace(self.method) + FRESH);
        for stream in &self.streams {
            let coded = if stream.is_coded() { coded.next() } else { None };
            let coded = coded.unwrap_or_else(|| Coded::plain(&[]));
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
    let plain = Coded::plain(bytes);
    let time = plain.time + bytes.len() * FRESH;
    Coded { bytes: with_head(Method::Stored, bytes.len(), &plain.bytes), time }
}

fn with_head(method: Method, length: usize, packed: &[u8]) -> Vec<u8> {
    [&[method as u8], &word(length)[..], &word(packed.len()), packed].concat()
}

/// Returns a number as it stands in a packed image.
pub(super) fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
