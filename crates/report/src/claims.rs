//! Judged claims as a sheet: all in one table, then each with what was measured and why.

use crate::catalogue::{claims as words, messages, sentences};
use crate::sheet::{self, Block, Sheet};
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::{Lang, figures};
use elfin_schema::{ClaimUnit, ClaimValue, ClaimVerdict, JudgedClaim, JudgedClaims};

/// Renders judged claims for a terminal of `width` columns.
pub fn claims(document: &JudgedClaims, lang: Lang, width: u16, colour: bool) -> String {
    sheet::terminal(&compose(document, lang), lang, width, colour)
}

/// Renders judged claims as Markdown.
pub fn claims_markdown(document: &JudgedClaims, lang: Lang) -> String {
    sheet::markdown(&compose(document, lang), lang)
}

/// Renders judged claims as one HTML file, in both languages.
pub fn claims_html(document: &JudgedClaims, lang: Lang) -> String {
    sheet::html(Lang::ALL.map(|lang| (lang, compose(document, lang))), "claims", lang)
}

/// Renders judged claims as JSON, `says` and `why` in the language that is asked for.
///
/// Fails only where a figure is none that JSON has.
pub fn claims_json(document: &JudgedClaims, lang: Lang) -> Result<String, serde_json::Error> {
    let mut document = document.clone();
    if lang == Lang::Zh {
        for claim in &mut document.claims {
            std::mem::swap(&mut claim.says, &mut claim.says_zh);
            std::mem::swap(&mut claim.why, &mut claim.why_zh);
        }
    }
    serde_json::to_string_pretty(&document)
}

fn compose(document: &JudgedClaims, lang: Lang) -> Sheet {
    let mut sheet = Sheet { title: words::TITLE.to(lang).to_owned(), ..Sheet::default() };
    let count =
        |verdict| (verdict, document.claims.iter().filter(|it| it.verdict == verdict).count());
    sheet.lede.push(words::sum(&ClaimVerdict::ALL.map(count), lang));
    sheet.lede.push(format!("{} · {}", document.program, document.go));
    sheet.lede.push(sentences::machine(&document.machine));
    sheet.text(words::RULES.to(lang));
    sheet.items(document.findings.iter().map(|it| messages::message(it, lang)).collect());
    sheet.heading(words::ALL.to(lang));
    sheet.table(table(document, lang));
    sheet.heading(words::EACH.to(lang));
    for claim in &document.claims {
        each(&mut sheet, claim, lang);
    }
    sheet
}

fn each(sheet: &mut Sheet, claim: &JudgedClaim, lang: Lang) {
    let (says, why) = match lang {
        Lang::En => (&claim.says, &claim.why),
        Lang::Zh => (&claim.says_zh, &claim.why_zh),
    };
    let verdict = words::verdict(claim.verdict).to(lang);
    sheet.items(vec![format!("{} · {verdict}", claim.id)]);
    sheet.text(format!("“{says}”"));
    sheet.text(why.as_str());
    sheet.blocks.push(Block::Code(claim.command.clone()));
}

fn table(document: &JudgedClaims, lang: Lang) -> Table {
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![
        head(words::CLAIM.to(lang), false),
        head(words::FIGURE.to(lang), true),
        head(words::MEASURED.to(lang), true),
        head("95 %", true),
        head(words::VERDICT.to(lang), false),
    ];
    let rows = document.claims.iter().map(|claim| {
        let tone = match claim.verdict {
            ClaimVerdict::Holds => Tone::Good,
            ClaimVerdict::InPart => Tone::Plain,
            ClaimVerdict::DoesNotHold | ClaimVerdict::Impossible => Tone::Bad,
            ClaimVerdict::NotHere => Tone::Quiet,
        };
        let interval = claim
            .interval
            .map(|[low, high]| format!("{}…{}", figures::rough(low), figures::rough(high)));
        let verdict = Cell::text(words::verdict(claim.verdict).to(lang)).toned(tone);
        let cells = vec![
            value(Some(&claim.figure), claim.unit, lang),
            value(claim.measured.as_ref(), claim.unit, lang),
            interval.map_or_else(Cell::none, Cell::text),
            verdict,
        ];
        Row { name: claim.id.clone(), picked: false, cells, note: None }
    });
    Table { rows: rows.collect(), heads }
}

fn value(value: Option<&ClaimValue>, unit: ClaimUnit, lang: Lang) -> Cell {
    match value {
        None => Cell::none(),
        Some(ClaimValue::Bool(yes)) => {
            Cell::text(if *yes { words::YES } else { words::NO }.to(lang))
        }
        Some(ClaimValue::Text(text)) if text.is_empty() => Cell::none(),
        Some(ClaimValue::Text(text)) => Cell::text(crate::terminal::shorten(text, 24)),
        Some(ClaimValue::Number(number)) => {
            let unit = words::unit(unit).to(lang);
            let shown = match unit {
                "%" => format!("{}{:.1}", if *number < 0.0 { "−" } else { "" }, number.abs()),
                _ => figures::rough(*number),
            };
            Cell::number(*number, |_| format!("{shown} {unit}").trim_end().to_owned())
        }
    }
}
