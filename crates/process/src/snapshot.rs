//! A look at a program's memory when it is ready.

use std::io;
use std::time::Duration;

use crate::{Cancel, Program, Ready, StartError};

/// A program's memory at the moment it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The most memory it had resident so far, in bytes.
    pub max_rss: u64,
    /// Resident memory that is its alone and differs from any file, in bytes.
    pub private_dirty: u64,
    /// The address of its lowest code.
    pub text: Option<u64>,
    /// The address of its heap.
    pub heap: Option<u64>,
    /// The address at which its stack began.
    pub stack: Option<u64>,
}

/// Starts `program`, looks at its memory when it is `ready`, and leaves nothing of it running.
///
/// Fails like [`start`](crate::start), and where tracing is not permitted.
pub fn snapshot(
    program: &Program,
    ready: &Ready,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Snapshot, StartError> {
    let _ = (program, ready, timeout, cancel);
    Err(StartError::Os { doing: "looking", source: io::ErrorKind::Unsupported.into() })
}
