//! Functions that look up methods by reflection, and the calls that lead down to them.
//!
//! Where one is reached the linker cannot know which methods will be called, and keeps every
//! exported one (golang/go src/cmd/link/internal/ld/deadcode.go). Calls are found without decoding
//! instructions: a distance counts as one that leads to where a function begins. What a function
//! only takes the address of, to be called by others, counts as called: function values, and the
//! methods in the table of an interface. Calls through values that nothing here shows are missed.

use crate::Pclntab;
use crate::static_data::Use;
use crate::static_data::scanner;
use elfin_elf::{Addends, ElfFile, Machine};
use elfin_model::VirtAddr;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// What the compiler marks the callers of.
///
/// Source: golang/go src/cmd/compile/internal/walk/expr.go (go1.26), usemethod.
const LOOKUPS: [&[u8]; 4] = [
    b"reflect.Value.Method",
    b"reflect.Value.MethodByName",
    b"reflect.(*rtype).Method",
    b"reflect.(*rtype).MethodByName",
];

/// The words of a table of methods for an interface before the methods.
const ITAB_HEAD: u64 = 24;
/// More methods of an interface are not followed.
const METHODS: u64 = 64;
/// No index of a function.
const NONE: u32 = u32::MAX;

/// A function that looks methods up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodLookup<'a> {
    /// Its name.
    pub function: &'a [u8],
    /// The names from `main.main`, or from an initializer, down to it; empty if no calls were
    /// found that lead there.
    pub path: Vec<&'a [u8]>,
}

/// Finds the functions that look methods up by reflection.
///
/// Empty where the program has none of what they call, or for processors whose calls are not read.
pub fn method_lookups<'a>(
    file: &ElfFile<'_>,
    addends: &Addends<'_>,
    table: &Pclntab<'a>,
) -> Vec<MethodLookup<'a>> {
    let names: Vec<&'a [u8]> = table.functions().map(|it| it.name).collect();
    let wanted: Vec<u32> =
        (0..).zip(&names).filter(|(_, it)| LOOKUPS.contains(it)).map(|it| it.0).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let calls = Calls::find(file, addends, table);
    let is_own =
        |index: u32| names.get(index as usize).is_some_and(|it| it.starts_with(b"reflect."));
    let mut callers: Vec<u32> = calls
        .0
        .iter()
        .filter(|it| it.2 && wanted.contains(&it.1) && !is_own(it.0))
        .map(|it| it.0)
        .collect();
    callers.sort_unstable();
    callers.dedup();
    if callers.is_empty() {
        return Vec::new();
    }
    let index = |wanted: fn(&[u8]) -> bool| {
        (0..).zip(&names).filter(move |(_, name)| wanted(name)).map(|(index, _)| index).collect()
    };
    let from_main = calls.reach(names.len(), index(|name| name == b"main.main"));
    let from_init = calls.reach(names.len(), index(is_initializer));
    let path = |caller: u32| {
        [&from_main, &from_init].into_iter().find_map(|parents| path(parents, caller))
    };
    let named = |index: &u32| names.get(*index as usize).copied().unwrap_or_default();
    callers
        .iter()
        .map(|caller| MethodLookup {
            function: named(caller),
            path: path(*caller).unwrap_or_default().iter().map(named).collect(),
        })
        .collect()
}

/// True for what the runtime calls before `main.main`.
fn is_initializer(name: &[u8]) -> bool {
    let behind = name.rsplit(|byte| *byte == b'.');
    let mut behind = behind.skip_while(|it| it.iter().all(u8::is_ascii_digit));
    behind.next() == Some(b"init")
}

/// The indices from a root down to a function, by the parent of each that was reached.
fn path(parents: &[u32], function: u32) -> Option<Vec<u32>> {
    let mut path = vec![function];
    let mut at = function;
    loop {
        match *parents.get(at as usize)? {
            NONE => return None,
            parent if parent == at => break,
            parent => at = parent,
        }
        path.push(at);
    }
    path.reverse();
    Some(path)
}

/// Who calls whom: sorted, each once, and whether it is a call and no address that is taken.
struct Calls(Vec<(u32, u32, bool)>);

impl Calls {
    fn find(file: &ElfFile<'_>, addends: &Addends<'_>, table: &Pclntab<'_>) -> Calls {
        let starts: Vec<u64> = table.functions().map(|it| it.addresses.start).collect();
        let machine = file.machine();
        let function = |address: u64| {
            starts.binary_search(&address).ok().and_then(|it| u32::try_from(it).ok())
        };
        let word = |address: u64| {
            let slot = VirtAddr(address);
            addends
                .at(slot)
                .map(|it| it.0)
                .or_else(|| file.numbers().word(file.slice(file.range_of(slot, 8)?), 0))
        };
        let mut all: Vec<(u32, u32, bool)> = (0..table.count)
            .into_par_iter()
            .flat_map_iter(|index| {
                let mut found = Vec::new();
                let code = table.function(index).and_then(|it| {
                    let length = it.addresses.end.saturating_sub(it.addresses.start);
                    Some((it.addresses.start, file.range_of(VirtAddr(it.addresses.start), length)?))
                });
                if let (Some((address, range)), Ok(from)) = (code, u32::try_from(index)) {
                    let code = file.slice(range);
                    calls(machine, code, address, |target| {
                        found.extend(function(target).map(|to| (from, to, true)));
                    });
                    taken(machine, code, address, |target| {
                        for to in called_through(target, word, function) {
                            found.push((from, to, false));
                        }
                    });
                }
                found.sort_unstable();
                found.dedup();
                found
            })
            .collect();
        all.sort_unstable();
        Calls(all)
    }

    /// The parent of each function that is reached from roots, which are their own.
    fn reach(&self, count: usize, roots: Vec<u32>) -> Vec<u32> {
        let mut parents = vec![NONE; count];
        let mut next = roots;
        for root in &next {
            if let Some(place) = parents.get_mut(*root as usize) {
                *place = *root;
            }
        }
        while !next.is_empty() {
            let mut after = Vec::new();
            for from in next {
                let start = self.0.partition_point(|it| it.0 < from);
                let calls = self.0.get(start..).unwrap_or_default();
                for (_, to, _) in calls.iter().take_while(|it| it.0 == from) {
                    if let Some(place) = parents.get_mut(*to as usize).filter(|it| **it == NONE) {
                        *place = from;
                        after.push(*to);
                    }
                }
            }
            next = after;
        }
        parents
    }
}

/// Tells where calls and jumps of some code lead that go beyond a function.
fn calls(machine: Machine, code: &[u8], address: u64, mut found: impl FnMut(u64)) {
    match machine {
        Machine::Amd64 => {
            for (at, bytes) in code.windows(5).enumerate() {
                // CALL and JMP with a distance of 32 bits (Intel SDM, volume 2).
                if let [0xe8 | 0xe9, distance @ ..] = bytes
                    && let Ok(distance) = distance.try_into()
                {
                    let end = address.wrapping_add(at as u64 + 5);
                    found(end.wrapping_add_signed(i32::from_le_bytes(distance).into()));
                }
            }
        }
        Machine::Arm64 => {
            for (index, bytes) in code.as_chunks().0.iter().enumerate() {
                let word = u32::from_le_bytes(*bytes);
                // B and BL: 26 bits of distance in instructions.
                if word & 0x7c00_0000 == 0x1400_0000 {
                    let distance = i64::from((word << 6).cast_signed() >> 6) * 4;
                    found(address.wrapping_add(4 * index as u64).wrapping_add_signed(distance));
                }
            }
        }
        _ => {}
    }
}

/// Tells which addresses some code takes.
fn taken(machine: Machine, code: &[u8], address: u64, mut found: impl FnMut(u64)) {
    if let Some(scan) = scanner(machine) {
        scan(code, address, &mut |_, target, how| {
            if how == Use::Takes {
                found(target);
            }
            true
        });
    }
}

/// The functions that can be called through what stands at an address: a function value begins with
/// its code, and a table of methods ends with theirs.
fn called_through(
    address: u64,
    word: impl Fn(u64) -> Option<u64>,
    function: impl Fn(u64) -> Option<u32>,
) -> Vec<u32> {
    let at = |offset: u64| function(word(address.checked_add(offset)?)?);
    match at(0) {
        Some(it) => vec![it],
        None => (0..METHODS).map_while(|index| at(ITAB_HEAD + 8 * index)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_of_both_processors() {
        let mut found = Vec::new();
        // CALL +0x10, and a jump back to the beginning.
        calls(Machine::Amd64, &[0xe8, 0x10, 0, 0, 0, 0xe9, 0xf6, 0xff, 0xff, 0xff], 0x1000, |it| {
            found.push(it);
        });
        assert_eq!(found, [0x1015, 0x1000]);
        found.clear();
        // BL +8; B -4.
        calls(Machine::Arm64, &[2, 0, 0, 0x94, 0xff, 0xff, 0xff, 0x17], 0x1000, |it| {
            found.push(it);
        });
        assert_eq!(found, [0x1008, 0x1000]);
    }

    #[test]
    fn initializers_are_told_by_their_names() {
        let cases = [
            ("main.init", true),
            ("a.b/c.init.0", true),
            ("main.initialize", false),
            ("main.T.init2", false),
        ];
        for (name, is) in cases {
            assert_eq!(is_initializer(name.as_bytes()), is, "{name}");
        }
    }

    #[test]
    fn a_path_ends_at_a_root_and_is_none_where_nothing_leads() {
        let calls = Calls(vec![(0, 1, true), (1, 2, false), (3, 3, true)]);
        let parents = calls.reach(4, vec![0]);
        assert_eq!(path(&parents, 2), Some(vec![0, 1, 2]));
        assert_eq!(path(&parents, 3), None);
        assert_eq!(path(&parents, 9), None);
    }

    #[test]
    fn function_values_and_tables_of_methods_are_called_through() {
        let words = |address: u64| {
            [(0x10, 0x400), (0x40, 1), (0x58, 0x400), (0x60, 0x500)]
                .iter()
                .find(|it| it.0 == address)
                .map(|it| it.1)
        };
        let function = |address: u64| match address {
            0x400 => Some(4),
            0x500 => Some(5),
            _ => None,
        };
        assert_eq!(called_through(0x10, words, function), [4]);
        assert_eq!(called_through(0x40, words, function), [4, 5]);
        assert_eq!(called_through(u64::MAX, words, function), Vec::<u32>::new());
    }
}
