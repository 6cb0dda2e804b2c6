//! The table from a program counter to its function: each byte to the functions that it finds.
//!
//! For 4096 bytes of code it has a number of 4 bytes and, for each 256 of them,
//! a distance of one byte (golang/go `cmd/link/internal/ld/pcln.go`,
//! `findfunctab`, 1.18 to 1.27).

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use elfin_model::FileRange;
use elfin_schema::Kind;

const BUCKET: u64 = 4096;
const STEP: u64 = 256;
/// Bytes of the table for a bucket: its number, and a distance for each step.
const BUCKET_BYTES: u64 = 4 + BUCKET / STEP;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let (Some(table), Some(module)) = (&facts.pclntab, &facts.module) else { return };
    let Some(range) = facts.file.range_of(module.find_functab, u64::MAX) else { return };
    // Where in the table the byte for a distance from the first function stands.
    let place = |pc: u64| {
        let (bucket, step) = (pc / BUCKET, pc % BUCKET / STEP);
        let within = if step == 0 { 0 } else { 4 + step };
        bucket.saturating_mul(BUCKET_BYTES).saturating_add(within)
    };
    let mut start = 0;
    for function in table.functions() {
        let end = function.addresses.end.min(module.pcs.end).saturating_sub(module.pcs.start);
        // The first function in a step is whom the step finds.
        let steps = end.div_ceil(STEP) * STEP;
        let until = place(steps).max(start);
        let bytes = FileRange::between(range.start() + start, range.start().saturating_add(until));
        let owner = facts.function_owner(function.index);
        book.claim(Layer::Table, bytes.within(range), Goods::of(owner, Kind::FindFunction));
        start = until;
    }
}
