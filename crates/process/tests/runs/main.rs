//! Runs real programs through every door of the crate.
//!
//! One binary, since all of it needs the same few programs to be made. What needs no process is
//! tested beside the code. Nothing here judges how long something took.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails, or tells why it does not run"
)]

mod clock_shift;
mod empty_root;
mod fixture;
mod snapshot;
mod start;
mod tool;
