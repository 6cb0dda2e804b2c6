//! An image to packed parts, each in the way that is smallest, unless that takes too long.

#![allow(
    clippy::cast_possible_truncation,
    reason = "symbols are half a byte; an image is below 4 GiB"
)]

mod block;
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
use block::{Block, stored, word};
use choice::{Coded, stream};
use elfin_pack_format::block::unpack_all;
use elfin_pack_format::pclntab::Layout;
use elfin_pack_format::ranks::Ranks;
use elfin_pack_format::rela;
use elfin_pack_format::relocate::RELA;
use elfin_pack_format::scratch::FOR_MODELS;
use elfin_pack_format::x86;
use rayon::prelude::*;
use std::cmp::Reverse;
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

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(mut image: Image<'_>, effort: Effort) -> Vec<u8> {
    let relocations = change_relocations(&mut image);
    let pieces = pieces(&image);
    let blocks: Vec<Block<'_>> =
        pieces.par_iter().map(|piece| taken_apart(&image.bytes, piece, effort)).collect();
    let mut coded = code_all(&blocks, effort).into_iter();
    let blocks: Vec<Coded> = blocks.into_iter().map(|it| it.finish(&mut coded)).collect();
    let checked = |(block, Piece { range, .. }): (Coded, Piece)| {
        let bytes = &image.bytes[range.clone()];
        let block = if comes_back(&block.bytes, bytes) { block } else { stored(bytes) };
        Packed { range, block }
    };
    let parts: Vec<Packed> = blocks.into_par_iter().zip(pieces).map(checked).collect();
    join(&parts, &relocations)
}

fn taken_apart<'i>(image: &'i [u8], piece: &Piece, effort: Effort) -> Block<'i> {
    let bytes = &image[piece.range.clone()];
    match (piece.how, effort) {
        (How::Code, Effort::Fast) => Block::branches(bytes, piece.range.start),
        (How::Code, Effort::Small) => Block::code(bytes, piece.range.start),
        (How::Functions(layout), _) => {
            Block::pclntab(bytes, layout).unwrap_or_else(|| Block::plain(bytes))
        }
        (How::Plain, _) => Block::plain(bytes),
    }
}

/// Codes the streams of all blocks, in order.
///
/// Whoever is free takes the longest that is left, and nobody holds more than one: what finding matches
/// takes is many times the stream.
fn code_all(blocks: &[Block<'_>], effort: Effort) -> Vec<Coded> {
    let streams: Vec<&[u8]> = blocks.iter().flat_map(Block::streams).collect();
    let mut turns: Vec<usize> = (0..streams.len()).collect();
    turns.sort_by_key(|it| Reverse(streams[*it].len()));
    let turns = turns.into_iter().par_bridge();
    let mut coded: Vec<_> = turns.map(|it| (it, stream(streams[it], effort))).collect();
    coded.sort_by_key(|(it, _)| *it);
    coded.into_iter().map(|(_, coded)| coded).collect()
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
            RegionKind::Relocations | RegionKind::Data => How::Plain,
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

#[cfg(test)]
mod tests;
