//! What slim leaves beside what the strips of others leave, how long each takes, and its memory.

use super::{LARGE, large, weigh};
use crate::corpus::{self, Scope, Strip};
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

/// The fastest of so many runs counts, as the one that was disturbed least.
const RUNS: usize = 5;

/// What slim may take at the most; of the file.
const MOST_MEMORY: f64 = 1.2;

/// Writes the sizes that the small corpus comes to, and prints times and memory.
pub(super) fn run(elfin: &Path) -> Result<()> {
    let (table, larger) = sizes(elfin)?;
    let path = shell::root().join("docs/results/slim.md");
    fs::write(&path, table).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    ensure!(larger.is_empty(), "larger than strip -s makes them: {}", larger.join(", "));
    times(elfin)
}

/// The table in Markdown, and the files that are not as small as promised.
fn sizes(elfin: &Path) -> Result<(String, Vec<String>)> {
    let folder = shell::root().join("target/bench/slim");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    let (entries, failed) = corpus::build(Scope::Quick)?;
    ensure!(failed.is_empty(), "could not be made:\n  {}", failed.join("\n  "));
    let tools = tools(elfin, false);
    let mut table = "Bytes that each tool leaves of the programs of `cargo xtask corpus --quick`, by `cargo xtask \
        bench slim`. A dash: the tool refuses the file.\n\n| file | before |"
        .to_owned();
    tools.iter().for_each(|tool| table.push_str(&format!(" `{}` |", name(tool))));
    table.push_str("\n| :-- |");
    table.push_str(&" --: |".repeat(tools.len() + 1));
    let mut larger = Vec::new();
    let out = folder.join("out");
    for entry in entries.iter().filter(|it| matches!(it.strip, Strip::No | Strip::Linker)) {
        let _ = write!(table, "\n| {} | {} |", entry.name, entry.size);
        let mut sizes = Vec::new();
        for (tool, arguments) in &tools {
            let size = match once(tool, arguments, &entry.file, &out) {
                Some(_) => Some(fs::metadata(&out)?.len()),
                None => None,
            };
            let cell = size.map_or("–".to_owned(), |it| it.to_string());
            let _ = write!(table, " {cell} |");
            sizes.push(size);
        }
        let is = |which: &str| tools.iter().position(|it| name(it) == which);
        let of = |which: &str| is(which).and_then(|at| sizes.get(at).copied().flatten());
        let holds = match (of("elfin slim"), of("strip -s")) {
            (Some(slim), Some(strip)) => slim < strip || (slim == strip && !entry.pie),
            (slim, _) => slim.is_some(),
        };
        if !holds {
            larger.push(entry.name.clone());
        }
    }
    Ok((table + "\n", larger))
}

/// A tool with its arguments, as one would type it.
fn name((tool, arguments): &Tool) -> String {
    let tool = Path::new(tool).file_name().unwrap_or_default().to_string_lossy();
    format!("{tool} {}", arguments.join(" ")).trim_end().to_owned()
}

/// Prints how long each tool takes, and the memory of slim on the largest file.
fn times(elfin: &Path) -> Result<()> {
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
            println!("| {name} | {bytes} | `{}` | {row} |", self::name(&(tool, arguments)));
        }
    }
    let file = folder.join("gopls-pie");
    for arguments in [&["slim"][..], &["slim", "--keep", "dwarf,symtab"], &["slim", "--static-pie"]]
    {
        let out = folder.join("out");
        clear(&out);
        let mut slim = shell::command(&elfin.to_string_lossy());
        slim.args(arguments).arg("-o").arg(&out).arg(&file).stdout(Stdio::null());
        let share = weigh::peak(&mut slim, "VmHWM:")? as f64 / fs::metadata(&file)?.len() as f64;
        let holds = if share <= MOST_MEMORY { "holds" } else { "MISSED" };
        let call = arguments.join(" ");
        println!("elfin {call}: {share:.2} of the file in memory, at most {MOST_MEMORY}: {holds}");
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
    let runs: Option<Vec<f64>> = (0..RUNS).map(|_| once(tool, arguments, file, out)).collect();
    runs?.into_iter().reduce(f64::min)
}

/// The milliseconds of one run; `None` where the tool is missing or refuses.
fn once(tool: &str, arguments: &[&str], file: &Path, out: &Path) -> Option<f64> {
    clear(out);
    let mut command = shell::command(tool);
    command.args(arguments).arg("-o").arg(out).arg(file);
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| began.elapsed().as_secs_f64() * 1000.0)
}

/// Makes room for an output and its debug file.
fn clear(out: &Path) {
    let _ = fs::remove_file(out);
    let _ = fs::remove_file(out.with_added_extension("debug"));
}
