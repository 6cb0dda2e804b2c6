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
