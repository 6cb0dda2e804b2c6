//! The `elfin` command: flags, wiring, progress and exit codes. It alone prints and exits.

#![expect(clippy::print_stderr, reason = "the command line is where it is said")]

mod arguments;
mod commands;
mod placing;
mod progress;

use arguments::{Arguments, Command};
use clap::FromArgMatches;
use std::io::IsTerminal;
use std::process::ExitCode;

/// The answer is "no".
const NO: u8 = 1;
/// The command could not do its work.
const COULD_NOT: u8 = 2;

fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(done) = commands::env::quick_export(&given) {
        return status(done);
    }
    let matches = arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let done = match arguments.command {
        Command::Lab(arguments) => commands::lab::run(*arguments),
        Command::Repro(arguments) => match commands::repro::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Slim(arguments) => match commands::slim::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Strip(arguments) => commands::strip::run(&arguments),
        Command::Unslim(arguments) => commands::unslim::run(&arguments),
        Command::Pack(arguments) => match commands::pack::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Unpack(arguments) => commands::unpack::run(&arguments),
        Command::Inspect(arguments) => commands::unpack::inspect(&arguments),
        Command::Doctor(arguments) => match commands::doctor::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Env(arguments) => match commands::env::run(*arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Receipt(arguments) => commands::receipt::run(&arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Weigh(arguments) => commands::weigh::run(&arguments),
        Command::Diff(arguments) => match commands::diff::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Claims(arguments) => commands::claims::run(*arguments),
        Command::Startup(arguments) => commands::startup::run(&arguments),
        Command::Harden(arguments) => match commands::harden::run(&arguments) {
            Ok(false) => return ExitCode::from(NO),
            done => done.map(drop),
        },
        Command::Completions { shell } => commands::completions(shell),
        Command::Man => commands::man(),
        Command::Facts { file } => commands::facts(&file),
        Command::Pieces { file } => commands::weigh::pieces(&file),
    };
    status(done)
}

fn status(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let (on, off) = if std::io::stderr().is_terminal() && commands::colour_wanted() {
                ("\x1b[1;31m", "\x1b[0m")
            } else {
                ("", "")
            };
            eprintln!("{on}error:{off} {}", told(&error));
            ExitCode::from(COULD_NOT)
        }
    }
}

/// An error and what lies under it, fit for a terminal; what one says of the other is not said twice.
fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string().trim_end().to_owned();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        let cause = cause.trim_end();
        if cause.starts_with(&format!("{text}: ")) {
            text = cause.to_owned();
        } else if !text.contains(cause) {
            text.push_str(": ");
            text.push_str(cause);
        }
    }
    // A file may be named so as to move the cursor.
    text.replace(|it: char| it.is_control() && it != '\n' && it != '\t', "\u{fffd}")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
