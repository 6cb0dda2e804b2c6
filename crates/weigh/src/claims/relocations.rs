//! Relocations: each entry to the owner of the word that it patches.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::{Owner, SYSTEM};
use elfin_ledger::{Owners, Settled};
use elfin_model::FileRange;
use elfin_schema::Kind;

pub(crate) fn claim(facts: &Facts<'_>, settled: &Settled, book: &mut Book<'_>) {
    for section in facts.described.iter().filter(|it| it.is_relocations()) {
        let mut seen = FileRange::default();
        let mut owners = Owners::Nobody;
        for relocation in facts.file.relocations(section) {
            let Some(offset) = facts.file.offset_of(relocation.slot) else {
                book.claim(Layer::Area, relocation.entry, Goods::of(SYSTEM, Kind::Relocation));
                continue;
            };
            // The words of a table are patched one after the other.
            if !seen.contains(offset.0)
                && let Some(piece) = settled.at(offset)
            {
                (seen, owners) = (piece.range, piece.owners);
            }
            let mut share = |owner| {
                let goods = Goods::of(owner, Kind::Relocation);
                book.share(Layer::Area, relocation.entry, goods);
            };
            match owners {
                Owners::One(owner) => share(Owner::of_number(owner)),
                Owners::Several(several) => {
                    several.iter().for_each(|it| share(Owner::of_number(*it)));
                }
                Owners::Nobody | Owners::Many => share(SYSTEM),
            }
        }
    }
}
