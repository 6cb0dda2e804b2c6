//! The program that is packed: its memory, how it is started, and what of it stays readable.

use crate::error::PackError;
use elfin_elf::image::{Image as Elf, ProgramHeader};
use elfin_pack_format::container::Kind;
use elfin_pack_format::program::{Loaded, Segment};
use elfin_schema::PackRefusal;
use object::LittleEndian as LE;
use object::elf;
use std::ops::Range;

/// Bytes of a page.
pub(crate) const PAGE: u64 = 4096;
/// The format has offsets of 32 bits, and nobody's program is nearly as large.
const LARGEST: u64 = 1 << 31;
/// A file whose memory is that many times larger than itself is not a program.
const MOST_PER_BYTE: u64 = 64;

/// A program as it is put into memory.
#[derive(Debug)]
pub(crate) struct Original<'a> {
    /// Its headers.
    pub elf: Elf<'a>,
    /// How it is started.
    pub kind: Kind,
    /// Address of its first page.
    pub base: u64,
    /// Its memory from there on, as far as the file has bytes for it.
    pub memory: Vec<u8>,
    /// Bytes of its whole memory.
    pub memory_len: u64,
    /// Address of its program headers.
    pub program_headers: u64,
}

impl<'a> Original<'a> {
    /// Reads a program.
    ///
    /// Returns an error if it cannot be packed, with the reason.
    pub(crate) fn read(data: &'a [u8]) -> Result<Original<'a>, PackError> {
        if let Some(why) = packed_already(data) {
            return Err(PackError::Refused(why));
        }
        let elf = Elf::parse(data)?;
        if elf.header.e_machine.get(LE) != elf::EM_X86_64 {
            return Err(PackError::Refused(PackRefusal::Machine));
        }
        let refused = |why| Err(PackError::Refused(why));
        let loads = || elf.segments.iter().filter(|it| it.is_load());
        let bounds = |at: u64| at & !(PAGE - 1);
        let base = loads().next().map_or(0, |it| bounds(it.address));
        let end = loads().map(|it| it.memory().end).max().unwrap_or(base);
        let file_end = loads().map(|it| it.address + it.file_size).max().unwrap_or(base);
        let most = (data.len() as u64).saturating_mul(MOST_PER_BYTE).min(LARGEST);
        if end - base >= LARGEST || file_end - base > most || end >= 1 << 46 {
            return refused(PackRefusal::TooLarge);
        }
        let mut last_page = 0;
        for load in loads() {
            if load.flags.contains(elf::PF_W | elf::PF_X) {
                return refused(PackRefusal::WritableCode);
            }
            if bounds(load.address) < last_page || load.memory_size == 0 {
                return refused(PackRefusal::Layout);
            }
            last_page = bounds(load.memory().end + PAGE - 1);
        }
        let memory = memory(&elf, base, file_end - base);
        let table = elf.program_headers();
        let holds =
            |it: &&ProgramHeader| it.file().start <= table.start && table.end <= it.file().end;
        let Some(program_headers) =
            loads().find(holds).map(|it| table.start - it.offset + it.address)
        else {
            return refused(PackRefusal::Layout);
        };
        let loaded = Loaded {
            bytes: &memory,
            base,
            program_headers: (program_headers, elf.segments.len() as u64),
        };
        let kind = kind(&elf, &loaded).ok_or(PackError::Refused(PackRefusal::Library))?;
        let memory_len = bounds(end - base + PAGE - 1);
        if !(base..base + memory_len).contains(&elf.header.e_entry.get(LE)) {
            return refused(PackRefusal::Library);
        }
        Ok(Original { elf, kind, base, memory, memory_len, program_headers })
    }

    /// Where the bytes of a section are in the memory; `None` where it has none there.
    pub(crate) fn section(&self, name: &str) -> Option<Range<usize>> {
        let section = self.elf.section(name).filter(|it| it.is_loaded() && it.has_bytes())?;
        self.place(section.address, section.size)
    }

    /// Where addresses are in the memory; `None` where they are not.
    pub(crate) fn place(&self, address: u64, len: u64) -> Option<Range<usize>> {
        let start = usize::try_from(address.checked_sub(self.base)?).ok()?;
        let end = start.checked_add(usize::try_from(len).ok()?)?;
        (end <= self.memory.len()).then_some(start..end)
    }
}

fn packed_already(data: &[u8]) -> Option<PackRefusal> {
    const UPX: &[u8] = b"UPX!";
    if elfin_pack_format::container::header_offset(data).is_ok() {
        return Some(PackRefusal::Packed);
    }
    let no_sections = data.get(60..62) == Some(&[0, 0]);
    let head = data.get(..1024.min(data.len()))?;
    let upx = no_sections && memchr::memmem::find(head, UPX).is_some();
    upx.then_some(PackRefusal::UpxPacked)
}

fn memory(elf: &Elf<'_>, base: u64, len: u64) -> Vec<u8> {
    let mut memory = vec![0; usize::try_from(len).unwrap_or_default()];
    for load in elf.segments.iter().filter(|it| it.is_load()) {
        let start = usize::try_from(load.address - base).unwrap_or(usize::MAX);
        let bytes = elf.slice(load.file());
        if let Some(place) = memory.get_mut(start..start.saturating_add(bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }
    memory
}

/// How a program is started; `None` if it is none.
fn kind(elf: &Elf<'_>, loaded: &Loaded<'_>) -> Option<Kind> {
    let has = |kind| elf.segments.iter().any(|it| it.kind == kind);
    let (fixed, interpreted) = (elf.header.e_type.get(LE) == elf::ET_EXEC, has(elf::PT_INTERP));
    let entry = elf.header.e_entry.get(LE) != 0;
    let is_pie = dynamic(loaded, elf::DT_FLAGS_1).is_some_and(|it| it & elf::DF_1_PIE.0 != 0);
    match (fixed, interpreted) {
        _ if !entry => None,
        (true, false) => Some(Kind::Fixed),
        (true, true) => Some(Kind::FixedInterpreted),
        (false, false) if has(elf::PT_DYNAMIC) && !is_pie => None,
        (false, false) => Some(Kind::SelfRelocating),
        (false, true) if needs_no_library(loaded) => Some(Kind::Relocated),
        (false, true) => Some(Kind::Interpreted),
    }
}

fn dynamic(loaded: &Loaded<'_>, tag: elf::DynamicTag) -> Option<u64> {
    loaded.dynamic(u64::try_from(tag.0).ok()?)
}

/// True if all that a dynamic linker would do is to add the program's address to words.
fn needs_no_library(loaded: &Loaded<'_>) -> bool {
    let unwanted = [
        elf::DT_NEEDED,
        elf::DT_INIT,
        elf::DT_INIT_ARRAY,
        elf::DT_PREINIT_ARRAY,
        elf::DT_REL,
        elf::DT_TEXTREL,
    ];
    let sizes = [elf::DT_PLTRELSZ, elf::DT_INIT_ARRAYSZ];
    if unwanted.iter().any(|it| dynamic(loaded, *it).is_some())
        || sizes.iter().any(|it| dynamic(loaded, *it).is_some_and(|it| it > 0))
        || loaded.segments().any(|it| it.kind == elf::PT_TLS.0 && it.file_size > 0)
    {
        return false;
    }
    let mut image = loaded.bytes.to_vec();
    let tags = [(elf::DT_RELA, elf::DT_RELASZ), (elf::DT_RELR, elf::DT_RELRSZ)];
    let tag = |it: elf::DynamicTag| u64::try_from(it.0).unwrap_or_default();
    let [rela, relr] = tags.map(|(at, len)| {
        let named = dynamic(loaded, at).is_some();
        (named, loaded.dynamic_table(tag(at), tag(len)))
    });
    let mut fine = true;
    if rela.0 {
        fine &= rela.1.is_some_and(|it| {
            elfin_pack_format::relocate::relocate_rela(&mut image, it, loaded.base, loaded.base)
                .is_ok()
        });
    }
    if relr.0 {
        fine &= relr.1.is_some_and(|it| {
            elfin_pack_format::relocate::relocate_relr(&mut image, it, loaded.base, loaded.base)
                .is_ok()
        });
    }
    fine
}

/// The file's bytes that are in the memory: ranges of the file with the place of each.
pub(crate) fn loaded_ranges(loaded: &Loaded<'_>) -> impl Iterator<Item = (Segment, Range<u64>)> {
    let loads = loaded.segments().filter(Segment::is_load).filter(|it| it.file_size > 0);
    loads.map(|it| (it, it.offset..it.offset.saturating_add(it.file_size)))
}
