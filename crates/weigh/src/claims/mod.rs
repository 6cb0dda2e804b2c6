//! The claims, one file per kind of bytes.
//!
//! `early` claims what the facts say by themselves; `late` claims what hangs
//! on who owns other bytes, when those are settled.

mod areas;
mod build_info;
pub(crate) mod code;
mod data;
pub(crate) mod dwarf;
mod find_function;
mod funcdata;
mod module_data;
mod padding;
mod pc_values;
mod pclntab;
mod relocations;
mod symbols;
mod users;

use crate::book::Book;
use crate::facts::Facts;
use elfin_golang::Pointers;
use elfin_ledger::Settled;

/// Claims what needs nothing but the facts.
pub(crate) fn early<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    // Words can be looked at before it is known whose they are.
    let (file, module) = (facts.file.clone(), facts.module.clone());
    let pointers = || Some(Pointers::read(&file, &file.addends(), module.as_ref()?));
    let (pointers, ()) = rayon::join(pointers, || names(facts, book));
    // What is left takes longest, and neither half needs the other.
    let labelled_by = book.labelled_by();
    let find = || data::find(facts, pointers?, labelled_by);
    let (found, ()) = rayon::join(find, || functions(facts, book));
    data::claim(facts, found, book);
    dwarf::claim(facts, book);
}

/// Claims what says itself what it is, and finds out whose all functions are.
fn names<'a>(facts: &mut Facts<'a>, book: &mut Book<'a>) {
    facts.find_functions();
    areas::claim(facts, book);
    build_info::claim(facts, book);
    module_data::claim(facts, book);
    pclntab::names(facts, book);
    symbols::claim(facts, book);
}

/// Claims what the functions in pclntab say.
fn functions<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    // In the order in which they stand, so that there is nothing to sort.
    pclntab::claim(facts, book);
    // One after the other, because of the memory; another thread is busy with the data.
    pc_values::claim(facts, pc_values::users(facts), book);
    pclntab::records(facts, book);
    funcdata::claim(facts, funcdata::users(facts), book);
    find_function::claim(facts, book);
    code::claim(facts, book);
}

/// Claims what belongs to whoever owns other bytes.
pub(crate) fn late(facts: &Facts<'_>, settled: &Settled, book: &mut Book<'_>) {
    relocations::claim(facts, settled, book);
    padding::claim(facts, settled, book);
}
