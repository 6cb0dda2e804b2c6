//! The flags of `elfin repro`.

use super::OutputArguments;
use elfin_schema::Vary;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct ReproArguments {
    /// The Go package of a command, as `go build` takes it: ./cmd/app.
    #[arg(required_unless_present = "binary", conflicts_with = "binary")]
    pub package: Option<String>,
    /// What to vary, one at a time: path, home, time, mtime, cache, tmpdir, umask, locale, user,
    /// parallel, git, cc, goroot; `none` for two builds and no more [default: all].
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = vary, conflicts_with = "binary")]
    pub vary: Option<Vec<Option<Vary>>>,
    /// Build so many times with another build ID each, and say what that changes.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "binary")]
    pub rounds: usize,
    /// Compile the standard library anew in every world; as a rule the second build alone does.
    #[arg(long, conflicts_with = "binary")]
    pub cold: bool,
    /// A folder on a file system with coarse dates, for the build cache.
    #[arg(long, value_name = "DIR", conflicts_with = "binary")]
    pub coarse: Option<PathBuf>,
    /// A program that was shipped: build it again from its own build information, and compare.
    #[arg(long, value_name = "FILE", requires = "source")]
    pub binary: Option<PathBuf>,
    /// Its sources: the module's folder, in a checkout that has the commit.
    #[arg(long, value_name = "DIR", requires = "binary")]
    pub source: Option<PathBuf>,
    /// Keep the programs that were compared in this folder.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Something that can be varied, or `none`.
fn vary(text: &str) -> Result<Option<Vary>, String> {
    if text == "none" {
        return Ok(None);
    }
    let found = Vary::ALL.into_iter().find(|it| it.name() == text);
    let names = || Vary::ALL.map(Vary::name).join(", ");
    found
        .map(Some)
        .ok_or_else(|| format!("nothing that can be varied; give some of {}, or none", names()))
}
