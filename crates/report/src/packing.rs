//! A packed program for a terminal: what it consists of, and what to know of it.

use crate::catalogue::{labels, packing};
use crate::figures;
use crate::table::{Cell, Head, Row, Table};
use crate::terminal::{Paint, draw, wrap};
use crate::{Lang, clean};
use elfin_schema::{PackRefusal, Packing};

/// Renders a packing for a terminal of `width` columns.
pub fn packing(document: &Packing, lang: Lang, width: u16, colour: bool) -> String {
    let (width, paint) = (usize::from(width), Paint(colour));
    let name = paint.bold(&clean::line(&document.name));
    let mut out = format!("{name}: {}\n\n", packing::sum(document, lang));
    out.push_str(&draw(&shares(document, lang), width, paint, lang));
    if document.choice.is_none() {
        out.push('\n');
        out.push_str(&draw(&parts(document, lang), width, paint, lang));
        let kind = packing::kind(document.kind).to(lang);
        out.push_str(&format!("\n{kind}\nSHA-256 {}\n", clean::line(&document.original_sha256)));
    }
    let choice = document.choice.map(|it| packing::choice(it.effort, it.why).to(lang).to_owned());
    let download = document.download.map(|it| packing::download(&it, lang));
    let remarks = document.remarks.iter().map(|it| packing::remark(*it).to(lang).to_owned());
    for text in choice.into_iter().chain(download).chain(remarks) {
        out.push('\n');
        out.push_str(&wrap(&text, width).join("\n"));
        out.push('\n');
    }
    out
}

/// Says why a file is not packed.
pub fn pack_refusal(why: PackRefusal, lang: Lang) -> &'static str {
    packing::refusal(why).to(lang)
}

fn shares(document: &Packing, lang: Lang) -> Table {
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![head(labels::SHARE.to(lang), false), head(labels::BYTES.to(lang), true)];
    let row = |name: &str, bytes| Row {
        name: name.to_owned(),
        picked: false,
        cells: vec![Cell::text(figures::exact(bytes))],
        note: None,
    };
    let rows = document.shares.iter().map(|it| row(packing::share(it.share).to(lang), it.bytes));
    Table { heads, rows: rows.collect() }
}

fn parts(document: &Packing, lang: Lang) -> Table {
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![
        head(labels::ADDRESS.to(lang), false),
        head(labels::BYTES.to(lang), true),
        head(labels::PACKED.to(lang), true),
        head(labels::PACKED_AS.to(lang), false),
    ];
    let rows = document.parts.iter().map(|it| Row {
        name: format!("{:#x}", it.start),
        picked: false,
        cells: vec![
            Cell::text(figures::exact(it.bytes)),
            Cell::text(figures::exact(it.packed)),
            Cell::text(clean::line(&it.method)),
        ],
        note: None,
    });
    Table { heads, rows: rows.collect() }
}
