//! `elfin slim`, `strip` and `unslim` on a real program, and all that they must not do to it.

use crate::fixture::{Folder, HELLO, find};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;
use std::sync::OnceLock;

/// A folder with a program, `app`; `None` where there is no Go.
pub(crate) fn folder() -> Option<Folder> {
    static PROGRAM: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        find("go")?;
        let source = Folder::with_program(HELLO);
        let mut go = Command::new("go");
        go.current_dir(source.path(".")).env("CGO_ENABLED", "0");
        let built = go.args(["build", "-buildmode=pie", "-o", "app", "."]).status().unwrap();
        assert!(built.success());
        Some(fs::read(source.path("app")).unwrap())
    });
    let folder = Folder::new();
    fs::write(folder.path("app"), program.as_ref()?).unwrap();
    fs::set_permissions(folder.path("app"), fs::Permissions::from_mode(0o750)).unwrap();
    Some(folder)
}

fn says(folder: &Folder, name: &str) -> String {
    let output = Command::new(folder.path(name)).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn listing(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path(".")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_slim_program_stands_beside_the_original_and_can_be_made_into_it_again() {
    let Some(folder) = folder() else { return };
    let before = fs::read(folder.path("app")).unwrap();
    let table = folder.output(&["slim", "app"]);
    assert!(table.contains("dwarf") && table.contains("debug file"), "{table}");
    assert_eq!(listing(&folder), ["app", "app.slim", "app.slim.debug"]);
    assert_eq!(says(&folder, "app.slim"), "hello, gopher\n");
    let mode = |name| fs::metadata(folder.path(name)).unwrap().mode() & 0o7777;
    assert_eq!((mode("app.slim"), mode("app.slim.debug")), (0o750, 0o640));
    folder.output(&["unslim", "app.slim", "-o", "again"]);
    assert!(fs::read(folder.path("again")).unwrap() == before);
    assert!(fs::read(folder.path("app")).unwrap() == before, "the input is as it was");

    folder.output(&["slim", "app", "-o", "bare", "--no-debug-file"]);
    let refused = folder.refused(&["unslim", "bare", "-o", "never"]);
    assert!(refused.contains("names no debug file"), "{refused}");
}

#[test]
fn the_document_is_what_the_table_shows_in_either_language() {
    let Some(folder) = folder() else { return };
    let json = folder.output(&["slim", "app", "--dry-run", "--json"]);
    let document = elfin_schema::read_slimming(&json).unwrap();
    assert_eq!(document.steps.first().unwrap().before, document.before);
    assert_eq!(document.steps.last().unwrap().after, document.after);
    assert_eq!(listing(&folder), ["app"], "a dry run writes nothing");
    let chinese = folder.output(&["slim", "app", "--lang", "zh"]);
    assert!(chinese.contains("符号表") && chinese.contains("字节变为"), "{chinese}");
    let after = fs::metadata(folder.path("app.slim")).unwrap().len();
    assert_eq!(document.after, after);
}

#[test]
fn relocations_are_packed_only_for_a_loader_that_reads_them() {
    let Some(folder) = folder() else { return };
    let table = folder.output(&["slim", "app"]);
    assert!(table.contains("older than glibc 2.36"), "{table}");
    let size = |name: &str| fs::metadata(folder.path(name)).unwrap().len();
    let before = size("app.slim");
    folder.output(&["slim", "app", "--target", "glibc-2.35"]);
    assert_eq!(size("app.slim"), before);
    folder.output(&["slim", "app", "--target", "musl-1.2.4"]);
    assert!(size("app.slim") < before);
    assert!(folder.refused(&["slim", "app", "--target", "bionic"]).contains("glibc-2.36"));
}

#[test]
fn a_static_pie_starts_and_what_cannot_be_one_is_refused_with_the_reason() {
    let Some(folder) = folder() else { return };
    folder.output(&["slim", "app", "--static-pie"]);
    assert_eq!(says(&folder, "app.slim"), "hello, gopher\n");
    fs::copy(env!("CARGO_BIN_EXE_elfin"), folder.path("elfin")).unwrap();
    let refused = folder.refused(&["slim", "elfin", "--static-pie"]);
    assert!(refused.contains("needs shared libraries"), "{refused}");
    assert!(!folder.path("elfin.slim").exists());
}

#[test]
fn check_compares_the_memory_of_both_and_finds_a_changed_byte() {
    let Some(folder) = folder() else { return };
    for flags in [&["--target", "glibc-2.36"][..], &["--static-pie"]] {
        folder.output(&[&["slim", "app"], flags].concat());
        let says = folder.output(&["slim", "--check", "app", "app.slim"]);
        assert!(says.contains("all the same") && says.contains(".rela, 0x"), "{says}");
        let mut bytes = fs::read(folder.path("app.slim")).unwrap();
        let word = bytes.windows(8).position(|it| it == b" Go buil").unwrap();
        bytes[word] = b'!';
        fs::write(folder.path("app.slim"), bytes).unwrap();
        let checked = folder.elfin(&["slim", "--check", "app", "app.slim"]).assert().code(1);
        let says = String::from_utf8_lossy(&checked.get_output().stdout).into_owned();
        assert!(says.contains("1 differ"), "{says}");
    }
}

#[test]
fn in_place_only_by_that_word_and_with_all_that_the_file_had() {
    let Some(folder) = folder() else { return };
    let path = folder.path("app");
    let refused = folder.refused(&["slim", "app", "-o", "app"]);
    assert!(refused.contains("is the input"), "{refused}");
    let old = fs::metadata(&path).unwrap();
    let attribute = xattr::set(&path, "user.origin", b"here").is_ok();
    let earlier = old.modified().unwrap() - std::time::Duration::from_secs(3600);
    fs::File::options().write(true).open(&path).unwrap().set_modified(earlier).unwrap();
    folder.output(&["slim", "app", "--in-place"]);
    let new = fs::metadata(&path).unwrap();
    assert!(new.len() < old.len());
    assert_eq!((new.mode(), new.uid()), (old.mode(), old.uid()));
    assert_eq!(new.modified().unwrap(), earlier);
    if attribute {
        assert_eq!(xattr::get(&path, "user.origin").unwrap().as_deref(), Some(&b"here"[..]));
    }
    assert_eq!(says(&folder, "app"), "hello, gopher\n");
    assert_eq!(listing(&folder), ["app", "app.debug"]);
}

#[test]
fn other_names_of_a_file_are_not_forgotten() {
    let Some(folder) = folder() else { return };
    fs::hard_link(folder.path("app"), folder.path("twin")).unwrap();
    let before = fs::read(folder.path("app")).unwrap();
    let refused = folder.refused(&["strip", "-s", "app", "--in-place"]);
    assert!(refused.contains("2 names"), "{refused}");
    let refused = folder.refused(&["strip", "-s", "app", "-o", "twin"]);
    assert!(refused.contains("is the input"), "{refused}");
    fs::remove_file(folder.path("twin")).unwrap();
    symlink("app", folder.path("link")).unwrap();
    let refused = folder.refused(&["strip", "-s", "app", "-o", "link"]);
    assert!(refused.contains("is the input"), "{refused}");
    assert!(fs::read(folder.path("app")).unwrap() == before);
    folder.output(&["strip", "-s", "link", "--in-place"]);
    assert!(folder.path("link").is_symlink(), "what a symlink points to is replaced, not it");
    assert!(fs::metadata(folder.path("app")).unwrap().len() < before.len() as u64);
}

#[test]
fn what_is_no_program_or_is_signed_is_refused() {
    let Some(folder) = folder() else { return };
    folder.write("script", "#!/bin/sh\n");
    assert!(folder.refused(&["slim", "script"]).contains("not an ELF file"));
    assert!(folder.refused(&["slim", "."]).contains("not a file"));
    assert!(folder.refused(&["slim", "nothing"]).contains("cannot read nothing"));
    let mut signed = fs::read(folder.path("app")).unwrap();
    signed.extend(b"~Module signature appended~\n");
    fs::write(folder.path("signed"), signed).unwrap();
    let refused = folder.refused(&["slim", "signed"]);
    assert!(refused.contains("28 bytes stand at offset"), "{refused}");
    let refused = folder.refused(&["slim", "app", "-o", "nowhere/app"]);
    assert!(refused.contains("cannot write nowhere/app"), "{refused}");
    assert_eq!(listing(&folder), ["app", "script", "signed"]);
}

#[test]
fn whoever_is_stopped_while_writing_leaves_what_was_there() {
    let Some(folder) = folder() else { return };
    let before = fs::read(folder.path("app")).unwrap();
    folder.write("app.slim", "older");
    // The kernel ends the process where its file grows over the limit, as a full disk would.
    let order = format!("ulimit -f 64; exec {} slim app", env!("CARGO_BIN_EXE_elfin"));
    let mut shell = Command::new("sh");
    let ended = shell.current_dir(folder.path(".")).args(["-c", &order]).output().unwrap();
    assert!(!ended.status.success(), "{ended:?}");
    assert!(fs::read(folder.path("app")).unwrap() == before);
    assert_eq!(folder.read("app.slim"), "older");
    assert!(!folder.path("app.slim.debug").exists());
}

#[test]
fn strip_takes_the_letters_of_gnu_strip_and_programs_that_are_not_gos() {
    let Some(folder) = folder() else { return };
    let size = |name: &str| fs::metadata(folder.path(name)).unwrap().len();
    for letter in ["-s", "-x", "-g", "--strip-unneeded"] {
        folder.output(&["strip", letter, "-o", "out", "app"]);
        assert!(size("out") < size("app"), "{letter}");
        assert_eq!(says(&folder, "out"), "hello, gopher\n", "{letter}");
    }
    folder.elfin(&["strip", "-s", "app"]).assert().code(2);
    fs::copy(env!("CARGO_BIN_EXE_elfin"), folder.path("elfin")).unwrap();
    folder.output(&["slim", "elfin"]);
    assert!(size("elfin.slim") < size("elfin"));
    let version = Command::new(folder.path("elfin.slim")).arg("--version").output().unwrap();
    assert!(version.status.success());
}

#[test]
fn what_may_be_the_only_copy_is_not_written_over() {
    let Some(folder) = folder() else { return };
    fs::write(folder.path("app.debug"), "of somebody else").unwrap();
    let says = folder.refused(&["slim", "app", "--in-place"]);
    assert!(says.contains("move it away"), "{says}");
    assert_eq!(folder.read("app.debug"), "of somebody else");
    fs::remove_file(folder.path("app.debug")).unwrap();

    let says = folder.refused(&["slim", "app", "-o", "one", "--debug-file", "one"]);
    assert!(says.contains("cannot be the program and its debug file"), "{says}");
    folder.output(&["slim", "app"]);
    folder.output(&["slim", "app"]); // Its own may be made again.
    let says = folder.refused(&["unslim", "app.slim", "-o", "app.slim.debug"]);
    assert!(says.contains("is the debug file"), "{says}");
    let says = folder.refused(&["slim", "app.slim", "-o", "b", "--debug-file", "b.debug"]);
    assert!(says.contains("debug file already"), "{says}");

    // A refusal leaves nothing behind, and a pipe stays a pipe.
    fs::hard_link(folder.path("app"), folder.path("app2")).unwrap();
    folder.refused(&["slim", "app", "--in-place"]);
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let says = folder.refused(&["slim", "app", "-o", "pipe", "--no-debug-file"]);
    assert!(says.contains("is not a file"), "{says}");
    assert_eq!(listing(&folder), ["app", "app.slim", "app.slim.debug", "app2", "pipe"]);

    // A program without anything to debug names no debug file, and is put together all the same.
    folder.output(&["strip", "-s", "app", "-o", "stripped"]);
    folder.output(&["slim", "stripped", "-o", "small"]);
    folder.output(&["unslim", "small", "-o", "again"]);
    let (again, stripped) = (folder.path("again"), folder.path("stripped"));
    assert!(fs::read(again).unwrap() == fs::read(stripped).unwrap());
}

#[test]
fn a_debug_file_lies_where_gdb_looks_for_it_by_build_id() {
    let Some(folder) = folder() else { return };
    folder.output(&["slim", "app", "--debug-dir", "symbols", "--dry-run"]);
    assert!(!folder.path("symbols").exists());
    folder.output(&["slim", "app", "--debug-dir", "symbols"]);
    assert_eq!(listing(&folder), ["app", "app.slim", "symbols"]);
    let bytes = fs::read(folder.path("app")).unwrap();
    let id = elfin_elf::ElfFile::parse(&bytes).unwrap().gnu_build_id().unwrap();
    let kept = format!("symbols/.build-id/{}/{}.debug", &id[..2], &id[2..]);
    folder.output(&["unslim", "app.slim", "--debug-file", &kept, "-o", "again"]);
    assert!(fs::read(folder.path("again")).unwrap() == bytes);
    if find("gdb").is_none() {
        return;
    }
    let mut gdb = Command::new("gdb");
    gdb.current_dir(folder.path(".")).args(["-nx", "-batch"]);
    gdb.args(["-ex", "set debug-file-directory symbols", "-ex", "file app.slim"]);
    let said = gdb.args(["-ex", "info line main.main"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stdout).contains("main.go"), "{said:?}");
}

#[test]
fn what_a_copy_loses_and_where_it_cannot_go_is_said() {
    let Some(folder) = folder() else { return };
    let says = folder.output(&["slim", "app", "--static-pie", "--full-aslr"]);
    assert!(says.contains("moves to an address of its own"), "{says}");
    assert!(!says.contains("setuid"), "{says}");
    fs::set_permissions(folder.path("app"), fs::Permissions::from_mode(0o4755)).unwrap();
    let says = folder.output(&["slim", "app", "--lang", "zh"]);
    assert!(says.contains("setuid"), "{says}");
    assert_eq!(fs::metadata(folder.path("app.slim")).unwrap().mode() & 0o7777, 0o755);
    symlink("nowhere", folder.path("link")).unwrap();
    let says = folder.refused(&["slim", "app", "-o", "link"]);
    assert!(says.contains("link is a symlink that leads nowhere"), "{says}");
    let says = folder.refused(&["slim", "app", "-o", "no/app"]);
    assert!(says.contains("there is no folder no") && !says.contains(".elfin-"), "{says}");
    folder.elfin(&["slim", "app", "--full-aslr"]).assert().code(2);
}
