//! Two builds compared from the command line: the largest cause is first, and everything adds up.

use crate::fixture::{Folder, HELLO};
use elfin_schema::{Cause, CauseEvidence, Confidence, Diff};

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

/// The other linker and the packages that only os/user without cgo imports come with it.
#[test]
fn cgo_is_the_cause_of_all_that_comes_and_goes_with_it() {
    let folder = Folder::with_program(
        "package main\n\nimport (\n\t\"fmt\"\n\t\"os/user\"\n)\n\n\
         func main() { fmt.Println(user.Current()); fmt.Println(root(2)) }\n",
    );
    folder.write(
        "c.go",
        "//go:build cgo\n\npackage main\n\n// #cgo LDFLAGS: -lm\n// #include <math.h>\nimport \"C\"\n\n\
         func root(x float64) float64 { return float64(C.sqrt(C.double(x))) }\n",
    );
    folder.write(
        "plain.go",
        "//go:build !cgo\n\npackage main\n\nimport \"math\"\n\nfunc root(x float64) float64 { return math.Sqrt(x) }\n",
    );
    for cgo in ["0", "1"] {
        let mut go = std::process::Command::new("go");
        go.current_dir(folder.path("")).env("CGO_ENABLED", cgo);
        assert!(go.args(["build", "-o", cgo, "."]).status().unwrap().success());
    }
    let there = diff(&folder, "1", "0");
    let bytes = |wanted: &[Cause]| -> u64 {
        let found = there.causes.iter().filter(|it| wanted.contains(&it.cause));
        found.map(|it| it.bytes.unsigned_abs()).sum()
    };
    assert!(bytes(&[Cause::Cgo]) > 0, "{:?}", there.causes);
    let others = [Cause::Linkage, Cause::PackageNew, Cause::PackageGone];
    assert_eq!(bytes(&others), 0, "{:?}", there.causes);
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

#[test]
fn receipts_of_two_machines_stand_behind_the_causes() {
    let folder = folder(&["-buildmode=pie"]);
    let receipt = folder.output(&["receipt", "."]);
    let mut other = elfin_schema::read_receipt(&receipt).unwrap();
    assert!(other.go.as_ref().unwrap().version.starts_with("go1."), "{receipt}");
    other.go.as_mut().unwrap().settings.insert("GOFLAGS".into(), "-buildmode=pie".into());
    other.distribution = "Another Linux".into();
    folder.write("here.json", &receipt);
    folder.write("there.json", &serde_json::to_string(&other).unwrap());
    let arguments = ["diff", "plain", "other", "--receipt", "here.json", "there.json"];
    let text = folder.output(&arguments);
    assert!(text.contains("may be behind: PIE (-buildmode)"), "{text}");
    assert!(text.contains("Another Linux"), "{text}");
    for (flags, says) in [(&["--md"][..], "| distribution | "), (&["--lang", "zh"], "两台机器")]
    {
        let text = folder.output(&[&arguments[..], flags].concat());
        assert!(text.contains(says), "{text}");
    }
    folder.output(&[&arguments[..], &["--html", "d.html"]].concat());
    assert!(folder.read("d.html").contains("Another Linux"));
    folder.write("there.json", &receipt[..receipt.len() / 2]);
    let said = folder.refused(&arguments);
    assert!(said.contains("there.json is no receipt"), "{said}");
    assert!(folder.output(&["receipt", "--text", "--lang", "zh"]).contains("C 编译器"));
}

#[test]
fn who_looks_methods_up_by_name_is_told_with_the_calls_that_lead_there() {
    const LOOKS_UP: &str = r#"package main

import (
	"fmt"
	"os"
	"reflect"
)

type greeter struct{}

func (greeter) Hello() { fmt.Println("hello, gopher") }

//go:noinline
func call(value any, name string) { reflect.ValueOf(value).MethodByName(name).Call(nil) }

type runner interface{ run() }

type later struct{ name string }

//go:noinline
func (it later) run() { call(greeter{}, it.name) }

//go:noinline
func start(it runner) { it.run() }

func main() { start(later{os.Args[len(os.Args)-1]}) }
"#;
    let folder = folder(&[]);
    folder.write("main.go", LOOKS_UP);
    for (name, flags) in [("looks", &["-ldflags=-s -w"][..]), ("pie", &["-buildmode=pie"])] {
        let mut go = std::process::Command::new("go");
        go.current_dir(folder.path("")).env("CGO_ENABLED", "0").arg("build").args(flags);
        assert!(go.args(["-o", name, "."]).status().unwrap().success());
        let there = diff(&folder, "plain", name);
        let dead = there.causes.iter().find(|it| it.cause == Cause::DeadCode);
        let dead = dead.unwrap_or_else(|| panic!("{name}: {:?}", there.causes));
        let path = dead.evidence.iter().find_map(|it| match it {
            CauseEvidence::LooksUpMethods { function, path } if function == "main.call" => {
                Some(path)
            }
            _ => None,
        });
        let path = path.unwrap_or_else(|| panic!("{name}: {:?}", dead.evidence));
        // Between them may stand what the compiler makes for the pointer.
        let ends = (path.first().map(String::as_str), path.last().map(String::as_str));
        assert_eq!(ends, (Some("main.main"), Some("main.call")), "{name}");
        assert!(path.iter().any(|it| it == "main.later.run"), "{name}: {path:?}");
    }
}

#[test]
fn rebuilds_turn_suspicion_into_proof_and_still_add_up() {
    let folder = folder(&["-buildmode=pie", "-ldflags=-w", "-tags=nothing"]);
    let arguments = ["diff", "plain", "other", "--prove", ".", "--json"];
    let mut command = folder.elfin(&arguments);
    let output = command.env("CGO_ENABLED", "0").env("GOFLAGS", "-trimpath").assert().success();
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("4 builds"), "{said}");
    let proved = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    let proved = elfin_schema::read_diff(&proved).unwrap();
    assert_eq!(proved.warnings, [], "the rebuild is not what was built");
    let sum: i64 = proved.causes.iter().map(|it| it.bytes).sum();
    assert_eq!(sum + proved.unexplained_bytes, proved.delta);
    for (cause, least) in
        [(Cause::BuildMode, 10_000), (Cause::Dwarf, 100_000), (Cause::BuildTags, 0)]
    {
        let found = proved.causes.iter().find(|it| it.cause == cause).unwrap();
        assert_eq!(found.confidence, Confidence::Proved, "{found:?}");
        assert!(found.bytes.unsigned_abs() >= least, "{found:?}");
        let bytes = found.evidence.iter().find_map(|it| match it {
            CauseEvidence::Rebuilt { bytes, .. } => Some(*bytes),
            _ => None,
        });
        assert!(bytes.is_some(), "{found:?}");
    }
    let refused = folder.refused(&["diff", "plain", "other", "--prove", "./nothing"]);
    assert!(refused.contains("./nothing"), "{refused}");
    let same = folder.elfin(&["diff", "plain", "plain", "--prove", "."]).assert().success();
    let said = String::from_utf8_lossy(&same.get_output().stderr).into_owned();
    assert!(said.contains("nothing to build"), "{said}");
}
