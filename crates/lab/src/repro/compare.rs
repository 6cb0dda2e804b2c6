//! Which bytes of two programs differ, and whose they are, by the ledger.
//!
//! Pieces of the one are held against the pieces of the other that have the same section, kind,
//! owner and name, in file order. Of two of one length the bytes that differ count; of two that are
//! not, those between what they have in common at either end; of one without a counterpart, all. So
//! what merely moved does not count, and what refers to what moved does. A compressed section is one
//! piece, and what comes out of it is compared too.

use elfin_elf::{Contents, ElfFile, Section};
use elfin_schema::{Bytes, DifferingPart, Kind, Place, Weighing};
use elfin_weigh::{Options, Weighed};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;

/// What makes a piece the counterpart of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    section: Option<String>,
    kind: Option<Kind>,
    owner: Option<String>,
    name: Option<String>,
}

/// The pieces of a program.
#[derive(Debug)]
pub(crate) struct Inventory<'a> {
    pub(super) data: &'a [u8],
    pieces: HashMap<Key, Vec<&'a [u8]>>,
    /// What comes out of compressed sections, each of which is one piece: one byte within changes
    /// most of what follows, so that owners say nothing there.
    unpacked: HashMap<String, Vec<u8>>,
    /// What it says of itself; `None` where it is no ELF file.
    pub(super) weighing: Option<Weighing>,
}

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(super) bytes: Bytes,
    pub(super) parts: Vec<DifferingPart>,
}

impl<'a> Inventory<'a> {
    /// Takes stock of a program; what is no ELF file is one piece.
    pub(super) fn of(data: &'a [u8]) -> Inventory<'a> {
        let options = Options { symbols: true, ..Options::default() };
        let mut pieces: HashMap<Key, Vec<&[u8]>> = HashMap::new();
        let Ok(weighed) = Weighed::of(data, &options) else {
            let all = Key { section: None, kind: None, owner: None, name: None };
            pieces.insert(all, vec![data]);
            return Inventory { data, pieces, unpacked: HashMap::new(), weighing: None };
        };
        let mut unpacked = HashMap::new();
        if let Ok(file) = ElfFile::parse(data) {
            for section in file.sections() {
                let Some(inflated) = inflated(&file, section) else { continue };
                let (name, kind) = (section.name.to_string(), Some(Kind::Dwarf));
                let key = Key { section: Some(name.clone()), kind, owner: None, name: None };
                pieces.entry(key).or_default().push(file.contents(section));
                unpacked.insert(name, inflated);
            }
        }
        for place in weighed.pieces() {
            if place.section.as_ref().is_some_and(|it| unpacked.contains_key(it)) {
                continue;
            }
            let start = usize::try_from(place.start).unwrap_or(usize::MAX);
            let bytes = usize::try_from(place.bytes).unwrap_or(usize::MAX);
            let piece = data.get(start..start.saturating_add(bytes)).unwrap_or_default();
            pieces.entry(key(place)).or_default().push(piece);
        }
        let settings = elfin_weigh::weigh(data, &Options::default()).ok();
        Inventory { data, pieces, unpacked, weighing: settings }
    }

    /// Holds another program against this one.
    pub(super) fn against(&self, other: &Inventory<'_>) -> Comparison {
        let mut found: BTreeMap<Key, DifferingPart> = BTreeMap::new();
        let mut keys: Vec<&Key> = self.pieces.keys().collect();
        keys.extend(other.pieces.keys().filter(|it| !self.pieces.contains_key(it)));
        keys.sort();
        for key in keys {
            let none = Vec::new();
            let mine = self.pieces.get(key).unwrap_or(&none);
            let theirs = other.pieces.get(key).unwrap_or(&none);
            for index in 0..mine.len().max(theirs.len()) {
                let one = mine.get(index).copied().unwrap_or_default();
                let two = theirs.get(index).copied().unwrap_or_default();
                let bytes = differing(one, two);
                if bytes == 0 {
                    continue;
                }
                let whole = Key { name: None, ..key.clone() };
                let part = found.entry(whole).or_insert_with(|| part(key));
                part.bytes += bytes;
                if let Some((one, two)) = self.both_unpacked(other, key) {
                    part.unpacked = Some(differing(one, two));
                    (part.from, part.to) = texts(one, two);
                } else if part.from.is_none() {
                    (part.from, part.to) = texts(one, two);
                }
            }
        }
        let mut parts: Vec<DifferingPart> = found.into_values().collect();
        parts.sort_by_key(|part| Reverse(part.bytes));
        Comparison { bytes: parts.iter().map(|part| part.bytes).sum(), parts }
    }

    /// What comes out of a compressed section of both.
    fn both_unpacked<'s>(
        &'s self,
        other: &'s Inventory<'_>,
        key: &Key,
    ) -> Option<(&'s [u8], &'s [u8])> {
        let section = key.section.as_ref()?;
        Some((self.unpacked.get(section)?, other.unpacked.get(section)?))
    }

    /// How often a text stands in the file.
    pub(super) fn count(&self, text: &str) -> usize {
        if text.len() < 2 { 0 } else { memchr::memmem::find_iter(self.data, text).count() }
    }
}

/// No bytes yet.
fn part(key: &Key) -> DifferingPart {
    DifferingPart {
        section: key.section.clone(),
        kind: key.kind,
        owner: key.owner.clone(),
        bytes: 0,
        unpacked: None,
        from: None,
        to: None,
    }
}

/// The bytes that come out of a section, where it is compressed; no more than a sound one holds.
fn inflated(file: &ElfFile<'_>, section: &Section<'_>) -> Option<Vec<u8>> {
    /// DWARF shrinks to a tenth at the very best.
    const MOST: u64 = 64;
    let most = section.size.saturating_mul(MOST);
    let mut out = Vec::new();
    let read = match file.compression(section) {
        Contents::Zlib { stream, .. } => {
            flate2::read::ZlibDecoder::new(stream).take(most).read_to_end(&mut out)
        }
        Contents::Zstd { stream, .. } => {
            zstd::stream::read::Decoder::with_buffer(stream).ok()?.take(most).read_to_end(&mut out)
        }
        Contents::Plain(_) | Contents::Unknown(_) => return None,
    };
    read.ok().map(|_| out)
}

fn key(place: Place) -> Key {
    let Some(row) = place.row else {
        return Key { section: place.section, kind: None, owner: None, name: None };
    };
    let owner = row.package.or(row.library).map(|it| it.to_string());
    let shared = || row.shared_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let owner = owner.or_else(|| (!row.shared_by.is_empty()).then(shared));
    Key {
        section: place.section,
        kind: Some(row.kind),
        owner,
        name: row.symbol.map(|it| it.to_string()),
    }
}

/// Bytes of the longer that have no equal in the other.
fn differing(one: &[u8], two: &[u8]) -> Bytes {
    let count = if one.len() == two.len() {
        one.iter().zip(two).filter(|(a, b)| a != b).count()
    } else {
        let (before, after) = in_common(one, two);
        one.len().max(two.len()) - before - after
    };
    count as Bytes
}

/// How many bytes are the same at the beginning, and then at the end.
fn in_common(one: &[u8], two: &[u8]) -> (usize, usize) {
    let before = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let (one, two) = (&one[before..], &two[before..]);
    let after = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
    (before, after)
}

/// The text around the first difference, where there is text on both sides.
fn texts(one: &[u8], two: &[u8]) -> (Option<String>, Option<String>) {
    let (at, _) = in_common(one, two);
    match (text_at(one, at), text_at(two, at)) {
        (Some(one), Some(two)) => (Some(one), Some(two)),
        _ => (None, None),
    }
}

/// The line of text that a place is in, cut to a readable length.
fn text_at(bytes: &[u8], at: usize) -> Option<String> {
    const BEFORE: usize = 40;
    const BEHIND: usize = 40;
    const LEAST: usize = 4;
    let is_text = |byte: &&u8| byte.is_ascii_graphic() || **byte == b' ';
    let before = bytes.get(..at)?.iter().rev().take_while(is_text).count().min(BEFORE);
    let behind = bytes.get(at..)?.iter().take_while(is_text).count().min(BEHIND);
    let text = bytes.get(at - before..at + behind)?;
    (text.len() >= LEAST && behind > 0).then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_does_not_count_and_what_changed_does() {
        assert_eq!(differing(b"abcd", b"abcd"), 0);
        assert_eq!(differing(b"abcd", b"xbcy"), 2);
        assert_eq!(differing(b"/home/a/main.go", b"/home/bcd/main.go"), 3);
        assert_eq!(differing(b"", b"new"), 3);
        assert_eq!(differing(b"aa", b"aaa"), 1, "what is common is not counted twice");
    }

    #[test]
    fn text_is_shown_where_both_have_some() {
        let (one, two) = texts(b"\0\0/home/a/main.go\0", b"\0\0/home/b/main.go\0");
        assert_eq!(
            (one.as_deref(), two.as_deref()),
            (Some("/home/a/main.go"), Some("/home/b/main.go"))
        );
        assert_eq!(texts(b"\x01\x02\x03", b"\x01\x04\x03"), (None, None));
    }

    #[test]
    fn what_is_no_program_is_one_piece() {
        let (one, two) = (Inventory::of(b"MZ one"), Inventory::of(b"MZ two"));
        let comparison = one.against(&two);
        assert_eq!((comparison.bytes, comparison.parts.len()), (3, 1));
        assert_eq!(one.against(&one), Comparison::default());
    }
}
