//! How long slim takes beside other tools, and how much memory.

use super::{clear, folder};
use crate::bench::{LARGE, grown, large, weigh};
use crate::{demo, shell};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

/// All tools take their turn so often; the fastest run counts, as the one that was disturbed least.
const RUNS: usize = 7;
/// What slim may take at the most; of the file.
const MOST_MEMORY: f64 = 1.2;
/// Copies of functions that make a PIE of 100 MB.
const COPIES: usize = 145;

const TOOLS: [(&str, &[&str]); 7] = [
    ("elfin", &["slim"]),
    ("elfin", &["slim", "--no-debug-file"]),
    ("elfin", &["slim", "--static-pie"]),
    ("elfin", &["strip", "-s"]),
    ("strip", &["-s"]),
    ("llvm-strip", &["-s"]),
    ("eu-strip", &[]),
];

/// Gives the tables of times and memory.
///
/// Returns an error if a program cannot be built.
pub(super) fn run(elfin: &Path) -> Result<String> {
    let mut text = format!(
        "`cargo xtask bench slim --figures times`. Milliseconds, the fastest of {RUNS} runs, in turn.\n\n\
         | file | bytes | tool | bytes after | ms |\n| :-- | --: | :-- | --: | --: |\n"
    );
    let files = files()?;
    for (name, file) in &files {
        let mut best = [f64::INFINITY; TOOLS.len()];
        let mut sizes = [None; TOOLS.len()];
        for _ in 0..RUNS {
            for (index, (tool, arguments)) in TOOLS.iter().enumerate() {
                if let Some((ms, size)) = once(elfin, tool, arguments, file)? {
                    best[index] = best[index].min(ms);
                    sizes[index] = Some(size);
                }
            }
        }
        let bytes = fs::metadata(file)?.len();
        for (index, (tool, arguments)) in TOOLS.iter().enumerate() {
            let call = format!("{tool} {}", arguments.join(" "));
            let row = sizes[index].map(|size| format!("{size} | {:.0}", best[index]));
            let row = row.unwrap_or("– | –".to_owned());
            text.push_str(&format!("| {name} | {bytes} | `{}` | {row} |\n", call.trim_end()));
        }
        println!("{name}: elfin slim takes {:.2} of the time of strip -s", best[0] / best[4]);
    }
    text.push_str(
        "\n| file | what is done | memory, of the file | at most |\n| :-- | :-- | --: | --: |\n",
    );
    for (name, file) in &files {
        for arguments in
            [&["slim"][..], &["slim", "--keep", "dwarf,symtab"], &["slim", "--static-pie"]]
        {
            let out = folder()?.join("out");
            clear(&out);
            let mut slim = shell::command(&elfin.to_string_lossy());
            slim.args(arguments).arg("-o").arg(&out).arg(file);
            slim.stdout(Stdio::null()).stderr(Stdio::null());
            let share = weigh::peak(&mut slim, "VmHWM:")? as f64 / fs::metadata(file)?.len() as f64;
            if out.is_file() {
                let call = arguments.join(" ");
                text.push_str(&format!("| {name} | `{call}` | {share:.2} | {MOST_MEMORY} |\n"));
            }
        }
    }
    Ok(text)
}

/// Programs, the last of about 100 MB.
fn files() -> Result<Vec<(&'static str, PathBuf)>> {
    const PIE: &[&str] = &["-buildmode=pie"];
    let mut files = Vec::new();
    for (name, flags, cgo) in
        [("server", &[][..], "0"), ("server-pie", PIE, "0"), ("server-cgo-pie", PIE, "1")]
    {
        let file = folder()?.join(name);
        demo::server(&file, flags, cgo)?;
        files.push((name, file));
    }
    let file = folder()?.join("gopls-pie");
    let mut build = shell::command("go");
    build.current_dir(large()?).args(["build", "-o"]).arg(&file).args(PIE).arg(LARGE);
    shell::run(build.env("CGO_ENABLED", "0"))?;
    files.push(("gopls-pie", file));
    files.push(("grown-pie", grown::pie(COPIES)?));
    Ok(files)
}

/// The milliseconds of one run and the size of what it left; `None` where the tool is missing or
/// refuses.
fn once(elfin: &Path, tool: &str, arguments: &[&str], file: &Path) -> Result<Option<(f64, u64)>> {
    let out = folder()?.join("out");
    clear(&out);
    let tool = if tool == "elfin" { &*elfin.to_string_lossy() } else { tool };
    let mut command = shell::command(tool);
    command.args(arguments).arg("-o").arg(&out).arg(file);
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let ms = began.elapsed().as_secs_f64() * 1000.0;
    let done = status.is_ok_and(|it| it.success());
    Ok(if done { Some((ms, fs::metadata(&out)?.len())) } else { None })
}
