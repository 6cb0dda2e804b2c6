//! `elfin claims`: verdicts come out of rules over what was measured, and a wrong file is refused.

use crate::fixture::{Folder, HELLO};
use serde_json::Value;

/// Claims that need nothing but Go, each of which another rule would judge otherwise.
const MINE: &str = r#"
[[claim]]
id = "mine.larger"
says = { en = "PIE is larger.", zh = "PIE 更大。" }
figure = 5.0
unit = "percent"
test = "aslr"
measured = "pie_bits"

[[claim.rule]]
verdict = "holds"
when = "exe_bits < 1 and pie_bits > 10"
en = "{pie_bits} bits vary."
zh = "{pie_bits} 位变化。"

[[claim.rule]]
verdict = "does-not-hold"
en = "They do not."
zh = "并非如此。"

[[claim]]
id = "mine.tls"
says = { en = "The section is in the file.", zh = "该节在文件中。" }
figure = true
unit = "bool"
test = "section"
with = { section = ".noptrbss" }
measured = "in_file"

[[claim.rule]]
verdict = "impossible"
when = "not in_file and memory_bytes > 0"
en = "It has {memory_bytes} bytes in memory and none in the file."
zh = "内存中 {memory_bytes} 字节，文件中没有。"

[[claim.rule]]
verdict = "holds"
en = "It is."
zh = "在。"

[[claim]]
id = "other.machine"
says = { en = "It is slow on WSL2.", zh = "WSL2 上很慢。" }
figure = 3.0
unit = "ratio"
wsl2 = true
test = "lab"
measured = "ratio"
needs = { en = "Bring WSL2.", zh = "请提供 WSL2。" }

[[claim.rule]]
verdict = "holds"
en = "It is."
zh = "是。"
"#;

fn judged(folder: &Folder, more: &[&str]) -> Vec<Value> {
    let arguments = [&["claims", ".", "--file", "mine.toml", "--json"], more].concat();
    let document: Value = serde_json::from_str(&folder.output(&arguments)).unwrap();
    document["claims"].as_array().unwrap().clone()
}

#[test]
fn a_verdict_is_what_the_rule_beside_the_claim_makes_of_the_figures() {
    let folder = Folder::with_program(HELLO);
    folder.write("mine.toml", MINE);
    let claims = judged(&folder, &[]);
    let verdicts: Vec<&str> = claims.iter().map(|it| it["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["holds", "impossible", "not-here"]);
    assert!(claims[0]["measured"].as_f64().unwrap() > 10.0);
    assert_eq!(claims[0]["figure"], 5.0);
    assert!(claims[0]["why"].as_str().unwrap().ends_with("bits vary."));
    assert!(claims[0]["command"].as_str().unwrap().contains("elfin harden"));
    assert_eq!(claims[2]["why"], "Bring WSL2.");
    // The other rule gives the other verdict, and a second run the same.
    folder.write("mine.toml", &MINE.replace("exe_bits < 1", "exe_bits > 1"));
    let again = judged(&folder, &["--only", "mine.*", "--lang", "zh"]);
    assert_eq!(again.len(), 2);
    assert_eq!(again[0]["verdict"], "does-not-hold");
    assert_eq!(again[0]["why"], "并非如此。");
    assert_eq!(again[1]["verdict"], claims[1]["verdict"]);
    folder.output(&[
        "claims",
        ".",
        "--file",
        "mine.toml",
        "--only",
        "mine.tls",
        "--html",
        "c.html",
    ]);
    let page = folder.read("c.html");
    assert!(page.contains("impossible as stated") && page.contains("如其所述不可能"));
}

#[test]
fn a_program_of_another_module_is_tested_from_outside_of_it() {
    let folder = Folder::new();
    folder.write("inner/go.mod", "module example.com/inner\n\ngo 1.21\n");
    folder.write("inner/main.go", HELLO);
    folder.write("mine.toml", MINE);
    let claims = [
        "claims",
        "./inner",
        "--file",
        "mine.toml",
        "--only",
        "mine.tls",
        "--json",
        "--out",
        "judged",
    ];
    let document: Value = serde_json::from_str(&folder.output(&claims)).unwrap();
    assert_eq!(document["claims"][0]["verdict"], "impossible", "{document}");
    // What was judged is rendered again, in another language too.
    let again = folder.output(&["report", "judged", "--format", "md", "--lang", "zh"]);
    assert!(again.contains("如其所述不可能") && again.contains("mine.tls"), "{again}");
    let says = folder.refused(&["claims", "./none", "--file", "mine.toml", "--only", "mine.tls"]);
    assert!(says.contains("./none"), "{says}");
}

#[test]
fn a_claims_file_that_is_wrong_is_refused_with_the_line() {
    let folder = Folder::new();
    for (from, to, part) in [
        ("\"aslr\"", "\"oracle\"", "line 7: claim \"mine.larger\": unknown test \"oracle\""),
        (
            "unit = \"percent\"",
            "unit = \"bool\"",
            "line 6: claim \"mine.larger\": the unit \"bool\"",
        ),
        ("figure = 5.0\n", "", "has no `figure`"),
    ] {
        folder.write("mine.toml", &MINE.replacen(from, to, 1));
        let says = folder.refused(&["claims", "--file", "mine.toml", "--check"]);
        assert!(says.contains(part) && says.contains("mine.toml"), "{says}");
    }
    assert!(folder.refused(&["claims", "--only", "9.*", "--check"]).contains("no claim"));
    assert_eq!(folder.output(&["claims", "--check"]).lines().count(), 37);
}

/// The bundled claim of the gap, and one of paths.
const BROUGHT: &str = r#"
[[claim]]
id = "gap"
says = { en = "WSL2 is larger.", zh = "WSL2 更大。" }
figure = 23.0
unit = "percent"
wsl2 = true
test = "gap"
measured = "percent"
needs = { en = "Bring WSL2.", zh = "请提供 WSL2。" }

[[claim.rule]]
verdict = "in-part"
when = "percent > 2 and diffed"
en = "By {causes}."
zh = "因 {causes}。"

[[claim.rule]]
verdict = "does-not-hold"
en = "No."
zh = "否。"

[[claim]]
id = "path"
says = { en = "9P is slow.", zh = "9P 很慢。" }
figure = 5.84
unit = "ratio"
wsl2 = true
test = "paths"
measured = "ratio"
needs = { en = "Bring a bench.", zh = "请提供测量。" }

[[claim.rule]]
verdict = "holds"
when = "wsl2 and ratio > 4"
en = "{ratio} times."
zh = "{ratio} 倍。"

[[claim.rule]]
verdict = "does-not-hold"
en = "No."
zh = "否。"
"#;

#[test]
fn what_is_said_of_wsl2_is_judged_from_documents_that_were_made_there() {
    let folder = Folder::with_program(HELLO);
    folder.write("mine.toml", BROUGHT);
    let without = judged(&folder, &[]);
    assert!(without.iter().all(|it| it["verdict"] == "not-here"), "{without:?}");
    // As WSL2 writes it: a receipt of another host, and a program that was built as PIE there.
    let mut receipt: Value = serde_json::from_str(&folder.output(&["receipt"])).unwrap();
    receipt["host"] = "wsl2".into();
    receipt["kernel"] = "6.6.114.1-microsoft-standard-WSL2".into();
    folder.write("receipt.json", &receipt.to_string());
    let build = std::process::Command::new("go")
        .args(["build", "-buildmode=pie", "-o", "there", "."])
        .current_dir(folder.path("."))
        .status()
        .unwrap();
    assert!(build.success());
    folder.write("there.json", &folder.output(&["weigh", "there", "--json"]));
    let step = |seconds: f64| serde_json::json!([{ "what": "build-changed", "seconds": [seconds], "ratio": null, "failed": null }]);
    let path = |file_system: &str, seconds: f64| {
        serde_json::json!({
            "path": "/", "file_system": file_system, "options": "", "measured": null,
            "steps": step(seconds),
        })
    };
    let bench = serde_json::json!({
        "schema": "elfin.path-bench/1", "elfin": "0", "go": "go1",
        "kernel": "6.6.114.1-microsoft-standard-WSL2",
        "subject": { "module": null, "files": 1, "bytes": 1 }, "rounds": 1,
        "paths": [path("ext4", 2.0), path("9p", 10.0)],
    });
    folder.write("bench.json", &bench.to_string());
    let brought = ["there.json", "receipt.json", "bench.json"];
    let flags: Vec<&str> = brought.iter().flat_map(|it| ["--elsewhere", it]).collect();
    let claims = judged(&folder, &flags);
    assert_eq!(claims[0]["verdict"], "in-part", "{}", claims[0]);
    assert!(claims[0]["why"].as_str().unwrap().contains("build-mode +"), "{}", claims[0]);
    assert_eq!(claims[1]["verdict"], "holds");
    assert_eq!(claims[1]["measured"], 5.0);
    folder.write("other.json", "{\"schema\": \"elfin.slim/1\"}");
    let says = folder.refused(&["claims", ".", "--file", "mine.toml", "--elsewhere", "other.json"]);
    assert!(says.contains("other.json: schema \"elfin.slim/1\""), "{says}");
}
