//! How long the treemap of fifty thousand rows takes to regroup, to be searched and zoomed.
//!
//! The page is the one that a user gets; a script added at its end does what a
//! reader does and writes down the times, which headless Chromium prints.

use crate::shell;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::process::Stdio;

const ROWS: &str = "50000";
/// The most that a click may take, milliseconds: what a reader takes for at once.
const MOST: f64 = 250.0;

/// Each act ends with the page drawn again, for it draws before the handler returns.
const ACTS: &str = r#"<script>
const map = document.querySelector("article[lang=en] .map");
const query = (text) => {
  const search = map.querySelector(".search");
  search.value = text;
  search.dispatchEvent(new Event("input"));
};
const acts = {
  kind: () => map.querySelector("[value=kind]").click(),
  section: () => map.querySelector("[value=section]").click(),
  module: () => map.querySelector("[value=module]").click(),
  search: () => query("marshal"),
  letter: () => query("marshal j"),
  clear: () => query(""),
  zoom: () => map.querySelector("tbody button").click(),
};
const rounds = 9;
for (const act of Object.values(acts)) act.times = [];
for (let round = 0; round < rounds; round += 1) {
  for (const act of Object.values(acts)) {
    const from = performance.now();
    act();
    act.times.push(performance.now() - from);
  }
  map.querySelector(".crumbs button").click();
}
const median = (times) => times.sort((a, b) => a - b)[rounds >> 1].toFixed(1);
const lines = Object.entries(acts).map(([name, act]) => `${name} ${median(act.times)}`);
document.body.append(`MEASURED;boxes ${map.querySelector(".boxes").dataset.boxes};${lines.join(";")};END`);
</script>"#;

/// Prints the median of each act, and fails where one is beyond what is promised.
pub(crate) fn run() -> Result<()> {
    let folder = shell::root().join("target/bench/treemap");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    let path = folder.join("page.html");
    let mut sample = shell::cargo();
    sample.args(["run", "--quiet", "--release", "-p", "elfin-report", "--example", "sample"]);
    let page = shell::asks(sample.args(["--", "weigh-html", "en", ROWS]).stderr(Stdio::inherit()));
    let page = page.context("the sample page was not written")?;
    println!("{ROWS} rows: a page of {} bytes", page.len());
    fs::write(&path, page + ACTS).with_context(|| format!("{}", path.display()))?;
    let mut chromium = shell::command("chromium");
    chromium
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        .args(["--window-size=1440,1000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()));
    let dom = shell::asks(chromium.arg(format!("file://{}", path.display())));
    let dom = dom.context("chromium did not print the page")?;
    // The script's own text comes first.
    let measured = dom.rsplit_once("MEASURED;").and_then(|(_, rest)| rest.split_once(";END"));
    let (measured, _) = measured.context("the page did not get to its end")?;
    for line in measured.split(';') {
        let (name, figure) = line.split_once(' ').context("a name and a figure")?;
        println!("{name:>8} {figure}{}", if name == "boxes" { "" } else { " ms" });
        let slow = name != "boxes" && figure.parse::<f64>()? > MOST;
        ensure!(!slow, "{name} takes more than {MOST} ms");
    }
    Ok(())
}
