//! Packed programs that really run, and all that is known to break packed programs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod damaged;
mod debuggers;
mod findings;
mod known;
mod programs;
mod refusals;
mod runs;
mod surroundings;
