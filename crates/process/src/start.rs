//! Starts a program and measures the time until it is ready.

use std::io;
use std::path::{self, Path, PathBuf};
use std::time::Duration;

use crate::child::{Child, News, SpawnError};
use crate::entry::Step;
use crate::readiness::Readiness;
use crate::{Cancel, Exit, Program, Ready};

/// What one start of a program cost.
#[derive(Clone, Debug)]
pub struct Started {
    /// From just before exec to the moment it was ready.
    pub to_ready: Duration,
    /// User and system time, exec to end.
    pub cpu: Duration,
    /// Page faults served from memory.
    pub minor_faults: u64,
    /// Page faults that waited for the disk.
    pub major_faults: u64,
    /// How it ended; `None` if it was ready first and then killed.
    pub exit: Option<Exit>,
    /// Its standard output; what goes beyond 1 MiB is dropped.
    pub stdout: Vec<u8>,
    /// Its standard error; what goes beyond 1 MiB is dropped.
    pub stderr: Vec<u8>,
}

/// Says why a program was not measured.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The file cannot be executed.
    #[error("{}: cannot be started: {source}", path.display())]
    CannotStart {
        /// The program.
        path: PathBuf,
        /// What exec said; "not found" for a file that is there means that its interpreter is not.
        source: io::Error,
    },
    /// It ended before it was ready, or was not ready in time and was killed.
    #[error("{}", never_ready(*after, *exit))]
    NeverReady {
        /// How long it had run.
        after: Duration,
        /// How it ended by itself; `None` if the time was up.
        exit: Option<Exit>,
        /// What it had written to standard output.
        stdout: Vec<u8>,
        /// What it had written to standard error.
        stderr: Vec<u8>,
    },
    /// Something else answers on the port, so that readiness could not be told.
    #[error("port {port}: something else listens there already; stop it or use another port")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The [`Cancel`] was set; the program was killed.
    #[error("interrupted")]
    Interrupted,
    /// The system does not allow what the measurement needs.
    #[error("{what} is not permitted here")]
    NotPermitted {
        /// What is not allowed, such as "ptrace".
        what: String,
    },
    /// The system refused something that should work.
    #[error("{doing}: {source}")]
    Os {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl StartError {
    /// Makes an error of what the system said while `doing` something.
    pub(crate) fn os(doing: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Os { doing, source }
    }

    /// Makes an error of a process that could not be started.
    pub(crate) fn spawn(path: &Path, SpawnError { step, source }: SpawnError) -> Self {
        match step {
            Step::Exec => Self::CannotStart { path: path.to_owned(), source },
            Step::Trace => Self::NotPermitted { what: "ptrace".to_owned() },
            _ => Self::Os { doing: step.doing(), source },
        }
    }
}

fn never_ready(after: Duration, exit: Option<Exit>) -> String {
    match exit {
        Some(exit) => format!("the program ended before it was ready: {exit} after {after:.1?}"),
        None => format!("the program was not ready after {after:.1?}, killed"),
    }
}

/// Starts `program`, measures the time until it is `ready`, and leaves nothing of it running.
///
/// Fails where it cannot be started or is not ready within `timeout`, or `cancel` is set.
pub fn start(
    program: &Program,
    ready: &Ready,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Started, StartError> {
    let readiness = Readiness::new(ready)?;
    let launch = program.launch(&absolute(&program.path)?);
    let child = launch.spawn().map_err(|error| StartError::spawn(&program.path, error))?;
    time(child, readiness, timeout, cancel)
}

/// Makes a path mean the same from every working directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, StartError> {
    path::absolute(path).map_err(|source| StartError::CannotStart { path: path.to_owned(), source })
}

/// Measures a process that has just been started, and ends it.
///
/// Fails where it is not ready within `timeout` since exec, or `cancel` is set.
pub(crate) fn time(
    child: Child,
    mut readiness: Readiness<'_>,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Started, StartError> {
    let step = readiness.step();
    let is_ready = |child: &Child| Ok(readiness.is_reached(child));
    let (child, to_ready) = come_up(child, timeout, step, cancel, is_ready)?;
    let remains = child.finish().map_err(StartError::os("ending the program"))?;
    readiness.settle().map_err(StartError::os("knocking at a port"))?;
    Ok(Started {
        to_ready,
        cpu: remains.used.cpu,
        minor_faults: remains.used.minor_faults,
        major_faults: remains.used.major_faults,
        exit: remains.exit,
        stdout: remains.stdout,
        stderr: remains.stderr,
    })
}

/// Waits until a process is ready, and gives it back still running, with the time it took.
///
/// Fails, having ended it, like [`time`].
pub(crate) fn come_up(
    mut child: Child,
    timeout: Duration,
    step: Duration,
    cancel: &Cancel,
    is_ready: impl FnMut(&Child) -> io::Result<bool>,
) -> Result<(Child, Duration), StartError> {
    let watched = child.watch(timeout, step, cancel, is_ready);
    let (news, after) = watched.map_err(StartError::os("waiting for the program"))?;
    match news {
        News::Ready => Ok((child, after)),
        News::Interrupted => Err(StartError::Interrupted),
        News::Ended | News::TimedOut => {
            let remains = child.finish().map_err(StartError::os("ending the program"))?;
            Err(StartError::NeverReady {
                after,
                exit: remains.exit,
                stdout: remains.stdout,
                stderr: remains.stderr,
            })
        }
    }
}
