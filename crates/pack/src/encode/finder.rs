//! Finds earlier occurrences: for each length the nearest, as far as is looked.
//!
//! Positions with the same first four bytes are a binary tree, sorted by what follows, the newest
//! at the root; two- and three-byte matches come from tables of the last position with such
//! bytes.

/// An earlier occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) length: u32,
    pub(crate) distance: u32,
}

/// Finds matches in a stream, position by position.
#[derive(Debug)]
pub(crate) struct Finder<'b> {
    bytes: &'b [u8],
    pairs: Vec<u32>,
    triples: Vec<u32>,
    roots: Vec<u32>,
    /// Smaller and larger child of each position.
    children: Vec<[u32; 2]>,
    bits: u32,
    depth: u32,
    /// Matches are not compared further than this.
    enough: usize,
}

const NONE: u32 = u32::MAX;

impl<'b> Finder<'b> {
    /// Begins; looks at `depth` positions for each, and as good as never further than `enough` bytes.
    pub(crate) fn new(bytes: &'b [u8], depth: u32, enough: usize) -> Self {
        let bits = (bytes.len().max(1024).ilog2()).min(18);
        Self {
            bytes,
            pairs: vec![NONE; 1 << 16],
            triples: vec![NONE; 1 << bits],
            roots: vec![NONE; 1 << bits],
            children: vec![[NONE; 2]; bytes.len()],
            bits,
            depth,
            enough,
        }
    }

    /// Adds the matches at a position to `found`, from the shortest to the longest. Positions come in order.
    pub(crate) fn find(&mut self, at: usize, found: &mut Vec<Match>) {
        let rest = &self.bytes[at..];
        let Some(four) = rest.first_chunk::<4>() else { return };
        let word = u32::from_le_bytes(*four);
        let here = at as u32;
        let pair = &mut self.pairs[(word & 0xffff) as usize];
        let spread = |value: u32| (value.wrapping_mul(0x9e37_79b1) >> (32 - self.bits)) as usize;
        let triple = &mut self.triples[spread(word << 8)];
        let mut longest = 1;
        for slot in [pair, triple] {
            let earlier = std::mem::replace(slot, here);
            if earlier == NONE {
                continue;
            }
            let length = common(rest, &self.bytes[earlier as usize..], self.enough);
            if length > longest {
                longest = length;
                found.push(Match { length: length as u32, distance: here - earlier });
            }
        }
        let root = std::mem::replace(&mut self.roots[spread(word)], here);
        self.descend(at, root, longest.max(3), found);
    }

    /// Makes a position the root of its tree, and adds longer and longer matches on the way down.
    fn descend(&mut self, at: usize, mut node: u32, mut longest: usize, found: &mut Vec<Match>) {
        let rest = &self.bytes[at..];
        let limit = self.enough.min(rest.len());
        // Where the next smaller and the next larger position go, and what those share with this one.
        let (mut smaller, mut larger) = ((at, 0), (at, 1));
        let (mut smaller_common, mut larger_common) = (0, 0);
        for _ in 0..self.depth {
            if node == NONE {
                break;
            }
            let earlier = &self.bytes[node as usize..];
            let known = smaller_common.min(larger_common);
            let length = known + common(&rest[known..], &earlier[known..], limit - known);
            if length > longest {
                longest = length;
                found.push(Match { length: length as u32, distance: at as u32 - node });
            }
            let [left, right] = self.children[node as usize];
            if length == limit {
                self.children[smaller.0][smaller.1] = left;
                self.children[larger.0][larger.1] = right;
                return;
            }
            if earlier[length] < rest[length] {
                self.children[smaller.0][smaller.1] = node;
                smaller = (node as usize, 1);
                smaller_common = length;
                node = right;
            } else {
                self.children[larger.0][larger.1] = node;
                larger = (node as usize, 0);
                larger_common = length;
                node = left;
            }
        }
        self.children[smaller.0][smaller.1] = NONE;
        self.children[larger.0][larger.1] = NONE;
    }
}

/// Returns how many bytes two ranges have in common at their beginnings, `limit` at most.
pub(crate) fn common(one: &[u8], other: &[u8], limit: usize) -> usize {
    let most = limit.min(one.len()).min(other.len());
    let (one, other) = (&one[..most], &other[..most]);
    let mut at = 0;
    while let (Some(a), Some(b)) = (one[at..].first_chunk::<8>(), other[at..].first_chunk::<8>()) {
        let differ = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differ != 0 {
            return at + (differ.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < most && one[at] == other[at] {
        at += 1;
    }
    at
}
