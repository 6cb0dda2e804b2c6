//! A slimming for a terminal: each step with its bytes, and what could not be done, with the reason.

use crate::catalogue::{labels, slimming};
use crate::figures;
use crate::table::{Cell, Head, Row, Table, Tone};
use crate::terminal::{Paint, draw, wrap};
use crate::{Lang, clean};
use elfin_schema::{SlimOutcome, SlimRefusal, SlimStep, Slimming};

/// Renders a slimming for a terminal of `width` columns.
pub fn slimming(document: &Slimming, lang: Lang, width: u16, colour: bool) -> String {
    let (width, paint) = (usize::from(width), Paint(colour));
    let head = |text: &str, numeric| Head { text: text.to_owned(), numeric, rank: 0 };
    let heads = vec![
        head(labels::STEP.to(lang), false),
        head(labels::CHANGE_BYTES.to(lang), true),
        head(labels::AFTER_BYTES.to(lang), true),
        head("", false),
    ];
    let rows = document.steps.iter().map(|step| row(step, lang)).collect();
    let name = paint.bold(&clean::line(&document.name));
    let mut out = format!("{name}: {}\n\n", slimming::sum(document, lang));
    out.push_str(&draw(&Table { heads, rows }, width, paint, lang));
    let refused = document.steps.iter().filter_map(|step| match step.outcome {
        SlimOutcome::Refused(why) => {
            let step = slimming::step(step.step).to(lang);
            Some(format!("{step}: {}", slimming::refusal(why).to(lang)))
        }
        _ => None,
    });
    let remarks = document.remarks.iter().map(|it| slimming::remark(*it).to(lang).to_owned());
    for text in refused.chain(remarks) {
        out.push('\n');
        out.push_str(&wrap(&text, width).join("\n"));
        out.push('\n');
    }
    out
}

/// Says why a step was not done.
pub fn refusal(why: SlimRefusal, lang: Lang) -> &'static str {
    slimming::refusal(why).to(lang)
}

fn row(step: &SlimStep, lang: Lang) -> Row {
    let change = i64::try_from(step.after).unwrap_or(i64::MAX)
        - i64::try_from(step.before).unwrap_or(i64::MAX);
    let outcome = Cell::text(slimming::outcome(step.outcome).to(lang));
    let (bytes, tone) = match step.outcome {
        SlimOutcome::Done => (Cell::text(figures::exact_change(change)), Tone::Plain),
        _ => (Cell::none(), Tone::Quiet),
    };
    Row {
        name: slimming::step(step.step).to(lang).to_owned(),
        picked: false,
        cells: vec![bytes, Cell::text(figures::exact(step.after)), outcome.toned(tone)],
        note: None,
    }
}
