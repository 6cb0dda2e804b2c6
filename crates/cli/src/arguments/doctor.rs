//! The flags of `elfin doctor`.

use super::OutputArguments;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArguments {
    /// A folder of the module [default: the current one].
    pub module: Option<PathBuf>,
    /// Judge a captured machine, by the folder that its files were unpacked to.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["capture", "fix", "undo"])]
    pub root: Option<PathBuf>,
    /// Write what is read of this machine to a tar file, to be judged elsewhere.
    #[arg(long, value_name = "TAR", conflicts_with_all = ["fix", "undo"])]
    pub capture: Option<PathBuf>,
    /// Time go build, go list, go mod tidy and file operations in several folders, which takes minutes.
    #[arg(long, conflicts_with_all = ["root", "capture", "fix", "undo"])]
    pub bench: bool,
    /// A folder for --bench; the ratios are against the first [default: those of the build].
    #[arg(long, value_name = "DIR", requires = "bench")]
    pub path: Vec<PathBuf>,
    /// How often each folder has its turn.
    #[arg(long, value_name = "N", default_value = "3", requires = "bench", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub rounds: u16,
    /// Render what --bench --json wrote, as Markdown.
    #[arg(long, value_name = "JSON", hide = true)]
    pub bench_of: Option<PathBuf>,
    /// Show the edits that mend what was found, and make them after a yes.
    #[arg(long)]
    pub fix: bool,
    /// Make them without asking.
    #[arg(long, requires = "fix")]
    pub yes: bool,
    /// Put back what the last --fix changed.
    #[arg(long, conflicts_with = "fix")]
    pub undo: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}
