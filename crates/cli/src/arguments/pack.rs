//! The flags of the commands that pack a program and look at a packed one.

use super::OutputArguments;
use clap::ArgGroup;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("place").required(true))]
pub(crate) struct PackArguments {
    /// The program; with --verify the packed one.
    pub file: PathBuf,
    /// The packed program.
    #[arg(short, long, value_name = "OUT", group = "place")]
    pub output: Option<PathBuf>,
    /// Unpack a packed program in memory, hold it against the original's hash, and let its loader do
    /// all but enter the program: with large environments, and without /proc; exit status 1 where it
    /// does not.
    #[arg(long, group = "place", conflicts_with_all = ["fast", "small", "json"])]
    pub verify: bool,
    /// Pack for a quick start.
    #[arg(long, conflicts_with = "small")]
    pub fast: bool,
    /// Pack for the smallest file; the default unless the program is a command line tool.
    #[arg(long)]
    pub small: bool,
    #[command(flatten)]
    pub shown: OutputArguments,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnpackArguments {
    /// The packed program.
    pub file: PathBuf,
    /// The original.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InspectArguments {
    /// The packed program.
    pub file: PathBuf,
    #[command(flatten)]
    pub shown: OutputArguments,
}
