//! Programs that Go really built, shrunk and run; and damaged ones, which may not panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

mod arm64;
mod damaged;
mod debuggers;
mod odd;
mod programs;
mod readers;
mod slims;
mod strips;
