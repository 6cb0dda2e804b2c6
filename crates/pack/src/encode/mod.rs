//! An image to packed parts, each in the way that was measured to be smallest, unless that takes too long.

#![allow(
    clippy::cast_possible_truncation,
    reason = "symbols are half a byte; an image is below 4 GiB"
)]

mod choice;
mod code;
mod finder;
mod parse;
mod pclntab;
mod prices;
mod quick;
mod stream;
mod symbols;

use crate::{Effort, Image, Region, RegionKind};
use choice::{Coded, stream};
use elfin_pack_format::block::{Method, unpack_all};
use elfin_pack_format::branches::{self, Way};
use elfin_pack_format::pclntab::Layout;
use elfin_pack_format::ranks::Ranks;
use elfin_pack_format::rela;
use elfin_pack_format::relocate::RELA;
use elfin_pack_format::scratch::FOR_MODELS;
use elfin_pack_format::x86;
use rayon::prelude::*;
use std::ops::Range;

/// A range of an image, to be packed in one way if that comes back.
#[derive(Debug, Clone)]
struct Piece {
    range: Range<usize>,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Code,
    /// The table of functions behind the names.
    Functions(Layout),
    Plain,
}

/// A range of an image, and the block that it is packed as.
struct Packed {
    range: Range<usize>,
    block: Coded,
}

/// What it takes to put a byte together again, in tens of picoseconds, as it was when this was written.
mod pace {
    /// A byte of memory that nobody has touched.
    pub(super) const FRESH: usize = 30;
    pub(super) const BRANCHES: usize = 55;
    pub(super) const CODE: usize = 400;
    pub(super) const PCLNTAB: usize = 160;
}

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(mut image: Image<'_>, effort: Effort) -> Vec<u8> {
    let relocations = change_relocations(&mut image);
    let image = &image;
    let pack = |Piece { range, how }: Piece| {
        let bytes = &image.bytes[range.clone()];
        let block = match (how, effort) {
            (How::Code, Effort::Fast) => branches_block(bytes, range.start, effort),
            (How::Code, Effort::Small) => code_block(bytes, range.start, effort),
            (How::Functions(layout), _) => {
                pclntab_block(bytes, layout, effort).unwrap_or_else(|| plain(bytes, effort))
            }
            (How::Plain, _) => plain(bytes, effort),
        };
        let block = if comes_back(&block.bytes, bytes) { block } else { stored(bytes) };
        Packed { range, block }
    };
    let parts: Vec<Packed> = pieces(image).into_par_iter().map(pack).collect();
    join(&parts, &relocations)
}

/// Changes the table of relocations to differences, if it comes back; returns where it is.
fn change_relocations(image: &mut Image<'_>) -> Range<usize> {
    let table = image.regions.iter().find(|it| it.kind == RegionKind::Relocations);
    let table = table.map(|it| it.range.clone()).unwrap_or_default();
    let is_whole = table.len().is_multiple_of(RELA) && table.end <= image.bytes.len();
    if table.is_empty() || !is_whole {
        return 0..0;
    }
    let bytes = image.bytes.to_mut();
    let before = bytes[table.clone()].to_vec();
    let base = image.base;
    let change = |bytes: &mut Vec<u8>, way| rela::change(bytes, table.clone(), base, way).is_ok();
    let changed = change(bytes, rela::Way::ToDifferences);
    let differences = bytes[table.clone()].to_vec();
    let comes_back = changed && change(bytes, rela::Way::Back) && bytes[table.clone()] == before;
    let after = if comes_back { &differences } else { &before };
    bytes[table.clone()].copy_from_slice(after);
    if comes_back { table } else { 0..0 }
}

/// Returns what is to be packed, in order and without overlap; what is left out is zero.
fn pieces(image: &Image<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut add = |range: Range<usize>, how| {
        if image.bytes[range.clone()].iter().any(|byte| *byte != 0) {
            pieces.push(Piece { range, how });
        }
    };
    for Region { range, kind } in &image.regions {
        let start = range.start.clamp(at, image.bytes.len());
        let end = range.end.clamp(start, image.bytes.len());
        add(at..start, How::Plain);
        at = start;
        let how = match kind {
            RegionKind::Code => How::Code,
            RegionKind::Pclntab => match pclntab::layout(&image.bytes[start..end]) {
                Some((tables, layout)) => {
                    add(start..start + tables, How::Plain);
                    at = start + tables;
                    How::Functions(layout)
                }
                None => How::Plain,
            },
            _ => How::Plain,
        };
        if how == How::Code && end - start > WORTH_HALVING {
            at = middle(&image.bytes, start..end);
            add(start..at, how);
        }
        add(at..end, how);
        at = end;
    }
    add(at..image.bytes.len(), How::Plain);
    pieces
}

/// Code that is larger is two parts, where it would be most of the work otherwise.
const WORTH_HALVING: usize = 1 << 19;

/// Returns the instruction in the middle of code.
fn middle(bytes: &[u8], code: Range<usize>) -> usize {
    let (mut at, half) = (code.start, code.start + code.len() / 2);
    while at < half {
        let Some(head) = x86::head(&bytes[at..code.end]) else { return half };
        at += head.length + head.displacement.length() + head.immediate.length();
    }
    at.min(code.end)
}

/// Returns the scratch memory for a part: streams of code are longer than code that calls
/// something new with each instruction, seven bytes for five.
fn scratch(len: usize) -> usize {
    FOR_MODELS + len + len / 2 + Ranks::BYTES
}

/// Returns whether blocks unpack to these bytes.
fn comes_back(block: &[u8], bytes: &[u8]) -> bool {
    let mut output = vec![0; bytes.len()];
    unpack_all(block, &mut output, &mut vec![0; scratch(bytes.len())]).is_ok() && output == bytes
}

fn join(parts: &[Packed], relocations: &Range<usize>) -> Vec<u8> {
    let mut packed = [parts.len(), relocations.start, relocations.end].map(word).concat();
    for Packed { range, block } in parts {
        let cost = block.time.div_ceil(1000);
        for number in [range.start, range.len(), block.bytes.len(), scratch(range.len()), cost] {
            packed.extend(word(number));
        }
    }
    packed.extend(parts.iter().flat_map(|it| &it.block.bytes));
    packed
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Returns a block of so many bytes, each of which takes so long besides unpacking the streams.
fn block(method: Method, length: usize, packed: Coded, pace: usize) -> Coded {
    let head = [&[method as u8], &word(length)[..], &word(packed.bytes.len())].concat();
    Coded {
        bytes: [head, packed.bytes].concat(),
        time: packed.time + length * (pace + pace::FRESH),
    }
}

fn stored(bytes: &[u8]) -> Coded {
    block(Method::Stored, bytes.len(), Coded::plain(bytes), 0)
}

fn plain(bytes: &[u8], effort: Effort) -> Coded {
    block(Method::Stream, bytes.len(), stream(bytes, effort), 0)
}

fn several(streams: &[Vec<u8>], effort: Effort) -> Vec<Coded> {
    let with_lengths = |bytes: &Vec<u8>| {
        let Coded { bytes: packed, time } =
            if bytes.is_empty() { Coded::plain(&[]) } else { stream(bytes, effort) };
        let bytes = [&word(bytes.len())[..], &word(packed.len()), &packed].concat();
        Coded { bytes, time }
    };
    streams.par_iter().map(with_lengths).collect()
}

fn branches_block(code: &[u8], base: usize, effort: Effort) -> Coded {
    let mut changed = code.to_vec();
    branches::change(&mut changed, base as u32, Way::ToOffsets);
    let packed = Coded::plain(&word(base)).and(&[stream(&changed, effort)]);
    block(Method::Branches, code.len(), packed, pace::BRANCHES)
}

fn code_block(code: &[u8], base: usize, effort: Effort) -> Coded {
    let split = code::split(code, base as u32);
    let left = &code[code.len() - split.left..];
    let head = [&word(base)[..], &word(left.len()), left].concat();
    let packed = Coded::plain(&head).and(&several(&split.streams, effort));
    block(Method::Code, code.len(), packed, pace::CODE)
}

fn pclntab_block(bytes: &[u8], layout: Layout, effort: Effort) -> Option<Coded> {
    let pclntab::Split { layout, streams, rest_at } = pclntab::split(bytes, layout)?;
    let head = [layout.functions, layout.lookup, rest_at].map(word).concat();
    let packed = Coded::plain(&head)
        .and(&several(&streams, effort))
        .and(&[stream(&bytes[rest_at..], effort)]);
    Some(block(Method::Pclntab, bytes.len(), packed, pace::PCLNTAB))
}

#[cfg(test)]
mod tests;
