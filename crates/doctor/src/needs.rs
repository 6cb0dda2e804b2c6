//! What Go needs of the machine, asked of the programs themselves: compilers, linkers, libc, git.

use crate::Machine;
use crate::compiler::first_line;
use crate::dns;
use elfin_goenv::{InstalledGo, Surroundings as Environment, goroot_of};
use elfin_process::{Cancel, Exit, Tool, ToolError};
use elfin_schema::{CMakes, CTool, GoInPath, SetBy, Setter, Surroundings};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// As long as a program may take to tell its version.
const LIMIT: Duration = Duration::from_secs(20);
const COMPILERS: &[&str] = &["gcc", "clang", "cc", "musl-gcc"];
const LINKERS: &[&str] = &["ld", "ld.bfd", "ld.gold", "ld.lld", "mold"];

/// Asks this machine's programs.
pub(crate) fn ask(
    machine: &Machine,
    here: &Environment,
    cancel: &Cancel,
) -> Result<Surroundings, ToolError> {
    let go: Vec<GoInPath> = here.find_all("go").map(|go| in_path(&go)).collect();
    let told = match go.is_empty() {
        true => BTreeMap::new(),
        false => go_env(cancel)?,
    };
    let set = |name: &str| told.get(name).map(|value| set_by(name, value, machine, here));
    let cgo = set("CGO_ENABLED");
    let cgo_on = cgo.as_ref().is_some_and(|it| it.value == "1");
    let flags = told.get("GOFLAGS").map(String::as_str).unwrap_or_default();
    let mut tools = Vec::new();
    let named = machine.variable("CC").and_then(|cc| cc.split_whitespace().next());
    for name in named.iter().chain(COMPILERS) {
        tools.extend(compiler(name, here, cancel)?);
    }
    for name in LINKERS {
        tools.extend(linker(name, here, cancel)?);
    }
    tools.dedup_by(|a, b| a.name == b.name);
    Ok(Surroundings {
        gotoolchain: set("GOTOOLCHAIN"),
        dns: (!go.is_empty()).then(|| dns::resolver(machine, cgo_on, flags)),
        go,
        cgo,
        tools,
        libc: libc(cancel)?,
        git: first_line(Tool::new("git").arg("--version"), cancel)?
            .map(|line| line.trim_start_matches("git version ").to_owned()),
    })
}

fn in_path(go: &Path) -> GoInPath {
    let goroot = goroot_of(go);
    let version = goroot.clone().and_then(InstalledGo::at).map(|it| it.version.to_string());
    let goroot = goroot.map(|it| it.display().to_string());
    GoInPath { path: go.display().to_string(), version, goroot }
}

fn go_env(cancel: &Cancel) -> Result<BTreeMap<String, String>, ToolError> {
    let names = ["CGO_ENABLED", "GOFLAGS", "GOTOOLCHAIN"];
    let output = Tool::new("go").args(["env", "-json"]).args(names).dir("/").timeout(LIMIT);
    let output = output.run(cancel)?;
    Ok(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

/// Where the value of a variable of Go comes from.
fn set_by(name: &str, value: &str, machine: &Machine, here: &Environment) -> SetBy {
    let value = value.to_owned();
    if machine.variable(name).is_some() {
        return SetBy { value, by: Setter::Environment, file: None };
    }
    let assigns = |file: &Path| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        lines.any(|line| line.split_once('=').is_some_and(|it| it.0 == name && !it.1.is_empty()))
    };
    let own = here.go_env_file().map(|file| (Setter::UserFile, file));
    let goroot = here.find("go").and_then(|go| goroot_of(&go));
    let goroot = goroot.map(|goroot| (Setter::GorootFile, goroot.join("go.env")));
    let found = own.into_iter().chain(goroot).find(|(_, file)| assigns(file));
    match found {
        Some((by, file)) => SetBy { value, by, file: Some(file.display().to_string()) },
        None => SetBy { value, by: Setter::Default, file: None },
    }
}

fn compiler(name: &str, here: &Environment, cancel: &Cancel) -> Result<Option<CTool>, ToolError> {
    let Some(mut tool) = tool(name, here, cancel)? else { return Ok(None) };
    let Ok(folder) = tempfile::tempdir() else { return Ok(Some(tool)) };
    let (source, made) = (folder.path().join("empty.c"), folder.path().join("empty"));
    if fs::write(&source, "int main(void) { return 0; }\n").is_err() {
        return Ok(Some(tool));
    }
    let compile = Tool::new(&tool.path).arg("-o").arg(&made).arg(&source).timeout(LIMIT);
    // A compiler that makes nothing is named all the same.
    match compile.run(cancel) {
        Err(ToolError::Interrupted) => return Err(ToolError::Interrupted),
        Ok(output) if output.exit == Exit::Code(0) => {
            tool.makes = fs::read(&made).ok().and_then(|data| makes(&data));
        }
        _ => {}
    }
    Ok(Some(tool))
}

/// What an ELF file is, as far as its header and the names of its sections tell.
fn makes(data: &[u8]) -> Option<CMakes> {
    /// `e_type` of what can be loaded anywhere.
    const ET_DYN: [u8; 2] = [3, 0];
    let has = |name: &[u8]| data.windows(name.len()).any(|window| window == name);
    if !data.starts_with(b"\x7fELF") {
        return None;
    }
    Some(CMakes {
        pie: data.get(16..18)? == ET_DYN,
        build_id: has(b"\0.note.gnu.build-id\0"),
        property_notes: has(b"\0.note.gnu.property\0"),
        bytes: data.len() as u64,
    })
}

fn linker(name: &str, here: &Environment, cancel: &Cancel) -> Result<Option<CTool>, ToolError> {
    tool(name, here, cancel)
}

fn tool(name: &str, here: &Environment, cancel: &Cancel) -> Result<Option<CTool>, ToolError> {
    let path = if name.contains('/') { Some(name.into()) } else { here.find(name) };
    let Some(path) = path.filter(|it| it.exists()) else { return Ok(None) };
    let path = path.display().to_string();
    let version = first_line(Tool::new(&path).arg("--version"), cancel)?;
    Ok(Some(CTool { name: name.to_owned(), path, version, makes: None }))
}

/// The C library, by what its `ldd` says.
fn libc(cancel: &Cancel) -> Result<Option<String>, ToolError> {
    let output = match Tool::new("ldd").arg("--version").timeout(LIMIT).run(cancel) {
        Err(ToolError::Interrupted) => return Err(ToolError::Interrupted),
        Err(_) => return Ok(None),
        Ok(output) => [output.stdout, output.stderr].concat(),
    };
    Ok(libc_of(&String::from_utf8_lossy(&output)))
}

/// glibc's ldd says `ldd (Debian GLIBC 2.36-9) 2.36`, musl's `musl libc (x86_64)` and `Version 1.2.5`.
fn libc_of(says: &str) -> Option<String> {
    if says.contains("musl") {
        let version = says.lines().find_map(|line| line.strip_prefix("Version "));
        return Some(format!("musl {}", version.unwrap_or_default()).trim_end().to_owned());
    }
    let first = says.lines().next()?;
    let version = first.rsplit(' ').next()?;
    first.starts_with("ldd (").then(|| format!("glibc {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_told_by_its_ldd() {
        let glibc = "ldd (Debian GLIBC 2.36-9+deb12u10) 2.36\nCopyright (C) 2022\n";
        assert_eq!(libc_of(glibc).as_deref(), Some("glibc 2.36"));
        let musl = "musl libc (x86_64)\nVersion 1.2.5\nDynamic Program Loader\n";
        assert_eq!(libc_of(musl).as_deref(), Some("musl 1.2.5"));
        assert_eq!(libc_of("sh: ldd: not found"), None);
    }

    #[test]
    fn what_a_compiler_makes_is_read_off_what_it_made() {
        let pie = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 9], &[3, 0], b"\0.note.gnu.build-id\0"];
        let made = makes(&pie.concat()).unwrap();
        assert!(made.pie && made.build_id && !made.property_notes);
        assert_eq!(makes(b"\x7fELF"), None);
        assert_eq!(makes(b"#!/bin/sh\nexit 0\n....."), None);
    }
}
