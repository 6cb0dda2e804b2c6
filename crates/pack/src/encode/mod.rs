//! An image to packed parts, each in the way that was measured to be smallest.

#![allow(
    clippy::cast_possible_truncation,
    reason = "symbols are half a byte; an image is below 4 GiB"
)]

mod code;
mod finder;
mod parse;
mod pclntab;
mod prices;
mod stream;
mod symbols;

use crate::{Effort, Image, Region, RegionKind};
use elfin_pack_format::block::Method;
use elfin_pack_format::literal::Context;
use elfin_pack_format::lz::Settings;
use elfin_pack_format::pclntab::HEADER_BYTES;
use elfin_pack_format::ranks::Ranks;
use elfin_pack_format::scratch::FOR_MODELS;
use parse::Search;
use std::ops::Range;

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 250,
    pace: 250,
};

/// A range of an image, and the block that it is packed as.
struct Packed {
    range: Range<usize>,
    block: Vec<u8>,
}

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(image: &Image<'_>, _effort: Effort) -> Vec<u8> {
    let pack = |Region { range, kind }: Region| {
        let bytes = &image.bytes[range.clone()];
        let block = match kind {
            RegionKind::Code => code_block(bytes, range.start),
            RegionKind::Pclntab => pclntab_block(bytes).unwrap_or_else(|| plain(bytes)),
            _ => plain(bytes),
        };
        Packed { range, block }
    };
    let parts: Vec<Packed> = regions(image).into_iter().map(pack).collect();
    join(&parts)
}

/// Returns what is to be packed, in order and without overlap; what is left out is zero.
fn regions(image: &Image<'_>) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut at = 0;
    let mut add = |range: Range<usize>, kind| {
        if image.bytes[range.clone()].iter().any(|byte| *byte != 0) {
            regions.push(Region { range, kind });
        }
    };
    for Region { range, kind } in &image.regions {
        let start = range.start.clamp(at, image.bytes.len());
        let end = range.end.clamp(start, image.bytes.len());
        add(at..start, RegionKind::ReadOnly);
        add(start..end, *kind);
        at = end;
    }
    add(at..image.bytes.len(), RegionKind::ReadOnly);
    regions
}

fn join(parts: &[Packed]) -> Vec<u8> {
    let mut packed = word(parts.len()).to_vec();
    for Packed { range, block } in parts {
        let scratch = FOR_MODELS + range.len() + Ranks::BYTES;
        // Symbols take most of the time, and what is written some.
        let cost = 8 * block.len() + range.len();
        for number in [range.start, range.len(), block.len(), scratch, cost] {
            packed.extend(word(number));
        }
    }
    packed.extend(parts.iter().flat_map(|it| &it.block));
    packed
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn block(method: Method, length: usize, packed: &[u8]) -> Vec<u8> {
    [&[method as u8], &word(length)[..], &word(packed.len()), packed].concat()
}

/// Returns a stream with its header.
fn stream(bytes: &[u8], settings: Settings) -> Vec<u8> {
    let mut stream = settings.to_bytes().to_vec();
    stream.extend(parse::pack(bytes, settings, Search { depth: 48, enough: 200 }));
    stream
}

fn plain(bytes: &[u8]) -> Vec<u8> {
    block(Method::Stream, bytes.len(), &stream(bytes, SETTINGS))
}

fn several(streams: &[Vec<u8>], settings: impl Fn(usize) -> Settings) -> Vec<u8> {
    let mut packed = Vec::new();
    for (index, bytes) in streams.iter().enumerate() {
        let stream = if bytes.is_empty() { Vec::new() } else { stream(bytes, settings(index)) };
        packed.extend(word(bytes.len()));
        packed.extend(word(stream.len()));
        packed.extend(stream);
    }
    packed
}

fn code_block(code: &[u8], base: usize) -> Vec<u8> {
    let split = code::split(code, base as u32);
    let left = &code[code.len() - split.left..];
    let mut packed = [&word(base)[..], &word(left.len()), left].concat();
    packed.extend(several(&split.streams, |_| SETTINGS));
    block(Method::Code, code.len(), &packed)
}

fn pclntab_block(bytes: &[u8]) -> Option<Vec<u8>> {
    let pclntab::Split { layout, streams, rest_at } = pclntab::split(bytes)?;
    let mut packed = [&word(rest_at)[..], &bytes[..HEADER_BYTES]].concat();
    packed.extend(several(&streams, |_| SETTINGS));
    let front = stream(&bytes[HEADER_BYTES..layout.tables], SETTINGS);
    packed.extend(word(front.len()));
    packed.extend(front);
    packed.extend(stream(&bytes[rest_at..], SETTINGS));
    Some(block(Method::Pclntab, bytes.len(), &packed))
}

#[cfg(test)]
mod tests;
