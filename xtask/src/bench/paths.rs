//! The same build on ext4 and on 9P, in one guest; the published claim is 5.84 times.
//!
//! elfin itself measures there (`elfin doctor --bench`). The Go of this machine is put into an image
//! of ext4 with what a build of the module needs of it, and no more.

use crate::guest::{self, Guest, SHARE};
use crate::{setup, shell};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The claim that is tested.
const CLAIM: &str = "The published claim (2.path): `go build ./...` takes 3.2 s on ext4 and 18.7 s on 9P, 5.84 times as long.";
/// An emulated processor compiles slowly.
const LIMIT: Duration = Duration::from_secs(3 * 3600);

pub(super) fn run(elfin: &Path, rounds: u16) -> Result<()> {
    setup::run(true)?;
    let began = Instant::now();
    let folder = shell::root().join("target/guest");
    fs::create_dir_all(&folder)?;
    let disk = folder.join("go.ext4");
    let tree = tempfile::tempdir_in(&folder)?;
    toolchain(tree.path())?;
    let from = tree.path().to_string_lossy();
    guest::ext4(&disk, &["-d", &*from], 1024)?;
    let share = tempfile::tempdir_in(&folder)?;
    let mut guest = Guest::find()?;
    guest.memory = 3072;
    guest.add_program(elfin, "/bin/elfin")?;
    let script = format!(
        "mkdir /disk\nmount -t ext4 /dev/vda /disk\nmkdir /disk/src {SHARE}/src\n\
         export PATH=/disk/go/bin:/bin GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod CGO_ENABLED=0\n\
         export GOPATH=/disk/gopath TMPDIR=/disk/tmp\nmkdir /disk/tmp\n\
         elfin doctor --bench --json --rounds {rounds} --path /disk/src --path {SHARE}/src > {SHARE}/bench.json\n"
    );
    let said = guest.run(&script, share.path(), &[&disk], LIMIT)?;
    eprintln!("{said}");
    let text = fs::read_to_string(share.path().join("bench.json")).context("no bench.json")?;
    write(elfin, &text, rounds, began.elapsed())
}

/// Renders what elfin measured, and keeps it.
fn write(elfin: &Path, json: &str, rounds: u16, took: Duration) -> Result<()> {
    let stored = shell::root().join("target/guest/bench.json");
    fs::write(&stored, json)?;
    let table = shell::asks(Command::new(elfin).args(["doctor", "--bench-of"]).arg(&stored))
        .context("elfin does not render what it measured")?;
    let text = format!(
        "# The same build on ext4 and on 9P\n\n`cargo xtask bench paths --rounds {rounds}` wrote this in {} s.\n\n\
         The guest is QEMU with an emulated processor (TCG) and a Debian kernel: compiling is many \
         times slower there than on a real machine, crossing to the host is not, so the share of \
         the file system in these builds is smaller than it would be on WSL 2. The 9P mount is \
         QEMU's own server with the options that WSL 2 gives its drives.\n\n{CLAIM}\n\n{table}",
        took.as_secs()
    );
    print!("{text}");
    let to = shell::root().join("docs/results/paths.md");
    fs::write(&to, text)?;
    println!("wrote {}", to.display());
    Ok(())
}

/// Puts what `go build` and `go list` need of this machine's Go into a folder.
fn toolchain(tree: &Path) -> Result<()> {
    let goroot = shell::asks(Command::new("go").args(["env", "GOROOT"])).context("no go here")?;
    let goroot = PathBuf::from(goroot.trim());
    let to = tree.join("go");
    for name in ["VERSION", "go.env", "bin/go", "pkg/include", "src"] {
        copy(&goroot.join(name), &to.join(name))?;
    }
    let arch = shell::asks(Command::new("go").args(["env", "GOARCH"])).context("no go here")?;
    let tools = format!("pkg/tool/linux_{}", arch.trim());
    // What a distribution builds when it is first asked for is not there.
    for tool in ["asm", "buildid", "cgo", "compile", "link"] {
        let from = goroot.join(&tools).join(tool);
        if from.exists() {
            copy(&from, &to.join(&tools).join(tool))?;
        }
    }
    Ok(())
}

/// Copies a file, or a folder without the tests that are in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        to.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::copy(from, to).with_context(|| from.display().to_string())?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let name = entry.file_name();
        let is_test = name == "testdata" || name.to_string_lossy().ends_with("_test.go");
        if !is_test {
            copy(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}
