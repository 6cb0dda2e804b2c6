//! What the linkers of C leave in a program: the build ID's note, DWARF.

use super::{Ground, Seen, Unmeasured, bytes};
use elfin_elf::ElfFile;
use elfin_process::{Tool, find};
use std::fs;
use std::path::Path;

pub(super) const GIVES: &[&str] = &[
    "bfd_untold",
    "gold_untold",
    "lld_untold",
    "mold_untold",
    "bfd_build_id",
    "gold_build_id",
    "bfd_debug_sections",
    "gold_debug_sections",
    "bfd_debug_bytes",
    "gold_debug_bytes",
    "debug_differs_percent",
    "dropped_by_gold",
    "gold_drops",
    "linkers",
];

const COMMAND: &str =
    "elfin lab . --plan plan.toml   # recipes = [\"external:bfd\", \"external:gold\"]";

pub(super) fn measure(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    let mut seen = Seen::of(COMMAND);
    let folder = ground.order.out.join("linkers");
    let io = |error| Unmeasured::failed(error, COMMAND);
    fs::create_dir_all(&folder).map_err(io)?;
    fs::write(folder.join("x.s"), ".globl _start\n_start: ret\n").map_err(io)?;
    let object = folder.join("x.o");
    ground.run(&Tool::new("gcc").arg("-c").arg(folder.join("x.s")).arg("-o").arg(&object))?;
    let mut there = Vec::new();
    let mut sections = Vec::new();
    for (name, program) in
        [("bfd", "ld.bfd"), ("gold", "ld.gold"), ("lld", "ld.lld"), ("mold", "ld.mold")]
    {
        if find(program).is_none() {
            continue;
        }
        there.push(name);
        // The linker alone, and nobody who tells it anything.
        let out = folder.join(format!("untold-{name}"));
        ground.run(&Tool::new(program).arg("-o").arg(&out).arg(&object))?;
        seen.yes(&format!("{name}_untold"), has_build_id(&out)?);
        if !["bfd", "gold"].contains(&name) {
            continue;
        }
        let flags = format!("-ldflags=-linkmode=external -extldflags=-fuse-ld={name}");
        let built =
            ground.program(&format!("linked-{name}"), &[&flags], &[("CGO_ENABLED", "1")])?;
        let data = bytes(&built)?;
        let file = ElfFile::parse(&data).map_err(|error| Unmeasured::failed(error, COMMAND))?;
        let debug = file.sections().iter().filter(|it| it.name.starts_with(".debug_"));
        let debug: Vec<(String, u64)> = debug.map(|it| (it.name.to_owned(), it.size)).collect();
        let all: u64 = debug.iter().map(|it| it.1).sum();
        seen.yes(&format!("{name}_build_id"), file.gnu_build_id().is_some());
        seen.number(&format!("{name}_debug_sections"), debug.len() as f64);
        seen.number(&format!("{name}_debug_bytes"), all as f64);
        sections.push((debug, all));
    }
    if let [(bfd, all), (gold, other)] = &sections[..] {
        let is_gone = |it: &&(String, u64)| !gold.iter().any(|(name, _)| *name == it.0);
        let gone: Vec<&str> = bfd.iter().filter(is_gone).map(|it| it.0.as_str()).collect();
        seen.yes("gold_drops", !gone.is_empty());
        seen.text("dropped_by_gold", gone.join(", "));
        seen.number("debug_differs_percent", 100.0 * (*other as f64 / *all as f64 - 1.0));
    }
    seen.text("linkers", there.join(", "));
    Ok(seen)
}

fn has_build_id(path: &Path) -> Result<bool, Unmeasured> {
    let data = bytes(path)?;
    let file = ElfFile::parse(&data).map_err(|error| Unmeasured::failed(error, COMMAND))?;
    Ok(file.gnu_build_id().is_some())
}
