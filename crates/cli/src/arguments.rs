//! The flags of every command; their doc comments are the help.

mod shrink;

pub(crate) use shrink::{Kept, SlimArguments, StripArguments, UnslimArguments};

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
    /// Take off what costs nothing, and keep it in a debug file.
    Slim(SlimArguments),
    /// Take symbols and DWARF off, by the letters of GNU strip.
    Strip(StripArguments),
    /// Make the original again from a slim program and its debug file.
    Unslim(UnslimArguments),
    /// Render a stored experiment again, or two machines' side by side.
    Report(ReportArguments),
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
}

/// Which commands stand under which heading of `elfin --help`.
const GROUPS: &[(&str, &[&str])] = &[
    ("Experiment", &["lab"]),
    ("Shrink", &["slim", "strip", "unslim"]),
    ("Documents", &["report"]),
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
    /// An output folder of `elfin lab`.
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
pub(crate) struct OutputArguments {
    /// Print the documents for machines: one JSON object with the experiment and the recipes.
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
