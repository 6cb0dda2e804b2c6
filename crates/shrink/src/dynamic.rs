//! The table by which a program speaks to the dynamic linker, and the relocations that it names.

use crate::pointers::Pointers;
use crate::program::Program;
use elfin_schema::SlimRefusal;
use object::LittleEndian as LE;
use object::elf::{self, Dyn64, DynamicTag, Rela64};
use object::pod;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of an entry of the dynamic table.
const ENTRY: usize = size_of::<Dyn64<LE>>();
/// Bytes of a relocation.
pub(crate) const RELA: u64 = size_of::<Rela64<LE>>() as u64;

/// The entries of the dynamic table, without the null that ends it.
#[derive(Debug, Clone)]
pub(crate) struct Dynamic {
    /// Where the table is loaded.
    pub addresses: Range<u64>,
    /// Tags and values in order.
    pub entries: Vec<(DynamicTag, u64)>,
}

impl Dynamic {
    /// Reads the table; `None` where there is none.
    pub(crate) fn read(program: &Program<'_>) -> Option<Dynamic> {
        let header = program.segment(elf::PT_DYNAMIC)?;
        let addresses = header.address..header.address.checked_add(header.file_size)?;
        let table = program.at(&addresses)?;
        let (whole, _) = table.split_at(table.len() / ENTRY * ENTRY);
        let table: &[Dyn64<LE>] = pod::slice_from_all_bytes(whole).ok()?;
        let entries = table.iter().map(|it| (it.d_tag.get(LE), it.d_val.get(LE)));
        let entries = entries.take_while(|(tag, _)| *tag != elf::DT_NULL).collect();
        Some(Dynamic { addresses, entries })
    }

    /// The value of a tag.
    pub(crate) fn get(&self, tag: DynamicTag) -> Option<u64> {
        self.entries.iter().find(|(it, _)| *it == tag).map(|(_, value)| *value)
    }

    /// Gives a tag a value, in its place if it has one.
    pub(crate) fn set(&mut self, tag: DynamicTag, value: u64) {
        match self.entries.iter_mut().find(|(it, _)| *it == tag) {
            Some((_, old)) => *old = value,
            None => self.entries.push((tag, value)),
        }
    }

    /// Takes tags out.
    pub(crate) fn remove(&mut self, tags: &[DynamicTag]) {
        self.entries.retain(|(tag, _)| !tags.contains(tag));
    }

    /// Its bytes, with nulls up to the end of its place, and one at least.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let entries = self.entries.iter();
        let mut bytes: Vec<u8> = entries
            .flat_map(|(tag, value)| [tag.0.to_le_bytes(), value.to_le_bytes()])
            .flatten()
            .collect();
        let place = usize::try_from(self.addresses.end - self.addresses.start).unwrap_or_default();
        bytes.resize((bytes.len() + ENTRY).max(place / ENTRY * ENTRY), 0);
        bytes
    }
}

/// The relocations of a program, told apart.
#[derive(Debug)]
pub(crate) struct Relocations<'a> {
    /// Where the table is loaded.
    pub addresses: Range<u64>,
    /// Those that only add the load address to pointers.
    pub pointers: Arc<Pointers<'a>>,
    /// The bytes of all others.
    pub others: Vec<u8>,
}

impl<'a> Relocations<'a> {
    /// Reads the table; `None` where there is none.
    ///
    /// Returns the reason where it is not one that can be packed.
    pub(crate) fn read(
        program: &Program<'a>,
        dynamic: &Dynamic,
    ) -> Result<Option<Relocations<'a>>, SlimRefusal> {
        let kind = match program.header.e_machine.get(LE) {
            elf::EM_X86_64 => elf::R_X86_64_RELATIVE.0,
            elf::EM_AARCH64 => elf::R_AARCH64_RELATIVE.0,
            _ => return Err(SlimRefusal::Machine),
        };
        let (Some(start), Some(size)) = (dynamic.get(elf::DT_RELA), dynamic.get(elf::DT_RELASZ))
        else {
            return Ok(None);
        };
        if dynamic.get(elf::DT_REL).is_some() || dynamic.get(elf::DT_RELAENT) != Some(RELA) {
            return Err(SlimRefusal::Dynamic);
        }
        let addresses = start..start.saturating_add(size);
        let plt = dynamic.get(elf::DT_JMPREL).filter(|_| dynamic.get(elf::DT_PLTRELSZ) != Some(0));
        if plt.is_some_and(|it| addresses.contains(&it)) {
            return Err(SlimRefusal::Dynamic);
        }
        let bytes = program.at(&addresses).ok_or(SlimRefusal::Dynamic)?;
        let table: &[Rela64<LE>] =
            pod::slice_from_all_bytes(bytes).map_err(|()| SlimRefusal::Dynamic)?;
        let (mut pointers, mut others) = (Vec::with_capacity(table.len()), Vec::new());
        for (entry, number) in table.iter().zip(0_u32..) {
            let address = entry.r_offset.get(LE);
            let packs = entry.r_info.get(LE) == u64::from(kind) && address.is_multiple_of(2);
            match address.checked_add(8).and_then(|end| program.load_with(&(address..end))) {
                Some(_) if packs => pointers.push((address, number)),
                _ => others.extend(pod::bytes_of(entry)),
            }
        }
        let pointers = Pointers::new(table, pointers).ok_or(SlimRefusal::Dynamic)?;
        Ok(Some(Relocations { addresses, pointers: Arc::new(pointers), others }))
    }
}
