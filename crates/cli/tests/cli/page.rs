//! The HTML in a browser: what `elfin lab` wrote, opened from the disk.

use crate::browser::{Browser, chromium};
use crate::fixture::{Folder, HELLO};
use elfin_schema::{RecipeRecord, Status};
use serde_json::json;

const RECIPES: [&str; 4] = ["strip:s", "strip:s > pie", "ldflags(-s -w)", "pie"];

#[test]
fn the_page_is_the_record_and_asks_the_network_for_nothing() {
    let Some(chromium) = chromium() else { return };
    let folder = Folder::with_program(HELLO);
    folder.plan(&RECIPES);
    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    let (_, records) = folder.documents("out");
    let url = format!("file://{}", folder.path("out/report.html").display());

    let mut browser = Browser::start(&chromium);
    for (width, mobile) in [(390, true), (1280, false)] {
        browser.resize(width, mobile);
        browser.open(&url);
        assert_eq!(shown(&mut browser), ["en"]);
        charts_hold(&mut browser, &records, "en");
        fits(&mut browser, width);

        browser.click("article[lang=en] [data-to-lang=zh]");
        assert_eq!(shown(&mut browser), ["zh"]);
        charts_hold(&mut browser, &records, "zh");
        fits(&mut browser, width);

        browser.click("article[lang=zh] [data-to-lang=en]");
        assert_eq!(shown(&mut browser), ["en"]);
        assert_eq!(browser.console(), "");
        assert_eq!(browser.requests(), [&url]);
    }

    // The page's own policy stops what would be loaded.
    browser.evaluate(
        "new Promise((refused) => {
           const image = new Image();
           image.onerror = refused;
           image.src = 'http://127.0.0.1:9/';
         }).then(() => true)",
    );
    assert!(browser.console().contains("Content Security Policy"));
}

#[test]
fn the_browser_would_tell_of_a_request_and_of_an_error() {
    let Some(chromium) = chromium() else { return };
    let folder = Folder::new();
    folder.write("page.html", "<img src='http://127.0.0.1:9/'><script>throw 'up'</script>");
    let mut browser = Browser::start(&chromium);
    browser.open(&format!("file://{}", folder.path("page.html").display()));
    assert!(browser.requests().contains(&"http://127.0.0.1:9/"));
    assert!(browser.console().contains("Uncaught"));
}

/// The languages of the articles that can be seen, which is the page's too.
fn shown(browser: &mut Browser) -> Vec<String> {
    let visible = browser.evaluate(
        "Array.from(document.querySelectorAll('article'))
           .filter((article) => article.checkVisibility() && article.clientHeight > 0)
           .map((article) => article.lang)",
    );
    assert_eq!(json!([browser.evaluate("document.documentElement.lang")]), visible);
    serde_json::from_value(visible).unwrap()
}

/// The size chart and the table have the recipes of the record, and bars of those that were made.
fn charts_hold(browser: &mut Browser, records: &[RecipeRecord], lang: &str) {
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let expected = sorted(records.iter().map(|record| record.recipe.clone()).collect());
    assert!(RECIPES.iter().all(|recipe| expected.iter().any(|name| name == recipe)));
    for id in ["size", "table"] {
        let rows = browser.evaluate(&format!(
            "Array.from(document.querySelectorAll('#{id}-{lang} [data-recipe]'))
               .map((row) => row.dataset.recipe)"
        ));
        assert_eq!(sorted(serde_json::from_value(rows).unwrap()), expected, "{id}-{lang}");
    }
    let drawn = browser.evaluate(&format!(
        "Array.from(document.querySelectorAll('#size-{lang} [data-recipe]'))
           .filter((row) => row.querySelector('rect')?.getBoundingClientRect().width > 0).length"
    ));
    let made = records.iter().filter(|record| record.status == Status::Ok).count();
    assert!(made < records.len(), "strip:s > pie cannot be");
    assert_eq!(drawn, made, "{lang}");
}

/// The page does not scroll sideways.
fn fits(browser: &mut Browser, width: u32) {
    let root = "document.documentElement";
    let widths = browser.evaluate(&format!("[innerWidth, {root}.clientWidth, {root}.scrollWidth]"));
    assert_eq!(widths[0], width);
    assert_eq!(widths[1], widths[2], "at {width}");
}
