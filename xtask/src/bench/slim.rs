//! What slim leaves beside what the strips of others leave, and how long each takes.

use super::{LARGE, large};
use crate::{demo, shell};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

/// The fastest of so many runs counts, as the one that was disturbed least.
const RUNS: usize = 5;

/// Prints a table in Markdown.
pub(super) fn run(elfin: &Path) -> Result<()> {
    let folder = shell::root().join("target/bench/slim");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    println!("| file | bytes | tool | bytes after | ms |\n| :-- | --: | :-- | --: | --: |");
    for (name, package, arguments, cgo) in programs()? {
        let file = folder.join(name);
        let mut build = shell::command("go");
        build.current_dir(&package.0).args(["build", "-o"]).arg(&file).args(arguments);
        shell::run(build.arg(package.1).env("CGO_ENABLED", cgo))?;
        let bytes = fs::metadata(&file)?.len();
        for (tool, arguments) in tools(elfin, arguments.is_empty()) {
            let out = folder.join("out");
            let row = match fastest(&tool, arguments, &file, &out) {
                Some(ms) => format!("{} | {ms:.0}", fs::metadata(&out)?.len()),
                None => "– | –".to_owned(),
            };
            let tool = Path::new(&tool).file_name().unwrap_or_default().to_string_lossy();
            println!("| {name} | {bytes} | `{tool} {}` | {row} |", arguments.join(" "));
        }
    }
    Ok(())
}

type Program = (&'static str, (PathBuf, &'static str), &'static [&'static str], &'static str);

fn programs() -> Result<[Program; 4]> {
    const PIE: &[&str] = &["-buildmode=pie"];
    let server = || (shell::root().to_owned(), demo::SERVER);
    Ok([
        ("server", server(), &[], "0"),
        ("server-pie", server(), PIE, "0"),
        ("server-cgo-pie", server(), PIE, "1"),
        ("gopls-pie", (large()?, LARGE), PIE, "0"),
    ])
}

type Tool = (String, &'static [&'static str]);

fn tools(elfin: &Path, fixed: bool) -> Vec<Tool> {
    let elfin = elfin.to_string_lossy().into_owned();
    let mut tools: Vec<Tool> = vec![
        (elfin.clone(), &["slim"]),
        (elfin.clone(), &["slim", "--no-debug-file"]),
        (elfin.clone(), &["slim", "--target", "glibc-2.36"]),
    ];
    if !fixed {
        tools.push((elfin, &["slim", "--static-pie"]));
    }
    let others: [Tool; 3] =
        [("strip".into(), &["-s"]), ("llvm-strip".into(), &["-s"]), ("eu-strip".into(), &[])];
    tools.extend(others);
    tools
}

/// The milliseconds of the fastest run; `None` where the tool is missing or refuses.
fn fastest(tool: &str, arguments: &[&str], file: &Path, out: &Path) -> Option<f64> {
    let mut fastest = f64::INFINITY;
    for _ in 0..RUNS {
        let _ = fs::remove_file(out);
        let mut command = shell::command(tool);
        command.args(arguments).arg("-o").arg(out).arg(file);
        let began = Instant::now();
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        fastest = fastest.min(began.elapsed().as_secs_f64() * 1000.0);
        if !status.success() {
            return None;
        }
    }
    Some(fastest)
}
