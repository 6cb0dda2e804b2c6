//! The treemap in a browser: fifty thousand rows, opened from the disk.

#[path = "../../../report/tests/fixture/weighing.rs"]
mod weighing;

use crate::browser::{Browser, chromium};
use elfin_report::{Lang, weigh_html};
use elfin_schema::{Row, Weighing};
use serde_json::Value;
use tempfile::TempDir;

/// The part of the page that can be seen.
const SEEN: &str = "document.querySelector(`article[lang=${document.documentElement.lang}] .map`)";

struct Page {
    browser: Browser,
    url: String,
    _folder: TempDir,
}

impl Page {
    fn open(w: &Weighing) -> Option<Page> {
        Page::of(&weigh_html(w, Lang::En))
    }

    fn of(html: &str) -> Option<Page> {
        let mut browser = Browser::start(&chromium()?);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.html");
        std::fs::write(&path, html).unwrap();
        let url = format!("file://{}", path.display());
        browser.resize(1280, false);
        browser.open(&url);
        Some(Page { browser, url, _folder: folder })
    }

    /// What an expression in which `map` is the visible map comes to, after the next frame.
    fn map(&mut self, expression: &str) -> Value {
        self.browser.evaluate(&format!(
            "new Promise((then) => requestAnimationFrame(then)).then(() => {{
               const map = {SEEN}; return {expression}; }})"
        ))
    }

    fn text(&mut self, selector: &str) -> String {
        let text = self.map(&format!("map.querySelector({selector:?}).textContent"));
        text.as_str().unwrap().to_owned()
    }

    /// The names and the exact bytes of the table beside the map.
    fn table(&mut self) -> Vec<(String, u64)> {
        let rows = self.map(
            "Array.from(map.querySelectorAll('tbody tr')).map((row) =>
               [row.cells[0].textContent, Number(row.cells[1].title.replaceAll(',', ''))])",
        );
        serde_json::from_value(rows).unwrap()
    }

    /// What the table says of all, with its sign.
    fn total(&mut self) -> i64 {
        self.map("Number(map.querySelector('tfoot .number').dataset.value)").as_i64().unwrap()
    }

    fn drawn(&mut self) -> (u64, u64) {
        let drawn = self.map(
            "[map.querySelector('.boxes').dataset.bytes, map.querySelector('.boxes').dataset.boxes]
               .map(Number)",
        );
        serde_json::from_value(drawn).unwrap()
    }

    /// How deep the zoom is, the file itself counted.
    fn levels(&mut self) -> u64 {
        self.map("map.querySelectorAll('.crumbs li').length").as_u64().unwrap()
    }

    fn find(&mut self, query: &str) {
        self.map(&format!(
            "(map.querySelector('.search').value = {query:?},
              map.querySelector('.search').dispatchEvent(new Event('input')))"
        ));
    }

    fn choose(&mut self, state: &str, value: &str) {
        self.map(&format!("map.querySelector('[data-state={state}][value={value}]').click()"));
    }

    fn zoom(&mut self, name: &str) {
        let zoomed = self.map(&format!(
            "Array.from(map.querySelectorAll('tbody button'))
               .filter((button) => button.title === {name:?}).map((button) => button.click()).length"
        ));
        assert_eq!(zoomed, 1, "{name}");
    }
}

fn bytes<'a>(rows: impl Iterator<Item = &'a Row>) -> u64 {
    rows.map(|row| row.bytes).sum()
}

#[test]
fn the_boxes_are_the_file_in_every_grouping_and_size() {
    let w = weighing::weighing(50_000);
    let Some(mut page) = Page::open(&w) else { return };
    for (grouping, first_level) in [("kind", 10), ("section", 8), ("module", 12)] {
        page.choose("group", grouping);
        let (bytes, boxes) = page.drawn();
        assert_eq!(bytes, w.file.size, "{grouping}");
        // Many can be seen, and what cannot is not drawn one by one.
        assert!((2_000..50_000).contains(&boxes), "{grouping}: {boxes}");
        let table = page.table();
        assert!(table.len() > first_level, "{grouping}: {}", table.len());
        assert_eq!(table.iter().map(|(_, bytes)| bytes).sum::<u64>(), w.file.size);
        assert!(table.is_sorted_by_key(|(_, bytes)| std::cmp::Reverse(*bytes)));
    }
    for (form, size) in [("gzip", 0), ("lzma", 1)] {
        page.choose("size", form);
        let costs =
            w.rows.iter().map(|row| row.download.as_ref().map(|d| [d.gzip, d.lzma][size]).unwrap());
        assert_eq!(page.drawn().0, costs.sum::<u64>(), "{form}");
    }
    page.choose("size", "disk");
    // The script writes a size as the rest of the page does.
    let size = page.text(".list tfoot .number");
    let lede = "document.querySelector('article[lang=en] .lede').textContent";
    let lede = page.map(lede);
    assert!(size.ends_with(" MiB") && lede.as_str().unwrap().starts_with(&size), "{size}: {lede}");
    assert_eq!(page.browser.console(), "");
    assert_eq!(page.browser.requests(), [&page.url]);
}

#[test]
fn zoom_follows_the_table_the_canvas_and_the_keys() {
    let w = weighing::weighing(50_000);
    let Some(mut page) = Page::open(&w) else { return };
    page.zoom("std");
    let of_std = bytes(w.rows.iter().filter(|row| row.module.as_deref() == Some("std")));
    assert_eq!(page.drawn().0, of_std);
    page.zoom("runtime");
    let runtime = |row: &&Row| row.package.as_deref() == Some("runtime");
    assert_eq!(page.drawn().0, bytes(w.rows.iter().filter(runtime)));
    assert_eq!(page.text(".crumbs"), "platform-serverstdruntime");
    // No name is markup.
    assert!(page.table().iter().any(|(name, _)| name == weighing::HOSTILE));

    page.browser.press("Escape");
    assert_eq!(page.text(".crumbs"), "platform-serverstd");
    page.browser.press("Backspace");
    assert_eq!(page.drawn().0, w.file.size);

    // A click in the middle goes to what is there; the keys choose a box and go to that.
    page.browser.click("article[lang=en] .boxes");
    assert!(page.levels() > 1 && page.drawn().0 < w.file.size);
    page.map("map.querySelector('.crumbs button').click()");
    assert_eq!(page.drawn().0, w.file.size);
    page.map("map.querySelector('.boxes').focus()");
    for key in ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft"] {
        page.browser.press(key);
    }
    let told = page.text(".told");
    let chosen = page.table().into_iter().find(|(name, _)| told.starts_with(name));
    page.browser.press("Enter");
    assert_eq!(page.levels(), 2, "{told}");
    assert_eq!(Some(page.drawn().0), chosen.map(|(_, bytes)| bytes));
    page.browser.press("Escape");

    // In the table too, where the focus stays.
    page.map("map.querySelector('tbody button').focus()");
    page.browser.press("ArrowDown");
    let focus = "document.activeElement.textContent";
    assert_eq!(page.map(focus), page.table()[1].0);
    page.browser.press("Enter");
    assert_eq!(page.map(focus), page.table()[0].0);
    assert_eq!(page.levels(), 2);
    page.browser.press("Escape");
    assert_eq!(page.map(focus), page.table()[1].0);
    assert_eq!(page.browser.console(), "");
}

#[test]
fn a_search_lights_what_matches_and_sums_it() {
    let w = weighing::weighing(50_000);
    let Some(mut page) = Page::open(&w) else { return };
    page.browser.press("/");
    assert_eq!(page.map("document.activeElement.className"), "search");
    page.find("encoding/json Marshal");
    let matches = |row: &&Row| {
        let symbol = row.symbol.as_deref().unwrap_or_default().to_lowercase();
        let package = row.package.as_deref().unwrap_or_default();
        let all = format!("{symbol} {package} {}", row.shared_by.join(" "));
        all.contains("encoding/json") && all.contains("marshal")
    };
    let (found, sum) =
        (w.rows.iter().filter(matches).count(), bytes(w.rows.iter().filter(matches)));
    assert!(found > 20);
    assert!(page.text(".found").starts_with(&format!("{found} matches: ")), "{found}");
    let std = page.table();
    assert_eq!(std.iter().map(|(_, bytes)| bytes).sum::<u64>(), sum);
    page.zoom("std");
    assert_eq!(page.table(), [("encoding/json".to_owned(), std[0].1)]);
    page.find("no such thing");
    assert_eq!(page.text(".found"), "nothing matches");
    page.browser.press("Escape");
    assert_eq!(page.text(".found"), "");
    assert!(page.table().len() > 5);
}

#[test]
fn a_change_of_language_keeps_the_place_and_a_phone_has_room() {
    let w = weighing::weighing(2_000);
    let Some(mut page) = Page::open(&w) else { return };
    page.zoom("std");
    let before = page.table();
    page.browser.click("article[lang=en] [data-to-lang=zh]");
    assert_eq!(page.table(), before);
    assert_eq!(page.levels(), 2);
    page.choose("group", "kind");
    assert!(page.table().iter().any(|(name, _)| name == "机器码"));
    for (width, mobile) in [(390, true), (1280, false)] {
        page.browser.resize(width, mobile);
        assert_eq!(page.drawn().0, w.file.size);
        let root = "document.documentElement";
        let widths = page.map(&format!("[{root}.clientWidth, {root}.scrollWidth]"));
        assert_eq!(widths[0], widths[1], "at {width}");
    }
    assert_eq!(page.browser.console(), "");
}

#[test]
fn the_map_of_a_change_has_the_area_of_what_changed_and_says_the_difference() {
    let before = weighing::weighing(3_000);
    let mut after = before.clone();
    for (at, row) in after.rows.iter_mut().enumerate() {
        row.bytes = if at % 3 == 0 { row.bytes / 2 } else { row.bytes + 7 };
    }
    after.rows.remove(1);
    let sum = bytes(after.rows.iter()) + after.unknown_bytes;
    after.file.size = sum;
    let folder = crate::fixture::Folder::new();
    for (name, w) in [("before.json", &before), ("after.json", &after)] {
        folder.write(name, &serde_json::to_string(w).unwrap());
    }
    let text = folder.output(&["diff", "before.json", "after.json", "--json"]);
    let diff = elfin_schema::read_diff(&text).unwrap();
    assert_eq!(diff.rows.iter().map(elfin_schema::ChangedRow::delta).sum::<i64>(), diff.delta);
    let Some(mut page) = Page::of(&elfin_report::diff_html(&diff, Lang::En)) else { return };
    let moved: u64 = diff.rows.iter().map(|row| row.delta().unsigned_abs()).sum();
    for grouping in ["kind", "section", "module"] {
        page.choose("group", grouping);
        assert_eq!((page.drawn().0, page.total()), (moved, diff.delta), "{grouping}");
    }
    page.zoom("std");
    let of_std = diff.rows.iter().filter(|row| row.module.as_deref() == Some("std"));
    assert_eq!(page.total(), of_std.map(elfin_schema::ChangedRow::delta).sum::<i64>());
    assert!(page.text(".details").contains('−'), "what shrank has a sign");
    assert_eq!(page.browser.console(), "");
    assert_eq!(page.browser.requests(), [&page.url]);
}

#[test]
fn every_box_that_is_pointed_at_says_what_it_is() {
    let w = weighing::weighing(300);
    let Some(mut page) = Page::open(&w) else { return };
    page.zoom("unknown");
    let said = page.text(".details");
    assert!(said.starts_with("unknown") && said.contains("2 parts"), "{said}");
    page.browser.click("article[lang=en] .boxes");
    let said = page.text(".details");
    assert!(said.contains("unknown") && said.contains(".rodata"), "{said}");
    page.browser.press("Escape");
    page.zoom("shared by several packages");
    page.zoom("shared by more than 8 packages");
    let said = page.text(".details");
    assert!(said.contains("91,004 bytes"), "{said}");
}
