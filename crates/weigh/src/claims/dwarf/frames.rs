//! `.debug_frame`: each entry has an address, which tells the function (DWARF 4, section 6.4.1).

use super::Part;
use super::budget::Budget;
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use elfin_elf::{Numbers, Section};
use elfin_model::VirtAddr;

/// Bytes of which an entry shows what is wanted.
const HEAD: usize = 16;
/// What a part takes until it is settled.
const PART: u64 = 64;

/// Reads the section.
///
/// Returns what is wrong with it.
pub(crate) fn read(
    facts: &Facts<'_>,
    section: &Section<'_>,
    budget: &mut Budget,
) -> Result<Vec<Part>, String> {
    let numbers = facts.file.numbers();
    let mut stream = super::open(&facts.file, section)?;
    let mut parts: Vec<Part> = Vec::new();
    while stream.position() < stream.size() {
        let start = stream.position();
        let Some((length, address)) = frame(numbers, stream.peek(HEAD)?) else {
            return Err(format!(
                "the entry at {start:#x} is damaged or of a form that is not known"
            ));
        };
        stream.skip(length)?;
        let end = stream.position();
        let owner = address.map_or(SYSTEM, |it| owner(facts, it));
        match parts.last_mut() {
            Some(last) if last.owner == owner => last.end = end,
            _ => {
                budget.take(PART, "so many entries")?;
                parts.push(Part { start, end, owner, exact: true });
            }
        }
    }
    Ok(parts)
}

fn owner(facts: &Facts<'_>, address: u64) -> Owner {
    let table = facts.pclntab.as_ref();
    let function = table.and_then(|it| it.function_at(VirtAddr(address)));
    function.map_or(SYSTEM, |it| facts.function_owner(it.index))
}

/// A length, and the address unless it is what entries have in common.
fn frame(numbers: Numbers, bytes: &[u8]) -> Option<(u64, Option<u64>)> {
    let length = numbers.u32(bytes, 0).filter(|it| *it < u32::MAX - 16)?;
    let is_common = numbers.u32(bytes, 4)? == u32::MAX;
    let address = if is_common { None } else { Some(numbers.word(bytes, 8)?) };
    Some((u64::from(length) + 4, address))
}
