//! Which literals and matches a stream is made of: the cheapest that there are.
//!
//! A block at a time, each position's cheapest arrival is found from those before it, at what the coder
//! charges when the block begins. Then the block is coded, and the coder learns.

use super::finder::{Finder, Match, common};
use super::prices::Price;
use elfin_pack_format::lz::{Recent, SHORTEST};

/// Literals, and then a match, unless the stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) run: usize,
    /// 0 where the stream ends with the run.
    pub(crate) length: usize,
    /// 0 if the distance is new.
    pub(crate) kind: usize,
    pub(crate) distance: usize,
}

/// Codes the sequences of a stream.
pub(crate) trait Coder {
    /// Returns what it charges as long as it learns nothing.
    fn costs(&self) -> impl Costs;

    /// Returns the distances and the kind that are carried from what is coded.
    fn recent(&self) -> Recent;

    /// Codes the next sequence.
    fn code(&mut self, sequence: Sequence);
}

/// What a coder charges.
pub(crate) trait Costs {
    /// Returns the price of the literal at a position, behind `run` others.
    fn literal(&self, at: usize, recent: &Recent, run: usize) -> Price;

    /// Returns the price of a sequence besides its literals, behind a match of some kind.
    fn matched(&self, last: usize, sequence: Sequence) -> Price;
}

/// How hard to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// Positions that are compared with each.
    pub(crate) depth: u32,
    /// Positions that are decided at once, under the same prices.
    pub(crate) block: usize,
    /// A match of this length is taken without looking further.
    pub(crate) enough: usize,
    /// What a match costs besides its bits: for the time that it takes to unpack.
    pub(crate) dearer: Price,
}

/// The cheapest way to a position.
#[derive(Debug, Clone, Copy)]
struct Node {
    price: Price,
    /// The last three distances, in half of the memory that [`Recent`] takes, and the last kind.
    distances: [u32; 3],
    kind: u8,
    /// Literals since the last match.
    run: u32,
    /// What led here: a match of this length, or a literal if 0.
    length: u32,
}

const UNREACHED: Node = Node { price: Price::MAX, distances: [0; 3], kind: 0, run: 0, length: 0 };

impl Node {
    fn new(price: Price, recent: Recent, run: usize, length: usize) -> Self {
        let Recent { distances, kind } = recent;
        let distances = distances.map(|it| it as u32);
        Self { price, distances, kind: kind as u8, run: run as u32, length: length as u32 }
    }

    fn recent(&self) -> Recent {
        Recent { distances: self.distances.map(|it| it as usize), kind: usize::from(self.kind) }
    }
}

/// Codes a stream, and tells its sequences in order.
pub(crate) fn parse(
    bytes: &[u8],
    search: Search,
    coder: &mut impl Coder,
    mut tell: impl FnMut(Sequence),
) {
    let mut finder = Finder::new(bytes, search.depth, search.enough);
    let mut nodes = vec![UNREACHED; search.block.min(bytes.len()) + 1];
    let mut run = 0;
    let mut start = 0;
    while start < bytes.len() {
        let end = bytes.len().min(start + search.block);
        let (sequences, left) = {
            let costs = coder.costs();
            let mut block = Block { bytes, costs, nodes: &mut nodes, start, end, search };
            block.parse(&mut finder, coder.recent(), run);
            block.sequences()
        };
        for sequence in sequences {
            coder.code(sequence);
            tell(sequence);
        }
        run = left;
        start = end;
    }
    if run > 0 {
        let last = Sequence { run, length: 0, kind: 0, distance: 0 };
        coder.code(last);
        tell(last);
    }
}

struct Block<'a, C> {
    bytes: &'a [u8],
    costs: C,
    nodes: &'a mut [Node],
    start: usize,
    end: usize,
    search: Search,
}

impl<C: Costs> Block<'_, C> {
    /// Finds the cheapest way to each position; `run` literals before the block are not coded yet.
    fn parse(&mut self, finder: &mut Finder<'_>, recent: Recent, run: usize) {
        self.nodes.fill(UNREACHED);
        self.nodes[0] = Node::new(0, recent, run, 0);
        let mut found = Vec::new();
        let mut next = self.start;
        for at in self.start..self.end {
            found.clear();
            finder.find(at, &mut found);
            if at < next {
                continue;
            }
            let taken = self.leave(at, &found);
            next = at + taken;
        }
    }

    /// Tries everything that leaves a position; returns how far nothing else need be tried.
    fn leave(&mut self, at: usize, found: &[Match]) -> usize {
        let node = self.nodes[at - self.start];
        let most = self.end - at;
        let rest = &self.bytes[at..self.end];
        let (recent, run) = (node.recent(), node.run as usize);
        for (rank, distance) in (1..).zip(recent.distances) {
            let Some(from) = at.checked_sub(distance) else { continue };
            let length = common(rest, &self.bytes[from..], most);
            if length >= self.search.enough {
                self.arrive(at, node, rank, distance, length);
                return length;
            }
            for length in SHORTEST..=length {
                self.arrive(at, node, rank, distance, length);
            }
        }
        if let Some(longest) = found.last().filter(|it| it.length as usize >= self.search.enough) {
            let distance = longest.distance as usize;
            let length = common(rest, &self.bytes[at - distance..], most);
            if length >= SHORTEST {
                self.arrive(at, node, 0, distance, length);
                return length;
            }
        }
        let mut shortest = SHORTEST;
        for Match { length, distance } in found {
            for length in shortest..=(*length as usize).min(most) {
                self.arrive(at, node, 0, *distance as usize, length);
            }
            shortest = *length as usize + 1;
        }
        let price = node.price + self.costs.literal(at, &recent, run);
        let to = &mut self.nodes[at + 1 - self.start];
        if price < to.price {
            *to = Node { price, run: node.run + 1, length: 0, ..node };
        }
        1
    }

    fn arrive(&mut self, at: usize, node: Node, kind: usize, distance: usize, length: usize) {
        let sequence = Sequence { run: node.run as usize, length, kind, distance };
        let matched = self.costs.matched(usize::from(node.kind), sequence);
        let price = node.price + matched + self.search.dearer;
        let to = &mut self.nodes[at + length - self.start];
        if price < to.price {
            *to = Node::new(price, node.recent().take(kind, distance), 0, length);
        }
    }

    /// Returns the sequences of the cheapest way, and the literals behind the last of them.
    fn sequences(&self) -> (Vec<Sequence>, usize) {
        let mut sequences = Vec::new();
        let mut at = self.end - self.start;
        let left = self.nodes[at].run as usize;
        while at > 0 {
            let node = self.nodes[at];
            if node.length == 0 {
                at -= 1;
                continue;
            }
            at -= node.length as usize;
            sequences.push(Sequence {
                run: self.nodes[at].run as usize,
                length: node.length as usize,
                kind: usize::from(node.kind),
                distance: node.distances[0] as usize,
            });
        }
        sequences.reverse();
        (sequences, left)
    }
}
