//! The table and the CSV of a weighing: nothing falls out of the sum, nothing hostile gets through.

#![cfg(test)]

use elfin_report::{By, Lang, View, weigh_csv, weigh_text};
use elfin_schema::{
    Download, Kind, MemoryOnly, Row, UnknownRange, WEIGH_SCHEMA, WeighedFile, Weighing,
};

fn row(package: &str, kind: Kind, bytes: u64) -> Row {
    Row {
        module: Some("example.com/m".into()),
        package: Some(package.into()),
        library: None,
        kind,
        section: Some(".text".into()),
        segment: None,
        symbol: None,
        file: None,
        bytes,
        exact: true,
        shared_by: Vec::new(),
        download: None,
    }
}

fn weighing() -> Weighing {
    let nobody = |kind, bytes| Row { module: None, package: None, ..row("", kind, bytes) };
    let shared = vec!["a".into(), "b,\u{1b}[31m".into()];
    Weighing {
        schema: WEIGH_SCHEMA.into(),
        elfin: "0".into(),
        file: WeighedFile {
            name: "app\u{1b}[2J".into(),
            size: 1_000_000,
            arch: "amd64".into(),
            pie: false,
            symbols: true,
            dwarf: true,
            sections: true,
        },
        go: None,
        build: Default::default(),
        functions: Default::default(),
        rows: vec![
            row("example.com/m/a", Kind::Code, 500_000),
            row("example.com/m/a", Kind::PcValue, 200_000),
            row("example.com/m/b\u{202e}", Kind::Dwarf, 200_000),
            nobody(Kind::Header, 50_000),
            Row { shared_by: shared, ..nobody(Kind::FuncData, 30_000) },
        ],
        unknown_bytes: 20_000,
        unknown: vec![UnknownRange { offset: 7, bytes: 20_000, section: None, dump: None }],
        download: None,
        unknown_download: None,
        inlined: Vec::new(),
        memory_only: Vec::new(),
        warnings: Vec::new(),
    }
}

#[test]
fn the_tree_ends_with_the_file() {
    let text = weigh_text(&weighing(), &View::default(), Lang::En, Some(120), false);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[2].starts_with("module > package") && lines[2].contains("pclntab"), "{text}");
    assert!(lines[4].starts_with("example.com/m") && lines[4].contains("900,000  90.0%"), "{text}");
    assert!(lines[5].starts_with("  example.com/m/a") && lines[5].contains("500,000"), "{text}");
    assert!(lines.last().unwrap().starts_with("file"), "{text}");
    assert!(lines.last().unwrap().ends_with("1,000,000 100.0%"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn what_a_view_leaves_out_is_a_row() {
    let view = View { by: By::Package, top: 1, ..View::default() };
    let text = weigh_text(&weighing(), &view, Lang::En, Some(80), false);
    assert!(text.contains("… 1 more"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let view = View { by: By::Kind, least: 100_000, ..View::default() };
    let text = weigh_text(&weighing(), &view, Lang::Zh, Some(80), false);
    assert!(text.contains("… 另有 2 项") && text.contains("80,000"), "{text}");
}

#[test]
fn csv_has_every_row_and_every_unknown_range() {
    let csv = weigh_csv(&weighing());
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 1 + 5 + 1);
    assert!(lines[1].contains(",code,.text,,500000,true,"), "{csv}");
    assert_eq!(lines[6], ",,,unknown,,,20000,true,,7,,,,,,");
}

#[test]
fn an_estimate_is_marked_and_said_to_be_one() {
    let mut w = weighing();
    let exact = weigh_text(&w, &View::default(), Lang::En, None, false);
    assert!(!exact.contains('~'), "{exact}");
    w.rows[2].exact = false;
    let text = weigh_text(&w, &View::default(), Lang::En, None, false);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[4].contains("~900,000") && lines[4].contains(" 500,000"), "{text}");
    assert!(lines[5].contains(" 700,000") && lines[6].contains("~200,000"), "{text}");
    assert!(text.contains("~ partly an estimate"), "{text}");
    assert!(weigh_text(&w, &View::default(), Lang::Zh, None, false).contains("~ 含估算值"));
}

#[test]
fn rows_without_a_symbol_or_a_file_stand_by_kind() {
    let mut w = weighing();
    w.rows[0].symbol = Some("a.\u{1b}[31mrun".into());
    w.rows[1].file = Some("a/run.go".into());
    for (by, named, heading) in [
        (By::Symbol, "a.\u{fffd}[31mrun ", "without a name"),
        (By::File, "a/run.go ", "of no source file"),
    ] {
        let text = weigh_text(&w, &View { by, ..View::default() }, Lang::En, None, false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[4].starts_with(named) && lines[5] == heading, "{text}");
        assert!(lines[6].starts_with("  ") && !text.contains('\u{1b}'), "{text}");
    }
    assert!(weigh_csv(&w).lines().nth(2).unwrap().ends_with(",a/run.go"));
}

#[test]
fn memory_is_a_line_and_beside_downloads_a_list() {
    let mut w = weighing();
    let memory = |name: &str, bytes| MemoryOnly { name: name.into(), bytes };
    w.memory_only = vec![memory(".tbss", 8), memory("stack", 0)];
    let text = weigh_text(&w, &View::default(), Lang::En, None, false);
    assert!(text.contains("no byte of the file: .tbss 8 B\n"), "{text}");
    w.download = Some(Download { gzip: 1, zstd: 1, lzma: 1, entropy: 1.0 });
    let text = weigh_text(&w, &View::default(), Lang::Zh, None, false);
    assert!(text.contains("每个线程各有一份") && text.contains("主线程的栈"), "{text}");
}
