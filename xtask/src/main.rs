//! The tasks of the house: everything CI runs, a laptop runs.
//!
//! One file a task. A task runs the same commands that a person would type,
//! prints them, and ends at the first that fails. What is measured and shown
//! is the business of `elfin` itself.

// Tasks talk to the person who started them.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod corpus;
mod demo;
mod deny;
mod fuzz;
mod lint;
mod roots;
mod setup;
mod shell;
mod tidy;
mod truth;

use anyhow::Result;
use clap::{Parser, Subcommand};
use corpus::Scope;
use std::ffi::OsString;
use std::process::ExitCode;

/// Builds, tests and shows elfin.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Installs what is missing, builds elfin, and runs the lab on the bundled net/http server.
    ///
    /// As root on Debian or Ubuntu the outside tools come from the distribution's packages;
    /// elsewhere the command that installs them is printed, and the lab goes on without.
    Demo,
    /// Installs what the tests need, and runs them all.
    Test,
    /// Installs the outside tools that are missing, and nothing else.
    Setup {
        /// Also what only the tests need: a browser and Chinese letters for it.
        #[arg(long)]
        tests: bool,
    },
    /// Checks format, lints, documentation and the house's own rules.
    Lint,
    /// Checks the house's own rules alone: headers, file sizes, names, who depends on whom.
    Tidy,
    /// Checks licences, sources and known vulnerabilities of every dependency (cargo-deny).
    ///
    /// cargo-deny is built into target/tools where there is none, which takes some minutes.
    Deny,
    /// What CI runs: lint, test, a few seconds of fuzz, deny.
    Ci,
    /// Builds the corpus under target/corpus: small programs with every Go, and some large ones.
    ///
    /// What was interrupted goes on where it was. The whole takes hours and some gigabytes.
    #[command(args_conflicts_with_subcommands = true)]
    Corpus {
        #[command(subcommand)]
        part: Option<Part>,
        /// Two small programs by two versions of Go.
        #[arg(long)]
        quick: bool,
        /// The same by the Go that is in PATH; nothing is fetched.
        #[arg(long, conflicts_with = "quick")]
        here: bool,
    },
    /// Makes root file systems of two Debians and of musl with busybox under target/roots.
    ///
    /// As root: debootstrap is installed where it is not there. Some minutes and a gigabyte.
    Roots,
    /// Stands between `go build` and its tools, to link by the linker that dumps.
    #[command(hide = true)]
    Toolexec {
        tool: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Feeds damaged programs to what reads bytes, and keeps what breaks it.
    Fuzz {
        /// What is fed; without it all are, one after the other.
        #[arg(value_parser = fuzz::TARGETS)]
        target: Option<String>,
        /// For how long each.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Where the random numbers begin.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Measures real programs and writes the tables to docs/results.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
}

/// What is beside the corpus of single files.
#[derive(Debug, Clone, Copy, Subcommand)]
enum Part {
    /// Pairs of builds of which it is known what makes them differ; about an hour.
    Diff,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Demo => demo::run(),
        Task::Test => test(),
        Task::Setup { tests } => setup::run(tests),
        Task::Lint => lint::run(),
        Task::Tidy => tidy::run(),
        Task::Deny => deny::run(),
        Task::Ci => lint::run()
            .and_then(|()| test())
            .and_then(|()| fuzz::run(None, 5, 0))
            .and_then(|()| deny::run()),
        Task::Corpus { part: Some(Part::Diff), .. } => corpus::pairs::run(),
        Task::Corpus { here: true, .. } => corpus::run(Scope::Here),
        Task::Corpus { quick: true, .. } => corpus::run(Scope::Quick),
        Task::Corpus { .. } => corpus::run(Scope::All),
        Task::Roots => roots::run(),
        Task::Toolexec { tool, arguments } => corpus::toolexec(&tool, &arguments),
        Task::Fuzz { target, seconds, seed } => fuzz::run(target.as_deref(), seconds, seed),
        Task::Bench { what } => bench::run(what),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<()> {
    setup::run(true)?;
    shell::run(shell::cargo().args(["test", "--workspace", "--no-fail-fast"]))
}
