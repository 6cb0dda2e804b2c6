//! The functions of every package: what two files are told apart by, function by function.

use crate::claims::code;
use crate::facts::{Facts, lossy};
use crate::owners::{Owner, Who};
use elfin_golang::Pclntab;
use elfin_schema::{Bytes, Functions};
use std::collections::HashSet;

/// Lists the functions that pclntab names, and with 0 bytes those that are only inlined.
pub(crate) fn by_package(facts: &Facts<'_>) -> Functions {
    let mut all = Functions::new();
    let Some(table) = &facts.pclntab else { return all };
    let mut seen = HashSet::new();
    for function in table.functions() {
        let bytes = code::body(facts, &function).map_or(0, |(code, _)| code.bytes());
        seen.insert(function.name_at);
        enter(facts, &mut all, facts.function_owner(function.index), function.name, bytes);
    }
    for (at, owner) in facts.names.iter().filter(|(at, _)| !seen.contains(at)) {
        if let Some(name) = table.names.text(*at as usize) {
            enter(facts, &mut all, *owner, name, 0);
        }
    }
    all
}

fn enter(facts: &Facts<'_>, all: &mut Functions, owner: Owner, name: &[u8], bytes: Bytes) {
    let package = match facts.owners.who(owner) {
        Who::Package(path) => path,
        Who::System | Who::Library(_) => "",
    };
    let name = lossy(name);
    // The dots of a path's last element are escaped in names.
    let beneath = name.strip_prefix(package).and_then(|it| it.strip_prefix('.'));
    let name = beneath.unwrap_or(&name);
    if !all.contains_key(package) {
        all.insert(package.to_owned(), Default::default());
    }
    let Some(functions) = all.get_mut(package) else { return };
    *functions.entry(name.to_owned()).or_default() += bytes;
}

/// What the most functions begin at a multiple of, if nearly all do.
pub(crate) fn alignment(table: &Pclntab<'_>) -> Option<u64> {
    /// The largest that any of Go's linkers is asked for.
    const MOST: u32 = 7;
    let mut counts = [0_u64; MOST as usize + 1];
    for function in table.functions() {
        let zeros = function.addresses.start.trailing_zeros().min(MOST);
        counts.iter_mut().take(zeros as usize + 1).for_each(|it| *it += 1);
    }
    // Assembly may ask for more or for less than the linker's flag says.
    let nearly_all = counts[0] - counts[0] / 10;
    let most = counts.iter().rposition(|it| *it >= nearly_all)?;
    (counts[0] > 0).then_some(1 << most)
}
