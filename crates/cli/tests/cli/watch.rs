//! `elfin startup` and `elfin harden` on real programs, from the command line.

use crate::fixture::{Folder, HELLO};
use serde_json::Value;

/// What it initializes is seen, and what its `main` does must not happen.
const INITS: &str = r#"package main

import (
	"fmt"
	"os"
)

var kept = make([]byte, 1<<20)

func init() {
	for i := range kept {
		kept[i] = byte(i)
	}
}

func main() {
	os.WriteFile("main-has-run", kept, 0o600)
	fmt.Println("done")
}
"#;

fn build(folder: &Folder, name: &str, environment: &[(&str, &str)], flags: &[&str]) {
    let mut go = std::process::Command::new("go");
    go.current_dir(folder.path("")).env("CGO_ENABLED", "0").envs(environment.iter().copied());
    assert!(go.arg("build").args(flags).args(["-o", name, "."]).status().unwrap().success());
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    serde_json::from_str(&folder.output(arguments)).unwrap()
}

#[test]
fn a_start_has_stages_and_packages_and_never_comes_to_main() {
    let folder = Folder::with_program(INITS);
    build(&folder, "app", &[], &["-ldflags=-s -w"]);
    let document = json(&folder, &["startup", "./app", "--starts", "3", "--counts", "1", "--json"]);
    assert!(!folder.path("main-has-run").exists());
    let phases = document["phases"].as_array().unwrap();
    let names: Vec<&str> = phases.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["exec", "entry", "rt0", "scheduler", "runtime", "packages"]);
    let counted: u64 = phases.iter().filter_map(|it| it["instructions"].as_u64()).sum();
    assert_eq!(document["instructions"].as_u64(), Some(counted));
    let packages = document["packages"].as_array().unwrap();
    let main = packages.iter().find(|it| it["package"] == "main").unwrap();
    assert!(main["bytes"].as_u64().unwrap() >= 1 << 20, "{main}");
    // The loop goes round a million times.
    assert!(main["instructions"].as_u64().unwrap() > 1 << 20, "{main}");
    let chain = document["chain"].as_array().unwrap();
    let rt0 = chain.iter().find(|it| it["name"] == "runtime.rt0_go").unwrap();
    assert!(rt0["instructions"].as_u64().unwrap() > 10);
    assert!(rt0["calls"].as_array().unwrap().iter().any(|it| it == "runtime.schedinit"), "{rt0}");
}

#[test]
fn what_a_pie_buys_is_its_unknown_address_and_not_its_gadgets() {
    let folder = Folder::with_program(HELLO);
    build(&folder, "exe", &[], &[]);
    build(&folder, "pie", &[], &["-buildmode=pie"]);
    let document = json(&folder, &["harden", "./pie", "--vs", "./exe", "--starts", "12", "--json"]);
    let (pie, exe) = (&document, &document["versus"]);
    let bits =
        |of: &Value| of["aslr_bits"]["value"]["mappings"]["text"]["varying"].as_u64().unwrap();
    assert_eq!(bits(exe), 0);
    assert!(bits(pie) > 10, "{pie}");
    let relative = &pie["relocations"]["by_type"]["R_X86_64_RELATIVE"];
    assert!(relative.as_u64().unwrap() > 1000);
    assert!(exe["relocations"]["by_type"].as_object().unwrap().is_empty());
    let loader = &pie["relocations"]["loader"]["value"];
    assert!(loader["instructions"].as_u64().unwrap() > relative.as_u64().unwrap());
    let unique = |of: &Value| of["gadgets"]["value"]["unique"].as_f64().unwrap();
    assert!((unique(pie) / unique(exe) - 1.0).abs() < 0.2);
    assert_eq!(exe["gadgets"]["value"]["probes"], 1.0);
    assert!(pie["gadgets"]["value"]["probes"].as_f64().unwrap() > 1000.0);
    let verdict = |of: &Value, check: &str| {
        let checks = of["checks"].as_array().unwrap();
        checks.iter().find(|it| it["check"] == check).unwrap()["verdict"].clone()
    };
    assert_eq!((verdict(pie, "pie"), verdict(exe, "pie")), ("good".into(), "missing".into()));
    for check in ["relro", "stack-protector", "fortify", "control-flow"] {
        assert_eq!(verdict(pie, check), "false-alarm", "{check}");
        assert_eq!(verdict(exe, check), "false-alarm", "{check}");
    }
    folder.elfin(&["harden", "./exe", "--no-start", "--exit-code"]).assert().code(1);
    folder.elfin(&["harden", "./pie", "--no-start", "--exit-code"]).assert().code(0);
    let text = folder.output(&["harden", "./exe", "--no-start", "--extra-ms", "2", "--lang", "zh"]);
    assert!(text.contains("误报") && text.contains("划算"), "{text}");
}

#[test]
fn a_program_for_another_processor_is_judged_by_its_file_alone() {
    let folder = Folder::with_program(HELLO);
    build(&folder, "arm", &[("GOARCH", "arm64")], &[]);
    let document = json(&folder, &["harden", "./arm", "--json"]);
    assert_eq!(document["arch"], "arm64");
    for probe in ["aslr_bits", "gadgets"] {
        assert_eq!(document[probe]["outcome"], "skipped", "{probe}");
    }
    let says = folder.refused(&["startup", "./arm"]);
    assert!(says.contains("./arm"), "{says}");
    folder.write("text", "no program\n");
    assert!(folder.refused(&["harden", "text"]).contains("not an ELF file"));
}
