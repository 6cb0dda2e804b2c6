//! The flags of the commands that make a program smaller.

use super::Language;
use clap::{ArgGroup, ValueEnum};
use elfin_schema::SlimStepName;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, clap::Args)]
pub(crate) struct SlimArguments {
    /// The program.
    pub file: PathBuf,
    /// Its slim program, with --check.
    #[arg(requires = "check")]
    pub slim: Option<PathBuf>,
    /// Start both programs and compare their memory; exit status 1 where it differs.
    #[arg(long, requires = "slim", conflicts_with_all = ["output", "in_place", "dry_run", "json"])]
    pub check: bool,
    /// The slim program [default: FILE.slim].
    #[arg(short, long, value_name = "OUT", conflicts_with = "in_place")]
    pub output: Option<PathBuf>,
    /// Where what comes off is kept [default: OUT.debug].
    #[arg(long, value_name = "FILE", conflicts_with = "no_debug_file")]
    pub debug_file: Option<PathBuf>,
    /// Keep what comes off under this folder by its build ID, as debuggers look for it:
    /// DIR/.build-id/ab/cdef.debug.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["debug_file", "no_debug_file"])]
    pub debug_dir: Option<PathBuf>,
    /// Keep nothing of what comes off; the original cannot be made again.
    #[arg(long)]
    pub no_debug_file: bool,
    /// What stays in the program.
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    pub keep: Vec<Kept>,
    /// How DWARF that stays is compressed.
    #[arg(long, value_name = "METHOD", value_enum, default_value = "zlib")]
    pub dwarf_compression: DwarfCompression,
    /// A step to leave out.
    #[arg(long, value_name = "STEP", value_parser = step, value_delimiter = ',')]
    pub without: Vec<SlimStepName>,
    /// The oldest C library that the program will meet: glibc-2.36, musl-1.2.4.
    #[arg(long, value_name = "LIBC-VERSION")]
    pub target: Option<Target>,
    /// Make a program that relocates itself and needs no dynamic linker.
    #[arg(long)]
    pub static_pie: bool,
    /// Let it move to an address of its own, as random as a PIE's; breakpoints set before the
    /// start miss.
    #[arg(long, requires = "static_pie")]
    pub full_aslr: bool,
    /// Replace the program; keeps mode, owner, times, extended attributes and capabilities.
    #[arg(long)]
    pub in_place: bool,
    /// Say what would come off and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print the document for machines.
    #[arg(long)]
    pub json: bool,
    /// The language of the table.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kept {
    /// The symbol table.
    Symtab,
    /// Functions, files and lines, but not where variables are.
    DwarfLines,
    /// All DWARF.
    Dwarf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DwarfCompression {
    /// At its best level; every reader knows it.
    Zlib,
    /// Smaller; gdb 13, binutils 2.40 and Go 1.21 read it.
    Zstd,
}

/// A C library, and what its dynamic linker knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    /// It reads relocations that are packed as RELR.
    pub reads_relr: bool,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Target, String> {
        let (name, version) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Option<Vec<u32>> = version.split('.').map(|it| it.parse().ok()).collect();
        let since = match name {
            "glibc" => [2, 36].as_slice(),
            "musl" => [1, 2, 4].as_slice(),
            _ => return Err("name a C library, as glibc-2.36 or musl-1.2.4".into()),
        };
        let numbers = numbers.ok_or("its version is of numbers, as in glibc-2.36")?;
        Ok(Target { reads_relr: numbers.as_slice() >= since })
    }
}

fn step(text: &str) -> Result<SlimStepName, String> {
    SlimStepName::ALL
        .into_iter()
        .find(|step| step.id() == text)
        .ok_or_else(|| format!("steps are {}", SlimStepName::ALL.map(SlimStepName::id).join(", ")))
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("letter").required(true))]
#[command(group = ArgGroup::new("place").required(true))]
pub(crate) struct StripArguments {
    /// The program.
    pub file: PathBuf,
    /// All symbols and DWARF.
    #[arg(short = 's', long, group = "letter")]
    pub strip_all: bool,
    /// DWARF and local symbols.
    #[arg(short = 'x', long, group = "letter")]
    pub discard_all: bool,
    /// DWARF and the symbols that are for debuggers.
    #[arg(short = 'g', long, group = "letter")]
    pub strip_debug: bool,
    /// All that no relocation needs, which in a finished program is as -s.
    #[arg(long, group = "letter")]
    pub strip_unneeded: bool,
    /// The stripped program.
    #[arg(short, long, value_name = "OUT", group = "place")]
    pub output: Option<PathBuf>,
    /// Replace the program; keeps mode, owner, times, extended attributes and capabilities.
    #[arg(long, group = "place")]
    pub in_place: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnslimArguments {
    /// The slim program.
    pub file: PathBuf,
    /// Its debug file [default: the one that it names, beside it].
    #[arg(long, value_name = "FILE")]
    pub debug_file: Option<PathBuf>,
    /// The original.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
}
