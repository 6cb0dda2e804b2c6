//! `elfin pack`, `unpack`, `inspect` and `pack --verify` as a user calls them.

use crate::fixture::{Folder, HELLO, find};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::sync::OnceLock;

/// A folder with a program, `app`, and its packed form, `app.packed`; `None` where there is no Go.
fn folder() -> Option<Folder> {
    static PROGRAMS: OnceLock<Option<[Vec<u8>; 2]>> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        find("go")?;
        let source = Folder::with_program(HELLO);
        let mut go = Command::new("go");
        go.current_dir(source.path(".")).env("CGO_ENABLED", "0");
        let built = go.args(["build", "-ldflags=-s -w", "-o", "app", "."]).status().unwrap();
        assert!(built.success());
        fs::set_permissions(source.path("app"), fs::Permissions::from_mode(0o750)).unwrap();
        let table = source.output(&["pack", "app", "-o", "app.packed"]);
        assert!(table.contains("smallest file: nothing in the program says"), "{table}");
        assert!(table.contains("Do not pack a server") && table.contains("gzip"), "{table}");
        let mode = fs::metadata(source.path("app.packed")).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o750);
        Some(["app", "app.packed"].map(|it| fs::read(source.path(it)).unwrap()))
    });
    let folder = Folder::new();
    for (name, bytes) in ["app", "app.packed"].into_iter().zip(programs.as_ref()?) {
        folder.program(name, bytes);
    }
    Some(folder)
}

#[test]
fn a_packed_program_runs_and_unpacks_to_the_original() {
    let Some(folder) = folder() else { return };
    let ran = Command::new(folder.path("app.packed")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "hello, gopher\n");
    folder.output(&["unpack", "app.packed", "-o", "again"]);
    assert!(fs::read(folder.path("again")).unwrap() == fs::read(folder.path("app")).unwrap());
    assert!(folder.refused(&["unpack", "app", "-o", "never"]).contains("elfin did not pack it"));
    assert!(!folder.path("never").exists());
}

#[test]
fn inspect_shows_what_is_inside_in_either_language() {
    let Some(folder) = folder() else { return };
    let text = folder.output(&["inspect", "app.packed"]);
    assert!(text.contains("loader") && text.contains("SHA-256"), "{text}");
    assert!(folder.output(&["inspect", "app.packed", "--lang", "zh"]).contains("加载器"));
    let json = folder.output(&["inspect", "app.packed", "--json"]);
    let document = elfin_schema::read_packing(&json).unwrap();
    assert_eq!(document.before, fs::metadata(folder.path("app")).unwrap().len());
    assert_eq!(document.shares.iter().map(|it| it.bytes).sum::<u64>(), document.after);
    for method in ["code", "pclntab", "stream"] {
        assert!(document.parts.iter().any(|it| it.method.contains(method)), "{method}: {json}");
    }
}

#[test]
fn verify_says_yes_of_a_whole_file_and_no_of_a_damaged_one() {
    let Some(folder) = folder() else { return };
    let says = folder.output(&["pack", "--verify", "app.packed"]);
    assert!(says.contains("unpacks to the original") && says.contains("5000"), "{says}");
    let mut bytes = fs::read(folder.path("app.packed")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(folder.path("app.packed"), bytes).unwrap();
    folder.elfin(&["pack", "--verify", "app.packed"]).assert().code(1);
    folder.elfin(&["pack", "--verify", "app"]).assert().code(2);
}

#[test]
fn what_is_refused_is_left_alone_and_the_reason_is_told_to_people_and_machines() {
    let Some(folder) = folder() else { return };
    let twice = folder.refused(&["pack", "app.packed", "-o", "twice"]);
    assert!(twice.contains("elfin packed it already"), "{twice}");
    let json = folder.elfin(&["pack", "app.packed", "-o", "twice", "--json"]).assert().code(2);
    let line = String::from_utf8(json.get_output().stdout.clone()).unwrap();
    let refused = elfin_schema::PackRefused::read(line.trim()).unwrap();
    assert_eq!(refused.refused, elfin_schema::PackRefusal::Packed);
    fs::set_permissions(folder.path("app"), fs::Permissions::from_mode(0o4755)).unwrap();
    assert!(folder.refused(&["pack", "app", "-o", "out"]).contains("setuid"));
    assert!(folder.refused(&["pack", "app", "-o", "out", "--lang", "zh"]).contains("加载器"));
    fs::set_permissions(folder.path("app"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(folder.refused(&["pack", "app", "-o", "app"]).contains("is the input"));
    folder.elfin(&["pack", "app", "-o", "out", "--fast", "--small"]).assert().code(2);
    folder.elfin(&["pack", "app"]).assert().code(2);
    assert!(!folder.path("out").exists() && !folder.path("twice").exists());
}
