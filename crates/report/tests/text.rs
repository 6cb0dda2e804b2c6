//! The reports as text: what the terminal, Markdown and CSV say of the fixture.

mod fixture;

use elfin_report::{Lang, compare_markdown, compare_terminal, csv, markdown, message, terminal};
use elfin_schema::{Capability, Message, Probe};
use unicode_width::UnicodeWidthStr;

#[test]
fn the_terminal_at_80_columns() {
    let (e, r) = (fixture::experiment(), fixture::records());
    insta::assert_snapshot!(terminal(&e, &r, Lang::En, 80, false));
}

#[test]
fn the_terminal_in_chinese_at_140_columns() {
    let (e, r) = (fixture::experiment(), fixture::records());
    insta::assert_snapshot!(terminal(&e, &r, Lang::Zh, 140, false));
}

#[test]
fn the_markdown() {
    let (e, r) = (fixture::experiment(), fixture::records());
    insta::assert_snapshot!(markdown(&e, &r, Lang::En));
}

#[test]
fn the_csv() {
    insta::assert_snapshot!(csv(&fixture::experiment(), &fixture::records()));
}

#[test]
fn two_machines() {
    let (e, r) = (fixture::experiment(), fixture::records());
    let (other, others) = fixture::elsewhere();
    insta::assert_snapshot!(compare_terminal((&e, &r), (&other, &others), Lang::En, 100, false));
    insta::assert_snapshot!(compare_markdown((&e, &r), (&other, &others), Lang::Zh));
}

#[test]
fn no_line_of_ours_is_wider_than_the_terminal() {
    let (mut e, r) = (fixture::experiment(), fixture::records());
    for pick in &mut e.picks {
        pick.paste = None; // What is to be pasted is not wrapped.
    }
    for width in [60, 80, 100, 140, 200] {
        for lang in Lang::ALL {
            for line in terminal(&e, &r, lang, width, false).lines() {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
            }
        }
    }
}

#[test]
fn every_recipe_has_a_row_at_any_width() {
    let (e, r) = (fixture::experiment(), fixture::records());
    for width in [0, 1, 20, 79, 500] {
        let text = terminal(&e, &r, Lang::En, width, false);
        for record in &r {
            let start: String = record.recipe.chars().take(8).collect();
            assert!(text.contains(&start), "{width}: {start}");
        }
    }
}

#[test]
fn escape_sequences_are_only_ours() {
    let (e, r) = (fixture::experiment(), fixture::records());
    assert!(terminal(&e, &r, Lang::En, 100, true).contains("\u{1b}[1mserver\u{1b}[0m"));
    assert!(!terminal(&e, &r, Lang::En, 100, false).contains('\u{1b}'));
    assert!(!markdown(&e, &r, Lang::En).contains('\u{1b}'));
}

#[test]
fn csv_rows_are_as_wide_as_the_heading_and_quoted() {
    let (e, mut r) = (fixture::experiment(), fixture::records());
    r.truncate(1);
    r[0].recipe = "a,\"b\"\nc".to_owned();
    let text = csv(&e, &r);
    let (head, row) = text.split_once("\r\n").unwrap();
    assert!(row.starts_with("\"a,\"\"b\"\"\nc\","));
    assert!(row.ends_with("\r\n"));
    // The row has two commas more: one in the quoted name, one in no other field.
    assert_eq!(row.matches(',').count(), head.matches(',').count() + 1);
}

#[test]
fn a_download_that_packing_makes_larger_is_said_to_be() {
    let (e, r) = (fixture::experiment(), fixture::records());
    let text = markdown(&e, &r, Lang::En);
    let larger = "as a gzip -6 download 0.8% larger (24,836 bytes)";
    assert_eq!(text.matches(larger).count(), 1);
    assert_eq!(text.matches("makes the file smaller and the download larger").count(), 1);
}

#[test]
fn a_question_that_was_not_tried_is_not_said_to_have_no_answer() {
    let (mut e, mut r) = (fixture::experiment(), fixture::records());
    e.picks.remove(0);
    assert!(markdown(&e, &r, Lang::En).contains("gdb in full: no recipe qualifies."));
    let skipped = Probe::Skipped { why: Message::LeftOutByQuick };
    r[0].debug.as_mut().unwrap().probed.insert(Capability::GdbFunction, skipped);
    let text = markdown(&e, &r, Lang::En);
    assert!(text.contains("gdb in full: not tried. Left out by --quick."));
}

#[test]
fn a_benchmark_is_only_spoken_of_where_there_was_one() {
    let (mut e, mut r) = (fixture::experiment(), fixture::records());
    e.effort.rounds.bench = 5;
    assert!(!markdown(&e, &r, Lang::En).contains("The benchmark was run"));
    r[0].bench = Some(Probe::Skipped { why: Message::LeftOutByQuick });
    assert!(markdown(&e, &r, Lang::En).contains("The benchmark was run 5 times"));
    r[0].bench = Some(Probe::Failed { says: "exit status 1".into() });
    let text = markdown(&e, &r, Lang::En);
    assert!(!text.contains("The benchmark was run"));
    assert!(text.contains(&format!("The benchmark failed with {}: exit status 1.", r[0].recipe)));
}

#[test]
fn messages_are_in_the_language_asked_for() {
    let why = Message::GoMissing { version: "1.22.0".into() };
    assert!(message(&why, Lang::En).starts_with("Go 1.22.0 is not on this machine."));
    assert!(message(&why, Lang::Zh).starts_with("本机没有 Go 1.22.0。"));
    assert_eq!("zh".parse(), Ok(Lang::Zh));
    let unknown = "fr".parse::<Lang>().unwrap_err();
    assert_eq!(unknown.to_string(), "no catalogue for language \"fr\"; use en or zh");
}
