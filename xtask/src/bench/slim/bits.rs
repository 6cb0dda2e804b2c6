//! How many bits of a program's address chance decides, stock and slim.

use super::{clear, folder};
use crate::{demo, shell};
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const STARTS: usize = 300;
const WAYS: [(&str, &[&str]); 4] = [
    ("as built", &[]),
    ("`slim --target glibc-2.36`", &["--target", "glibc-2.36"]),
    ("`slim --static-pie`", &["--static-pie"]),
    ("`slim --static-pie --full-aslr`", &["--static-pie", "--full-aslr"]),
];

/// Gives the table of the bits that varied.
///
/// Returns an error if a program cannot be built or does not start.
pub(super) fn run(elfin: &Path) -> Result<String> {
    let mut text = format!(
        "`cargo xtask bench slim --figures bits`. Bits of the address of its code that varied over {STARTS} starts, Linux {}. A program of \
         less than 2 MiB in memory shows that it is the size by which the kernel goes.\n\n\
         | PIE | bytes | {} |\n| :-- | --: | --: | --: | --: | --: |\n",
        shell::asks(Command::new("uname").arg("-r")).unwrap_or_default().trim(),
        WAYS.map(|it| it.0).join(" | ")
    );
    let (small, large) = (folder()?.join("waits-bits"), folder()?.join("server-bits"));
    let mut build = shell::command("go");
    build.args(["build", "-buildmode=pie", "-o"]).arg(&small);
    build.arg("crates/shrink/tests/programs/waits.go");
    shell::run(build.env("CGO_ENABLED", "0"))?;
    demo::server(&large, &["-buildmode=pie"], "0")?;
    for (name, file) in [("waits", small), ("server", large)] {
        let mut row = format!("| {name} | {} |", std::fs::metadata(&file)?.len());
        for (_, flags) in WAYS {
            let out = folder()?.join("moved");
            clear(&out);
            if flags.is_empty() {
                std::fs::copy(&file, &out)?;
            } else {
                let mut slim = shell::command(&elfin.to_string_lossy());
                slim.arg("slim").args(flags).arg("-o").arg(&out).arg(&file);
                shell::run(slim.stdout(Stdio::null()))?;
            }
            let (mut set, mut clear) = (0, 0);
            for _ in 0..STARTS {
                let address = address(&out)?;
                (set, clear) = (set | address, clear | !address);
            }
            row.push_str(&format!(" {} |", (set & clear).count_ones()));
        }
        println!("{row}");
        text.push_str(&(row + "\n"));
    }
    Ok(text)
}

/// Starts a program, waits for its first line, and looks where its code is.
fn address(program: &Path) -> Result<u64> {
    let mut command = Command::new(program);
    command.args(["-addr", "127.0.0.1:0"]); // The server's; the other program minds none.
    let mut child = command.stdout(Stdio::piped()).spawn().context("a program does not start")?;
    let mut line = String::new();
    let out = child.stdout.take().context("it has no output")?;
    BufReader::new(out).read_line(&mut line)?;
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.id()));
    child.kill()?;
    child.wait()?;
    let maps = maps?;
    let name = program.to_string_lossy();
    let own = maps.lines().find(|it| it.contains("r-xp") && it.ends_with(&*name));
    let start = own.and_then(|it| it.split_once('-')).context("its code is nowhere")?.0;
    Ok(u64::from_str_radix(start, 16)?)
}
