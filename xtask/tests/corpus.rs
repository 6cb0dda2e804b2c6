//! The corpus that the Go in PATH makes: programs whose truth the linker itself wrote down.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

#[test]
fn this_go_links_the_same_program_when_it_tells_the_truth() {
    // A link whose two programs differ, or whose truth is about another file, is an error.
    let mut corpus = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = corpus.args(["corpus", "--here"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = std::fs::read(root.join("target/corpus/here.json")).unwrap();
    let entries: Vec<Value> = serde_json::from_slice(&manifest).unwrap();
    for strip in ["no", "linker", "tool", "headers"] {
        let file = entries.iter().find(|it| it["strip"] == strip && it["arch"] == "amd64");
        let file = file.unwrap_or_else(|| panic!("nothing stripped by {strip}"));
        let bytes = std::fs::read(file["file"].as_str().unwrap()).unwrap();
        assert_eq!(bytes.len() as u64, file["size"].as_u64().unwrap());
        let has_sections = bytes[0x3c..0x3e] != [0, 0];
        assert_eq!(has_sections, strip != "headers", "{}", file["name"]);
        assert!(Path::new(file["truth"].as_str().unwrap()).is_file());
    }
}
