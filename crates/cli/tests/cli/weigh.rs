//! Weighing from the command line: what is printed adds up, and what cannot be is said.

use crate::fixture::{Folder, HELLO};
use elfin_schema::{Kind, Place};
use std::fs;

/// A folder with the program `app`.
pub(crate) fn folder() -> Folder {
    let folder = Folder::with_program(HELLO);
    let mut go = std::process::Command::new("go");
    go.current_dir(folder.path("")).env("CGO_ENABLED", "0").args(["build", "-o", "app", "."]);
    assert!(go.status().unwrap().success());
    folder
}

/// The figure behind a row's name, of the last row that begins with it.
pub(crate) fn figure(text: &str, name: &str) -> u64 {
    let row = text.lines().rfind(|line| line.trim_start().starts_with(name));
    let row = row.unwrap_or_else(|| panic!("no row {name} in\n{text}"));
    let rest = &row.trim_start()[name.len()..];
    rest.split_whitespace().next().unwrap().replace([',', '~'], "").parse().unwrap()
}

#[test]
fn the_rows_of_each_view_add_up_to_the_file() {
    let folder = folder();
    let size = fs::metadata(folder.path("app")).unwrap().len();
    for by in ["module", "package", "kind", "section", "symbol", "file"] {
        let text = folder.output(&["weigh", "app", "--by", by, "--top", "5"]);
        assert_eq!(figure(&text, "file "), size, "{text}");
        let figures = text.lines().skip(4).take_while(|line| !line.starts_with('─'));
        let rows: u64 = figures
            .filter_map(|line| {
                let before = line.split('%').next()?;
                let figures: Vec<&str> = before.split_whitespace().rev().take(2).collect();
                figures.get(1)?.replace([',', '~'], "").parse::<u64>().ok()
            })
            .sum();
        assert_eq!(rows + figure(&text, "unknown"), size, "{text}");
    }
    let tree = folder.output(&["weigh", "app", "--filter", "^fmt$", "--min", "1k"]);
    assert!(figure(&tree, "fmt") > 10_000 && !tree.contains("  runtime "), "{tree}");
    let chinese = folder.output(&["weigh", "app", "--lang", "zh"]);
    assert!(chinese.contains("模块 > 包") && chinese.contains("未知"), "{chinese}");
}

#[test]
fn the_documents_for_machines_add_up() {
    let folder = folder();
    let weighing =
        elfin_schema::read_weighing(&folder.output(&["weigh", "app", "--json"])).unwrap();
    let rows: u64 = weighing.rows.iter().map(|it| it.bytes).sum();
    assert_eq!(rows + weighing.unknown_bytes, weighing.file.size);
    let csv = folder.output(&["weigh", "app", "--csv"]);
    let bytes: u64 = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(6).unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(bytes, weighing.file.size);
}

#[test]
fn one_byte_has_an_owner() {
    let folder = folder();
    let text = folder.output(&["weigh", "app", "--at", "0x0"]);
    assert!(text.contains("ELF headers"), "{text}");
    let json = folder.output(&["weigh", "app", "--at", "4", "--json"]);
    let place: Place = serde_json::from_str(&json).unwrap();
    assert_eq!(place.row.unwrap().kind, Kind::Header);
    let says = folder.refused(&["weigh", "app", "--vaddr", "0x10"]);
    assert!(says.contains("address 0x10 is not in the file"), "{says}");
}

#[test]
fn what_cannot_be_weighed_is_said() {
    let folder = Folder::with_program(HELLO);
    assert!(folder.refused(&["weigh", "main.go"]).contains("not an ELF file"));
    assert!(folder.refused(&["weigh", "nowhere"]).contains("cannot read nowhere"));
    folder.write("empty", "");
    assert!(folder.refused(&["weigh", "empty"]).contains("it is empty"));
    assert!(folder.refused(&["weigh", "."]).contains("it is a directory: give the executable"));
}

#[test]
fn what_each_row_costs_in_a_download_adds_up_to_the_compressed_file() {
    let folder = folder();
    let json = folder.output(&["weigh", "app", "--compressed", "--json"]);
    let weighing = elfin_schema::read_weighing(&json).unwrap();
    let file = weighing.download.unwrap();
    let rows = weighing.rows.iter().map(|row| *row.download.as_deref().unwrap());
    let all: Vec<_> = rows.chain(weighing.unknown_download).collect();
    assert_eq!(all.iter().map(|it| it.gzip).sum::<u64>(), file.gzip);
    assert_eq!(all.iter().map(|it| it.zstd).sum::<u64>(), file.zstd);
    assert_eq!(all.iter().map(|it| it.lzma).sum::<u64>(), file.lzma);
    assert!(file.lzma < file.gzip && file.gzip < weighing.file.size);

    let text = folder.output(&["weigh", "app", "--compressed", "--by", "segment"]);
    assert!(text.starts_with("app ") && text.contains("gzip -6"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("LOAD ") && line.contains(" r-x ")), "{text}");
    folder.output(&["weigh", "app", "--html", "map.html"]);
    assert!(folder.read("map.html").contains("<canvas"));
}

#[test]
fn a_page_replaces_no_program_and_no_document() {
    let folder = folder();
    folder.output(&["weigh", "app", "--html", "map.html"]);
    let program = fs::read(folder.path("app")).unwrap();
    let says = folder.refused(&["weigh", "app", "--html", "app"]);
    assert!(says.contains("app is a program or a document"), "{says}");
    assert!(fs::read(folder.path("app")).unwrap() == program);
    folder.write("weighed.json", "{}");
    folder.refused(&["weigh", "app", "--html", "weighed.json"]);
    assert_eq!(folder.read("weighed.json"), "{}");
    std::os::unix::fs::symlink("map.html", folder.path("link")).unwrap();
    folder.output(&["weigh", "app", "--html", "link"]);
    assert!(fs::symlink_metadata(folder.path("link")).unwrap().is_symlink());
    let says = folder.refused(&["weigh", "app", "--html", "nowhere/map.html"]);
    assert!(says.contains("there is no folder nowhere"), "{says}");
}

#[test]
fn a_file_that_was_cut_off_is_weighed_and_said_to_be() {
    let folder = folder();
    let program = fs::read(folder.path("app")).unwrap();
    fs::write(folder.path("cut"), &program[..program.len() - 1]).unwrap();
    let text = folder.output(&["weigh", "cut"]);
    assert!(text.contains("It is cut off or damaged"), "{text}");
    assert_eq!(figure(&text, "file"), program.len() as u64 - 1);
    assert!(!folder.output(&["weigh", "app"]).contains("cut off"));
}

#[test]
fn a_view_leaves_out_what_belongs_to_no_package_too() {
    let folder = folder();
    let text = folder.output(&["weigh", "app", "--filter", "^runtime$", "--by", "package"]);
    let names: Vec<&str> =
        text.lines().skip(4).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names[0], "runtime", "{text}");
    assert!(!text.contains("ELF headers"), "{text}");
    let module = folder.output(&["weigh", "app", "--filter", "^std$"]);
    assert!(module.lines().any(|line| line.trim_start().starts_with("runtime ")), "{module}");
}
