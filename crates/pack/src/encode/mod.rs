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

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 250,
    pace: 250,
};

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(image: &Image<'_>, _effort: Effort) -> Vec<u8> {
    let mut blocks = Vec::new();
    let mut at = 0;
    let end = Region { range: image.bytes.len()..image.bytes.len(), kind: RegionKind::Data };
    for Region { range, kind } in image.regions.iter().chain([&end]) {
        if range.start > at {
            blocks.extend(plain(&image.bytes[at..range.start]));
        }
        if !range.is_empty() {
            let bytes = &image.bytes[range.clone()];
            blocks.extend(match kind {
                RegionKind::Code => code_block(bytes, range.start),
                RegionKind::Pclntab => pclntab_block(bytes).unwrap_or_else(|| plain(bytes)),
                _ => plain(bytes),
            });
        }
        at = range.end;
    }
    join(&[(0..image.bytes.len(), blocks)])
}

fn join(parts: &[(std::ops::Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let mut packed = word(parts.len()).to_vec();
    for (range, blocks) in parts {
        for number in [
            range.start,
            range.len(),
            blocks.len(),
            FOR_MODELS + range.len() + Ranks::BYTES,
            range.len(),
        ] {
            packed.extend(word(number));
        }
    }
    for (_, blocks) in parts {
        packed.extend(blocks);
    }
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
