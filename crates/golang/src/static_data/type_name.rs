//! Names of types, fields and methods, and import paths, as type descriptors refer to them.
//!
//! A byte of flags, the length as a varint, the text; a tag in the same way
//! where a flag says so; the offset of an import path where another does
//! (golang/go `internal/abi/type.go` `Name`,
//! `cmd/compile/internal/reflectdata/reflect.go` `dnameData`, 1.18 to 1.27).

use super::loaded::Loaded;

const HAS_TAG: u8 = 1 << 1;
const HAS_PACKAGE: u8 = 1 << 2;
const ALL_FLAGS: u8 = 0xf;
/// No name or tag of a sound program is longer.
const LONGEST: usize = 1 << 20;

/// A name as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeName<'a> {
    /// The text, without the tag.
    pub(crate) text: &'a [u8],
    /// Bytes of all of it.
    pub(crate) length: u32,
    /// Where its import path is, an offset from the first type; 0 without one.
    pub(crate) package: i32,
}

impl<'a> TypeName<'a> {
    /// Reads the name at an offset; `None` if none can be there.
    pub(crate) fn read(loaded: &Loaded<'a, '_>, offset: u32) -> Option<TypeName<'a>> {
        let bytes = loaded.bytes(offset);
        let flags = *bytes.first()?;
        if flags & !ALL_FLAGS != 0 {
            return None;
        }
        let mut at = 1;
        let text = text(bytes, &mut at)?;
        if flags & HAS_TAG != 0 {
            self::text(bytes, &mut at)?;
        }
        let mut package = 0;
        if flags & HAS_PACKAGE != 0 {
            package = loaded.numbers.u32(bytes, at)?.cast_signed();
            at += 4;
        }
        Some(TypeName { text, length: u32::try_from(at).ok()?, package })
    }
}

/// Reads a length and so many bytes of text.
fn text<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let mut length = 0usize;
    for shift in (0..21).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let text = bytes.get(*at..*at + length.min(LONGEST))?;
            *at += text.len();
            return Some(text);
        }
    }
    None
}
