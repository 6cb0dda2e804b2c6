//! The bytes that each tool leaves of a program.

use super::{cell, clear, folder};
use crate::corpus::Plain;
use crate::shell;
use anyhow::{Context, Result};
use object::read::elf::{ElfFile64, SectionHeader};
use object::{LittleEndian, elf};
use std::fs;
use std::path::Path;
use std::process::Stdio;

pub(super) const ABOUT: &str = "Bytes that each tool leaves; a dash: it refuses, or there is \
    nothing of the kind. `.rela` is the share of the relocations' bytes that left the file, notes \
    how many a file has twice; the last column how many proofs held.\n\n";

/// How many percent of the relocations' bytes are to leave.
const LEAST_LEFT: u64 = 95;
/// The largest page of each machine; whole pages leave a file.
const AMD64_PAGE: u64 = 1 << 12;
const ARM64_PAGE: u64 = 1 << 16;

/// What tools leave of a program; `None` where one refuses.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    before: u64,
    strip: Option<u64>,
    llvm: Option<u64>,
    eu: Option<u64>,
    slim: Option<u64>,
    packed: Option<u64>,
    static_pie: Option<u64>,
    /// Bytes of the relocations, and how many left.
    relocations: Option<(u64, u64)>,
    duplicate_notes: usize,
}

pub(super) fn head() -> String {
    let heads = [
        "before",
        "`strip -s`",
        "`llvm-strip -s`",
        "`eu-strip`",
        "`slim`",
        "`--target glibc-2.36`",
        "`--static-pie`",
        "`.rela`",
        "notes",
        "proofs",
    ];
    format!("| file | {} |\n| :-- |{}", heads.join(" | "), " --: |".repeat(heads.len()))
}

/// Lets every tool work on a program.
///
/// Returns an error if the program cannot be read.
pub(super) fn of(elfin: &Path, program: &Plain) -> Result<Sizes> {
    let data = fs::read(&program.file).with_context(|| program.name.clone())?;
    let out = folder()?.join("out");
    let size = |tool: &str, arguments: &[&str]| {
        clear(&out);
        let mut command = shell::command(tool);
        command.args(arguments).arg("-o").arg(&out).arg(&program.file);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
        status.success().then(|| fs::metadata(&out).ok().map(|it| it.len())).flatten()
    };
    let slim =
        |arguments: &[&str]| size(&elfin.to_string_lossy(), &[&["slim"], arguments].concat());
    let strip = if program.arch == "amd64" { size("strip", &["-s"]) } else { None };
    let packed = slim(&["--target", "glibc-2.36"]);
    let unpacked = slim(&["--without", "relocations"]);
    let table = relocations(&data);
    Ok(Sizes {
        before: data.len() as u64,
        strip,
        llvm: size("llvm-strip", &["-s"]),
        eu: size("eu-strip", &[]),
        slim: slim(&[]),
        relocations: table.zip(unpacked.zip(packed)).map(|(all, (was, is))| (all, was - is)),
        packed,
        static_pie: slim(&["--static-pie"]),
        duplicate_notes: duplicate_notes(&data),
    })
}

impl Sizes {
    pub(super) fn row(&self, program: &Plain) -> String {
        let left = self.relocations.map(|(all, left)| 100.0 * left as f64 / all as f64);
        let cells = [
            Some(self.before),
            self.strip,
            self.llvm,
            self.eu,
            self.slim,
            self.packed,
            self.static_pie,
        ];
        let cells = cells.map(cell).join(" | ");
        let left = left.map_or("–".to_owned(), |it| format!("{it:.1} %"));
        format!("| {} | {cells} | {left} | {} |", program.name, self.duplicate_notes)
    }

    /// What is not as it was promised.
    pub(super) fn wrong(&self, program: &Plain) -> Vec<String> {
        let mut wrong = Vec::new();
        // Of files for another processor, llvm-strip is the one that knows them.
        let strip = if program.arch == "amd64" { self.strip } else { self.llvm };
        let holds = match (self.slim, strip) {
            (Some(slim), Some(strip)) => slim < strip || (slim == strip && !program.pie),
            (slim, _) => slim.is_some(),
        };
        if !holds {
            wrong.push(format!("{}: not smaller than strip -s makes it", program.name));
        }
        // An exe with C has a few too, less than a page of them.
        if let Some((all, left)) = self.relocations.filter(|_| program.pie) {
            let page = if program.arch == "arm64" { ARM64_PAGE } else { AMD64_PAGE };
            if (left + page) * 100 < all * LEAST_LEFT {
                wrong.push(format!("{}: {left} of {all} bytes of .rela left", program.name));
            }
        }
        wrong
    }
}

/// The bytes of the relocations that a loader reads.
fn relocations(data: &[u8]) -> Option<u64> {
    let file = ElfFile64::<LittleEndian>::parse(data).ok()?;
    let tables = file.elf_section_table().iter().filter(|it| {
        let flags = it.sh_flags(LittleEndian);
        it.sh_type(LittleEndian) == elf::SHT_RELA && flags.contains(elf::SHF_ALLOC)
    });
    tables.map(|it| it.sh_size(LittleEndian)).max().filter(|it| *it > 0)
}

/// How many notes of a file say what another says.
fn duplicate_notes(data: &[u8]) -> usize {
    let Ok(file) = ElfFile64::<LittleEndian>::parse(data) else { return 0 };
    let sections = file.elf_section_table().iter();
    let notes: Vec<&[u8]> = sections
        .filter(|it| it.sh_type(LittleEndian) == elf::SHT_NOTE)
        .filter_map(|it| it.data(LittleEndian, data).ok())
        .collect();
    let same = |index: usize, note: &&[u8]| notes.iter().take(index).any(|it| it == note);
    notes.iter().enumerate().filter(|(index, note)| same(*index, note)).count()
}
