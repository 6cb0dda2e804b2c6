//! The two things of Go that tools look for in a finished file: pclntab and build information.
//!
//! Sections name them; where sections are gone, their magic numbers are looked
//! for in what is loaded, as Go's own tools do it. Neither is read in depth.

use crate::file::ElfFile;

const BUILD_INFO: &[u8; 14] = b"\xff Go buildinf:";
/// Length of the header before the strings.
const BUILD_INFO_HEADER: usize = 32;
/// Both are aligned to more, but a segment may begin at any pointer.
const STEP: usize = 8;

/// Magic numbers of pclntab: Go 1.2, 1.16, 1.18, and 1.20 to now.
const PCLNTAB: [u32; 4] = [0xffff_fffb, 0xffff_fffa, 0xffff_fff0, 0xffff_fff1];

impl ElfFile<'_> {
    /// True if a pclntab can be found without running the program.
    pub fn has_pclntab(&self) -> bool {
        let named = self.sections.iter().any(|it| it.name.ends_with(".gopclntab") && it.size > 0);
        named || self.loaded().iter().any(|bytes| bytes.chunks_exact(STEP).any(is_pclntab))
    }

    /// True if Go's build information is there, as `go version` finds it.
    pub fn has_build_info(&self) -> bool {
        self.go_version().is_some()
    }

    /// Reads the version of Go that built it: `go1.26.8`.
    ///
    /// `None` without build information, and for Go before 1.18, which keeps it elsewhere.
    pub fn go_version(&self) -> Option<String> {
        let section = self.section(".go.buildinfo");
        let named = section.and_then(|it| build_info_version(self.bytes(it.offset, it.size)?));
        let found = || self.loaded().iter().find_map(|bytes| find_version(bytes));
        named.or_else(found).map(str::to_owned)
    }
}

/// Magic, two zero bytes, the smallest instruction (1, 2 or 4 bytes) and the pointer size.
fn is_pclntab(head: &[u8]) -> bool {
    let [a, b, c, d, 0, 0, 1 | 2 | 4, 4 | 8] = *head else { return false };
    PCLNTAB.contains(&u32::from_le_bytes([a, b, c, d]))
        || PCLNTAB.contains(&u32::from_be_bytes([a, b, c, d]))
}

fn find_version(bytes: &[u8]) -> Option<&str> {
    (0..bytes.len()).step_by(STEP).filter_map(|at| bytes.get(at..)).find_map(build_info_version)
}

/// Reads the version out of build information that begins here. Programs that read build
/// information carry its magic too, so it counts only with a version behind it.
fn build_info_version(bytes: &[u8]) -> Option<&str> {
    const STRINGS_FOLLOW: u8 = 2;
    let flags = *bytes.strip_prefix(BUILD_INFO)?.get(1)?;
    if flags & STRINGS_FOLLOW == 0 {
        return None;
    }
    let (length, text) = varint(bytes.get(BUILD_INFO_HEADER..)?)?;
    let text = std::str::from_utf8(text.get(..usize::try_from(length).ok()?)?).ok()?;
    let is_version = text.starts_with("go") || text.starts_with("devel");
    (is_version && !text.contains(char::is_control)).then_some(text)
}

/// Reads an unsigned LEB128 number and gives the bytes behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}
