//! Which Go: finds, installs, checks and selects it.
//!
//! Files from a folder upwards decide ([`select()`]); what a folder may not set by itself waits for
//! the user's word ([`Words`]); toolchains come through the go command ([`install()`]) and are held
//! against the checksum that it recorded ([`verify()`]); and a shell is told what changes
//! ([`changes`], [`Shell`]) such that leaving the folder restores what was there.

mod bench;
mod change;
mod decide;
mod dirhash;
mod error;
mod flags;
mod godotenv;
mod install;
mod places;
mod runs;
mod select;
mod shell;
mod surroundings;
mod trust;
mod verify;
mod version;

pub use bench::{BenchOrder, bench};
pub use change::{Change, STATE, Target, before, changes};
pub use elfin_process::Cancel;
pub use error::EnvError;
pub use flags::GoFlags;
pub use godotenv::{Assignment, BadLine, GODOTENV, parse, with_version};
pub use install::{downloading, install, remote};
pub use places::{InstalledGo, go_arch, goroot_of};
pub use select::{Options, Selection, Watch, select, watch};
pub use shell::{Shell, UnknownShell};
pub use surroundings::Surroundings;
pub use trust::{Words, needs_word};
pub use verify::{remove, verify};
pub use version::{GoVersion, NoVersion};
