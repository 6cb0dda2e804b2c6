//! Go's build information, by part.

use crate::book::{Book, Goods, Layer};
use crate::facts::Facts;
use crate::owners::SYSTEM;
use elfin_golang::BuildInfoPart;
use elfin_schema::Kind;

pub(crate) fn claim<'a>(facts: &Facts<'a>, book: &mut Book<'a>) {
    let Some(info) = &facts.build_info else { return };
    for (part, range) in &info.parts {
        let label = book.label(match part {
            BuildInfoPart::Frame => &b"frame"[..],
            BuildInfoPart::Version => b"version",
            BuildInfoPart::Modules => b"modules",
            BuildInfoPart::Settings => b"settings",
        });
        let goods = Goods::of(SYSTEM, Kind::BuildInfo).labelled(label);
        book.claim(Layer::Format, *range, goods);
    }
}
