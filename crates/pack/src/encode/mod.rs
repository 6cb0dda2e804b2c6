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
mod quick;
mod stream;
mod symbols;

use crate::{Effort, Image, Region, RegionKind};
use elfin_pack_format::block::{Method, unpack_all};
use elfin_pack_format::literal::Context;
use elfin_pack_format::lz::Settings;
use elfin_pack_format::pclntab::HEADER_BYTES;
use elfin_pack_format::ranks::Ranks;
use elfin_pack_format::scratch::FOR_MODELS;
use elfin_pack_format::stream::Coding;
use elfin_pack_format::x86;
use parse::Search;
use prices::BIT;
use rayon::prelude::*;
use std::ops::Range;

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 250,
    pace: 250,
};

/// Literals without context, as they are where they stand in fixed codes.
const QUICK_SETTINGS: Settings = Settings {
    contexts: [Context { bytes: 0, phase: 0, expected: false, bits: 0 }; 2],
    ..SETTINGS
};

/// What may predict a literal besides the byte before it.
const SECONDS: [Context; 3] = [
    SETTINGS.contexts[1],
    Context { bytes: 0b11, phase: 0, expected: false, bits: 10 },
    Context { bytes: 0b1000, phase: 3, expected: false, bits: 10 },
];

const SMALL: Search = Search { depth: 48, enough: 200, dearer: 5 * BIT / 2 };
const FAST: Search = Search { depth: 24, enough: 100, dearer: 4 * BIT };
/// To see which contexts are best.
const TRIAL: Search = Search { depth: 4, enough: 64, dearer: 0 };
/// Shorter streams are not worth a trial.
const WORTH_A_TRIAL: usize = 4096;

/// A range of an image, and the block that it is packed as.
struct Packed {
    region: Region,
    block: Vec<u8>,
}

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(image: &Image<'_>, effort: Effort) -> Vec<u8> {
    let pack = |region: Region| {
        let bytes = &image.bytes[region.range.clone()];
        let block = match region.kind {
            RegionKind::Code => code_block(bytes, region.range.start, effort),
            RegionKind::Pclntab => {
                pclntab_block(bytes, effort).unwrap_or_else(|| plain(bytes, effort))
            }
            _ => plain(bytes, effort),
        };
        let block = if comes_back(&block, bytes) { block } else { stored(bytes) };
        Packed { region, block }
    };
    let parts: Vec<Packed> = regions(image, effort).into_par_iter().map(pack).collect();
    join(&parts, effort)
}

/// Returns what is to be packed, in order and without overlap; what is left out is zero.
fn regions(image: &Image<'_>, effort: Effort) -> Vec<Region> {
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
        at = start;
        if *kind == RegionKind::Code && effort == Effort::Fast && end - start > WORTH_HALVING {
            at = middle(image.bytes, start..end);
            add(start..at, *kind);
        }
        add(at..end, *kind);
        at = end;
    }
    add(at..image.bytes.len(), RegionKind::ReadOnly);
    regions
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

fn stored(bytes: &[u8]) -> Vec<u8> {
    block(Method::Stored, bytes.len(), bytes)
}

fn join(parts: &[Packed], effort: Effort) -> Vec<u8> {
    let mut packed = word(parts.len()).to_vec();
    for Packed { region, block } in parts {
        let range = &region.range;
        let scratch = scratch(range.len());
        let cost = cost(region, block.len(), effort);
        for number in [range.start, range.len(), block.len(), scratch, cost] {
            packed.extend(word(number));
        }
    }
    packed.extend(parts.iter().flat_map(|it| &it.block));
    packed
}

/// Returns about how long a part takes to unpack: in tens of nanoseconds, as it was when this was written.
fn cost(region: &Region, packed: usize, effort: Effort) -> usize {
    let coded = match effort {
        Effort::Small => 33,
        Effort::Fast => 6,
    };
    let written = match region.kind {
        RegionKind::Code => 3,
        RegionKind::Pclntab => 1,
        _ => 0,
    };
    (packed * coded + region.range.len() * written) / 10 + 1
}

fn word(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn block(method: Method, length: usize, packed: &[u8]) -> Vec<u8> {
    [&[method as u8], &word(length)[..], &word(packed.len()), packed].concat()
}

/// Returns a stream: coded as the effort asks for, or as it is if that is no longer.
fn stream(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let (coding, packed) = match effort {
        Effort::Small => {
            let settings = chosen(bytes);
            let (_, packed) = parse::parse(bytes, settings, SMALL);
            (Coding::Adaptive, [&settings.to_bytes()[..], &packed].concat())
        }
        Effort::Fast => {
            let (sequences, _) = parse::parse(bytes, QUICK_SETTINGS, FAST);
            (Coding::Quick, quick::pack(bytes, &sequences))
        }
    };
    if packed.len() < bytes.len() {
        return [&[coding as u8], &packed[..]].concat();
    }
    [&[Coding::Stored as u8], bytes].concat()
}

/// Returns the settings that make a stream smallest, by a trial.
fn chosen(bytes: &[u8]) -> Settings {
    if bytes.len() < WORTH_A_TRIAL {
        return SETTINGS;
    }
    let (sequences, _) = parse::parse(bytes, SETTINGS, TRIAL);
    let with = |second| Settings { contexts: [SETTINGS.contexts[0], second], ..SETTINGS };
    let size = |settings: &Settings| {
        let mut coding = stream::Coding::new(bytes, *settings);
        for sequence in &sequences {
            coding.code(*sequence);
        }
        coding.finish().len()
    };
    SECONDS.map(with).into_iter().min_by_key(size).unwrap_or(SETTINGS)
}

fn plain(bytes: &[u8], effort: Effort) -> Vec<u8> {
    block(Method::Stream, bytes.len(), &stream(bytes, effort))
}

fn several(streams: &[Vec<u8>], effort: Effort) -> Vec<u8> {
    let with_lengths = |bytes: &Vec<u8>| {
        let stream = if bytes.is_empty() { Vec::new() } else { stream(bytes, effort) };
        [&word(bytes.len())[..], &word(stream.len()), &stream].concat()
    };
    streams.par_iter().map(with_lengths).collect::<Vec<_>>().concat()
}

fn code_block(code: &[u8], base: usize, effort: Effort) -> Vec<u8> {
    let split = code::split(code, base as u32);
    let left = &code[code.len() - split.left..];
    let mut packed = [&word(base)[..], &word(left.len()), left].concat();
    packed.extend(several(&split.streams, effort));
    block(Method::Code, code.len(), &packed)
}

fn pclntab_block(bytes: &[u8], effort: Effort) -> Option<Vec<u8>> {
    let pclntab::Split { layout, streams, rest_at } = pclntab::split(bytes)?;
    let mut packed = [&word(rest_at)[..], &bytes[..HEADER_BYTES]].concat();
    packed.extend(several(&streams, effort));
    let front = stream(&bytes[HEADER_BYTES..layout.tables], effort);
    packed.extend(word(front.len()));
    packed.extend(front);
    packed.extend(stream(&bytes[rest_at..], effort));
    Some(block(Method::Pclntab, bytes.len(), &packed))
}

#[cfg(test)]
mod tests;
