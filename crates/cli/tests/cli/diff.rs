//! Two builds compared from the command line: the largest cause is first, and everything adds up.

use crate::fixture::{Folder, HELLO};
use elfin_schema::{Cause, Confidence, Diff};

/// A folder with `plain`, a build with nothing said, and `other`, one with these flags.
fn folder(flags: &[&str]) -> Folder {
    let folder = Folder::with_program(HELLO);
    for (name, flags) in [("plain", &[][..]), ("other", flags)] {
        let mut go = std::process::Command::new("go");
        go.current_dir(folder.path("")).env("CGO_ENABLED", "0").arg("build").args(flags);
        assert!(go.args(["-o", name, "."]).status().unwrap().success());
    }
    folder
}

fn diff(folder: &Folder, from: &str, to: &str) -> Diff {
    elfin_schema::read_diff(&folder.output(&["diff", from, to, "--json"])).unwrap()
}

#[test]
fn the_cause_that_was_injected_is_first_and_all_add_up() {
    let cases = [
        ("-ldflags=-w", Cause::Dwarf),
        ("-ldflags=-compressdwarf=false", Cause::DwarfCompression),
        ("-buildmode=pie", Cause::BuildMode),
        ("-trimpath", Cause::Paths),
    ];
    for (flag, cause) in cases {
        let folder = folder(&[flag]);
        let there = diff(&folder, "plain", "other");
        let sum: i64 = there.causes.iter().map(|it| it.bytes).sum();
        assert_eq!(sum + there.unexplained_bytes, there.delta, "{flag}");
        assert_eq!(there.causes[0].cause, cause, "{flag}: {there:?}");
        assert_eq!(there.causes[0].confidence, Confidence::Accounted, "{flag}");
        assert!(there.unexplained_bytes.abs() <= 4096.max(there.delta.abs() / 100), "{flag}");
        let back = diff(&folder, "other", "plain");
        // What is new reads as gone, so the bytes alone are compared.
        let bars =
            |it: &Diff, sign: i64| it.causes.iter().map(|it| sign * it.bytes).collect::<Vec<_>>();
        assert_eq!(bars(&there, 1), bars(&back, -1), "{flag}");
    }
}

#[test]
fn documents_give_the_answer_that_files_give() {
    let folder = folder(&["-ldflags=-s -w"]);
    for name in ["plain", "other"] {
        let document = folder.output(&["weigh", name, "--json"]);
        folder.write(&format!("{name}.json"), &document);
    }
    let of_files = folder.output(&["diff", "plain", "other", "--json"]);
    assert_eq!(folder.output(&["diff", "plain.json", "other.json", "--json"]), of_files);
    assert_eq!(folder.output(&["diff", "plain", "other.json", "--json"]), of_files);
    let text = folder.output(&["diff", "plain.json", "other.json"]);
    assert!(text.contains("smaller than plain") && text.contains("symbol table"), "{text}");
    let page = folder.path("d.html");
    folder.output(&["diff", "plain", "other", "--html", "d.html"]);
    assert!(std::fs::read_to_string(page).unwrap().contains("<svg"));
}

#[test]
fn exit_codes_tell_whether_files_differ() {
    let folder = folder(&["-ldflags=-w"]);
    folder.elfin(&["diff", "plain", "plain", "--exit-code"]).assert().success();
    folder.elfin(&["diff", "plain", "other"]).assert().success();
    folder.elfin(&["diff", "plain", "other", "--exit-code"]).assert().code(1);
}

#[test]
fn a_document_that_cannot_be_read_is_said() {
    let folder = folder(&[]);
    let document = folder.output(&["weigh", "plain", "--json"]);
    folder.write("cut.json", &document[..document.len() / 2]);
    folder.write("newer.json", &document.replacen("elfin.weigh/2", "elfin.weigh/999", 1));
    for (name, says) in [("cut.json", "not all of it"), ("newer.json", "elfin.weigh/999")] {
        let failed = folder.elfin(&["diff", "plain", name]).assert().code(2);
        let error = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(error.contains(says) && error.contains(name), "{error}");
    }
}
