//! Sections whose entries carry an address, which tells the function: frames, and the lists of
//! DWARF 4 (DWARF 4, sections 2.6.2, 2.17.3 and 6.4.1).

use super::stream::Stream;
use super::{Parts, units};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use elfin_elf::{Numbers, Section};
use elfin_model::VirtAddr;

/// Measures the entry that the stream shows next and finds the address in it.
type Reader = fn(&mut Lists, Numbers, &[u8]) -> Option<(u64, Option<u64>)>;

/// The sections that are read entry by entry.
pub(crate) const READERS: [(&str, Reader); 3] =
    [("frame", Lists::frame), ("loc", Lists::location), ("ranges", Lists::range)];

/// Bytes of which an entry shows what is wanted.
const HEAD: usize = 32;

/// What entries of a list say for those behind them.
#[derive(Default)]
pub(crate) struct Lists {
    base: u64,
}

/// Reads a section.
///
/// Returns what is wrong with it.
pub(crate) fn read(facts: &Facts<'_>, section: &Section<'_>, reader: Reader) -> Parts {
    let numbers = facts.file.numbers();
    let mut stream: Stream<'_> = units::open(&facts.file, section)?;
    let mut lists = Lists::default();
    let mut parts: Vec<super::Part> = Vec::new();
    while stream.position() < stream.size() {
        let start = stream.position();
        let Some((length, address)) = reader(&mut lists, numbers, stream.peek(HEAD)?) else {
            return Err(format!(
                "the entry at {start:#x} is damaged or of a form that is not known"
            ));
        };
        stream.skip(length)?;
        let end = stream.position();
        let owner = match address {
            Some(address) => owner(facts, address),
            // The mark at the end of a list belongs to the list, what no list is to nobody.
            None => parts.last().map_or(SYSTEM, |last| last.2),
        };
        match parts.last_mut() {
            Some(last) if last.2 == owner => last.1 = end,
            _ => parts.push((start, end, owner)),
        }
    }
    Ok(parts)
}

fn owner(facts: &Facts<'_>, address: u64) -> crate::owners::Owner {
    let table = facts.pclntab.as_ref();
    let function = table.and_then(|it| it.function_at(VirtAddr(address)));
    function.map_or(SYSTEM, |it| facts.function_owner(it.index))
}

impl Lists {
    /// A length and the entry: one with an address, or what such have in common.
    fn frame(&mut self, numbers: Numbers, bytes: &[u8]) -> Option<(u64, Option<u64>)> {
        let length = numbers.u32(bytes, 0).filter(|it| *it < u32::MAX - 16)?;
        let is_common = numbers.u32(bytes, 4)? == u32::MAX;
        let address = if is_common { Some(0) } else { numbers.word(bytes, 8) };
        Some((u64::from(length) + 4, address))
    }

    /// A pair of addresses with an expression behind it.
    fn location(&mut self, numbers: Numbers, bytes: &[u8]) -> Option<(u64, Option<u64>)> {
        let pair = 2 * numbers.pointer as u64;
        let address = self.pair(numbers, bytes)?;
        if !self.is_entry(numbers, bytes)? {
            return Some((pair, address));
        }
        let expression = numbers.u16(bytes, 2 * numbers.pointer)?;
        Some((pair + 2 + u64::from(expression), address))
    }

    fn range(&mut self, numbers: Numbers, bytes: &[u8]) -> Option<(u64, Option<u64>)> {
        Some((2 * numbers.pointer as u64, self.pair(numbers, bytes)?))
    }

    /// The address that a pair is about: none for the mark at the end.
    fn pair(&mut self, numbers: Numbers, bytes: &[u8]) -> Option<Option<u64>> {
        let (first, second) = (numbers.word(bytes, 0)?, numbers.word(bytes, numbers.pointer)?);
        if first == 0 && second == 0 {
            self.base = 0;
            return Some(None);
        }
        if first == largest(numbers) {
            self.base = second;
            return Some(Some(second));
        }
        Some(Some(self.base.wrapping_add(first)))
    }

    /// True for a pair that is neither a base nor the mark at the end.
    fn is_entry(&self, numbers: Numbers, bytes: &[u8]) -> Option<bool> {
        let (first, second) = (numbers.word(bytes, 0)?, numbers.word(bytes, numbers.pointer)?);
        Some(first != largest(numbers) && (first, second) != (0, 0))
    }
}

/// The address that announces a base.
fn largest(numbers: Numbers) -> u64 {
    if numbers.pointer == 8 { u64::MAX } else { u64::from(u32::MAX) }
}
