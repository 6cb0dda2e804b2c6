//! What nobody is known to own, range by range, with its first bytes.

use crate::catalogue::kinds;
use crate::{Lang, clean, figures};
use elfin_schema::{UnknownRange, Weighing};
use std::cmp::Reverse;

/// Bytes in a line of a dump.
const LINE: usize = 16;

/// Renders the largest unknown ranges of a weighing that has their bytes, at most `top` of them;
/// 0 for all.
pub(crate) fn text(w: &Weighing, top: usize, lang: Lang) -> String {
    let mut ranges: Vec<&UnknownRange> = w.unknown.iter().filter(|it| it.dump.is_some()).collect();
    if ranges.is_empty() {
        return String::new();
    }
    ranges.sort_by_key(|it| (Reverse(it.bytes), it.offset));
    let rest = ranges.split_off(if top == 0 { ranges.len() } else { top.min(ranges.len()) });
    let mut out = format!("\n{}\n", kinds::UNKNOWN_RANGES.to(lang));
    for it in ranges {
        let end = it.offset.saturating_add(it.bytes);
        let section = it.section.as_deref().map_or(kinds::OUTSIDE.to(lang).to_owned(), clean::line);
        let bytes = figures::exact(it.bytes);
        out.push_str(&format!("\n  {:#x}..{end:#x}  {bytes}  {section}\n", it.offset));
        out.push_str(&dump(it.offset, it.dump.as_deref().unwrap_or_default()));
    }
    if !rest.is_empty() {
        let bytes = rest.iter().fold(0_u64, |sum, it| sum.saturating_add(it.bytes));
        out.push_str(&format!("\n  {}\n", kinds::more_ranges(rest.len(), bytes, lang)));
    }
    out
}

/// Bytes that stand in the document as hexadecimal: offset, values, and what of them is ASCII.
fn dump(offset: u64, hex: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let byte = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
    let bytes: Vec<u8> = hex.as_bytes().chunks(2).map_while(byte).collect();
    let mut out = String::new();
    for (at, line) in (offset..).step_by(LINE).zip(bytes.chunks(LINE)) {
        let values: String = line.iter().map(|it| format!("{it:02x} ")).collect();
        let graphic =
            |it: &u8| if it.is_ascii_graphic() || *it == b' ' { char::from(*it) } else { '.' };
        let text: String = line.iter().map(graphic).collect();
        out.push_str(&format!("    {at:08x}  {values:<48} {text}\n"));
    }
    out
}
