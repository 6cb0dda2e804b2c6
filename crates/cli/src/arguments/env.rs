//! The flags of `elfin env`.

use super::OutputArguments;
use clap::Subcommand;
use elfin_goenv::{GoVersion, Shell};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct EnvArguments {
    #[command(subcommand)]
    pub command: Option<EnvCommand>,
    /// The Go that was asked for and no other: fail where it cannot be had.
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EnvCommand {
    /// Write a version to .godotenv here, and install it if it is missing.
    Use {
        /// The version: 1.24.11, or 1.24 for its newest release.
        version: GoVersion,
    },
    /// Write the version that this folder has now to .godotenv.
    Pin,
    /// Install a version through the go command, checked against the checksum database.
    Install {
        /// The version: 1.24.11, or 1.24 for its newest release.
        version: GoVersion,
    },
    /// List what is here.
    List {
        /// Also what the module proxy has for this machine.
        #[arg(long)]
        remote: bool,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Remove a version from the module cache.
    Remove {
        /// The version.
        version: GoVersion,
    },
    /// Hold toolchains against the hash that go recorded, and install again what has changed.
    Verify {
        /// The versions [default: all that are in the module cache].
        versions: Vec<GoVersion>,
        /// Only look; exit status 1 where something has changed.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Let a .godotenv set what runs programs or changes trust, as it is written now.
    Allow {
        /// The file [default: the nearest].
        file: Option<PathBuf>,
    },
    /// Take that word back.
    Deny {
        /// The file [default: the nearest].
        file: Option<PathBuf>,
    },
    /// Print what changes here, in the words of a shell.
    Export {
        /// The shell: bash, zsh or fish.
        #[arg(default_value = "bash")]
        shell: Shell,
        /// Also what the hook looks at.
        #[arg(long, hide = true)]
        hook: bool,
        /// The Go that was asked for and no other: fail where it cannot be had.
        #[arg(long)]
        strict: bool,
    },
    /// Print the hook for a shell's startup file: eval "$(elfin env hook bash)".
    Hook {
        /// The shell: bash, zsh or fish.
        shell: Shell,
    },
    /// Time switches beside direnv, mise, goenv and gvm where they are here, prompts, and builds
    /// with a healthy, a missing and a broken toolchain; takes a minute.
    Bench {
        /// Rounds of switches.
        #[arg(long, value_name = "N", default_value = "40", value_parser = clap::value_parser!(u16).range(1..=10000))]
        rounds: u16,
        /// Builds in each state of the toolchain.
        #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u16).range(0..=10000))]
        builds: u16,
        /// Print Markdown.
        #[arg(long, hide = true)]
        markdown: bool,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Run a command with the Go of this folder.
    Exec {
        /// The Go that was asked for and no other: fail where it cannot be had.
        #[arg(long)]
        strict: bool,
        /// The command and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
}
