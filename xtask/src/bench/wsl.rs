//! The question that started elfin: the same source, built on machines of which only libc, C
//! compiler and linker differ. Which of them does a diff of documents and receipts name?
//!
//! Every program, document and receipt is made inside a root file system of `cargo xtask roots`;
//! the documents and receipts alone are compared outside. It takes minutes and root once, so CI
//! does not run it.

use super::difference::Diff;
use crate::roots::{self, Root};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const WITH_C: &str = r#"//go:build cgo

package main

/*
#cgo LDFLAGS: -lm
#include <math.h>
#include <stdio.h>

static double root(double x) { return sqrt(x); }
static int shown(char *to, double x) { return snprintf(to, 32, "%.3f", x); }
*/
import "C"

func root(x float64) (float64, int) {
	var text [32]C.char
	return float64(C.root(C.double(x))), int(C.shown(&text[0], C.double(x)))
}
"#;

const WITHOUT_C: &str = r#"//go:build !cgo

package main

import "math"

func root(x float64) (float64, int) { return math.Sqrt(x), 0 }
"#;

const MAIN: &str = r#"package main

import (
	"fmt"
	"net"
	"os/user"
)

func main() {
	addresses, err := net.LookupHost("localhost")
	fmt.Println(addresses, err)
	fmt.Println(user.Current())
	fmt.Println(root(2))
}
"#;

/// A machine: a root and what its user set.
struct Machine {
    name: &'static str,
    root: Root,
    cc: Option<&'static str>,
}

const MACHINES: [Machine; 4] = [
    Machine { name: "debian-12", root: Root::Debian12, cc: None },
    Machine { name: "debian-13", root: Root::Debian13, cc: None },
    Machine { name: "debian-13-musl-gcc", root: Root::Debian13, cc: Some("musl-gcc") },
    Machine { name: "musl", root: Root::Musl, cc: None },
];

/// Two machines by their numbers, the causes of which one must come before all but padding, and what of the machines
/// must stand behind one of the causes.
const PAIRS: [(usize, usize, &[&str], &[&str]); 4] = [
    (0, 1, &["libc", "linkage", "cgo"], &["libc", "compiler", "linker"]),
    (1, 0, &["libc", "linkage", "cgo"], &["libc", "compiler", "linker"]),
    (1, 2, &["libc"], &["libc", "go-setting"]),
    (0, 3, &["cgo"], &["cgo-enabled", "compiler"]),
];

/// Builds on every machine, compares, and writes docs/results/wsl.md.
///
/// Returns an error if a machine cannot build or a diff does not name what differs.
pub(super) fn run(elfin: &Path) -> Result<()> {
    roots::run()?;
    let source = folder().join("source");
    fs::create_dir_all(&source).with_context(|| format!("{}", source.display()))?;
    let files = [
        ("go.mod", "module example.com/app\n\ngo 1.21\n"),
        ("main.go", MAIN),
        ("c.go", WITH_C),
        ("plain.go", WITHOUT_C),
    ];
    for (name, text) in files {
        fs::write(source.join(name), text)?;
    }
    let carried = Carried::of(elfin)?;
    for machine in &MACHINES {
        machine.build(&source, &carried).with_context(|| machine.name.to_owned())?;
    }
    let mut out = String::from(
        "# The same source on machines whose libc, compiler and linker differ\n\n\
         Written by `cargo xtask bench wsl`: programs, documents and receipts were made inside the root\n\
         file systems of `cargo xtask roots`, and only documents and receipts were compared.\n\n\
         | machine | C compiler | linker | libc | bytes |\n|---|---|---|---|--:|\n",
    );
    for machine in &MACHINES {
        out.push_str(&machine.row()?);
    }
    let mut wrong = Vec::new();
    for (from, to, first, behind) in &PAIRS {
        let (from, to) = (&MACHINES[*from], &MACHINES[*to]);
        let diff = compare(elfin, from, to)?;
        out.push_str(&told(from, to, &diff));
        wrong.extend(
            judge(&diff, first, behind).map(|it| format!("{} → {}: {it}", from.name, to.name)),
        );
    }
    println!("{out}");
    ensure!(wrong.is_empty(), "not named:\n  {}", wrong.join("\n  "));
    let path = shell::root().join("docs/results/wsl.md");
    fs::write(&path, out).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn folder() -> PathBuf {
    shell::root().join("target/bench/wsl")
}

/// elfin with all that it needs to run where there is another libc or none.
struct Carried(Vec<(PathBuf, String)>);

impl Carried {
    fn of(elfin: &Path) -> Result<Carried> {
        let list = shell::asks(Command::new("ldd").arg(elfin)).context("ldd does not work")?;
        let mut files = vec![(elfin.to_owned(), "/elfin/elfin".to_owned())];
        for line in list.lines().map(str::trim) {
            let path =
                line.split("=> ").last().and_then(|it| it.split(" (").next()).unwrap_or_default();
            let path = Path::new(path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_absolute() && name.starts_with("ld-linux") {
                files.push((path.to_owned(), "/elfin/ld.so".to_owned()));
            } else if path.is_absolute() {
                files.push((path.to_owned(), format!("/elfin/lib/{name}")));
            }
        }
        Ok(Carried(files))
    }
}

impl Machine {
    fn out(&self) -> PathBuf {
        folder().join(self.name)
    }

    /// Builds the program there, and makes its document and the machine's receipt.
    fn build(&self, source: &Path, carried: &Carried) -> Result<()> {
        let out = self.out();
        fs::create_dir_all(&out).with_context(|| format!("{}", out.display()))?;
        let goroot =
            shell::asks(shell::command("go").args(["env", "GOROOT"])).context("there is no go")?;
        let inside = |program: &str, arguments: &[&str]| {
            let mut binds = vec![
                (source, "/src"),
                (&*out, "/out"),
                (Path::new(goroot.trim()), "/usr/local/go"),
            ];
            binds.extend(carried.0.iter().map(|(outside, inside)| (&**outside, inside.as_str())));
            let script = format!(
                "cd /src && PATH=/usr/local/go/bin:$PATH && exec {program} {}",
                arguments.join(" ")
            );
            let mut command = self.root.command(&binds, "/bin/sh");
            command.args(["-c", &script]);
            command.env("HOME", "/root").env("GOCACHE", "/out/cache").env("GOTOOLCHAIN", "local");
            command.env("GOFLAGS", "-buildvcs=false").env("GOPATH", "/root/go");
            if let Some(cc) = self.cc {
                command.env("CC", cc);
            }
            command
        };
        shell::run(&mut inside("go", &["build", "-o", "/out/app", "."]))?;
        let elfin = "/elfin/ld.so --library-path /elfin/lib /elfin/elfin";
        shell::run(&mut inside(elfin, &["weigh", "--json", "/out/app", ">", "/out/app.json"]))?;
        shell::run(&mut inside(elfin, &["receipt", ">", "/out/machine.json"]))
    }

    fn row(&self) -> Result<String> {
        let receipt: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(self.out().join("machine.json"))?)?;
        let text = |pointer: &str| {
            receipt.pointer(pointer).and_then(|it| it.as_str()).unwrap_or("none").to_owned()
        };
        let bytes = fs::metadata(self.out().join("app"))?.len();
        let libc = match receipt.pointer("/libc") {
            Some(serde_json::Value::Object(_)) => {
                format!("{} {}", text("/libc/name"), text("/libc/version"))
            }
            _ => "none".to_owned(),
        };
        let (compiler, linker) = (text("/compiler/version"), text("/compiler/linker"));
        Ok(format!("| {} | {compiler} | {linker} | {libc} | {bytes} |\n", self.name))
    }
}

fn compare(elfin: &Path, from: &Machine, to: &Machine) -> Result<Diff> {
    let [old, new] = [from, to].map(Machine::out);
    let documents = [&old, &new].map(|it| it.join("app.json"));
    let receipts = [&old, &new].map(|it| it.join("machine.json"));
    Diff::ask(elfin, &[&documents[..], &["--receipt".into()], &receipts[..]].concat())
}

/// Lists what a difference should have named and did not.
fn judge<'d>(
    diff: &'d Diff,
    first: &'d [&str],
    behind: &'d [&str],
) -> impl Iterator<Item = String> + use<'d> {
    let sum = (!diff.adds_up()).then(|| "it does not add up".to_owned());
    // Where the next page begins is nobody's doing.
    let mut causes = diff.causes.iter().filter(|it| it.cause != "padding");
    let largest = causes.next().map_or("", |it| it.cause.as_str());
    let largest = (!first.contains(&largest)).then(|| format!("{largest} comes first"));
    let facts: Vec<&str> = diff
        .causes
        .iter()
        .flat_map(|it| &it.evidence)
        .filter(|it| it.id == "machine")
        .filter_map(|it| it.what.as_deref())
        .collect();
    let missing = behind
        .iter()
        .filter(move |it| !facts.contains(it))
        .map(|it| format!("{it} is behind no cause"));
    sum.into_iter().chain(largest).chain(missing)
}

/// A section of the results.
fn told(from: &Machine, to: &Machine, diff: &Diff) -> String {
    let mut out = format!(
        "\n## {} → {}: {:+} bytes\n\n| cause | bytes | how sure | behind it | as before |\n|---|--:|---|---|---|\n",
        from.name, to.name, diff.delta
    );
    for it in &diff.causes {
        let shown = |value: &serde_json::Value| match value.as_str().unwrap_or_default() {
            "" => "none".to_owned(),
            text => text.replace('|', "\\|"),
        };
        let facts = it.evidence.iter().filter(|it| it.id == "machine");
        let facts = facts.map(|it| {
            format!(
                "{}: {} → {}",
                it.what.as_deref().unwrap_or_default(),
                shown(&it.from),
                shown(&it.to)
            )
        });
        let facts = facts.collect::<Vec<_>>().join("<br>");
        let remedy = it.remedy.as_deref().unwrap_or_default();
        let _ = writeln!(
            out,
            "| {} | {:+} | {} | {facts} | {remedy} |",
            it.cause, it.bytes, it.confidence
        );
    }
    let _ = writeln!(out, "| unexplained | {:+} | | | |", diff.unexplained_bytes);
    out
}
