//! Tables from a program counter to a value: each to the functions that use it.

use super::users::Users;
use crate::book::{Book, Goods, Label, Layer};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use elfin_golang::table_length;
use elfin_schema::Kind;

/// The tables that each function uses.
pub(crate) fn users(facts: &Facts<'_>) -> Users {
    Users::of(facts, |function, tell| function.pc_tables().for_each(tell))
}

pub(crate) fn claim<'a>(facts: &Facts<'a>, users: Users, book: &mut Book<'a>) {
    let Some(table) = &facts.pclntab else { return };
    // No table begins at 0, because that says that there is none.
    let first = table.pc_values.range(0..1.min(table.pc_values.bytes.len()));
    book.claim(Layer::Area, first, Goods::of(SYSTEM, Kind::PcValue));
    users.each(facts, |used| {
        let Some(length) = table_length(table.pc_table(used.offset)) else { return };
        let start = used.offset as usize;
        let range = table.pc_values.range(start..start + length);
        let alone = table.function(used.first).filter(|_| used.alone);
        let label = alone.map_or(Label::default(), |it| book.function(table, &it));
        for owner in used.owners {
            book.share(Layer::Table, range, Goods::of(*owner, Kind::PcValue).labelled(label));
        }
    });
}
