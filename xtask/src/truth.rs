//! What the linker knows of a program, made into pieces of its file with their owners.
//!
//! The dump (corpus/dump.go) has raw facts; the rules about who owns what are
//! here and in `owner`. Bytes that no package asked for (headers, padding, what
//! the linker makes for itself, C code) are not judged, and no piece covers
//! them.

mod dump;
mod owner;
mod place;

use anyhow::{Context, Result, ensure};
use dump::{Dump, Table};
pub(crate) use owner::Owner;
use place::Image;
use std::fs;
use std::path::Path;

/// Where bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Code,
    Data,
    Pclntab,
}

/// A stretch of the file that packages own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// File offset.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) owner: Owner,
    pub(crate) class: Class,
    /// The symbol or the function, for whoever looks for a mistake.
    pub(crate) name: String,
}

/// Text that a byte of the find-function table is for; bytes in one of its entries, which begins
/// with a number for all of them (runtime/symtab.go, findfuncbucket; cmd/link/internal/ld/pcln.go).
const STEP: u64 = 256;
const STEPS: u64 = 16;
const NUMBER: u64 = 4;

/// Reads the truth about a program: its pieces in file order, none overlapping another.
///
/// Returns an error if the dump, the map or the program cannot be read.
pub(crate) fn read(program: &Path, dump: &Path, map: Option<&Path>) -> Result<Vec<Piece>> {
    let bytes = fs::read(program).with_context(|| format!("{}", program.display()))?;
    let dump = Dump::read(dump).with_context(|| format!("{}", dump.display()))?;
    let map = map.map(fs::read_to_string).transpose()?;
    let image = Image::read(&bytes, &dump.sections, map.as_deref())
        .with_context(|| format!("{}", program.display()))?;
    let owners = owner::owners(&dump);
    let (mut upper, mut lower) = (tables(&dump, &owners), Vec::new());
    for (symbol, owner) in dump.symbols.iter().zip(&owners) {
        let class = if symbol.is_text { Class::Code } else { Class::Data };
        if symbol.name == "runtime.findfunctab" {
            upper.extend(find_function(&dump, &owners, symbol));
        } else if *owner != Owner::Nobody {
            lower.push(piece(symbol.address, symbol.size, owner.clone(), class, &symbol.name));
        }
    }
    // Until Go 1.25 what pclntab points at is a symbol too.
    let place = |pieces: Vec<Piece>| pieces.into_iter().filter_map(|it| image.place(it)).collect();
    let pieces = under(place(upper), place(lower));
    check(&bytes, &pieces).with_context(|| format!("{}", program.display()))?;
    Ok(pieces)
}

/// Checks that string constants stand where they should: short ones are named by their text.
fn check(file: &[u8], pieces: &[Piece]) -> Result<()> {
    let text = |piece: &Piece| {
        let text =
            piece.name.strip_prefix("go:string.\"").or(piece.name.strip_prefix("go.string.\""))?;
        let text = text.strip_suffix('"')?.to_owned();
        let plain = text.bytes().all(|it| it.is_ascii_graphic() && it != b'\\');
        (plain && text.len() as u64 == piece.end - piece.start).then_some(text)
    };
    let mut found = 0;
    for (piece, text) in pieces.iter().filter_map(|it| Some((it, text(it)?))) {
        let range = usize::try_from(piece.start)?..usize::try_from(piece.end)?;
        ensure!(
            file.get(range) == Some(text.as_bytes()),
            "offset {:#x}: the file has no `{text}` here: the dump is about another file",
            piece.start
        );
        found += 1;
    }
    ensure!(found > 0, "no string constant to check by: are the names of the dump read rightly?");
    Ok(())
}

fn piece(start: u64, size: u64, owner: Owner, class: Class, name: &str) -> Piece {
    Piece { start, end: start.saturating_add(size), owner, class, name: name.to_owned() }
}

/// The pieces of pclntab, by address.
fn tables(dump: &Dump, owners: &[Owner]) -> Vec<Piece> {
    let of = |table: &Table| match &table.users {
        dump::Users::Package(package) => Owner::One(package.clone()),
        dump::Users::Functions(ids) => {
            let users = ids.iter().filter_map(|id| owners.get(*dump.index.get(id)?));
            users.fold(Owner::Nobody, |all, one| all.and(one))
        }
    };
    let tables = dump.tables.iter().map(|table| {
        piece(
            table.address,
            table.size,
            of(table),
            Class::Pclntab,
            &format!("pclntab {}", table.kind),
        )
    });
    tables.filter(|it| it.owner != Owner::Nobody).collect()
}

/// The find-function table: each byte belongs to the function that it finds first.
fn find_function(dump: &Dump, owners: &[Owner], table: &dump::Symbol) -> Vec<Piece> {
    let functions = dump.symbols.iter().zip(owners).filter(|(it, _)| it.is_text && it.size > 0);
    let mut functions: Vec<_> = functions.collect();
    functions.sort_by_key(|(it, _)| it.address);
    let Some(start) = functions.first().map(|(it, _)| it.address) else { return Vec::new() };
    let mut pieces = Vec::new();
    let mut from = 0;
    for (function, owner) in functions {
        let end = (function.address + function.size - start).div_ceil(STEP);
        for step in from.max((function.address - start) / STEP)..end {
            let (entry, step) = (step / STEPS * (NUMBER + STEPS), step % STEPS);
            let (at, size) = if step == 0 { (0, NUMBER + 1) } else { (NUMBER + step, 1) };
            let at = table.address + entry + at;
            pieces.push(piece(at, size, owner.clone(), Class::Pclntab, &table.name));
        }
        from = from.max(end);
    }
    pieces.retain(|it| it.owner != Owner::Nobody);
    pieces
}

/// Puts pieces under others: what is left of them shows between.
fn under(upper: Vec<Piece>, mut lower: Vec<Piece>) -> Vec<Piece> {
    let upper = apart(upper);
    lower.sort_by_key(|it| (it.start, it.end));
    let mut shown = Vec::new();
    let mut from = 0;
    for piece in lower {
        from += upper[from..].iter().take_while(|it| it.end <= piece.start).count();
        let mut at = piece.start;
        for above in upper[from..].iter().take_while(|it| it.start < piece.end) {
            if at < above.start {
                shown.push(Piece { start: at, end: above.start, ..piece.clone() });
            }
            at = at.max(above.end);
        }
        if at < piece.end {
            shown.push(Piece { start: at, ..piece });
        }
    }
    shown.extend(upper);
    apart(shown)
}

/// Sorts pieces and cuts off each what an earlier one covers.
fn apart(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_by_key(|it| (it.start, it.end));
    let mut at = 0;
    pieces.retain_mut(|it| {
        it.start = it.start.max(at);
        at = at.max(it.end);
        it.start < it.end
    });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u64, end: u64, name: &str) -> Piece {
        piece(start, end - start, Owner::One("a".into()), Class::Data, name)
    }

    #[test]
    fn a_step_of_text_is_the_first_functions() {
        let text =
            |address, size| dump::Symbol { address, size, is_text: true, ..Default::default() };
        let dump = Dump {
            symbols: vec![text(0x1000, 0x110), text(0x1110, 0x10), text(0x1120, 0x1000)],
            ..Dump::default()
        };
        let owners = ["a", "b", "c"].map(|it| Owner::One(it.to_owned()));
        let table = dump::Symbol { address: 0, ..Default::default() };
        let pieces = find_function(&dump, &owners, &table);
        let of = |owner: &str| -> Vec<(u64, u64)> {
            let its = pieces.iter().filter(|it| it.owner == Owner::One(owner.into()));
            its.map(|it| (it.start, it.end)).collect()
        };
        assert_eq!(of("a"), [(0, 5), (5, 6)]);
        assert_eq!(of("b"), []);
        assert_eq!(of("c")[13..], [(19, 20), (20, 25), (25, 26)]);
    }

    #[test]
    fn a_file_without_its_strings_is_another_file() {
        let pieces = [at(2, 6, "go:string.\"tide\"")];
        assert!(check(b"..tide..", &pieces).is_ok());
        assert!(check(b".tide...", &pieces).unwrap_err().to_string().contains("0x2"));
        assert!(check(b"..tide..", &[at(2, 6, "main.f")]).is_err());
    }

    #[test]
    fn what_lies_under_shows_between() {
        let upper = vec![at(10, 20, "u"), at(30, 40, "v")];
        let lower = vec![at(0, 12, "l"), at(15, 18, "hidden"), at(19, 50, "m")];
        let shown: Vec<_> =
            under(upper, lower).into_iter().map(|it| (it.start, it.end, it.name)).collect();
        let all = [(0, 10, "l"), (10, 20, "u"), (20, 30, "m"), (30, 40, "v"), (40, 50, "m")];
        assert_eq!(shown, all.map(|(start, end, name)| (start, end, name.to_owned())));
    }
}
