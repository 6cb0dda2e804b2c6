//! The version that a program asks its C library for, so that an old loader refuses it in words.
//!
//! A loader that does not know RELR would start the program with no pointer set.
//! glibc 2.36 therefore defines a version of no symbol, which who uses RELR
//! requires: the tables of golang/go `src/cmd/link/internal/ld/elf.go` (1.26), `elfwritehash`.

use crate::dynamic::Dynamic;
use crate::program::Program;
use elfin_elf::ElfFile;
use object::LittleEndian as LE;
use object::elf::{self, Vernaux, Verneed};
use object::pod;

const LIBRARY: &[u8] = b"libc.so.6\0";
const VERSION: &[u8] = b"GLIBC_ABI_DT_RELR\0";
/// More entries than any program has; a hostile chain ends here.
const MOST: u16 = 4096;

/// Tables with one version more.
#[derive(Debug)]
pub(crate) struct Versions {
    /// The needs, as `DT_VERNEED` names them.
    pub needs: Vec<u8>,
    /// The strings, as `DT_STRTAB` names them.
    pub strings: Vec<u8>,
}

/// True if a program is linked to glibc by name.
pub(crate) fn needs_libc(program: &Program<'_>, dynamic: &Dynamic) -> bool {
    let Some(strings) = strings(program, dynamic) else { return false };
    let mut needed = dynamic.entries.iter().filter(|(tag, _)| *tag == elf::DT_NEEDED);
    needed.any(|(_, name)| string_is(strings, *name, LIBRARY))
}

/// True if a program asks for a glibc that reads RELR already, by the symbols that it uses.
pub(crate) fn needs_new_libc(data: &[u8]) -> bool {
    let needs = ElfFile::parse(data).map(|it| it.version_needs()).unwrap_or_default();
    needs.iter().filter_map(|it| it.version.strip_prefix("GLIBC_2.")).any(|minor| {
        let minor: Option<u32> = minor.split('.').next().and_then(|it| it.parse().ok());
        minor.is_some_and(|it| it >= 36)
    })
}

/// Adds the version to the needs; `None` where the tables are not as expected.
pub(crate) fn require(program: &Program<'_>, dynamic: &Dynamic) -> Option<Versions> {
    let mut strings = strings(program, dynamic)?.to_vec();
    let start = dynamic.get(elf::DT_VERNEED)?;
    let load = program.segments.get(program.load_with(&(start..start.checked_add(1)?))?)?;
    let table = load.content.get(usize::try_from(start - load.header.address).ok()?..)?;
    let mut chain = Chain::read(table, &strings)?;
    // A library numbers the versions that it defines from the same row.
    let defined = dynamic.get(elf::DT_VERDEFNUM).unwrap_or_default();
    chain.highest = chain.highest.max(u16::try_from(defined).ok()?);

    let mut needs = table.get(..chain.end)?.to_vec();
    needs.resize(needs.len().next_multiple_of(4), 0);
    let added = Vernaux {
        vna_hash: object::U32::new(LE, elf::hash(VERSION.strip_suffix(b"\0")?)),
        vna_flags: object::U16::new(LE, elf::VersionFlags(0)),
        vna_other: object::U16::new(LE, elf::VersionIndex(chain.highest.checked_add(1)?)),
        vna_name: object::U32::new(LE, u32::try_from(strings.len()).ok()?),
        vna_next: object::U32::new(LE, 0),
    };
    let next = u32::try_from(needs.len() - chain.last).ok()?.to_le_bytes();
    needs.extend(pod::bytes_of(&added));
    strings.extend(VERSION);
    needs.get_mut(chain.last + 12..chain.last + 16)?.copy_from_slice(&next);
    let count = chain.count.checked_add(1)?.to_le_bytes();
    needs.get_mut(chain.need + 2..chain.need + 4)?.copy_from_slice(&count);
    Some(Versions { needs, strings })
}

/// What must be known of a table of needs to add to it; offsets in bytes.
#[derive(Debug, Default)]
struct Chain {
    /// Where the need of the library stands.
    need: usize,
    /// How many versions of it are needed.
    count: u16,
    /// Where the last of these stands.
    last: usize,
    /// The highest number of a version.
    highest: u16,
    /// Where the table ends.
    end: usize,
}

impl Chain {
    fn read(table: &[u8], strings: &[u8]) -> Option<Chain> {
        let mut chain = Chain::default();
        let (mut at, mut found) = (0_usize, false);
        for _ in 0..MOST {
            let (need, _) = pod::from_bytes::<Verneed<LE>>(table.get(at..)?).ok()?;
            chain.end = chain.end.max(at + size_of::<Verneed<LE>>());
            let ours = string_is(strings, need.vn_file.get(LE).into(), LIBRARY);
            if ours {
                (chain.need, chain.count, found) = (at, need.vn_cnt.get(LE), true);
            }
            let mut aux_at = at.checked_add(need.vn_aux.get(LE) as usize)?;
            for _ in 0..need.vn_cnt.get(LE).min(MOST) {
                let (aux, _) = pod::from_bytes::<Vernaux<LE>>(table.get(aux_at..)?).ok()?;
                chain.end = chain.end.max(aux_at + size_of::<Vernaux<LE>>());
                chain.highest = chain.highest.max(aux.vna_other.get(LE).0 & 0x7fff);
                if ours {
                    chain.last = aux_at;
                }
                aux_at = aux_at.checked_add(aux.vna_next.get(LE) as usize)?;
            }
            match need.vn_next.get(LE) as usize {
                0 => return (found && chain.count > 0).then_some(chain),
                next => at = at.checked_add(next)?,
            }
        }
        None
    }
}

fn strings<'p>(program: &'p Program<'_>, dynamic: &Dynamic) -> Option<&'p [u8]> {
    let start = dynamic.get(elf::DT_STRTAB)?;
    program.at(&(start..start.checked_add(dynamic.get(elf::DT_STRSZ)?)?))
}

fn string_is(strings: &[u8], at: u64, text: &[u8]) -> bool {
    let rest = usize::try_from(at).ok().and_then(|at| strings.get(at..));
    rest.is_some_and(|rest| rest.starts_with(text))
}
