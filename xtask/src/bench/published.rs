//! The published claims on the bundled server and on a large program, with the roots of
//! `cargo xtask roots` for what is said of distributions.

use super::{LARGE, large};
use crate::roots::{self, Root};
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Judges the claims twice on each program, and keeps the first tables.
///
/// Returns an error if a second run gives another verdict.
pub(super) fn run(elfin: &Path, only: Option<&str>) -> Result<()> {
    roots::run()?;
    let root = shell::root().to_owned();
    let server: &[&str] = &demo::START_SERVER;
    let subjects: [(&str, PathBuf, &str, &[&str]); 2] =
        [("server", root, demo::SERVER, server), ("gopls", large()?, LARGE, &["--run", "version"])];
    let path = shell::root().join("docs/results/claims.md");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let mut page =
        "Written by `cargo xtask bench claims`: the published claims on the bundled server and on \
                    gopls, each judged twice with the same verdicts.\n"
            .to_owned();
    for (name, folder, package, arguments) in subjects {
        let title = format!("# Published claims, tested on {name}\n");
        if only.is_some_and(|it| it != name) {
            let kept = before.split_once(&title).map_or("\nNot run yet.\n", |it| it.1);
            let kept = kept.split("\n# ").next().unwrap_or_default();
            let _ = write!(page, "\n{title}{kept}");
            continue;
        }
        let out = shell::root().join("target/bench").join(format!("{name}-claims"));
        let claims = |more: &[&str]| -> Result<String> {
            let mut claims = shell::command(&elfin.to_string_lossy());
            claims.current_dir(&folder).args(["claims", package]).args(arguments).args(more);
            claims.arg("--out").arg(&out).env("GOENV", "off").env_remove("GOFLAGS");
            for root in Root::ALL {
                claims.arg("--root").arg(format!("{}={}", root.name(), root.folder().display()));
            }
            let output = claims.stderr(Stdio::inherit()).output();
            let output = output.with_context(|| format!("{}", elfin.display()))?;
            ensure!(output.status.success(), "{name}: {}", output.status);
            Ok(String::from_utf8(output.stdout)?)
        };
        let text = claims(&["--md"])?;
        let first = fs::read_to_string(out.join("claims.json"))?;
        let changed = changed(&first, &claims(&["--json"])?)?;
        ensure!(
            changed.is_empty(),
            "{name}: other verdicts the second time: {}",
            changed.join(", ")
        );
        let text = text.replacen("# Published claims, tested here\n", &title, 1);
        let text = text.replace(&format!("{}/", shell::root().display()), "");
        let _ = write!(page, "\n{text}");
    }
    fs::write(&path, page).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// The claims whose verdicts differ.
fn changed(first: &str, second: &str) -> Result<Vec<String>> {
    let verdicts = |text: &str| -> Result<Vec<(String, String)>> {
        let document: serde_json::Value = serde_json::from_str(text)?;
        let claims = document["claims"].as_array().context("no claims")?.iter();
        Ok(claims.map(|it| (it["id"].to_string(), it["verdict"].to_string())).collect())
    };
    let pairs = verdicts(first)?.into_iter().zip(verdicts(second)?);
    Ok(pairs.filter(|(one, other)| one != other).map(|(one, _)| one.0).collect())
}
