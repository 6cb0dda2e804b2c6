//! Watches the system's clocks against each other.

use nix::time::{ClockId, clock_gettime};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;

/// What was seen of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// The smallest step, nanoseconds.
    pub step: u64,
    /// The largest jump against the monotonic clock, seconds.
    pub jump: f64,
    /// How fast it ran against the raw monotonic clock, parts in a million.
    pub drift: f64,
    /// Seconds for which it was watched.
    pub watched: f64,
}

/// Watches the wall clock for a while.
///
/// Fails only where the system has no such clocks.
pub fn watch_clock(time: Duration) -> io::Result<Watched> {
    let (wall, steady, raw) = (now(ClockId::CLOCK_REALTIME)?, monotonic()?, raw()?);
    let (mut step, mut jump) = (u64::MAX, 0_i64);
    let (mut last, mut offset) = (wall, wall - steady);
    loop {
        for _ in 0..1000 {
            let next = now(ClockId::CLOCK_REALTIME)?;
            if next > last {
                step = step.min((next - last).unsigned_abs());
            }
            last = next;
        }
        let is = difference()?;
        jump = if (is - offset).abs() > jump.abs() { is - offset } else { jump };
        offset = is;
        if monotonic()? - steady >= i64::try_from(time.as_nanos()).unwrap_or(i64::MAX) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let (end, raw_end) = (now(ClockId::CLOCK_REALTIME)?, self::raw()?);
    let took = (raw_end - raw).max(1) as f64;
    Ok(Watched {
        step,
        jump: jump as f64 / 1e9,
        drift: ((end - wall) as f64 - took) / took * 1e6,
        watched: took / 1e9,
    })
}

/// Seconds that the wall clock is ahead of a PTP clock: /dev/ptp0.
///
/// Fails where the device cannot be opened, which mostly needs root.
pub fn ahead_of_ptp(device: &Path) -> io::Result<f64> {
    let file = File::open(device)?;
    // The clock of a descriptor, as linux Documentation/driver-api/ptp.rst has it.
    let clock = ClockId::from_raw((!file.as_raw_fd() << 3) | 3);
    let theirs = now(clock)?;
    Ok((now(ClockId::CLOCK_REALTIME)? - theirs) as f64 / 1e9)
}

/// The wall clock less the monotonic one: the quietest of some readings, for whoever is put aside
/// between the two sees a difference that is none.
fn difference() -> io::Result<i64> {
    let mut best = (i64::MAX, 0);
    for _ in 0..16 {
        let before = monotonic()?;
        let wall = now(ClockId::CLOCK_REALTIME)?;
        let after = monotonic()?;
        if after - before < best.0 {
            best = (after - before, wall - before);
        }
    }
    Ok(best.1)
}

fn monotonic() -> io::Result<i64> {
    now(ClockId::CLOCK_MONOTONIC)
}

fn raw() -> io::Result<i64> {
    now(ClockId::CLOCK_MONOTONIC_RAW)
}

fn now(clock: ClockId) -> io::Result<i64> {
    let time = clock_gettime(clock)?;
    Ok(time.tv_sec().saturating_mul(1_000_000_000).saturating_add(time.tv_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_nobody_sets_neither_jumps_nor_drifts() {
        let seen = watch_clock(Duration::from_millis(50)).unwrap();
        assert!(seen.step > 0 && seen.step < 1_000_000_000, "{seen:?}");
        assert!(seen.jump.abs() < 0.5 && seen.watched >= 0.05, "{seen:?}");
        assert!(ahead_of_ptp(Path::new("/dev/no-such-clock")).is_err());
    }
}
