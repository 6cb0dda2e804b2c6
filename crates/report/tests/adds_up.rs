//! Reports of a weighing: each adds up to the file, none loads anything or takes text for markup.

#[path = "fixture/weighing.rs"]
mod weighing;

use elfin_report::{Lang, weigh_csv, weigh_html, weigh_markdown};
use elfin_schema::*;

#[test]
fn the_csv_adds_up_to_the_file() {
    let w = weighing::weighing(500);
    let csv = weigh_csv(&w);
    let head = "module,package,library,kind,section,symbol,bytes,exact,shared_by,offset,gzip,zstd,lzma,entropy,segment,file\r\n";
    assert!(csv.starts_with(head));
    // No name of the fixture has a comma.
    let lines: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert!(lines.iter().all(|line| line.len() == 16));
    let sum: u64 = lines.iter().map(|line| line[6].parse::<u64>().unwrap()).sum();
    assert_eq!(sum, w.file.size);
    let unknown: Vec<_> = lines.iter().filter(|line| line[3] == "unknown").collect();
    assert_eq!(unknown.iter().map(|line| line[4]).collect::<Vec<_>>(), [".rodata", ".data"]);
    assert!(
        csv.contains("std,runtime,,data,.data,</script><img src=x onerror=alert(1)>,30000,true,,")
    );
    assert!(csv.contains(",pc-value,.gopclntab,"));
}

#[test]
fn each_table_of_the_markdown_adds_up_to_the_file() {
    let w = weighing::weighing(3_000);
    for lang in Lang::ALL {
        let markdown = weigh_markdown(&w, lang);
        assert_eq!(markdown.matches("\n## ").count(), 4, "{markdown}");
        for table in markdown.split("\n## ").filter(|part| part.contains("\n| :-- ")) {
            let sizes = table.lines().filter_map(|line| line.split(" | ").nth(1));
            let sizes = sizes.filter_map(|size| size.replace(',', "").parse::<u64>().ok());
            let sizes: Vec<u64> = sizes.collect();
            let (total, parts) = sizes.split_last().unwrap();
            assert_eq!((*total, parts.iter().sum::<u64>()), (w.file.size, w.file.size));
        }
    }
}

#[test]
fn the_page_loads_nothing_and_takes_no_name_for_markup() {
    let page = weigh_html(&weighing::weighing(2_000), Lang::Zh);
    assert!(page.contains("<html lang=\"zh\">") && page.contains("default-src 'none'"));
    for loads in ["src=\"", "@import", "url(", "fetch(", "XMLHttpRequest", "https://", "<img"] {
        assert!(!page.contains(loads), "{loads}");
    }
    // The columns and the script.
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(page.contains("\\u003c/script>\\u003cimg"));
}

#[test]
fn fifty_thousand_rows_are_a_few_megabytes() {
    let page = weigh_html(&weighing::weighing(50_000), Lang::En);
    assert!(page.len() < 4 << 20, "{}", page.len());
}

#[test]
fn more_rows_than_a_browser_should_hold_stand_together_and_none_is_lost() {
    let mut w = weighing::weighing(100);
    let least = w.rows.last().unwrap().clone();
    let symbol = |n: usize| Some(format!("{}.f{n}", least.package.as_deref().unwrap()));
    let more = 250_000 - w.rows.len() + 5_000;
    w.rows.extend((0..more).map(|n| Row { symbol: symbol(n).map(Into::into), ..least.clone() }));
    w.file.size = w.rows.iter().map(|row| row.bytes).sum::<u64>() + w.unknown_bytes;
    let page = weigh_html(&w, Lang::En);
    assert!(page.contains("bytes and less are not told apart here"));
    let (_, data) = page.split_once("type=\"application/json\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let bytes: Vec<u64> = serde_json::from_value(data["bytes"].clone()).unwrap();
    assert_eq!(bytes.len(), 250_000 + 1 + 2, "the folded row, and the unknown of two sections");
    assert_eq!(bytes.iter().sum::<u64>(), w.file.size);
    assert_eq!(bytes[250_000], least.bytes * 5_000);
}

#[test]
fn documents_that_nobody_weighed() {
    let mut empty = weighing::weighing(1);
    empty.rows.clear();
    empty.unknown.clear();
    empty.go = None;
    empty.file.name = "\u{202e}\u{1b}[31m".into();
    let mut huge = weighing::weighing(50);
    for row in &mut huge.rows {
        row.bytes = u64::MAX;
        row.shared_by = vec!["".into(); 3];
        let download = Download { gzip: u64::MAX, zstd: 0, lzma: 1, entropy: f64::NAN };
        row.download = Some(Box::new(download));
    }
    huge.unknown[0].bytes = u64::MAX;
    huge.file.size = 0;
    for w in [empty, huge] {
        for lang in Lang::ALL {
            for report in [weigh_html(&w, lang), weigh_markdown(&w, lang), weigh_csv(&w)] {
                assert!(!report.contains('\u{202e}') && !report.contains('\u{1b}'));
                assert!(!report.contains(",NaN") && !report.contains("inf%"));
            }
        }
    }
}
