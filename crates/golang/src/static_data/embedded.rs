//! Files that `//go:embed` put into variables of type `embed.FS`.
//!
//! A slice that points right behind itself, at entries of a name, the content
//! and a hash, sorted by name; a folder's name ends with a slash and it has no
//! content (golang/go `cmd/compile/internal/staticdata/embed.go` `WriteEmbed`,
//! `embed/embed.go` `file`, 1.18 to 1.27).

use super::loaded::Loaded;
use super::references::Reference;
use std::ops::Range;

/// A file in the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedFile<'a> {
    /// Its path as the program opens it.
    pub name: &'a [u8],
    /// Its content.
    pub addresses: Range<u64>,
}

/// A list of files.
#[derive(Debug)]
pub(crate) struct EmbedList<'a> {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The name and the place of the content.
    pub(crate) files: Vec<(&'a [u8], Range<u32>)>,
}

/// Bytes of a content's hash.
const HASH: u32 = 16;

/// Finds the lists among the pointers of the data.
pub(crate) fn lists<'a>(loaded: &Loaded<'a, '_>, from_data: &[Reference]) -> Vec<EmbedList<'a>> {
    let header = 3 * loaded.pointer_size();
    let own = from_data.iter().filter(|it| it.source().checked_add(header) == Some(it.target()));
    own.filter_map(|it| read(loaded, it.source())).collect()
}

fn read<'a>(loaded: &Loaded<'a, '_>, start: u32) -> Option<EmbedList<'a>> {
    let (numbers, pointer) = (loaded.numbers, loaded.pointer_size());
    let bytes = loaded.bytes(start);
    let count = numbers.word(bytes, numbers.pointer)?;
    if count == 0 || numbers.word(bytes, 2 * numbers.pointer)? != count {
        return None;
    }
    let size = 4 * pointer + HASH;
    let length = u32::try_from(count).ok()?.checked_mul(size)?.checked_add(3 * pointer)?;
    bytes.get(..length as usize)?;
    let mut files = Vec::new();
    let end = start + length;
    for entry in (start + 3 * pointer..end).step_by(size as usize) {
        let name = text(loaded, entry)?;
        if name.is_empty() {
            return None;
        }
        let content = entry + 2 * pointer;
        let bytes = numbers.word(loaded.bytes(content), numbers.pointer)?;
        if bytes > 0 {
            let at = loaded.pointer(content)?;
            let bytes = u32::try_from(bytes).ok()?;
            loaded.bytes(at).get(..bytes as usize)?;
            files.push((name, at..at + bytes));
        }
    }
    Some(EmbedList { start, end, files })
}

/// The text of the string at an offset.
fn text<'a>(loaded: &Loaded<'a, '_>, string: u32) -> Option<&'a [u8]> {
    let length = loaded.numbers.word(loaded.bytes(string), loaded.numbers.pointer)?;
    let text = loaded.bytes(loaded.pointer(string)?).get(..usize::try_from(length).ok()?)?;
    std::str::from_utf8(text).ok()?;
    Some(text)
}
