//! Function data and inline trees: each object to the functions that use it.

use super::users::Users;
use crate::book::{Book, Goods, Label, Layer};
use crate::facts::Facts;
use elfin_golang::{Funcdata, Pclntab};
use elfin_schema::Kind;

/// The last object is bounded by nothing but its own word; few are longer.
const LONGEST_LAST: usize = 4096;

/// The objects that each function uses.
pub(crate) fn users(facts: &Facts<'_>) -> Users {
    Users::of(facts, |function, tell| function.funcdata().for_each(|(_, offset)| tell(offset)))
}

pub(crate) fn claim<'a>(facts: &Facts<'a>, users: Users, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    let Some(funcdata) = table.funcdata else { return };
    // Since Go 1.26 the find-function table follows.
    let behind = facts.module.as_ref().and_then(|it| it.find_functab.0.checked_sub(it.gofunc.0));
    let behind = behind.and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
    let size = funcdata.bytes.len().min(behind);
    users.each(facts, |used| {
        let start = used.offset as usize;
        let Some(kind) = kind_of(table, used.first, used.offset) else { return };
        let longest = used.next.map_or(LONGEST_LAST, |next| (next - used.offset) as usize);
        let longest = longest.min(size.saturating_sub(start));
        let says_length = kind != Funcdata::Other || used.next.is_some();
        let longest = if says_length { longest } else { longest.min(8) };
        let length = table.funcdata_length(kind, start, longest);
        let alone = table.function(used.first).filter(|_| used.alone);
        let label = alone.map_or(Label::default(), |it| book.function(table, &it));
        let kind = match kind {
            Funcdata::InlineTree => Kind::InlineTree,
            _ => Kind::FuncData,
        };
        for owner in used.owners {
            let goods = Goods::of(*owner, kind).labelled(label);
            book.share(Layer::Table, funcdata.range(start..start + length), goods);
        }
    });
}

/// As what a function uses the object at an offset.
fn kind_of(table: &Pclntab<'_>, function: usize, offset: u32) -> Option<Funcdata> {
    let function = table.function(function)?;
    let number = function.funcdata().find(|(_, at)| *at == offset)?.0;
    Some(Funcdata::of(number))
}
