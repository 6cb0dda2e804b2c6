//! Feeds damaged programs to everything that reads bytes, for as long as it is told.
//!
//! On stable Rust: inputs come from real programs and a seeded mutator, so a
//! run is repeated by its seed. The input that broke something is written to a
//! file. `cargo xtask fuzz` builds the programs and starts this.

// It talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod mutator;
mod pack_image;
mod targets;

use anyhow::{Context, Result, bail};
use clap::Parser;
use mutator::Mutator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use targets::Target;

/// An input that keeps a target busy for longer hangs it.
const LONGEST: Duration = Duration::from_secs(60);

/// Feeds damaged programs to a target.
#[derive(Debug, Parser)]
struct Arguments {
    /// What is fed.
    #[arg(value_enum)]
    target: Target,
    /// For how long.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the random numbers begin.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Programs to damage; with --as-is they are fed as they are.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Feed each file once and undamaged, to repeat what was found.
    #[arg(long)]
    as_is: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("{}", path.display()));
    let programs: Vec<Vec<u8>> = arguments.files.iter().map(read).collect::<Result<_>>()?;
    if arguments.as_is {
        programs.iter().for_each(|it| arguments.target.feed(it));
        return Ok(());
    }
    let programs = arguments.target.prepared(programs);
    let mut mutator = Mutator::new(programs, arguments.seed);
    let (began, mut inputs) = (Instant::now(), 0_u64);
    while began.elapsed() < Duration::from_secs(arguments.seconds) {
        let input = mutator.input();
        inputs += 1;
        if let Err(how) = fed(arguments.target, &input) {
            let name = format!("fuzz-{}-{}-{inputs}", arguments.target, arguments.seed);
            std::fs::write(&name, &input).with_context(|| name.clone())?;
            bail!("{how} by input {inputs}; it is in {name}: give it with --as-is");
        }
    }
    println!("{}: {inputs} inputs, nothing found", arguments.target);
    Ok(())
}

/// Feeds an input; tells how it broke the target, if it did.
fn fed(target: Target, input: &[u8]) -> Result<(), &'static str> {
    std::thread::scope(|scope| {
        let (done, ended) = mpsc::channel();
        scope.spawn(move || {
            let held = catch_unwind(AssertUnwindSafe(|| target.feed(input)));
            let _ = done.send(held.is_ok()); // Nobody listens to who took too long.
        });
        match ended.recv_timeout(LONGEST) {
            Ok(true) => Ok(()),
            Ok(false) => Err("a panic"),
            Err(_) => Err("a hang"),
        }
    })
}
