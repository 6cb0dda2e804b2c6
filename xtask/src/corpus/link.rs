//! Makes one link: the program, the truth about it, and its stripped siblings.
//!
//! The program is linked twice, by the toolchain's linker and by the one that
//! dumps; the two files must be the same to the byte, or the dump is about
//! some other program.

use super::linker;
use super::plan::{Link, Origin};
use super::toolchain::Toolchain;
use crate::{shell, truth};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program as it was linked.
pub(super) const PROGRAM: &str = "program";
/// What the linker wrote down, gzipped.
pub(super) const TRUTH: &str = "truth.gz";
/// The host linker's map, if one was used.
pub(super) const MAP: &str = "link.map";
/// The program after `strip`.
pub(super) const STRIPPED: &str = "stripped";
/// The stripped program without section headers.
pub(super) const BARE: &str = "bare";

/// Where section headers are told of in a 64-bit ELF header (elf(5)): e_shoff; e_shentsize,
/// e_shnum and e_shstrndx.
const SECTION_HEADER_FIELDS: [std::ops::Range<usize>; 2] = [0x28..0x30, 0x3a..0x40];

/// Finds the folder of a link, which is there if it was made.
///
/// Returns an error if the sources cannot be read.
pub(super) fn made(link: &Link, toolchain: &Toolchain) -> Result<PathBuf> {
    let name = format!("{}-{}", link.name(), depends_on(link, toolchain)?);
    Ok(super::folder().join("links").join(name))
}

/// Makes a link unless it is there, and gives its folder.
///
/// Returns an error if a tool fails, or if the two linkers do not make the same file, or if the
/// truth is not about it.
pub(super) fn make(link: &Link, toolchain: &Toolchain, linker: &Path) -> Result<PathBuf> {
    let links = super::folder().join("links");
    let folder = made(link, toolchain)?;
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(&links).with_context(|| format!("{}", links.display()))?;
    let making = tempfile::Builder::new().prefix("making-").tempdir_in(&links)?;
    let [program, dumped, truth, map] =
        [PROGRAM, "dumped", TRUTH, MAP].map(|name| making.path().join(name));
    shell::run(build(link, toolchain, &program)?.arg(&link.package))?;
    let mut again = build(link, toolchain, &dumped)?;
    linker::use_in(&mut again, linker, &truth, &map)?;
    shell::run(again.arg(&link.package))?;
    ensure!(
        fs::read(&program)? == fs::read(&dumped)?,
        "the linker that dumps makes another file than the toolchain's: its truth is no truth"
    );
    fs::remove_file(&dumped)?;
    truth::read(&program, &truth, map.is_file().then_some(map.as_path()))?;
    if !link.stripped {
        strip(link.arch, &program, making.path())?;
    }
    fs::rename(making.keep(), &folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder)
}

/// Makes the program alone, unless it is there with or without the truth about it.
///
/// Returns an error if a tool fails.
pub(super) fn program(link: &Link, toolchain: &Toolchain) -> Result<PathBuf> {
    let name = format!("{}-{}", link.name(), depends_on(link, toolchain)?);
    let [with_truth, plain] = ["links", "plain"].map(|it| super::folder().join(it));
    let places = [with_truth.join(&name).join(PROGRAM), plain.join(&name)];
    if let Some(there) = places.iter().find(|it| it.is_file()) {
        return Ok(there.clone());
    }
    fs::create_dir_all(&plain).with_context(|| format!("{}", plain.display()))?;
    let making = tempfile::Builder::new().prefix("making-").tempdir_in(&plain)?;
    let made = making.path().join(PROGRAM);
    shell::run(build(link, toolchain, &made)?.arg(&link.package))?;
    let place = plain.join(name);
    fs::rename(made, &place).with_context(|| format!("{}", place.display()))?;
    Ok(place)
}

/// A `go build` without its package.
fn build(link: &Link, toolchain: &Toolchain, output: &Path) -> Result<Command> {
    let mut go = toolchain.go();
    go.env("GOOS", "linux").env("GOARCH", link.arch);
    go.env("CGO_ENABLED", if link.cgo { "1" } else { "0" });
    match &link.origin {
        Origin::Folder(folder) => go.current_dir(folder),
        Origin::Toolchain => go.current_dir(toolchain.root.join("src")),
        Origin::Module(module) => go.current_dir(fetch(link, module, toolchain)?),
    };
    go.arg("build").args(&link.flags);
    go.arg(if link.pie { "-buildmode=pie" } else { "-buildmode=exe" });
    if link.stripped {
        go.arg("-ldflags=-s -w");
    }
    go.arg("-o").arg(output);
    Ok(go)
}

/// Makes a module that requires another, so that its programs can be built from there.
fn fetch(link: &Link, module: &str, toolchain: &Toolchain) -> Result<PathBuf> {
    let folder = super::folder().join(format!("modules/{}", link.program));
    let go_mod = folder.join("go.mod");
    if !fs::read_to_string(&go_mod).is_ok_and(|text| text.contains(&module.replace('@', " "))) {
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        fs::write(&go_mod, "module corpus\n").with_context(|| format!("{}", go_mod.display()))?;
        let (_, version) =
            module.split_once('@').context("a module needs a version: path@v1.2.3")?;
        let package = format!("{}@{version}", link.package);
        shell::run(toolchain.go().current_dir(&folder).args(["get", &package]))?;
    }
    Ok(folder)
}

/// Strips a program, and takes the section headers off what is left.
fn strip(arch: &str, program: &Path, folder: &Path) -> Result<()> {
    let own = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let tool = if arch == own { "strip" } else { "llvm-strip" };
    if shell::find(tool).is_none() {
        eprintln!("warning: no {tool}: {} gets no stripped sibling", program.display());
        return Ok(());
    }
    let (stripped, bare) = (folder.join(STRIPPED), folder.join(BARE));
    shell::run(shell::command(tool).arg("-o").arg(&stripped).arg(program))?;
    let mut bytes = fs::read(&stripped)?;
    for field in SECTION_HEADER_FIELDS {
        let field = bytes.get_mut(field).context("a program is longer than its ELF header")?;
        field.fill(0);
    }
    fs::write(&bare, bytes).with_context(|| format!("{}", bare.display()))
}

/// A hash of everything that decides what a link gives.
fn depends_on(link: &Link, toolchain: &Toolchain) -> Result<String> {
    let mut parts = vec![toolchain.version.clone().into_bytes(), linker::DUMP.into()];
    parts.push(format!("{:?} {}", link.flags, link.package).into_bytes());
    match &link.origin {
        Origin::Toolchain => {}
        Origin::Module(module) => parts.push(module.clone().into_bytes()),
        Origin::Folder(folder) => {
            for (path, bytes) in sources(folder)? {
                parts.extend([
                    path.strip_prefix(folder)?.to_string_lossy().as_bytes().to_vec(),
                    bytes,
                ]);
            }
        }
    }
    if link.cgo {
        let compiler = shell::asks(Command::new("gcc").arg("--version"));
        parts.push(compiler.context("cgo needs gcc")?.into_bytes());
    }
    Ok(key(parts.iter().map(Vec::as_slice)))
}

/// Every file below a folder, in order of its path.
fn sources(folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).with_context(|| format!("{}", path.display()))?;
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A short hash of parts, each with its length.
pub(super) fn key<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}
