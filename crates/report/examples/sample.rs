//! Writes a report of the tests' experiment, to look at while working on the page.
//!
//! `cargo run -p elfin-report --example sample -- html en > /tmp/sample.html`;
//! the first argument is html, terminal, markdown, csv, compare, or any of these
//! after weigh-, the second a language, the third a width, a number of rows, or
//! the JSON of a weighing.

#![allow(clippy::print_stdout)] // It is a program of its own, and this is its output.

#[path = "../tests/fixture/mod.rs"]
mod fixture;
#[path = "../tests/fixture/weighing.rs"]
mod weighing;

use elfin_report::Lang;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let form = arguments.next().unwrap_or_else(|| "html".to_owned());
    let lang: Lang = arguments.next().map_or(Ok(Lang::En), |code| code.parse())?;
    let third = arguments.next().unwrap_or_else(|| "100".to_owned());
    let number: u16 = third.parse().unwrap_or(100);
    let w = match third.parse() {
        Ok(rows) => weighing::weighing(rows),
        Err(_) => serde_json::from_str(&std::fs::read_to_string(&third)?)?,
    };
    let (e, r) = (fixture::experiment(), fixture::records());
    let (other, others) = fixture::elsewhere();
    let text = match form.as_str() {
        "html" => elfin_report::html(&e, &r, lang),
        "terminal" => elfin_report::terminal(&e, &r, lang, number, true),
        "markdown" => elfin_report::markdown(&e, &r, lang),
        "csv" => elfin_report::csv(&e, &r),
        "compare" => elfin_report::compare_html((&e, &r), (&other, &others), lang),
        "compare-terminal" => {
            elfin_report::compare_terminal((&e, &r), (&other, &others), lang, number, true)
        }
        "weigh-html" => elfin_report::weigh_html(&w, lang),
        "weigh-markdown" => elfin_report::weigh_markdown(&w, lang),
        "weigh-csv" => elfin_report::weigh_csv(&w),
        other => return Err(format!("no form {other:?}").into()),
    };
    print!("{text}");
    Ok(())
}
