//! Programs that Go really built, shrunk and run; and damaged ones, which may not panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]

mod damaged;
mod debuggers;
mod programs;
mod slims;
mod strips;
