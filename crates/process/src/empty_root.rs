//! Starts a program where there is nothing else: no files, so no interpreter and no library.
//!
//! It is what a container image made of the bare file would do. The root is changed inside of a
//! user namespace, for which no privilege is needed; only the files are gone, network and
//! environment stay.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::entry::Step;
use crate::readiness::Readiness;
use crate::start::time;
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

/// Starts `program` like [`start`](crate::start()), as `/app` in a fresh folder under `root_parent`.
///
/// The folder is taken away again. `program.directory` means nothing there: it runs in `/`.
/// Fails where no root can be changed into, or the program does not come up there.
pub fn start_in_empty_root(
    program: &Program,
    ready: &Ready,
    root_parent: &Path,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Started, EmptyRootError> {
    let os = |doing| move |source| EmptyRootError::Os { doing, source };
    let readiness = Readiness::new(ready)?;
    let root = tempfile::Builder::new().prefix("empty-root-").tempdir_in(root_parent);
    let root = root.map_err(os("making an empty root"))?;
    place(&program.path, &root.path().join("app")).map_err(os("copying into an empty root"))?;
    let mut launch = program.launch(Path::new("/app"));
    launch.directory = None;
    launch.root = Some(root.path());
    let child = launch.spawn().map_err(|error| match error.step {
        Step::Namespace => EmptyRootError::NoUserNamespace { source: error.source },
        _ => StartError::spawn(&program.path, error).into(),
    })?;
    let started = time(child, readiness, timeout, cancel)?;
    root.close().map_err(os("taking an empty root away"))?;
    Ok(started)
}

/// Links a file to another name, or copies it, with its mode, where that cannot be.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    let from = from.canonicalize()?; // a link to a symbolic link would lead out of the root
    fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(drop))
}
