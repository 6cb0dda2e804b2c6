//! What a switch of Go costs beside direnv and whatever else is here; elfin itself measures.

use crate::{setup, shell};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

/// The claims that are tested.
const CLAIMS: &str = "Claims 2.gvm.first and 2.dotenv.first: gvm 328 ms and then 187 ms, a \
    .godotenv loader 42 ms and then 21 ms. Claim 2.dotenv.failures: with CGO_ENABLED=0 set that \
    way, 3.7 % of builds that fail become 0 %.";

pub(super) fn run(elfin: &Path, rounds: u16, builds: u16) -> Result<()> {
    setup::run(true)?;
    let began = Instant::now();
    let mut bench = Command::new(elfin);
    bench.args(["env", "bench", "--markdown", "--rounds", &rounds.to_string()]);
    bench.args(["--builds", &builds.to_string()]).current_dir(shell::root());
    bench.stderr(std::process::Stdio::inherit());
    let table = shell::asks(&mut bench).context("elfin env bench failed")?;
    let table = without_places(&table);
    let text = format!(
        "# What a switch of Go costs\n\n`cargo xtask bench env` wrote this in {} s; what is not found \
         here is not in the table.\n\n{CLAIMS}\n\n{table}",
        began.elapsed().as_secs()
    );
    print!("{text}");
    let to = shell::root().join("docs/results/env.md");
    fs::write(&to, text)?;
    println!("wrote {}", to.display());
    Ok(())
}

/// A text without the folders of this machine: programs by their names, and roots by their variables.
fn without_places(text: &str) -> String {
    let path = env::var_os("PATH").unwrap_or_default();
    let release = shell::root().join("target/release");
    let mut text = text.to_owned();
    for folder in env::split_paths(&path).chain([release]) {
        text = text.replace(&format!("`{}/", folder.display()), "`");
    }
    for name in ["GVM_ROOT", "GOENV_ROOT", "HOME"] {
        let Ok(place) = env::var(name) else { continue };
        text = text.replace(&format!("{place}/"), &format!("${name}/"));
    }
    text
}
