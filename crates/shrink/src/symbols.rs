//! Symbol tables: which symbols stay, and the numbers in them that follow the sections.
//!
//! The letters are those of GNU strip: see `strip`. Nothing here reads what a
//! symbol means to Go.

use object::elf::{self, Sym64};
use object::write::StringTable;
use object::{LittleEndian as LE, pod};
use std::borrow::Cow;

/// Section numbers from here on are not indexes (`SHN_LORESERVE`).
const RESERVED: u16 = 0xff00;
/// Names may share their ends, but a hostile table's may not be read over and over.
const MOST_SHARING: usize = 8;

/// Which symbols stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbols {
    /// Those that others can refer to, and the names of files.
    Global,
    /// All but those for debuggers: names of files and of sections.
    NotDebug,
}

/// A symbol table and its names.
#[derive(Debug)]
pub(crate) struct Table {
    /// `Sym64` after `Sym64`.
    pub symbols: Vec<u8>,
    /// The names.
    pub names: Vec<u8>,
    /// How many symbols are local; they come first.
    pub locals: u32,
}

/// Makes the section numbers of symbols follow the sections; `now` has the new one for each old.
/// Nothing is copied where no number changes.
pub(crate) fn renumber(symbols: &mut Cow<'_, [u8]>, now: &[u32]) {
    let to = |symbol: &Sym64<LE>| {
        let was = symbol.st_shndx.get(LE).0;
        let to = now.get(usize::from(was)).copied().unwrap_or_default();
        let to = u16::try_from(to).unwrap_or_default();
        (was < RESERVED && was != to).then_some(elf::SymbolSection(to))
    };
    let rows = pod::slice_from_bytes(symbols, symbols.len() / size_of::<Sym64<LE>>());
    let (rows, _): (&[Sym64<LE>], _) = rows.unwrap_or_default();
    if rows.iter().any(|it| to(it).is_some()) {
        for symbol in whole(symbols.to_mut()) {
            if let Some(to) = to(symbol) {
                symbol.st_shndx.set(LE, to);
            }
        }
    }
}

/// Moves the symbols of a section along with it.
pub(crate) fn shift(symbols: &mut [u8], section: usize, by: u64) {
    for symbol in
        whole(symbols).iter_mut().filter(|it| usize::from(it.st_shndx.get(LE).0) == section)
    {
        symbol.st_value.set(LE, symbol.st_value.get(LE).wrapping_add(by));
    }
}

/// The symbols of a table that may end within one.
fn whole(symbols: &mut [u8]) -> &mut [Sym64<LE>] {
    let whole = symbols.len() / size_of::<Sym64<LE>>() * size_of::<Sym64<LE>>();
    let (symbols, _) = symbols.split_at_mut(whole);
    pod::slice_from_all_bytes_mut(symbols).unwrap_or_default()
}

/// Takes symbols out of a table; `None` where table or names are damaged.
pub(crate) fn filtered(symbols: &[u8], names: &[u8], which: Symbols) -> Option<Table> {
    let symbols: &[Sym64<LE>] = pod::slice_from_all_bytes(symbols).ok()?;
    let (null, symbols) = symbols.split_first()?;
    let stays = |symbol: &&Sym64<LE>| match which {
        Symbols::Global => symbol.st_bind() != elf::STB_LOCAL || symbol.st_type() == elf::STT_FILE,
        Symbols::NotDebug => !matches!(symbol.st_type(), elf::STT_FILE | elf::STT_SECTION),
    };
    let mut table = StringTable::new();
    let mut kept = vec![(*null, None)];
    let mut left = names.len().saturating_mul(MOST_SHARING);
    for symbol in symbols.iter().filter(stays) {
        let rest = names.get(symbol.st_name.get(LE) as usize..)?;
        let name = rest.get(..memchr::memchr(0, rest)?)?;
        left = left.checked_sub(name.len())?;
        kept.push((*symbol, (!name.is_empty()).then(|| table.add(name))));
    }
    let mut bytes = vec![0];
    table.write(&mut bytes, 1).ok()?;
    let locals = kept.iter().filter(|(symbol, _)| symbol.st_bind() == elf::STB_LOCAL).count();
    let rows = kept.into_iter().flat_map(|(mut symbol, name)| {
        symbol.st_name.set(LE, table.maybe_get_offset(name));
        pod::bytes_of(&symbol).to_vec()
    });
    Some(Table { symbols: rows.collect(), names: bytes, locals: u32::try_from(locals).ok()? })
}
