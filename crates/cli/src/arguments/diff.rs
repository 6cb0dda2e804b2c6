//! The flags of `diff`.

use super::{Language, OutputArguments};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArguments {
    /// The program that is compared with, or its document by `elfin weigh --json`.
    pub from: PathBuf,
    /// The program that is asked about, or its document.
    pub to: PathBuf,
    /// List what changed by this alone, and all of it.
    #[arg(long, value_enum)]
    pub by: Option<DiffBy>,
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
    /// Write a page with the waterfall and a map of what changed.
    #[arg(long, value_name = "PAGE", conflicts_with_all = ["json", "md"])]
    pub html: Option<PathBuf>,
    /// What `elfin receipt` wrote on the machine of each, in the same order: what differs between
    /// the machines then stands behind the causes.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    pub receipt: Vec<PathBuf>,
    /// Build this Go package again, with one suspected cause less at a time, and prove what each moved.
    ///
    /// The sources must be those of the program that is asked about. How many builds it takes is said
    /// before; they use Go's build cache.
    #[arg(long, value_name = "PACKAGE")]
    pub prove: Option<String>,
    /// Exit with 1 if the files differ in size or in any cause.
    #[arg(long)]
    pub exit_code: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// The flags of `receipt`, which `diff` reads.
#[derive(Debug, clap::Args)]
pub(crate) struct ReceiptArguments {
    /// The folder in which Go is chosen, as the module's.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Print it for people instead of as JSON.
    #[arg(long)]
    pub text: bool,
    /// The language of --text.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffBy {
    /// Packages.
    Package,
    /// Modules.
    Module,
    /// What the bytes are.
    Kind,
    /// Sections.
    Section,
}

impl From<DiffBy> for elfin_report::DiffBy {
    fn from(by: DiffBy) -> Self {
        match by {
            DiffBy::Package => elfin_report::DiffBy::Package,
            DiffBy::Module => elfin_report::DiffBy::Module,
            DiffBy::Kind => elfin_report::DiffBy::Kind,
            DiffBy::Section => elfin_report::DiffBy::Section,
        }
    }
}
