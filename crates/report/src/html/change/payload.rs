//! What changed as columns of small numbers, which is what the map's script reads.

use crate::catalogue::Text;
use crate::clean;
use crate::html::treemap::payload::{Once, Payload, UNKNOWN, Who, place};
use crate::weigh::totals::Owner;
use elfin_schema::{ChangedRow, Diff, Kind};

/// What became of the bytes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    New,
    Grown,
    Shrunk,
    Gone,
}

impl Fate {
    pub(super) const ALL: [Fate; 4] = [Fate::New, Fate::Grown, Fate::Shrunk, Fate::Gone];

    pub(super) fn of(row: &ChangedRow) -> Fate {
        match (row.from, row.to) {
            (0, _) => Fate::New,
            (_, 0) => Fate::Gone,
            (from, to) if to > from => Fate::Grown,
            _ => Fate::Shrunk,
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Fate::New => "new",
            Fate::Grown => "grown",
            Fate::Shrunk => "shrunk",
            Fate::Gone => "gone",
        }
    }

    pub(super) fn name(self) -> Text {
        match self {
            Fate::New => Text("new", "新增"),
            Fate::Grown => Text("grown", "增大"),
            Fate::Shrunk => Text("shrunk", "减小"),
            Fate::Gone => Text("gone", "消失"),
        }
    }
}

/// Makes the columns of a change, and tells the kinds that they count.
pub(super) fn payload(d: &Diff) -> (Payload, Vec<Option<Kind>>) {
    let mut strings = Once::new();
    strings.at("");
    let (mut owners, mut kinds) = (Once::new(), Once::new());
    let mut all = Payload {
        name: format!("{} → {}", clean::line(&d.from.name), clean::line(&d.to.name)),
        families: Fate::ALL.map(Fate::class).to_vec(),
        ..Payload::default()
    };
    let mut fates = Vec::with_capacity(d.rows.len());
    for row in &d.rows {
        let owner = row.kind.map_or(UNKNOWN, |_| place(owner(row)));
        let names = [&row.module, &row.package, &row.library, &row.section];
        let [module, package, library, section] =
            names.map(|it| strings.at(it.as_deref().unwrap_or_default()));
        all.owner.push(owners.at((owner, module, package, library)));
        all.kind.push(kinds.at(row.kind));
        all.section.push(section);
        all.bytes.push(row.delta().unsigned_abs());
        fates.push(Fate::of(row) as usize);
    }
    all.marks = vec![0; d.rows.len()];
    all.symbol = vec![0; d.rows.len()];
    all.family = Some(fates);
    all.from = Some(d.rows.iter().map(|row| row.from).collect());
    all.to = Some(d.rows.iter().map(|row| row.to).collect());
    all.kinds = vec![0; kinds.list.len()];
    let owners = owners.list.into_iter();
    all.owners = owners.map(|(place, a, b, c)| -> Who { (place, a, b, c, Vec::new()) }).collect();
    all.strings = strings.list.into_iter().map(clean::line).collect();
    (all, kinds.list)
}

fn owner(row: &ChangedRow) -> Owner<'_> {
    Owner::told([&row.module, &row.package, &row.library].map(Option::as_deref), row.shared)
}
