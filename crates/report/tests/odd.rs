//! Documents that no good experiment leaves: every report of them comes out all the same.

mod fixture;

use elfin_report::*;
use elfin_schema::*;

/// Makes every report of a document, in every language, and gives them all.
fn all(e: &Experiment, r: &[RecipeRecord]) -> Vec<String> {
    let other = fixture::elsewhere();
    let mut reports = vec![csv(e, r)];
    for lang in Lang::ALL {
        for width in [0, 40, 80, u16::MAX] {
            reports.push(terminal(e, r, lang, width, true));
        }
        reports.push(markdown(e, r, lang));
        reports.push(html(e, r, lang));
        let other = (&other.0, other.1.as_slice());
        for (a, b) in [((e, r), other), (other, (e, r)), ((e, r), (e, r))] {
            reports.push(compare_terminal(a, b, lang, 80, false));
            reports.push(compare_markdown(a, b, lang));
            reports.push(compare_html(a, b, lang));
        }
    }
    for report in &reports {
        let at = report.find("NaN");
        assert_eq!(at.map(|at| &report[at.saturating_sub(60)..at + 3]), None);
    }
    reports
}

#[test]
fn no_records() {
    let mut e = fixture::experiment();
    e.finished = false;
    e.picks.clear();
    let reports = all(&e, &[]);
    assert!(reports[4].contains("The experiment is not finished: 0 of 26 recipes so far."));
    assert!(reports[4].contains("no recipe qualifies"));
}

#[test]
fn only_the_baseline() {
    let mut r = fixture::records();
    r.truncate(1);
    all(&fixture::experiment(), &r);
}

#[test]
fn the_baseline_failed() {
    let mut r = fixture::records();
    r[0] = fixture::bare("baseline", Status::Failed);
    let reports = all(&fixture::experiment(), &r);
    // Nothing is compared with what is not there.
    assert!(!reports[4].contains("against baseline"));
    all(&fixture::experiment(), &r[..1]);
}

#[test]
fn a_working_recipe_of_which_nothing_is_known() {
    all(
        &fixture::experiment(),
        &[fixture::bare("baseline", Status::Ok), fixture::bare("", Status::Ok)],
    );
}

#[test]
fn figures_out_of_all_bounds() {
    for ms in [f64::NAN, f64::INFINITY, -1.0, 0.0, f64::MIN_POSITIVE, 1e300] {
        for bytes in [0, 1, u64::MAX] {
            let mut r = fixture::records();
            for record in &mut r {
                record.bytes = Some(bytes);
                record.delta_percent = Some(ms);
                record.start_ms = Some(ms);
                if let Some(parts) = &mut record.composition {
                    parts.values_mut().for_each(|size| *size = u64::MAX);
                }
                if let Some(transfer) = &mut record.transfer {
                    *transfer = Transfer { gzip_6: bytes, zstd_3: bytes, zstd_19: 0, xz_9: bytes };
                }
                if let Some(start) = &mut record.start {
                    start.warm.median = ms;
                    start.warm.interval = Interval { low: ms, high: -ms };
                }
                for step in &mut record.steps {
                    (step.bytes, step.delta_bytes) = (bytes, i64::MIN);
                }
            }
            let mut e = fixture::experiment();
            e.machine.load = ms;
            all(&e, &r);
        }
    }
}

#[test]
fn a_pick_of_a_recipe_that_is_not_there() {
    let mut e = fixture::experiment();
    e.picks[1].recipe = Some("nowhere".into());
    let text = terminal(&e, &fixture::records(), Lang::En, 80, false);
    // The text to paste is then the smallest's.
    assert!(text.contains("Text to paste: strip:s > upx:best-lzma"));
    all(&e, &fixture::records());
}

#[test]
fn thousands_of_recipes() {
    let one = &fixture::records()[1];
    let r: Vec<RecipeRecord> = (0..3000_u32)
        .map(|index| RecipeRecord {
            recipe: format!("r{index}"),
            start_ms: Some(f64::from(index) + 1.0),
            bytes: Some(3_000_000 - u64::from(index)),
            ..one.clone()
        })
        .collect();
    assert!(html(&fixture::experiment(), &r, Lang::En).contains("data-recipe=\"r2999\""));
}
