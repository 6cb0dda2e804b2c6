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
