//! An image to packed parts, each in the way that was measured to be smallest.

#![allow(
    clippy::cast_possible_truncation,
    reason = "symbols are half a byte; an image is below 4 GiB"
)]

mod finder;
mod parse;
mod prices;
mod stream;
mod symbols;

use crate::{Effort, Image};
use elfin_pack_format::block::Method;
use elfin_pack_format::literal::Context;
use elfin_pack_format::lz::Settings;
use elfin_pack_format::scratch::FOR_MODELS;
use parse::Search;

const SETTINGS: Settings = Settings {
    contexts: [
        Context { bytes: 1, phase: 0, expected: false, bits: 8 },
        Context { bytes: 0, phase: 0, expected: true, bits: 9 },
    ],
    literal_pace: 60,
    pace: 30,
};

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(image: &Image<'_>, _effort: Effort) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut blocks = Vec::new();
    let mut edges: Vec<usize> =
        image.regions.iter().flat_map(|it| [it.range.start, it.range.end]).collect();
    edges.push(image.bytes.len());
    for edge in edges {
        if edge > at {
            blocks.extend(block(&image.bytes[at..edge]));
            at = edge;
        }
    }
    parts.push((0..image.bytes.len(), blocks));
    join(&parts)
}

fn join(parts: &[(std::ops::Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut packed = word(parts.len()).to_vec();
    for (range, blocks) in parts {
        for number in [range.start, range.len(), blocks.len(), FOR_MODELS, range.len()] {
            packed.extend(word(number));
        }
    }
    for (_, blocks) in parts {
        packed.extend(blocks);
    }
    packed
}

fn block(bytes: &[u8]) -> Vec<u8> {
    let mut stream = SETTINGS.to_bytes().to_vec();
    stream.extend(parse::pack(bytes, SETTINGS, Search { depth: 48, enough: 200 }));
    let mut block = vec![Method::Stream as u8];
    block.extend((bytes.len() as u32).to_le_bytes());
    block.extend((stream.len() as u32).to_le_bytes());
    block.extend(stream);
    block
}

#[cfg(test)]
mod tests;
