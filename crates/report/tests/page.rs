//! The page: its rows are the records, it loads nothing, and no text becomes markup.

mod fixture;

use elfin_report::{Lang, compare_html, html};

/// The part of the page in one language.
fn article(page: &str, lang: Lang) -> &str {
    let start = page.find(&format!("<article lang=\"{lang}\"")).expect("an article");
    let length = page[start..].find("</article>").expect("its end");
    &page[start..start + length]
}

/// A section by its id.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let start = page.find(&format!("<section id=\"{id}\"")).expect("a section");
    let length = page[start..].find("</section>").expect("its end");
    &page[start..start + length]
}

/// The recipes of a part of the page, sorted.
fn recipes(part: &str) -> Vec<String> {
    let rows = part.split("data-recipe=\"").skip(1);
    let mut names: Vec<String> = rows
        .map(|rest| rest[..rest.find('"').expect("a quote")].to_owned())
        .map(|name| {
            name.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
        })
        .collect();
    names.sort();
    names
}

fn page() -> String {
    html(&fixture::experiment(), &fixture::records(), Lang::En)
}

#[test]
fn the_rows_are_the_records_in_both_languages() {
    let mut expected: Vec<String> = fixture::records().into_iter().map(|r| r.recipe).collect();
    expected.sort();
    let page = page();
    for lang in Lang::ALL {
        let article = article(&page, lang);
        for id in ["size", "table"] {
            assert_eq!(recipes(section(article, &format!("{id}-{lang}"))), expected, "{id}");
        }
        // Of the working recipes one was built for another machine, so it never started.
        assert_eq!(recipes(section(article, &format!("start-{lang}"))).len(), 14);
        assert_eq!(recipes(section(article, &format!("download-{lang}"))).len(), 15);
    }
}

#[test]
fn what_a_packed_file_needs_is_said_to_be_from_before() {
    let page = page();
    for (lang, says) in
        [(Lang::En, "libc.so.6 (before packing)"), (Lang::Zh, "libc.so.6（压缩前）")]
    {
        assert!(section(article(&page, lang), &format!("runs-{lang}")).contains(says), "{lang}");
    }
}

#[test]
fn nothing_is_loaded() {
    let (other, others) = fixture::elsewhere();
    let (e, r) = (fixture::experiment(), fixture::records());
    for page in [page(), compare_html((&e, &r), (&other, &others), Lang::Zh)] {
        assert!(!page.contains("http://") && !page.contains("https://"));
        for loads in ["src=", "@import", "url(", "fetch(", "XMLHttpRequest"] {
            assert!(!page.contains(loads), "{loads}");
        }
        assert_eq!(page.matches("<link ").count(), 1);
        assert!(page.contains("<link rel=\"icon\" href=\"data:,\">"));
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn no_text_of_a_record_becomes_markup() {
    let page = page();
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn the_language_asked_for_opens() {
    let (e, r) = (fixture::experiment(), fixture::records());
    assert!(html(&e, &r, Lang::En).contains("<html lang=\"en\">"));
    let zh = html(&e, &r, Lang::Zh);
    assert!(zh.contains("<html lang=\"zh\">"));
    assert!(article(&zh, Lang::En).contains("What still works"));
    assert!(article(&zh, Lang::Zh).contains("哪些功能仍可用"));
}

#[test]
fn every_id_is_there_once() {
    let page = page();
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| &rest[..rest.find('"').unwrap()]).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for target in page.split("href=\"#").skip(1) {
        assert!(ids.contains(&&target[..target.find('"').unwrap()]));
    }
}

#[test]
fn what_starts_fast_is_pasted_first() {
    let page = page();
    let paste = section(&page, "paste-en");
    let checked = paste.find(" checked").unwrap();
    assert!(paste[..checked].ends_with("class=\"choose-1\""));
    assert_eq!(paste.matches("class=\"panel ").count(), 3);
}
