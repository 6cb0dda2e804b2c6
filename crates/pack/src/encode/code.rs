//! Machine code of amd64 into streams: the other side of `elfin_pack_format::code`.

use elfin_pack_format::code::{STREAMS, Stream};
use elfin_pack_format::ranks::RANKS;
use elfin_pack_format::x86::{Displacement, Head, Immediate, head};
use std::collections::HashMap;

/// Code, taken apart.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) streams: [Vec<u8>; STREAMS],
    /// Bytes behind the last whole instruction.
    pub(crate) left: usize,
}

/// Takes code apart that stands at `base` of the image.
pub(crate) fn split(code: &[u8], base: u32) -> Split {
    let mut streams: [Vec<u8>; STREAMS] = Default::default();
    let mut targets = Targets::new();
    let mut at = 0;
    while let Some(Head { length, displacement, immediate }) = head(&code[at..]) {
        let middle = at + length;
        let last = middle + displacement.length();
        let end = last + immediate.length();
        if end > code.len() {
            break;
        }
        let next = base.wrapping_add(end as u32);
        let word = |at: usize| code[at..].first_chunk().map_or(0, |it| u32::from_le_bytes(*it));
        let mut put = |stream: Stream, bytes: &[u8]| streams[stream as usize].extend(bytes);
        put(Stream::Heads, &code[at..middle]);
        match displacement {
            Displacement::None => {}
            Displacement::Byte => put(Stream::Bytes, &code[middle..last]),
            Displacement::Word => put(Stream::Words, &word(middle).to_be_bytes()),
            Displacement::Relative => {
                put(Stream::Relative, &word(middle).wrapping_add(next).to_be_bytes());
            }
        }
        match immediate {
            Immediate::None => {}
            Immediate::Byte => put(Stream::ImmediateBytes, &code[last..end]),
            Immediate::Near => put(Stream::Near, &code[last..end]),
            Immediate::Jump => put(Stream::Jumps, &word(last).to_be_bytes()),
            Immediate::Call => {
                let target = word(last).wrapping_add(next);
                let rank = targets.rank(target);
                put(Stream::Calls, &rank.to_be_bytes());
                if rank == 0 {
                    put(Stream::Targets, &target.to_be_bytes());
                }
            }
            Immediate::Half | Immediate::Three | Immediate::Word | Immediate::Long => {
                let backwards: Vec<u8> = code[last..end].iter().rev().copied().collect();
                put(Stream::Immediates, &backwards);
            }
        }
        at = end;
    }
    Split { streams, left: code.len() - at }
}

/// Which target has which rank, and the other way round.
struct Targets {
    targets: Vec<u32>,
    ranks: HashMap<u32, usize>,
}

impl Targets {
    fn new() -> Self {
        Self { targets: vec![0], ranks: HashMap::new() }
    }

    /// Returns the rank of a target, 0 if it is new.
    fn rank(&mut self, target: u32) -> u16 {
        if let Some(rank) = self.ranks.get(&target).copied() {
            let half = rank.div_ceil(2);
            self.ranks.insert(self.targets[half], rank);
            self.ranks.insert(target, half);
            self.targets.swap(rank, half);
            return rank as u16;
        }
        if self.targets.len() == RANKS {
            let last = self.targets.pop();
            last.map(|it| self.ranks.remove(&it));
        }
        self.ranks.insert(target, self.targets.len());
        self.targets.push(target);
        0
    }
}
