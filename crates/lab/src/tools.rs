//! The outside tools: which are there, which version, and what installs the others.

use crate::store::{Key, hash_file};
use elfin_process::{Cancel, Tool as Command};
use elfin_schema::{Message, Tool};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every tool that a recipe or a probe may need: name, how it tells its version, what installs it.
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("go", &["version"], "apt-get install golang-go"),
    ("strip", &["--version"], "apt-get install binutils"),
    ("llvm-strip", &["--version"], "apt-get install llvm"),
    ("upx", &["--version"], UPX_REMEDY),
    ("cc", &["--version"], "apt-get install gcc libc6-dev"),
    ("ld.bfd", &["--version"], "apt-get install binutils"),
    ("ld.gold", &["--version"], "apt-get install binutils"),
    ("ld.lld", &["--version"], "apt-get install lld"),
    ("mold", &["--version"], "apt-get install mold"),
    ("musl-gcc", &["--version"], "apt-get install musl-tools"),
    ("gdb", &["--version"], "apt-get install gdb"),
    ("dlv", &["version"], "go install github.com/go-delve/delve/cmd/dlv@latest"),
    ("perf", &["--version"], "apt-get install linux-perf"),
    (ELFIN, &["--version"], "cargo install --path crates/cli"),
];

const ELFIN: &str = "elfin";

const UPX_REMEDY: &str =
    "apt-get install upx-ucl (4.2 or newer; Debian 12: from bookworm-backports)";

/// A tool that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What it says of its version.
    pub version: String,
    /// What a result that it made depends on: version and content.
    pub identity: Key,
}

/// The tools of this machine.
#[derive(Debug)]
pub(crate) struct Toolbox {
    found: BTreeMap<&'static str, Found>,
}

impl Toolbox {
    /// Looks for every known tool in PATH; elfin is the one that asks, wherever it lies.
    pub(crate) fn look(elfin: Option<&str>, cancel: &Cancel) -> Toolbox {
        let found = KNOWN
            .iter()
            .filter_map(|(name, version, _)| {
                let asks = elfin.filter(|_| *name == ELFIN).map(PathBuf::from);
                let path = asks.or_else(|| elfin_process::find(name))?;
                let version = ask_version(&path, version, cancel);
                let content = hash_file(&path).unwrap_or_default();
                let identity = Key::of(["tool", name, &version, &content]);
                Some((*name, Found { path, version, identity }))
            })
            .collect();
        Toolbox { found }
    }

    /// A tool, or the message that says what installs it.
    pub(crate) fn need(&self, name: &str) -> Result<&Found, Message> {
        self.found.get(name).ok_or_else(|| Message::ToolMissing {
            tool: name.to_owned(),
            remedy: remedy(name).to_owned(),
        })
    }

    /// The tools as the document lists them.
    pub(crate) fn listed(&self) -> Vec<Tool> {
        KNOWN
            .iter()
            .map(|(name, _, remedy)| Tool {
                name: (*name).to_owned(),
                version: self.found.get(name).map(|found| found.version.clone()),
                remedy: (*remedy).to_owned(),
            })
            .collect()
    }
}

/// What installs a tool.
pub(crate) fn remedy(name: &str) -> &'static str {
    KNOWN.iter().find(|known| known.0 == name).map_or("", |known| known.2)
}

fn ask_version(path: &Path, arguments: &[&str], cancel: &Cancel) -> String {
    let asked = Command::new(path).args(arguments).timeout(Duration::from_secs(20)).run(cancel);
    let Ok(output) = asked else { return String::new() };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // Delve prints its name alone on the first line.
    let line = text.lines().find(|line| line.contains(|letter: char| letter.is_ascii_digit()));
    line.unwrap_or_default().trim().to_owned()
}
