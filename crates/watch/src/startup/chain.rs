//! The way in: from the entry point to `runtime.rt0_go` and what that calls, disassembled.

use crate::marks::Marks;
use elfin_disasm::{Call, Listing};
use elfin_elf::{ElfFile, Machine};
use elfin_golang::{ModuleData, Pclntab};
use elfin_model::VirtAddr;
use elfin_schema::{EntryFunction, OnlyCalled};
use std::collections::BTreeSet;
use std::ops::Range;

/// Functions that are listed at most; the way in has about twenty.
const MOST: usize = 64;
/// Bytes of a function whose end nobody tells.
const UNKNOWN: u64 = 64;

/// A program's functions by address.
struct Functions<'a> {
    file: &'a ElfFile<'a>,
    table: Option<Pclntab<'a>>,
    /// Address, size, name; of symbols.
    symbols: Vec<(u64, u64, String)>,
}

impl<'a> Functions<'a> {
    fn of(file: &'a ElfFile<'a>) -> Functions<'a> {
        let addends = file.addends();
        let module = ModuleData::find(file, &addends);
        let tables = file.sections().iter().filter(|it| it.is_symbol_table()).take(2);
        let mut symbols: Vec<_> = tables
            .flat_map(|it| file.symbols(it))
            .filter(|it| it.kind == elfin_elf::SymbolKind::Function && it.section != 0)
            .map(|it| (it.address.0, it.size, String::from_utf8_lossy(it.name).into_owned()))
            .collect();
        symbols.sort();
        Functions { file, table: Pclntab::find(file, &addends, module.as_ref()), symbols }
    }

    /// The name of the function that begins at an address and its code.
    fn at(&self, address: u64) -> Option<(String, Range<u64>)> {
        let of_go = self.table.as_ref().and_then(|it| it.function_at(VirtAddr(address)));
        if let Some(function) = of_go.filter(|it| it.addresses.start == address) {
            let name = String::from_utf8_lossy(function.name).into_owned();
            return Some((name, function.addresses));
        }
        let behind = self.symbols.partition_point(|it| it.0 < address);
        let (start, size, name) = self.symbols.get(behind).filter(|it| it.0 == address)?;
        let size = if *size == 0 { UNKNOWN } else { *size };
        Some((name.clone(), *start..start.saturating_add(size)))
    }

    fn name(&self, call: Call) -> String {
        match call {
            Call::To(to) => self.at(to).map_or_else(|| format!("{to:#x}"), |(name, _)| name),
            Call::Through(_) => "(a library)".to_owned(),
            Call::Unknown => "(a register)".to_owned(),
        }
    }

    /// What a function of assembly calls through a wrapper of the same name is listed, and not the
    /// wrapper, which only moves arguments.
    fn behind_wrapper(&self, name: &str, listing: Listing) -> Listing {
        if let [Call::To(to)] = listing.calls[..]
            && let Some((of, code)) = self.at(to)
            && of == name
        {
            return self.listing(&code);
        }
        listing
    }

    fn listing(&self, code: &Range<u64>) -> Listing {
        let bytes = code.end.saturating_sub(code.start);
        let range = self.file.range_of(VirtAddr(code.start), bytes);
        range.map(|it| Listing::of(self.file.slice(it), code.start)).unwrap_or_default()
    }
}

/// Lists the functions from the entry point on; what `rt0_go` calls is listed, and not followed.
pub(crate) fn chain(file: &ElfFile<'_>, marks: &Marks) -> Vec<EntryFunction> {
    if file.machine() != Machine::Amd64 {
        return Vec::new();
    }
    let functions = Functions::of(file);
    let mut open = vec![(marks.entry, 0)];
    let (mut seen, mut chain) = (BTreeSet::new(), Vec::new());
    // C's start calls `main` through a library, which no disassembly shows.
    open.extend(marks.rt0.map(|at| (at, 1)));
    while let Some((at, depth)) = (!open.is_empty()).then(|| open.remove(0)) {
        if !seen.insert(at) || chain.len() >= MOST {
            continue;
        }
        let known = functions.at(at);
        let (name, code) =
            known.unwrap_or_else(|| (format!("{at:#x}"), at..at.saturating_add(UNKNOWN)));
        let listing = functions.behind_wrapper(&name, functions.listing(&code));
        let mut calls: Vec<String> = Vec::new();
        for call in &listing.calls {
            let called = functions.name(*call);
            if !calls.contains(&called) {
                calls.push(called);
            }
        }
        // One step beyond the runtime's entry, and along the jumps that lead to it.
        let is_rt0 = Some(at) == marks.rt0;
        if is_rt0 || name.starts_with("_rt0_") || name == "main" || depth == 0 {
            let targets = listing.calls.iter().filter_map(|it| match it {
                Call::To(to) => functions.at(*to).map(|_| (*to, depth + 1)),
                _ => None,
            });
            // Along the way first, so that the list reads in order.
            let targets: Vec<_> = targets.collect();
            if is_rt0 { open.extend(targets) } else { open.splice(0..0, targets).for_each(drop) }
        }
        let (instructions, bytes) = (listing.instructions, listing.bytes);
        chain.push(EntryFunction { name, depth, instructions, bytes, calls });
    }
    chain
}

/// What only one of two calls, of the functions that both have and of those that one has.
pub(crate) fn only(here: &[EntryFunction], there: &[EntryFunction]) -> OnlyCalled {
    let calls = |chain: &[EntryFunction]| -> Vec<(String, String)> {
        let pairs = chain.iter().flat_map(|it| {
            it.calls.iter().map(|call| (it.name.clone(), call.clone())).collect::<Vec<_>>()
        });
        pairs.collect()
    };
    let (here, there) = (calls(here), calls(there));
    let left = |of: &[(String, String)], without: &[(String, String)]| {
        of.iter().filter(|it| !without.contains(it)).cloned().collect()
    };
    OnlyCalled { here: left(&here, &there), there: left(&there, &here) }
}
