//! One finished program, watched from exec to `main.main`: what happens until then, and what
//! protects it.
//!
//! The program's own `main` never runs: it is stopped where that begins, and
//! ended. So nothing needs to be said of how the program is started, and a server
//! does not come up. What packages do before `main` does happen.

mod count;
mod harden;
mod marks;
mod startup;

pub use harden::{HardenOrder, Hardened, Privileges, ReturnOrder, harden, returns};
pub use marks::{Marks, Subject};
pub use startup::{StartupOrder, startup};

use std::path::PathBuf;

/// Why a program could not be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The file is not ELF, or damaged where it must not be.
    #[error("{}: {source}", path.display())]
    Elf {
        /// The program.
        path: PathBuf,
        /// What is wrong.
        source: elfin_elf::ElfError,
    },
    /// The file is no program.
    #[error("{}: no program, but an object file, a library or a core dump", path.display())]
    NoProgram {
        /// The file.
        path: PathBuf,
    },
    /// It is for another processor, or cannot be started, or does not get as far as `main.main`.
    #[error("{}: {source}", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// What happened.
        source: elfin_process::StartError,
    },
    /// It ended before it came to its own `main`.
    #[error("{}: it ended before {before}; does it start at all?", path.display())]
    Ended {
        /// The program.
        path: PathBuf,
        /// Where it was expected.
        before: String,
    },
    /// The system refused something.
    #[error("{}: {doing}: {source}", path.display())]
    Os {
        /// The program.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}
