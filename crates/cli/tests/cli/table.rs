//! What the lab finds out, on programs that show it.

use crate::fixture::{Folder, HELLO, find, path_of};
use elfin_schema::{Capability, Message, Probe, RecipeRecord, Status};

fn by_name<'a>(records: &'a [RecipeRecord], recipe: &str) -> &'a RecipeRecord {
    records.iter().find(|r| r.recipe == recipe).unwrap_or_else(|| panic!("no {recipe}"))
}

fn can(record: &RecipeRecord, capability: Capability) -> bool {
    let probe = &record.debug.as_ref().unwrap().probed[&capability];
    match probe {
        Probe::Measured { value } => value.yes,
        other => panic!("{} {capability:?}: {other:?}", record.recipe),
    }
}

fn from_scratch(record: &RecipeRecord) -> bool {
    let probe = &record.portability.as_ref().unwrap().runs_from_scratch;
    probe.value().unwrap_or_else(|| panic!("{}: {probe:?}", record.recipe)).yes
}

#[test]
fn the_table_holds_what_each_recipe_gives_and_takes() {
    let folder = Folder::with_program(HELLO);
    folder.plan(&[
        "strip:s",
        "strip:s > pie",
        "ldflags(-s -w=0)",
        "cgo0",
        "cgo0+pie",
        "upx:best > strip:s",
        "linux/arm64+cgo0",
    ]);
    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out", "--bench", "{} >/dev/null"]);
    let (experiment, records) = folder.documents("out");
    assert!(experiment.finished);
    let baseline = by_name(&records, "baseline");
    let strip = by_name(&records, "strip:s");

    // Sizes: the parts are the file, the waterfall ends at it.
    for record in records.iter().filter(|r| r.status == Status::Ok) {
        let bytes = record.bytes.unwrap();
        if let Some(parts) = &record.composition {
            assert_eq!(parts.values().sum::<u64>(), bytes, "{}", record.recipe);
        }
        let steps: i64 = record.steps.iter().map(|step| step.delta_bytes).sum();
        assert_eq!(steps, record.delta_bytes.unwrap(), "{}", record.recipe);
    }
    assert!(strip.bytes < baseline.bytes);
    assert!(strip.transfer.unwrap().gzip_6 < baseline.transfer.unwrap().gzip_6);

    // Debuggability, really done.
    for capability in [Capability::PanicTrace, Capability::GoVersion, Capability::Pprof] {
        assert!(can(baseline, capability) && can(strip, capability), "{capability:?}");
    }
    assert!(can(baseline, Capability::GoNm) && !can(strip, Capability::GoNm));
    if find("gdb").is_some() {
        assert!(baseline.debug.as_ref().unwrap().gdb_works());
        assert!(by_name(&records, "ldflags(-s -w=0)").debug.as_ref().unwrap().gdb_works());
        assert!(!can(strip, Capability::GdbLocals) && !can(strip, Capability::GdbFunction));
    }

    // A finished file is not linked again, and the linker's own words say so.
    let relinked = by_name(&records, "strip:s > pie");
    assert_eq!(relinked.status, Status::Impossible);
    assert_eq!(relinked.explains, Some(Message::RelinkFinishedFile));
    assert!(relinked.says.as_deref().unwrap().contains("ld"), "{:?}", relinked.says);
    assert_eq!(relinked.failed_at.as_deref(), Some("pie"));

    // Go's own PIE without cgo still asks for ld-linux, so it does not start in an empty root.
    let pie = by_name(&records, "cgo0+pie");
    assert!(from_scratch(by_name(&records, "cgo0")));
    assert!(!from_scratch(pie));
    assert!(pie.portability.as_ref().unwrap().interpreter.is_some());
    let aslr = |r: &RecipeRecord| *r.protection.as_ref().unwrap().aslr.value().unwrap();
    assert_eq!(aslr(baseline).text, 0);
    assert!(aslr(pie).text > 0 && aslr(pie).stack > 0);

    // Another machine's file is measured for size only.
    let arm = by_name(&records, "linux/arm64+cgo0");
    assert_eq!(arm.status, Status::Ok);
    assert!(arm.bytes.is_some() && arm.transfer.is_some() && arm.start.is_none());
    assert!(matches!(arm.explains, Some(Message::OtherTarget { .. })));

    // Starts, and the user's own benchmark.
    let start = strip.start.as_ref().unwrap();
    assert_eq!((start.warm.samples, strip.start_ms), (3, Some(start.warm.median)));
    assert!(start.ratio.is_some() && baseline.start.as_ref().unwrap().ratio.is_none());
    assert_eq!(strip.bench.as_ref().unwrap().value().unwrap().wall_ms.samples, 2);
    assert!(strip.identity.as_ref().unwrap().value().unwrap().same);
}

#[test]
fn a_program_that_notices_what_was_taken_off_is_broken() {
    let source = r#"package main

import (
	"debug/elf"
	"fmt"
)

func main() {
	file, err := elf.Open("/proc/self/exe")
	if err != nil {
		panic(err)
	}
	_, err = file.Symbols()
	fmt.Println("symbols:", err == nil)
}
"#;
    let folder = Folder::with_program(source);
    folder.plan(&["strip:s", "strip:g"]);
    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    let (_, records) = folder.documents("out");
    let strip = by_name(&records, "strip:s");
    assert_eq!(strip.status, Status::Broken);
    let expected = "symbols: true".to_owned();
    let found = "symbols: false".to_owned();
    assert_eq!(strip.explains, Some(Message::OutputDiffers { expected, found }));
    assert!(strip.start.is_none(), "what is broken is not timed");
    assert_eq!(by_name(&records, "strip:g").status, Status::Ok);
}

#[test]
fn a_missing_tool_is_a_skipped_row_with_the_remedy() {
    let folder = Folder::with_program(HELLO);
    folder.plan(&["upx:best", "external:mold", "ldflags(-s -w)"]);
    let path = path_of(&folder.path("bin"), &["go"]);
    let mut elfin = folder.elfin(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    elfin.env("PATH", path).assert().success();
    let (_, records) = folder.documents("out");
    for (recipe, tool) in [("upx:best", "upx"), ("external:mold", "mold")] {
        let record = by_name(&records, recipe);
        assert_eq!(record.status, Status::Skipped);
        match &record.explains {
            Some(Message::ToolMissing { tool: named, remedy }) => {
                assert_eq!(named, tool);
                assert!(remedy.contains("apt-get install"), "{remedy}");
            }
            other => panic!("{other:?}"),
        }
    }
    let gdb = &by_name(&records, "baseline").debug.as_ref().unwrap().probed;
    assert!(matches!(gdb[&Capability::GdbLine], Probe::Skipped { .. }));
    assert_eq!(by_name(&records, "ldflags(-s -w)").status, Status::Ok);
}

#[test]
fn a_finished_file_is_staged_and_never_modified() {
    let folder = Folder::with_program(HELLO);
    let build = ["build", "-o", "app", "."];
    let built = std::process::Command::new("go").args(build).current_dir(folder.path("")).status();
    assert!(built.unwrap().success());
    let before = std::fs::read(folder.path("app")).unwrap();
    folder.write("plan.toml", "recipes = ['strip:s']\n[rounds]\nwarm = 2\ncold = 1\naslr = 2\n");
    let text = folder.output(&["lab", "--binary", "./app", "--plan", "plan.toml", "--out", "out"]);
    let (experiment, records) = folder.documents("out");
    assert!(experiment.subject.go.starts_with("go1."), "{}", experiment.subject.go);
    assert!(text.starts_with(&format!("app · {}", experiment.subject.go)), "{text}");
    let kept = std::fs::read_dir(folder.path("out/store")).unwrap();
    let copies = kept.filter_map(|entry| std::fs::metadata(entry.unwrap().path().join("app")).ok());
    let sizes: Vec<u64> = copies.map(|copy| copy.len()).collect();
    assert!(sizes.contains(&(before.len() as u64)), "it is a copy that is started: {sizes:?}");
    let recipes: Vec<_> = records.iter().map(|r| (r.recipe.as_str(), r.status)).collect();
    assert_eq!(recipes, [("baseline", Status::Ok), ("strip:s", Status::Ok)]);
    assert_eq!(std::fs::read(folder.path("app")).unwrap(), before);
    let says = folder.refused(&["lab", "--binary", "./app", "--plan", "pie.toml"]);
    assert!(says.contains("pie.toml"), "{says}");
}
