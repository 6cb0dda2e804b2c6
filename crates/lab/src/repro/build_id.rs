//! Go's build ID, which tells at a glance whether inputs, code or link differ.
//!
//! It has four parts: the action of the link, the action of the main package, the content of the
//! main package, the content of the program (golang/go src/cmd/go/internal/work/buildid.go, 1.26).

use elfin_elf::ElfFile;
use elfin_schema::ReproEvidence;

/// Reads the build ID of a program.
pub(super) fn of(data: &[u8]) -> Option<String> {
    /// Three lengths, and the name `Go` with its padding.
    const HEADER: usize = 16;
    let file = ElfFile::parse(data).ok()?;
    let note = file.contents(file.section_named(".note.go.buildid")?);
    let size = u32::from_le_bytes(note.get(4..8)?.try_into().ok()?);
    let text = note.get(HEADER..HEADER.checked_add(usize::try_from(size).ok()?)?)?;
    Some(std::str::from_utf8(text).ok()?.to_owned())
}

/// Says which parts of two build IDs differ; `None` where they are the same or have no parts.
pub(super) fn differences(from: &str, to: &str) -> Option<ReproEvidence> {
    let parts = |id: &str| id.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(from), parts(to));
    let (4, 4) = (from.len(), to.len()) else { return None };
    let [link, inputs, code] = [0, 1, 2].map(|part| from[part] != to[part]);
    (link || inputs || code).then_some(ReproEvidence::BuildId { inputs, code, link })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_differs_tells_what_does() {
        let id = |inputs, code, link| Some(ReproEvidence::BuildId { inputs, code, link });
        assert_eq!(differences("a/b/c/d", "x/b/c/d"), id(false, false, true));
        assert_eq!(differences("a/b/c/d", "x/y/c/d"), id(true, false, true));
        assert_eq!(differences("a/b/c/d", "x/y/z/d"), id(true, true, true));
        assert_eq!(differences("a/b/c/d", "a/b/c/x"), None);
        assert_eq!(differences("abc", "abd"), None);
        assert_eq!(of(b"no ELF"), None);
    }
}
