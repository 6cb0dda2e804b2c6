//! The clock and the meter that parent and child both read: `CLOCK_MONOTONIC` and `rusage`.
//!
//! `std::time::Instant` is the same clock, but an instant cannot be handed from one process to
//! another. `ru_maxrss` is deliberately left out: a child starts with the mark of the process it
//! was forked from, so that elfin's own memory would show up as the program's.

use std::io;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Reads the monotonic clock; also fit for a child between fork and exec.
///
/// Fails only where the system has no such clock.
pub(crate) fn monotonic() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}

/// What a process has used up so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu: Duration,
    pub(crate) minor_faults: u64,
    pub(crate) major_faults: u64,
}

impl Usage {
    /// What was used since `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(earlier.cpu),
            minor_faults: self.minor_faults.saturating_sub(earlier.minor_faults),
            major_faults: self.major_faults.saturating_sub(earlier.major_faults),
        }
    }
}

impl From<&libc::rusage> for Usage {
    fn from(raw: &libc::rusage) -> Self {
        let time = |at: libc::timeval| {
            Duration::from_secs(count(at.tv_sec)) + Duration::from_micros(count(at.tv_usec))
        };
        Self {
            cpu: time(raw.ru_utime) + time(raw.ru_stime),
            minor_faults: count(raw.ru_minflt),
            major_faults: count(raw.ru_majflt),
        }
    }
}

/// The kernel counts in signed words, and never below zero.
fn count(raw: i64) -> u64 {
    u64::try_from(raw).unwrap_or(0)
}
