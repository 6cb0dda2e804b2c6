//! The flags of every command; their doc comments are the help.

mod claims;
mod diff;
mod doctor;
mod env;
mod pack;
mod repro;
mod shrink;
mod watch;

pub(crate) use claims::ClaimsArguments;
pub(crate) use diff::{DiffArguments, ReceiptArguments};
pub(crate) use doctor::DoctorArguments;
pub(crate) use env::{EnvArguments, EnvCommand};
pub(crate) use pack::{InspectArguments, PackArguments, UnpackArguments};
pub(crate) use repro::ReproArguments;
pub(crate) use shrink::{
    DwarfCompression, Kept, SlimArguments, StripArguments, Target, UnslimArguments,
};
pub(crate) use watch::{HardenArguments, StartupArguments};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Weighs, explains and shrinks Go binaries.
#[derive(Debug, Parser)]
#[command(name = "elfin", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build a program every way, take the stages in every order, measure, compare.
    Lab(Box<LabArguments>),
    /// Say whether the same source gives the same bytes, and what breaks it.
    Repro(ReproArguments),
    /// Take off what costs nothing, and keep it in a debug file.
    Slim(SlimArguments),
    /// Take symbols and DWARF off, by the letters of GNU strip.
    Strip(StripArguments),
    /// Make the original again from a slim program and its debug file.
    Unslim(UnslimArguments),
    /// Make a program that is compressed and unpacks itself when it starts.
    Pack(PackArguments),
    /// Make the original again from a packed program.
    Unpack(UnpackArguments),
    /// Say what is in a packed program.
    Inspect(InspectArguments),
    /// Render a stored experiment again, or two machines' side by side.
    Report(ReportArguments),
    /// Say where every byte of a Go program goes, and who owns it.
    Weigh(WeighArguments),
    /// Say what happens between exec and main.main, in time and in instructions.
    Startup(StartupArguments),
    /// Say what protects a program, what that costs and what it buys.
    Harden(HardenArguments),
    /// Test published claims on your own program and machine.
    Claims(Box<ClaimsArguments>),
    /// Say what of this machine makes Go builds slow or wrong.
    Doctor(DoctorArguments),
    /// Choose the right Go for this folder: show, install, check and switch it.
    Env(Box<EnvArguments>),
    /// Say why one program is larger than another, in causes that add up.
    Diff(DiffArguments),
    /// Write this machine's part in a program down, for `diff --receipt`.
    Receipt(ReceiptArguments),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Print what a file's bytes say, as JSON. The lab runs this as a process of its own.
    #[command(hide = true)]
    Facts {
        /// The file.
        file: PathBuf,
    },
    /// Print the pieces of a weighed file in file order, a line each, for `xtask bench accuracy`.
    #[command(hide = true)]
    Pieces {
        /// The program.
        file: PathBuf,
    },
}

/// Which commands stand under which heading of `elfin --help`.
const GROUPS: &[(&str, &[&str])] = &[
    ("Experiment", &["lab", "repro"]),
    ("Measure", &["weigh", "diff", "startup", "harden", "claims"]),
    ("Shrink", &["slim", "strip", "unslim", "pack", "unpack", "inspect"]),
    ("Environment", &["doctor", "env"]),
    ("Documents", &["report", "receipt"]),
    ("Shell", &["completions", "man"]),
];

/// The command line's definition, with the commands in groups.
pub(crate) fn command() -> clap::Command {
    let command = Arguments::command();
    let mut template = String::from("{about}\n\n{usage-heading} {usage}\n");
    for (group, names) in GROUPS {
        template.push_str(&format!("\n{group}:\n"));
        for name in *names {
            let about = command.find_subcommand(name).and_then(clap::Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            template.push_str(&format!("  {name:<12} {about}\n"));
        }
    }
    template.push_str(
        "\nOptions:\n{options}\n\n\
         Exit status: 0 done; 1 the answer is \"no\"; 2 the command could not do its work.\n",
    );
    command.help_template(template)
}

#[derive(Debug, clap::Args)]
pub(crate) struct LabArguments {
    /// The Go package of a command, as `go build` takes it: ./cmd/app.
    #[arg(required_unless_present = "binary", conflicts_with = "binary")]
    pub package: Option<String>,
    /// A finished program instead: only the stages that come after the link.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The arguments with which the program is started, as one text.
    #[arg(long, value_name = "ARGUMENTS", default_value = "", allow_hyphen_values = true)]
    pub run: String,
    /// When it counts as started: exit, stdout:REGEX or tcp:PORT.
    #[arg(long, value_name = "WHEN", default_value = "exit")]
    pub ready: elfin_lab::Ready,
    /// Seconds after which a start counts as never ready.
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    pub timeout: f64,
    /// A benchmark of your own, run by the shell; {} stands for the program.
    #[arg(long, value_name = "COMMAND")]
    pub bench: Option<String>,
    /// Recipes and factors of your own (TOML).
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// A root file system, NAME=PATH; may be given again. The program is built in each and run in
    /// each: does it start, what does it cost there, how are names resolved.
    #[arg(long, value_name = "NAME=PATH", value_parser = elfin_lab::root_of)]
    #[arg(conflicts_with_all = ["binary", "bench", "plan"])]
    pub root: Vec<(String, PathBuf)>,
    /// With --root: what a server is asked for under load.
    #[arg(long, value_name = "PATH", default_value = "/", requires = "root")]
    pub load: String,
    /// The three stages in every order, few rounds, no debuggers.
    #[arg(long, conflicts_with = "full")]
    pub quick: bool,
    /// Every flavour of every stage and every way of building; may take an hour or more.
    #[arg(long)]
    pub full: bool,
    /// The output folder [default: elfin-lab/NAME].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Use nothing of what earlier runs made.
    #[arg(long)]
    pub fresh: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArguments {
    /// An output folder of `elfin lab` or `elfin claims`.
    pub dir: PathBuf,
    /// Another machine's, to stand beside it.
    pub other: Option<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write to a file instead of the terminal.
    #[arg(long = "output", value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WeighArguments {
    /// The program.
    pub file: PathBuf,
    /// What the rows are.
    #[arg(long, value_enum, default_value = "tree")]
    pub by: By,
    /// At most so many rows, in the tree for each module; 0 for all [default: 20].
    #[arg(long, value_name = "ROWS")]
    pub top: Option<usize>,
    /// Only rows whose name matches the regular expression.
    #[arg(long, value_name = "REGEX")]
    pub filter: Option<regex::Regex>,
    /// Only rows of so many bytes: 4096, 4k, 4kb, 1M.
    ///
    /// --top, --filter and --min choose lines of the table, whose last line is the whole file all
    /// the same. What is for machines (--json, --csv) and the page (--html) are whole, so that they
    /// add up, and take none of the three.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub min: Option<u64>,
    /// Say whose the byte at this file offset is.
    #[arg(long, value_name = "OFFSET", value_parser = number, conflicts_with = "vaddr")]
    pub at: Option<u64>,
    /// Say whose the byte at this address of the program is.
    #[arg(long, value_name = "ADDRESS", value_parser = number)]
    pub vaddr: Option<u64>,
    /// Say what each row costs in a download: gzip, zstd, xz, entropy.
    ///
    /// The whole file is compressed for it, which takes about a second for each megabyte. The prices
    /// add up to the compressed file; what one row pays is an estimate.
    #[arg(long)]
    pub compressed: bool,
    /// Print every row as CSV.
    #[arg(long, conflicts_with_all = ["json", "at", "vaddr"])]
    pub csv: bool,
    /// Write a page with the map of the file.
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["json", "csv", "at", "vaddr"])]
    pub html: Option<PathBuf>,
    /// Show where the unknown bytes are, and the first of each range.
    #[arg(long, conflicts_with_all = ["csv", "html", "at", "vaddr"])]
    pub dump: bool,
    /// Credit inlined code to the package that wrote it, instead of where it stands.
    #[arg(long, conflicts_with_all = ["json", "html", "at", "vaddr", "compressed", "dump", "by"])]
    pub inlined: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// A number as it stands in listings: decimal, or hexadecimal behind `0x`.
fn number(text: &str) -> Result<u64, std::num::ParseIntError> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    }
}

/// A number of bytes, with a unit of 1024s: `4k`, `4kb`, `4KiB`, `1M`.
fn bytes(text: &str) -> Result<u64, String> {
    let forms = || "give bytes as 4096, 4k, 4kb, 4KiB, 1M or 1G".to_owned();
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let shift = match unit.trim_start() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(forms()),
    };
    let number: u64 = digits.parse().map_err(|_| forms())?;
    number.checked_mul(1 << shift).ok_or_else(|| "that is more than any file has".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// Modules with their packages.
    Tree,
    /// Packages.
    Package,
    /// Modules.
    Module,
    /// What the bytes are.
    Kind,
    /// Sections.
    Section,
    /// Segments, as the kernel loads them.
    Segment,
    /// Symbols, types, strings.
    Symbol,
    /// Source files with the code and the tables of their functions, and embedded files.
    File,
}

impl From<By> for elfin_report::By {
    fn from(by: By) -> Self {
        match by {
            By::Tree => elfin_report::By::Tree,
            By::Package => elfin_report::By::Package,
            By::Module => elfin_report::By::Module,
            By::Kind => elfin_report::By::Kind,
            By::Section => elfin_report::By::Section,
            By::Segment => elfin_report::By::Segment,
            By::Symbol => elfin_report::By::Symbol,
            By::File => elfin_report::By::File,
        }
    }
}

/// In which form a report is wanted: text, Markdown, a page, or for machines.
#[derive(Debug, clap::Args)]
pub(crate) struct FormArguments {
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
    /// Write a page.
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["json", "md"])]
    pub html: Option<PathBuf>,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OutputArguments {
    /// Print the document for machines, as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The language of the report.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl From<Language> for elfin_report::Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => elfin_report::Lang::En,
            Language::Zh => elfin_report::Lang::Zh,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The table for a terminal.
    Text,
    /// Markdown.
    Md,
    /// CSV, a row per recipe.
    Csv,
    /// The page.
    Html,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units_of_1024s() {
        for text in ["4096", "4k", "4K", "4kb", "4KiB", "4 kB"] {
            assert_eq!(bytes(text), Ok(4096), "{text}");
        }
        assert_eq!(bytes("3M"), Ok(3 << 20));
        for text in ["", "k", "4kk", "-1", "1.5k", "４"] {
            assert!(bytes(text).is_err_and(|says| says.contains("4kb")), "{text}");
        }
        assert!(bytes("99999999999G").is_err());
    }

    #[test]
    fn the_definition_is_sound_and_every_command_stands_in_a_group() {
        let command = command();
        command.clone().debug_assert();
        let grouped: Vec<&str> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        for subcommand in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            assert!(grouped.contains(&subcommand.get_name()), "{}", subcommand.get_name());
        }
    }
}
