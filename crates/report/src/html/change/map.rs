//! A map of what changed: as a weighing's, but a box is as large as its change.

use super::payload::{Fate, payload};
use crate::catalogue::Text;
use crate::html::frame::Section;
use crate::html::treemap::stage::{Map, swatch};
use crate::html::treemap::words;
use crate::{Lang, figures};
use elfin_schema::{ChangedRow, Diff, Kind};
use maud::{Markup, html};

const TITLE: Text = Text("Map of the change", "变化分布图");
const NOTE: Text = Text(
    "The area of a box is how much changed, whether it grew or shrank; what is said of it is the sum of both.",
    "方块面积表示变化量，无论增减；所标数值为增减之和。",
);
const NO_SCRIPT: Text = Text(
    "A script of this page draws the map; it is switched off. The lists below say what changed.",
    "本页的图由脚本绘制，而脚本已被禁用。下方列表说明有何变化。",
);

/// The map's section, and the columns that its script reads.
pub(super) struct Drawn {
    kinds: Vec<Option<Kind>>,
    pub(super) data: Option<String>,
}

impl Drawn {
    pub(super) fn of(d: &Diff) -> Drawn {
        let (payload, kinds) = payload(d);
        // Numbers and strings always serialize.
        Drawn { kinds, data: serde_json::to_string(&payload).ok() }
    }

    pub(super) fn section(&self, d: &Diff, lang: Lang) -> Section {
        let map = Map {
            label: words::map_label(&format!("{} → {}", d.from.name, d.to.name), lang),
            words: words::of_script(&self.kinds, lang),
            downloads: false,
            legend: legend(d, lang),
            folded: None,
            no_script: NO_SCRIPT,
        };
        Section::new("map", TITLE, lang).note(NOTE).body(map.markup(lang))
    }
}

fn legend(d: &Diff, lang: Lang) -> Markup {
    html! {
        ul.legend {
            @for fate in Fate::ALL {
                @let of_it = d.rows.iter().filter(|it| Fate::of(it) == fate);
                @let sum = of_it.map(ChangedRow::delta).fold(0_i64, i64::saturating_add);
                li {
                    (swatch(fate.class(), None)) (fate.name().to(lang)) " " (figures::exact_change(sum))
                    data hidden {}
                }
            }
        }
    }
}
