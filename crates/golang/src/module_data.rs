//! `runtime.firstmoduledata`: where the runtime finds all of Go's tables.
//!
//! Its fields have no names in the file, and every few releases one is added
//! or removed. The first 32 words have been the same since Go 1.18; behind
//! them a field is told by what its word points at: an address that the file
//! has, an address behind another, a slice whose length is its capacity
//! (golang/go `runtime/symtab.go`, `moduledata`, 1.18 to 1.27).

use elfin_elf::{Addends, ElfFile};
use elfin_model::VirtAddr;
use std::ops::Range;

/// A slice of Go's: where it points and how many elements it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slice {
    /// Address of the first element.
    pub address: VirtAddr,
    /// Elements.
    pub len: u64,
}

/// The module data of a program. All addresses are as the file asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleData {
    /// Where it stands.
    pub address: VirtAddr,
    /// Its own size in bytes, by the fields that are known of it.
    pub size: u64,
    /// The header of pclntab.
    pub pc_header: VirtAddr,
    /// Bytes of pclntab's function table with the records behind it.
    pub functab: Slice,
    /// From a program counter to its function.
    pub find_functab: VirtAddr,
    /// From the first function to the end of the last.
    pub pcs: Range<u64>,
    /// From `runtime.text` to `runtime.etext`.
    pub text: Range<u64>,
    /// Data without pointers.
    pub noptrdata: Range<u64>,
    /// Data with pointers.
    pub data: Range<u64>,
    /// Zeroed memory with pointers.
    pub bss: Range<u64>,
    /// Zeroed memory without pointers.
    pub noptrbss: Range<u64>,
    /// Which words of `data` are pointers.
    pub gcdata: VirtAddr,
    /// Which words of `bss` are pointers.
    pub gcbss: VirtAddr,
    /// Type descriptors; before Go 1.27 all other read-only data that is relocated with them.
    pub types: Range<u64>,
    /// Where within `types` the descriptors end, where the module data says it: Go 1.27.
    pub type_descriptors: Option<Range<u64>>,
    /// The itabs, where the module data says it: Go 1.27.
    pub itabs: Option<Range<u64>>,
    /// `runtime.rodata`.
    pub rodata: VirtAddr,
    /// What offsets of function data count from.
    pub gofunc: VirtAddr,
    /// The end of pclntab and of what stands with it, where the module data says it: Go 1.26.
    pub pclntab_end: Option<VirtAddr>,
    /// Offsets of types that are looked up by name, from `types.start`; before Go 1.27.
    pub typelinks: Option<Slice>,
    /// Pointers to itabs; before Go 1.27.
    pub itablinks: Option<Slice>,
    /// Pointers to what packages initialize, in order; from Go 1.21 on.
    pub inittasks: Option<Slice>,
    /// Sections of code.
    pub textsects: Slice,
}

/// The words that every release has in the same place: up to `enoptrbss`.
const FIXED: usize = 32;
/// The longest module data has fewer.
pub(crate) const MOST_WORDS: usize = 96;

/// Words in order, each read as the running program has it.
struct Words<'w> {
    file: &'w ElfFile<'w>,
    words: Vec<u64>,
    at: usize,
}

impl Words<'_> {
    fn next(&mut self) -> Option<u64> {
        self.at += 1;
        self.words.get(self.at - 1).copied()
    }

    fn peek(&self, ahead: usize) -> u64 {
        self.words.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The next two words, the ends of a range in the right order.
    fn range(&mut self) -> Option<Range<u64>> {
        let range = self.next()?..self.next()?;
        (range.start <= range.end).then_some(range)
    }

    fn slice(&mut self) -> Option<Slice> {
        let slice = Slice { address: VirtAddr(self.next()?), len: self.next()? };
        (self.next()? == slice.len).then_some(slice)
    }

    /// The next word, an address that the file has bytes for.
    fn stored(&mut self) -> Option<VirtAddr> {
        let address = VirtAddr(self.next()?);
        self.file.offset_of(address).is_some().then_some(address)
    }

    fn is_stored(&self, ahead: usize) -> bool {
        self.file.offset_of(VirtAddr(self.peek(ahead))).is_some()
    }
}

impl ModuleData {
    /// Reads module data at an address and checks it against what it points at.
    ///
    /// `None` if anything there contradicts its being module data.
    pub(crate) fn read(
        file: &ElfFile<'_>,
        addends: &Addends<'_>,
        address: VirtAddr,
    ) -> Option<ModuleData> {
        let pointer = file.numbers().pointer as u64;
        let words = (0..MOST_WORDS as u64)
            .map_while(|index| addends.word(file, address.plus(index * pointer)?))
            .collect();
        let mut words = Words { file, words, at: 0 };
        let mut module = fixed(&mut words, address)?;
        tables(&mut words, &mut module)?;
        slices(&mut words, &mut module)?;
        module.size = words.at as u64 * pointer;
        Some(module)
    }
}

/// Reads the words whose places are fixed.
fn fixed(words: &mut Words<'_>, address: VirtAddr) -> Option<ModuleData> {
    let pc_header = words.stored()?;
    for _names_cu_files_pcs in 0..4 {
        words.slice()?;
    }
    let functab = words.slice()?;
    let index = words.slice()?;
    let find_functab = words.stored()?;
    let pcs = words.range()?;
    let text = words.range()?;
    let inside = text.start <= pcs.start && pcs.start < pcs.end && pcs.end <= text.end;
    if !inside || index.address != functab.address {
        return None;
    }
    let module = ModuleData {
        address,
        size: 0,
        pc_header,
        functab,
        find_functab,
        pcs,
        text,
        noptrdata: words.range()?,
        data: words.range()?,
        bss: words.range()?,
        noptrbss: words.range()?,
        gcdata: VirtAddr(0),
        gcbss: VirtAddr(0),
        types: 0..0,
        type_descriptors: None,
        itabs: None,
        rodata: VirtAddr(0),
        gofunc: VirtAddr(0),
        pclntab_end: None,
        typelinks: None,
        itablinks: None,
        inittasks: None,
        textsects: Slice::default(),
    };
    debug_assert_eq!(words.at, FIXED);
    Some(module)
}

/// Reads the addresses of tables, which begin with or without the coverage counters.
fn tables(words: &mut Words<'_>, module: &mut ModuleData) -> Option<()> {
    // `end` and the counters are memory without file bytes; both masks behind `end` are stored.
    let before = (0..4).find(|ahead| words.is_stored(ahead + 1) && words.is_stored(ahead + 2))?;
    words.at += before + 1;
    module.gcdata = words.stored()?;
    module.gcbss = words.stored()?;
    let types = words.stored()?.0;
    // A length stands between the two addresses since Go 1.27.
    let length = (words.peek(0) < types).then(|| words.next()).flatten();
    let etypes = words.next()?;
    module.types = (types <= etypes).then_some(types..etypes)?;
    if let Some(length) = length {
        module.type_descriptors =
            Some(types..types.checked_add(length).filter(|it| *it <= etypes)?);
        let start = types.checked_add(words.next()?)?;
        module.itabs = Some(start..start.checked_add(words.next()?).filter(|it| *it <= etypes)?);
    }
    module.rodata = words.stored()?;
    module.gofunc = words.stored()?;
    let is_slice =
        |ahead: usize| words.is_stored(ahead) && words.peek(ahead + 1) == words.peek(ahead + 2);
    if !is_slice(0) || is_slice(1) {
        module.pclntab_end = Some(VirtAddr(words.next()?));
    }
    Some(())
}

/// Reads the slices, of which Go 1.27 has two fewer and Go 1.20 one.
fn slices(words: &mut Words<'_>, module: &mut ModuleData) -> Option<()> {
    module.textsects = words.slice()?;
    if module.type_descriptors.is_none() {
        module.typelinks = Some(words.slice()?);
        module.itablinks = Some(words.slice()?);
    }
    words.slice()?; // ptab
    words.at += 2; // pluginpath
    words.slice()?; // pkghashes
    if words.peek(0) != 0 && words.peek(1) > 0 && words.peek(1) == words.peek(2) {
        module.inittasks = Some(words.slice()?);
    }
    // modulename, modulehashes, hasmain and bad, two masks, typemap, next
    words.at += 2 + 3 + 1 + 4 + 2;
    Some(())
}
