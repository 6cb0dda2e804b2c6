//! Go's build information, part by part.
//!
//! A header of 32 bytes, the version and the module information, each behind
//! its length; the module information is lines between two marks of 16 bytes
//! (golang/go `debug/buildinfo/buildinfo.go`, `runtime/debug/mod.go`, 1.18 to
//! 1.27). Go up to 1.17 kept pointers instead of texts and is not read.

use crate::modules::Modules;
use elfin_elf::ElfFile;
use elfin_model::{FileOffset, FileRange};
use std::borrow::Cow;

const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;
const MARK: usize = 16;
/// The header says that texts follow, not pointers.
const TEXTS_FOLLOW: u8 = 2;

/// A part of the build information.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildInfoPart {
    /// The header, the lengths and the marks.
    Frame,
    /// Go's version.
    Version,
    /// The main package's path, and a line for each module.
    Modules,
    /// A line for each setting of the build.
    Settings,
}

/// The build information of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildInfo<'a> {
    /// Go's version: `go1.26.8`.
    pub version: &'a str,
    /// Import path of the main package.
    pub path: Option<&'a str>,
    /// The modules of the program.
    pub modules: Modules<'a>,
    /// The settings of the build, as key and value.
    pub settings: Vec<(&'a str, Cow<'a, str>)>,
    /// What stands where, in file order and without a gap.
    pub parts: Vec<(BuildInfoPart, FileRange)>,
}

impl<'a> BuildInfo<'a> {
    /// Finds the build information: in its section, or by its magic in what is loaded.
    pub fn find(file: &ElfFile<'a>) -> Option<BuildInfo<'a>> {
        let section = file.section_named(".go.buildinfo").map(elfin_elf::Section::range);
        let loads = file.segments().iter().filter(|it| it.is_loaded());
        let ranges = section.into_iter().chain(loads.map(elfin_elf::Segment::range));
        ranges.into_iter().find_map(|range| {
            let bytes = file.slice(range);
            memchr::memmem::find_iter(bytes, MAGIC).find_map(|at| {
                BuildInfo::read(bytes.get(at..)?, FileOffset(range.start() + at as u64))
            })
        })
    }

    fn read(bytes: &'a [u8], at: FileOffset) -> Option<BuildInfo<'a>> {
        if bytes.get(MAGIC.len() + 1)? & TEXTS_FOLLOW == 0 {
            return None;
        }
        let (version_at, version_end) = text(bytes, HEADER)?;
        let version = std::str::from_utf8(bytes.get(version_at..version_end)?).ok()?;
        let is_version = version.starts_with("go") || version.starts_with("devel");
        if !is_version || version.contains(char::is_control) {
            return None; // Programs that read build information carry its magic too.
        }
        let (info_at, info_end) = text(bytes, version_end).unwrap_or((version_end, version_end));
        let marked = info_end - info_at >= 2 * MARK;
        let (lines_at, lines_end) =
            if marked { (info_at + MARK, info_end - MARK) } else { (info_end, info_end) };
        let lines = std::str::from_utf8(bytes.get(lines_at..lines_end)?).unwrap_or_default();
        let settings = lines.find("\nbuild\t").map_or(lines_end, |line| lines_at + line + 1);
        let ends = [
            (BuildInfoPart::Frame, version_at),
            (BuildInfoPart::Version, version_end),
            (BuildInfoPart::Frame, lines_at),
            (BuildInfoPart::Modules, settings),
            (BuildInfoPart::Settings, lines_end),
            (BuildInfoPart::Frame, info_end),
        ];
        let mut start = 0;
        let parts = ends.map(|(part, end)| {
            let range = FileRange::between(at.0 + start as u64, at.0 + end as u64);
            start = end;
            (part, range)
        });
        let path = lines.lines().find_map(|line| line.strip_prefix("path\t"));
        let pairs = lines.lines().filter_map(|line| line.strip_prefix("build\t")?.split_once('='));
        let settings = pairs.map(|(key, value)| (key.trim_matches('"'), unquoted(value)));
        Some(BuildInfo {
            version,
            path,
            modules: Modules::read(lines),
            settings: settings.collect(),
            parts: parts.into(),
        })
    }
}

/// A value with spaces or quotation marks is written as a Go string (`strconv.Quote`).
fn unquoted(value: &str) -> Cow<'_, str> {
    let inside = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let Some(inside) = inside else { return value.trim_matches('`').into() };
    if !inside.contains('\\') {
        return inside.into();
    }
    let mut text = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        let digits = match letters.next() {
            Some('n') => "a",
            Some('t') => "9",
            Some('r') => "d",
            Some('x') => next(&mut letters, 2),
            Some('u') => next(&mut letters, 4),
            Some('U') => next(&mut letters, 8),
            Some(other) => {
                text.push(other); // a quotation mark or a backslash
                continue;
            }
            None => "",
        };
        text.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
    }
    text.into()
}

/// The next letters, as far as there are so many.
fn next<'l>(letters: &mut std::str::Chars<'l>, count: usize) -> &'l str {
    let rest = letters.as_str();
    let end = rest.char_indices().nth(count).map_or(rest.len(), |(at, _)| at);
    *letters = rest[end..].chars();
    &rest[..end]
}

/// Finds the text behind a length at `at`: where it begins and ends.
fn text(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut length = 0;
    for (index, byte) in bytes.get(at..)?.iter().enumerate().take(9) {
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let start = at + index + 1;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            return (end <= bytes.len()).then_some((start, end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn a_value_is_what_was_typed() {
        assert_eq!(unquoted("-s"), "-s");
        assert_eq!(unquoted(r#""-s -w""#), "-s -w");
        assert_eq!(unquoted(r#""-X \"main.v=a \u00e9 b\"""#), "-X \"main.v=a é b\"");
        assert_eq!(unquoted(r#""-X main.v=\\\x41\tb""#), "-X main.v=\\A\tb");
        assert_eq!(unquoted(r#""torn \"#), r#""torn \"#);
        assert_eq!(unquoted(r#""\u12""#), "\u{12}");
    }
}
