//! Tables of real programs, written to docs/results by the lab itself.

use crate::{demo, setup, shell};
use anyhow::{Context, Result};
use clap::Subcommand;
use std::fs;
use std::path::{Path, PathBuf};

/// The large program: Go's language server, fetched through the module proxy, in the newest
/// version that Go 1.24 builds.
const LARGE: &str = "golang.org/x/tools/gopls";
const LARGE_VERSION: &str = "v0.20.0";

/// What is measured.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Bench {
    /// Runs the lab on the bundled programs and on gopls, and keeps report.md and table.csv.
    ///
    /// A run that was stopped goes on where it was.
    Lab,
}

/// A program, where its package is, and how it is started.
struct Subject {
    name: &'static str,
    folder: PathBuf,
    package: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) fn run(what: Bench) -> Result<()> {
    let Bench::Lab = what;
    setup::run(false)?;
    let elfin = demo::elfin()?;
    for subject in subjects()? {
        let out = shell::root().join("target/bench").join(subject.name);
        let mut lab = shell::command(&elfin.to_string_lossy());
        lab.current_dir(&subject.folder).args(["lab", subject.package]).args(subject.arguments);
        shell::run(lab.arg("--out").arg(&out))?;
        keep(subject.name, &out)?;
    }
    Ok(())
}

fn subjects() -> Result<[Subject; 3]> {
    let root = shell::root().to_owned();
    Ok([
        Subject { name: "hello", folder: root.clone(), package: "./corpus/hello", arguments: &[] },
        Subject {
            name: "server",
            folder: root,
            package: "./corpus/server",
            arguments: &["--run", "-addr 127.0.0.1:0", "--ready", "stdout:listening on"],
        },
        Subject {
            name: "gopls",
            folder: large()?,
            package: LARGE,
            arguments: &["--run", "version"],
        },
    ])
}

/// Makes a module that requires the large program, so that its package can be built from there.
fn large() -> Result<PathBuf> {
    let module = shell::root().join("target/bench/module");
    fs::create_dir_all(&module).with_context(|| format!("{}", module.display()))?;
    let go_mod = module.join("go.mod");
    if !go_mod.is_file() {
        fs::write(&go_mod, "module bench\n").with_context(|| format!("{}", go_mod.display()))?;
    }
    let get = format!("{LARGE}@{LARGE_VERSION}");
    shell::run(shell::command("go").current_dir(&module).args(["get", &get]))?;
    Ok(module)
}

fn keep(name: &str, out: &Path) -> Result<()> {
    let results = shell::root().join("docs/results");
    fs::create_dir_all(&results).with_context(|| format!("{}", results.display()))?;
    for (from, extension) in [("report.md", "md"), ("table.csv", "csv")] {
        let (from, to) = (out.join(from), results.join(format!("{name}.{extension}")));
        fs::copy(&from, &to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
        println!("wrote {}", to.display());
    }
    Ok(())
}
