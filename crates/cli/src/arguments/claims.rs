//! The flags of `elfin claims`.

use super::FormArguments;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct ClaimsArguments {
    /// The Go package of a command [default: a net/http server that comes with elfin].
    pub package: Option<String>,
    /// Only claims whose id matches, `*` for anything: '4.*'.
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
    /// A claims file of your own, in the form of claims/claims.toml.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Check the claims file and list its claims, and measure nothing.
    #[arg(long)]
    pub check: bool,
    /// What was made on another machine, such as WSL2: an output folder of `elfin lab`, or what `elfin
    /// weigh --json`, `elfin receipt` or `elfin doctor --bench --json` wrote; may be given again.
    #[arg(long, visible_alias = "receipt", value_name = "DIR|FILE")]
    pub elsewhere: Vec<PathBuf>,
    /// A root file system, NAME=PATH, for what is said of distributions: one of glibc and one of musl.
    #[arg(long, value_name = "NAME=PATH", value_parser = elfin_lab::root_of)]
    pub root: Vec<(String, PathBuf)>,
    /// The arguments with which the program is started, as one text.
    #[arg(long, value_name = "ARGUMENTS", allow_hyphen_values = true)]
    pub run: Option<String>,
    /// When it counts as started: exit, stdout:REGEX or tcp:PORT.
    #[arg(long, value_name = "WHEN")]
    pub ready: Option<elfin_lab::Ready>,
    /// Seconds after which a start counts as never ready.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u16).range(1..))]
    pub timeout: u16,
    /// The output folder [default: elfin-claims/NAME].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Use nothing of what earlier runs made.
    #[arg(long)]
    pub fresh: bool,
    #[command(flatten)]
    pub form: FormArguments,
}
