//! Two experiments side by side, as a page.

use super::strip::{Bar, legend, strip};
use super::{frame, grid};
use crate::Lang;
use crate::catalogue::labels;
use crate::compare::{Comparison, Side, join};
use crate::{clean, figures};
use elfin_schema::RecipeRecord;
use maud::{Markup, html};

/// Renders two experiments side by side, opening in `lang`.
pub(crate) fn compare(a: Side<'_>, b: Side<'_>, lang: Lang) -> String {
    let title = Comparison::of(a, b, lang).title;
    let articles = Lang::ALL.map(|lang| (lang, article(a, b, lang)));
    super::lab_page(&format!("{title} · elfin lab"), articles, lang)
}

fn article(a: Side<'_>, b: Side<'_>, lang: Lang) -> Markup {
    let Comparison { title, sides, cautions, tables: [stages, recipes] } =
        Comparison::of(a, b, lang);
    let table = |id, title, table: &_| {
        frame::Section::new(id, title, lang).body(grid::sortable(table, lang))
    };
    let chart = chart(a.1, b.1, lang);
    let sections = [
        Some(table("apart-stages", labels::STAGES_APART, &stages.1)),
        chart.map(|chart| frame::Section::new("apart-size", labels::SIZES_APART, lang).body(chart)),
        Some(table("apart-recipes", labels::RECIPES_APART, &recipes.1)),
    ];
    let sections: Vec<frame::Section> = sections.into_iter().flatten().collect();
    html! {
        header {
            p.eyebrow { (labels::EYEBROW_APART.to(lang)) }
            h1 { (clean::line(&title)) }
            ul.facts {
                @for side in &sides { li { (clean::line(side)) } }
                @for caution in &cautions { li { (clean::line(caution)) } }
            }
        }
        (frame::contents(&sections, lang))
        @for section in &sections { (section.markup()) }
    }
}

/// Every recipe that either side made, a bar for each side; none where there is none.
fn chart(a: &[RecipeRecord], b: &[RecipeRecord], lang: Lang) -> Option<Markup> {
    let sizes = |records: &[RecipeRecord]| {
        let sized =
            records.iter().filter_map(|record| Some((record.recipe.clone(), record.bytes?)));
        sized.collect::<Vec<_>>()
    };
    let rows = join(sizes(a), sizes(b));
    let max = rows.iter().flat_map(|(_, sides)| sides).flatten().max().copied()? as f64;
    Some(html! {
        (legend([("side-a", "A"), ("side-b", "B")]))
        div.bars {
            @for (name, sides) in &rows { (pair(name, *sides, max, lang)) }
        }
    })
}

fn pair(name: &str, [a, b]: [Option<u64>; 2], max: f64, lang: Lang) -> Markup {
    let said = |letter: &str, bytes: Option<u64>| {
        let size = bytes.map_or_else(|| labels::NOT_MEASURED.to(lang).to_owned(), figures::human);
        format!("{letter} {size}")
    };
    let (said_a, said_b) = (said("A", a), said("B", b));
    let lane = |class, bytes: Option<u64>, title: &str| {
        let bar =
            bytes.map(|bytes| Bar { class, from: 0.0, to: bytes as f64, title: title.into() });
        bar.into_iter().collect::<Vec<Bar>>()
    };
    let lanes = [lane("side-a", a, &said_a), lane("side-b", b, &said_b)];
    let shown = |bytes: Option<u64>| bytes.map_or_else(|| figures::NONE.to_owned(), figures::human);
    html! {
        div.row.flat data-recipe=(name) {
            (frame::recipe(name))
            (strip(&format!("{name}: {said_a}, {said_b}"), &lanes, max, None))
            span.figure { (shown(a)) }
            span.figure { (shown(b)) }
        }
    }
}
