//! Rendering a stored experiment again, and two machines side by side.

use crate::fixture::{Folder, HELLO};
use std::fs;

fn experiment(folder: &Folder, out: &str) {
    folder.plan(&["strip:s", "strip:s > pie"]);
    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", out]);
}

#[test]
fn a_stored_experiment_renders_again_without_go_or_binary() {
    let folder = Folder::with_program(HELLO);
    experiment(&folder, "out");
    fs::remove_dir_all(folder.path("out/store")).unwrap();
    let render = |arguments: &[&str]| {
        let mut elfin = folder.elfin(arguments);
        let output = elfin.env("PATH", "/nowhere").assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    };
    assert!(render(&["report", "out"]).contains("strip:s > pie"));
    assert_eq!(render(&["report", "out", "--format", "html"]), folder.read("out/report.html"));
    assert_eq!(render(&["report", "out", "--format", "md"]), folder.read("out/report.md"));
    assert_eq!(render(&["report", "out", "--format", "csv"]), folder.read("out/table.csv"));
    assert_eq!(folder.read("out/table.csv").matches("\r\n").count(), 1 + 3);
    let chinese = render(&["report", "out", "--lang", "zh"]);
    assert!(chinese.contains("基准"), "{chinese}");
    let json: serde_json::Value =
        serde_json::from_str(&render(&["report", "out", "--json"])).unwrap();
    assert_eq!(json["recipes"].as_array().unwrap().len(), 3);
}

#[test]
fn two_machines_stand_side_by_side() {
    let folder = Folder::with_program(HELLO);
    experiment(&folder, "here");
    fs::create_dir(folder.path("there")).unwrap();
    let moved = folder.read("here/experiment.json").replace("\"host\": \"", "\"host\": \"other-");
    folder.write("there/experiment.json", &moved);
    folder.write("there/record.jsonl", &folder.read("here/record.jsonl"));
    for format in ["text", "md", "html"] {
        let both = folder.output(&["report", "here", "there", "--format", format]);
        assert!(both.contains("other-") && both.contains("strip:s"), "{format}: {both}");
    }
}
