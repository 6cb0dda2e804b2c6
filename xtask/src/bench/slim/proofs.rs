//! Whether a slim program is the program that it was made from, by whoever reads or runs one.

use super::{clear, folder};
use crate::corpus::Plain;
use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(super) const ABOUT: &str = "Proofs, for `slim`, `--target glibc-2.36` and, where it can be, \
    `--static-pie`: it prints the same, and with GODEBUG=fips140=on, under which a program hashes \
    itself (arm64 by qemu-user); its memory where Go begins is the same word for word (amd64, \
    `slim --check`); `go version -m` says the same; program and debug file make the original, byte \
    for byte; a second run makes the same two files; `readelf` and `eu-elflint` complain of nothing \
    new; gdb and Delve, which break in `main.main` and tell line, stack and locals, say the same \
    (where there is DWARF).";

/// Where the emulator finds arm64's C library.
const ARM64: &str = "/usr/aarch64-linux-gnu";
/// What elfutils before 0.189 says of RELR, whoever wrote it.
const RELR_UNKNOWN: &str = "section [] '.relr.dyn' has wrong type";

/// What was proved of a program.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    pub(super) held: usize,
    pub(super) failed: Vec<String>,
}

impl Proofs {
    pub(super) fn all(&self) -> usize {
        self.held + self.failed.len()
    }

    fn note(&mut self, what: &str, flags: &[&str], holds: bool) {
        if holds {
            self.held += 1;
        } else {
            self.failed.push(format!("slim {}: {what}", flags.join(" ")));
        }
    }
}

/// Slims a program in every way and looks at what comes out.
///
/// Returns an error if files cannot be written.
pub(super) fn of(elfin: &Path, program: &Plain) -> Result<Proofs> {
    let case = Case { elfin, program, folder: folder()? };
    let mut proofs = Proofs::default();
    let mut ways: Vec<&[&str]> = vec![&[], &["--target", "glibc-2.36"]];
    if program.pie && !program.cgo && program.arch == "amd64" {
        ways.push(&["--static-pie"]);
    }
    for flags in ways {
        case.prove(flags, &mut proofs)?;
    }
    Ok(proofs)
}

struct Case<'c> {
    elfin: &'c Path,
    program: &'c Plain,
    folder: PathBuf,
}

impl Case<'_> {
    fn prove(&self, flags: &[&str], proofs: &mut Proofs) -> Result<()> {
        let made = self.folder.join("made");
        clear(&made);
        let call = [&["slim"], flags].concat();
        let is_made = self.elfin(&call, &[&self.program.file, Path::new("-o"), &made]);
        proofs.note("it is made", flags, is_made);
        if !is_made {
            return Ok(());
        }
        self.prove_bytes(&made, flags, proofs)?;
        let environments: [&[(&str, &str)]; 2] = [&[], &[("GODEBUG", "fips140=on")]];
        for environment in environments {
            if let Some([was, is]) = self.both(|file| self.says(file, environment)) {
                proofs.note(&format!("it prints the same {environment:?}"), flags, was == is);
            }
        }
        if self.program.arch == "amd64" {
            let same = self.elfin(&["slim", "--check"], &[&self.program.file, &made]);
            proofs.note("its memory is the same", flags, same);
        }
        let version = |file: &Path| asks(Command::new("go").args(["version", "-m"]).arg(file));
        if let Some([was, is]) = self.both(version) {
            proofs.note("go version -m says the same", flags, was == is);
        }
        self.prove_readers(flags, proofs);
        Ok(())
    }

    /// Undone it is the original, and made again it is the same.
    fn prove_bytes(&self, made: &Path, flags: &[&str], proofs: &mut Proofs) -> Result<()> {
        let (undone, twin) = (self.folder.join("undone"), self.folder.join("twin"));
        let _ = fs::remove_file(&undone);
        let is_undone = self.elfin(&["unslim"], &[made, Path::new("-o"), &undone]);
        let same = |one: &Path, other: &Path| {
            fs::read(one).ok().zip(fs::read(other).ok()).is_some_and(|(one, other)| one == other)
        };
        proofs.note(
            "unslim makes the original",
            flags,
            is_undone && same(&undone, &self.program.file),
        );
        // Under the same name, in a folder of its own.
        fs::create_dir_all(&twin).with_context(|| format!("{}", twin.display()))?;
        let out = twin.join("made");
        clear(&out);
        self.elfin(&[&["slim"], flags].concat(), &[&self.program.file, Path::new("-o"), &out]);
        let debug = |file: &Path| file.with_added_extension("debug");
        let same = same(&out, made) && (!debug(&out).is_file() || same(&debug(&out), &debug(made)));
        proofs.note("a second run makes the same", flags, same);
        Ok(())
    }

    fn prove_readers(&self, flags: &[&str], proofs: &mut Proofs) {
        let complains = |tool: &str, arguments: &[&str], file: &Path| {
            let output = Command::new(tool).args(arguments).arg(file).output().ok()?;
            let text = if tool == "readelf" { output.stderr } else { output.stdout };
            Some(plain(&String::from_utf8_lossy(&text)))
        };
        for (tool, arguments) in [("readelf", &["-aW"][..]), ("eu-elflint", &["--gnu-ld"])] {
            if let Some([was, is]) = self.both(|file| complains(tool, arguments, file)) {
                let old: Vec<&str> = was.lines().collect();
                let mut new = is.lines().filter(|it| !old.contains(it) && *it != "No errors");
                let new = new.find(|it| !it.starts_with(RELR_UNKNOWN));
                let what = format!("{tool} complains of nothing new: {}", new.unwrap_or_default());
                proofs.note(&what, flags, new.is_none());
            }
        }
        if self.program.arch != "amd64" || self.program.stripped || self.program.large {
            return;
        }
        let gdb = ["break main.main", "run", "info locals", "bt", "kill"];
        let gdb = gdb.iter().flat_map(|it| ["-ex", it]);
        let gdb: Vec<&str> = ["-nx", "-batch"].into_iter().chain(gdb).collect();
        let orders = self.folder.join("orders");
        let _ = fs::write(&orders, "break main.main\ncontinue\nlocals\nstack\nexit\n");
        let delve = "exec --check-go-version=false --allow-non-terminal-interactive=true --init";
        let debuggers = [("gdb", gdb, None), ("dlv", delve.split(' ').collect(), Some(&orders))];
        for (tool, arguments, orders) in debuggers {
            let Some(tool) = find(tool) else { continue };
            let says = |file: &Path| {
                let mut command = Command::new(&tool);
                command.args(&arguments).args(orders).arg(file);
                asks(command.current_dir(&self.folder).stderr(Stdio::null()))
                    .map(|it| plain(&it))
                    .filter(|it| it.contains("main.main"))
            };
            if let Some([was, is]) = self.both(says) {
                let what = format!("{} says the same", tool.display());
                proofs.note(&what, flags, lines(&was) == lines(&is));
            }
        }
    }

    /// Asks the same of the original and of what was made; `None` where it cannot be asked of the
    /// original.
    fn both(&self, ask: impl Fn(&Path) -> Option<String>) -> Option<[String; 2]> {
        // Under one name, for programs and debuggers tell it.
        let place = self.folder.join("subject");
        let asked = |file: &Path| {
            let _ = fs::remove_file(&place);
            fs::copy(file, &place).ok()?;
            ask(&place)
        };
        let was = asked(&self.program.file)?;
        Some([was, asked(&self.folder.join("made")).unwrap_or_default()])
    }

    /// What a program prints, and how it ends.
    fn says(&self, file: &Path, environment: &[(&str, &str)]) -> Option<String> {
        let mut command = match self.program.arch {
            "amd64" => Command::new(file),
            _ if self.program.pie && !Path::new(ARM64).is_dir() => return None,
            _ => Command::new("qemu-aarch64-static"),
        };
        if self.program.arch != "amd64" {
            command.args(["-L", ARM64]).arg(file);
        }
        command.args(self.program.arguments()).envs(environment.iter().copied());
        let output = command.output().ok()?;
        Some(format!("{output:?}"))
    }

    fn elfin(&self, arguments: &[&str], paths: &[&Path]) -> bool {
        let mut command = Command::new(self.elfin);
        command.args(arguments).args(paths).stdout(Stdio::null());
        command.status().is_ok_and(|it| it.success())
    }
}

fn asks(command: &mut Command) -> Option<String> {
    shell::asks(command)
}

/// A tool in PATH, or where `cargo xtask setup` puts what it builds.
fn find(tool: &str) -> Option<PathBuf> {
    let built = shell::root().join("target/tools/bin").join(tool);
    shell::find(tool).or_else(|| built.is_file().then_some(built))
}

/// A text without numbers, which are addresses, processes and sections.
fn plain(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|it| plain.push_str(it.trim_start_matches(|it: char| it.is_ascii_hexdigit())));
    plain.retain(|it| !it.is_ascii_digit());
    plain.replace("[ ", "[")
}

/// Lines in an order of their own: threads come and go as they like.
fn lines(text: &str) -> Vec<&str> {
    let noise = ["[New LWP", "[Thread", "[New Thread", "Using host libthread_db"];
    let lines = text.lines().filter(|it| !noise.iter().any(|noise| it.starts_with(noise)));
    lines.collect()
}
