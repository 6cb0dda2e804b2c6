//! What a switch of Go costs, beside other tools that are here, and how builds fare when the
//! toolchain that is asked for is healthy, missing or broken.
//!
//! All of it happens in a home of its own with a project, a module cache and other tools' settings;
//! the user's are not touched. Tools take turns in each round.

mod builds;
mod loaders;
mod prompt;
mod scratch;

use crate::{EnvError, InstalledGo, Surroundings};
use elfin_process::{Cancel, Program, Ready, Tool, snapshot};
use elfin_schema::{ENV_BENCH_SCHEMA, EnvBench, Switch, median};
use loaders::Loader;
use scratch::Scratch;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// As long as one switch may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What is to be timed.
#[derive(Debug, Clone)]
pub struct BenchOrder<'a> {
    /// This elfin.
    pub elfin: &'a Path,
    /// Rounds of switches.
    pub rounds: usize,
    /// Builds in each state of the toolchain.
    pub builds: usize,
}

/// Times the order; `says` is told what is being done.
///
/// Fails where no second version of Go is installed to be switched to.
pub fn bench(
    order: &BenchOrder<'_>,
    surroundings: &Surroundings,
    says: &mut dyn FnMut(&str),
    cancel: &Cancel,
) -> Result<EnvBench, EnvError> {
    let go = other_go(surroundings)?;
    let scratch = Scratch::new(&go)?;
    let loaders = loaders::here(order.elfin, &scratch, surroundings)?;
    let mut switches: Vec<Switch> = loaders.iter().map(Loader::switch).collect();
    says("first switches");
    for (loader, switch) in loaders.iter().zip(&mut switches) {
        if switch.skipped.is_none() {
            scratch.forget()?;
            loader.allow(cancel)?;
            match run(loader, cancel)? {
                Ok((wall, _)) => switch.first = Some(wall),
                Err(says) => switch.skipped = Some(says),
            }
        }
    }
    // What one tool's first switch forgot, another needs.
    for loader in loaders.iter().zip(&switches).filter(|it| it.1.skipped.is_none()) {
        loader.0.allow(cancel)?;
    }
    says("later switches");
    for _ in 0..order.rounds {
        round(&loaders, &mut switches, cancel, |switch, wall, cpu| {
            switch.later.push(wall);
            switch.cpu.push(cpu);
        })?;
    }
    says("switches while builds run");
    while_building(&scratch, cancel, || {
        for _ in 0..order.rounds.div_ceil(4) {
            round(&loaders, &mut switches, cancel, |switch, wall, _| switch.busy.push(wall))?;
        }
        Ok(())
    })?;
    let own = switches.iter().find(|it| it.name == loaders::ELFIN).map(|it| it.later.clone());
    for (loader, switch) in loaders.iter().zip(&mut switches) {
        switch.ratio = own.as_deref().and_then(|own| ratio(&switch.later, own));
        if switch.skipped.is_none() {
            let seen = snapshot(&loader.program(), &Ready::Exit, LIMIT, cancel);
            switch.memory = seen.ok().map(|it| it.max_rss);
        }
    }
    says("prompts");
    let prompts = prompt::prompts(order, &scratch, surroundings, cancel)?;
    let builds = builds::fare(order, &scratch, says, cancel)?;
    Ok(EnvBench {
        schema: ENV_BENCH_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        version: go.version.to_string(),
        rounds: order.rounds,
        switches,
        prompts,
        builds,
    })
}

/// A Go that is installed and is not the one in PATH.
fn other_go(surroundings: &Surroundings) -> Result<InstalledGo, EnvError> {
    let system = surroundings.system_go().map(|it| it.version);
    let mut installed = surroundings.installed().into_iter().rev();
    let other = installed.find(|it| Some(&it.version) != system.as_ref());
    other.ok_or_else(|| EnvError::NotInstalled { version: "a second Go".into() })
}

/// Each loader once, in turn.
fn round(
    loaders: &[Loader],
    switches: &mut [Switch],
    cancel: &Cancel,
    mut keep: impl FnMut(&mut Switch, f64, f64),
) -> Result<(), EnvError> {
    for (loader, switch) in loaders.iter().zip(switches) {
        if switch.skipped.is_none() {
            match run(loader, cancel)? {
                Ok((wall, cpu)) => keep(switch, wall, cpu),
                Err(says) => switch.skipped = Some(says),
            }
        }
    }
    Ok(())
}

/// Wall and processor time of one switch, milliseconds, or how it failed.
fn run(loader: &Loader, cancel: &Cancel) -> Result<Result<(f64, f64), String>, EnvError> {
    let output = loader.tool().timeout(LIMIT).run(cancel)?;
    let ms = |time: Duration| 1e3 * time.as_secs_f64();
    if output.exit == elfin_process::Exit::Code(0) {
        return Ok(Ok((ms(output.wall), ms(output.cpu))));
    }
    Ok(Err(format!("{}: {}", output.exit, String::from_utf8_lossy(&output.stderr).trim())))
}

/// Does something while builds run one after the other on another thread.
fn while_building(
    scratch: &Scratch,
    cancel: &Cancel,
    work: impl FnOnce() -> Result<(), EnvError>,
) -> Result<(), EnvError> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // Its standard library comes from a cache of its own, so it compiles for long.
                let cache = scratch.home().join("busy");
                let build = Tool::new("go").args(["build", "-a", "fmt"]).dir("/");
                let build = build.env("GOCACHE", cache).env("GOTOOLCHAIN", "local");
                if build.env_remove("GOROOT").run(cancel).is_err() {
                    return;
                }
            }
        });
        let done = work();
        over.store(true, Ordering::Relaxed);
        done
    })
}

fn ratio(mine: &[f64], own: &[f64]) -> Option<f64> {
    median(&mine.iter().zip(own).map(|(mine, own)| mine / own).collect::<Vec<_>>())
}

impl Loader {
    fn program(&self) -> Program {
        Program {
            path: self.path.clone(),
            arguments: self.arguments.clone(),
            directory: Some(self.folder.clone()),
            environment: self.environment.clone(),
            root: None,
        }
    }
}
