//! Whose one byte is, as a few lines of text.

use crate::catalogue::kinds;
use crate::{Lang, clean, figures};
use elfin_schema::Place;

/// Renders the answer to `--at`: the place, then the owner.
pub fn weigh_place(place: &Place, lang: Lang) -> String {
    let mut where_ = vec![format!("{:#x}", place.offset)];
    where_.extend(place.address.map(|it| format!("@ {it:#x}")));
    where_.extend(place.section.as_deref().map(clean::line));
    let end = place.start.saturating_add(place.bytes);
    where_.push(format!("{:#x}..{end:#x} ({})", place.start, figures::exact(place.bytes)));
    let Some(row) = &place.row else {
        return format!("{}\n{}\n", where_.join("  "), kinds::nobody(lang));
    };
    let mut what = vec![kinds::kind(row.kind).to(lang).to_owned()];
    what.extend(row.symbol.as_deref().map(clean::line));
    let mut owner: Vec<String> =
        row.module.iter().chain(&row.package).map(|it| clean::line(it)).collect();
    owner.extend(row.library.as_deref().map(clean::line));
    owner.extend(row.shared_by.iter().map(|it| clean::line(it)));
    if owner.is_empty() {
        owner.push(kinds::NO_PACKAGE.to(lang).to_owned());
    }
    let apart = if row.shared_by.is_empty() { " > " } else { ", " };
    format!("{}\n{}\n{}\n", where_.join("  "), what.join("  "), owner.join(apart))
}
