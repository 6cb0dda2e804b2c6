//! References in code that is inlined from another package: who wrote them.
//!
//! The table that says which function an instruction is from is not sure of
//! what the compiler moved. So an inlined function is believed to refer to
//! something only if it does in most of the functions that it is inlined into.

use super::references::{LENT, Reference, WRITTEN};

/// A reference in inlined code, once for each function that it is inlined into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lent {
    /// The offset that it goes to.
    pub(crate) target: u32,
    /// The inlined function.
    pub(crate) name: u32,
    /// Whose that is.
    pub(crate) writer: u32,
    /// Whose the function around it is, and how it refers.
    pub(crate) holder: u32,
    /// Flags for both.
    pub(crate) how: u32,
}

/// What was found in some functions.
#[derive(Debug, Default)]
pub(crate) struct AllLent {
    references: Vec<Lent>,
    /// Each inlined function, once for each that it is inlined into.
    inlined: Vec<u32>,
}

impl AllLent {
    /// Takes what one function has: the functions inlined into it, and where these refer to.
    pub(crate) fn add(&mut self, mut names: Vec<u32>, mut references: Vec<Lent>) {
        names.sort_unstable();
        names.dedup();
        self.inlined.append(&mut names);
        references.sort_unstable();
        references.dedup_by_key(|it| (it.target, it.name));
        self.references.append(&mut references);
    }

    /// Takes what other functions have.
    pub(crate) fn append(&mut self, mut other: AllLent) {
        self.references.append(&mut other.references);
        self.inlined.append(&mut other.inlined);
    }

    /// Gives the references: of who wrote them too where that is believed.
    pub(crate) fn references(mut self) -> Vec<Reference> {
        self.references.sort_unstable();
        self.inlined.sort_unstable();
        let mut all = Vec::new();
        for same in self.references.chunk_by(|a, b| (a.target, a.name) == (b.target, b.name)) {
            let before = |name: u32| self.inlined.partition_point(|it| *it < name);
            let of = |it: &Lent| before(it.name.saturating_add(1)) - before(it.name);
            let is_believed = same.first().is_some_and(|it| 2 * same.len() >= of(it));
            for it in same {
                let mut add = |who| all.push(Reference::new(it.target, who | it.how));
                if is_believed {
                    add(it.holder | LENT);
                    add(it.writer | WRITTEN);
                } else {
                    add(it.holder);
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(inlined_into: u32, referring: u32) -> Vec<(u32, bool, bool)> {
        let mut all = AllLent::default();
        for function in 0..inlined_into {
            let one = Lent { target: 8, name: 3, writer: 1, holder: 2, how: 0 };
            let references = if function < referring { vec![one, one] } else { Vec::new() };
            all.add(vec![3, 3], references);
        }
        let mut found = all.references();
        found.sort_unstable();
        found.dedup();
        found.iter().map(|it| (it.owner(), it.is_by_writer(), it.is_by_holder())).collect()
    }

    #[test]
    fn a_function_that_refers_wherever_it_is_inlined_is_believed() {
        assert_eq!(owners(4, 2), [(1, true, false), (2, false, true)]);
    }

    #[test]
    fn one_that_seldom_does_is_not() {
        assert_eq!(owners(5, 2), [(2, true, true)]);
    }
}
