//! `elfin pack` beside UPX on real programs: sizes, starts, time and memory of packing, memory of five processes.
//!
//! Starts are interleaved: each round starts every form of a program once, and copies its bytes
//! once into fresh memory, which is what no packer can be quicker than.

mod gauntlet;
mod kernel;
mod memory;
mod starts;
mod table;

use super::weigh::peak;
use crate::{demo, shell};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

pub(super) use gauntlet::run as gauntlet;

/// Programs of the Go that is installed here, and how each is started.
const TOOLS: [(&str, &[&str]); 7] = [
    ("gofmt", &["-l", "/dev/null"]),
    ("asm", &["-V"]),
    ("cover", &["-V"]),
    ("link", &["-V"]),
    ("vet", &["-V"]),
    ("go", &["version"]),
    ("compile", &["-V"]),
];

/// Programs that come through the module proxy.
const MODULES: [(&str, &str, &[&str]); 4] = [
    ("esbuild", "github.com/evanw/esbuild/cmd/esbuild@v0.28.2", &["--version"]),
    ("dlv", "github.com/go-delve/delve/cmd/dlv@v1.27.2", &["version"]),
    ("gopls", "golang.org/x/tools/gopls@v0.20.0", &["version"]),
    ("rclone", "github.com/rclone/rclone@v1.76.0", &["version"]),
];

/// What packing may take at the most, times the file.
const MOST_MEMORY: f64 = 12.0;

/// How a program is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Best,
    Lzma,
    Fast,
    Small,
}

impl Form {
    const ALL: [Form; 4] = [Form::Best, Form::Lzma, Form::Fast, Form::Small];

    fn name(self) -> &'static str {
        match self {
            Form::Best => "upx --best",
            Form::Lzma => "upx --best --lzma",
            Form::Fast => "elfin pack --fast",
            Form::Small => "elfin pack --small",
        }
    }
}

/// A program, stripped, and its packed forms.
struct Program {
    name: String,
    plain: PathBuf,
    arguments: &'static [&'static str],
    /// In the order of [`Form::ALL`]; `None` where the packer refuses or was not asked.
    packed: [Option<Packed>; 4],
}

/// A packed form, and what packing took, unless it is from an earlier run.
struct Packed {
    file: PathBuf,
    size: u64,
    cost: Option<Cost>,
}

#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    memory: u64,
}

/// Measures and writes the table; with `quick` only Go's own programs, and nothing is written; with `kept`
/// only programs of which an earlier run has kept what `upx --best` makes.
pub(super) fn run(elfin: &Path, quick: bool, kept: bool, rounds: usize) -> Result<()> {
    let is_wanted = |plain: &Path| Ok(!kept || best_of(plain)?.is_file());
    let programs = programs(elfin, quick, &Form::ALL, is_wanted)?;
    let starts =
        programs.iter().map(|it| starts::measure(it, rounds)).collect::<Result<Vec<_>>>()?;
    let mut text = table::write(&programs, &starts)?;
    text.push_str(&memory::of_five(elfin)?);
    text.push_str(&pie(elfin)?);
    if kept {
        text.push_str("\nBy `--kept`: programs without a kept `upx --best` are left out.\n");
    }
    println!("{text}");
    if quick {
        return Ok(());
    }
    let path = shell::root().join("docs/results/pack.md");
    fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Builds or finds each program, strips it, and packs it in some ways if it is wanted.
fn programs(
    elfin: &Path,
    quick: bool,
    forms: &[Form],
    is_wanted: impl Fn(&Path) -> Result<bool>,
) -> Result<Vec<Program>> {
    let folder = folder()?;
    let mut programs = Vec::new();
    let mut add = |name: &str, arguments, from: &Path| -> Result<()> {
        let plain = stripped(name, from)?;
        if is_wanted(&plain)? {
            programs.push(program(elfin, (name, arguments), plain, forms)?);
        }
        Ok(())
    };
    let goroot = PathBuf::from(
        shell::asks(shell::command("go").args(["env", "GOROOT"])).context("go env")?.trim(),
    );
    for (name, arguments) in TOOLS {
        let places = [goroot.join("bin"), goroot.join("pkg/tool/linux_amd64")];
        let found = places.iter().map(|it| it.join(name)).find(|it| it.is_file());
        if let Some(found) = found {
            add(name, arguments, &found)?;
        }
    }
    for (name, module, arguments) in MODULES.iter().filter(|_| !quick) {
        let bin = folder.join("bin");
        if !bin.join(name).is_file() {
            let mut go = shell::command("go");
            go.args(["install", module]).env("GOBIN", &bin).env("CGO_ENABLED", "0");
            shell::run(&mut go)?;
        }
        add(name, arguments, &bin.join(name))?;
    }
    Ok(programs)
}

fn folder() -> Result<PathBuf> {
    let folder = shell::root().join("target/bench/pack");
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder)
}

fn stripped(name: &str, from: &Path) -> Result<PathBuf> {
    let plain = folder()?.join(name);
    shell::run(shell::command("strip").arg("-s").arg("-o").arg(&plain).arg(from))?;
    Ok(plain)
}

fn program(
    elfin: &Path,
    (name, arguments): (&str, &'static [&'static str]),
    plain: PathBuf,
    forms: &[Form],
) -> Result<Program> {
    let mut packed = Vec::new();
    for form in Form::ALL {
        if !forms.contains(&form) {
            packed.push(None);
            continue;
        }
        eprintln!("{name}: {}", form.name());
        packed.push(pack(elfin, form, &plain)?);
    }
    let packed = packed.try_into().ok().context("a form is missing")?;
    Ok(Program { name: name.to_owned(), plain, arguments, packed })
}

/// The program that does what packed programs have been seen to break.
fn subject(mode: &str) -> Result<PathBuf> {
    let plain = folder()?.join(format!("gauntlet-{mode}"));
    let mut go = shell::command("go");
    go.current_dir(shell::root().join("crates/pack/tests/programs"));
    go.env("GO111MODULE", "off").env_remove("GOFLAGS").env("CGO_ENABLED", "0");
    go.args(["build", "-ldflags=-s -w"]).arg(format!("-buildmode={mode}")).arg("-o");
    shell::run(go.arg(&plain).arg("gauntlet.go"))?;
    Ok(plain)
}

fn packed_file(plain: &Path, form: Form) -> PathBuf {
    plain.with_added_extension(form.name().replace(' ', ""))
}

/// Where what `upx --best` makes of a program is kept: the name says of which bytes.
fn best_of(plain: &Path) -> Result<PathBuf> {
    let hash = Sha256::digest(fs::read(plain)?);
    let hash: String = hash.iter().take(8).map(|it| format!("{it:02x}")).collect();
    Ok(packed_file(plain, Form::Best).with_added_extension(hash))
}

/// Packs; `None` where the packer refuses.
///
/// What `upx --best` makes is kept for the next run: it takes an hour for all programs, which no
/// promise is about, and is the same each time.
fn pack(elfin: &Path, form: Form, plain: &Path) -> Result<Option<Packed>> {
    let file = match form {
        Form::Best => best_of(plain)?,
        _ => packed_file(plain, form),
    };
    if let Ok(metadata) = fs::metadata(&file) {
        if form == Form::Best {
            return Ok(Some(Packed { file, size: metadata.len(), cost: None }));
        }
        fs::remove_file(&file)?;
    }
    let (tool, flags): (&str, &[&str]) = match form {
        Form::Best => ("upx", &["-qqq", "-f", "--best"]),
        Form::Lzma => ("upx", &["-qqq", "-f", "--best", "--lzma"]),
        Form::Fast => ("", &["pack", "--fast"]),
        Form::Small => ("", &["pack", "--small"]),
    };
    let mut command = if tool.is_empty() {
        shell::command(&elfin.to_string_lossy())
    } else {
        shell::command(tool)
    };
    command.args(flags).arg("-o").arg(&file).arg(plain);
    let began = Instant::now();
    let memory = peak(command.stdout(Stdio::null()).stderr(Stdio::null()), "VmHWM:")?;
    let cost = Some(Cost { seconds: began.elapsed().as_secs_f64(), memory });
    let Ok(metadata) = fs::metadata(&file) else { return Ok(None) };
    Ok(Some(Packed { file, size: metadata.len(), cost }))
}

/// What becomes of a PIE by Go's own linker.
fn pie(elfin: &Path) -> Result<String> {
    let plain = folder()?.join("server-pie");
    demo::server(&plain, &["-buildmode=pie", "-ldflags=-s -w"], "0")?;
    let size = fs::metadata(&plain)?.len();
    let mut text = format!("\nA PIE by Go's own linker, the bundled server, {size} bytes:\n\n");
    for form in Form::ALL {
        let became = match pack(elfin, form, &plain)? {
            Some(Packed { size: packed, cost: Some(Cost { memory, .. }), .. }) => {
                let times = memory as f64 / size as f64;
                let missed = if times > MOST_MEMORY { ", **more than promised**" } else { "" };
                format!("{packed} bytes, with ×{times:.1} of the file in memory{missed}")
            }
            Some(packed) => format!("{} bytes", packed.size),
            None => "refused".to_owned(),
        };
        text.push_str(&format!("* `{}`: {became}\n", form.name()));
    }
    ensure!(
        text.contains("elfin pack --small`: ") && !text.ends_with("refused\n"),
        "a PIE is not packed"
    );
    Ok(text)
}
