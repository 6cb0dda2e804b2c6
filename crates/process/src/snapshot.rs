//! A look at a program's memory when it is ready.
//!
//! A program that is ready by ending is held for the look in its last moment, by ptrace; the others
//! are alive anyway and run untouched. It is a start of its own, not a measured one: the look and
//! the tracing take time.

use std::fs::{self, File};
use std::io::{self, Read};
use std::time::Duration;

use nix::unistd::Pid;

use crate::child::Child;
use crate::memory_map::{Mapping, Surroundings, heap, kibibytes, stack_top, start_of_stack};
use crate::memory_map::{surroundings, text};
use crate::readiness::Readiness;
use crate::start::{absolute, come_up};
use crate::trace::Tracer;
use crate::{Cancel, Program, Ready, StartError};

/// A program's memory at the moment it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The most memory it had resident so far, in bytes; short peaks to some 100 KiB.
    pub max_rss: u64,
    /// Resident memory that is its alone and differs from any file, in bytes.
    pub private_dirty: u64,
    /// The address of its lowest code.
    pub text: Option<u64>,
    /// The address of its heap.
    pub heap: Option<u64>,
    /// The address at which its stack began.
    pub stack: Option<u64>,
}

/// Where the parts of a program's memory lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Its lowest code.
    pub text: Option<u64>,
    /// Its heap: Go's, or else the C library's.
    pub heap: Option<u64>,
    /// The address at which its stack began.
    pub stack: Option<u64>,
    /// What is not of its own file.
    pub around: Surroundings,
}

/// Starts `program`, looks at its memory when it is `ready`, and leaves nothing of it running.
///
/// Fails like [`start`](crate::start()), and where tracing is not permitted.
pub fn snapshot(
    program: &Program,
    ready: &Ready,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Snapshot, StartError> {
    let mut readiness = Readiness::new(ready)?;
    let traced = matches!(ready, Ready::Exit);
    let mut launch = program.launch(&absolute(&program.path)?);
    launch.traced = traced;
    let child = launch.spawn().map_err(|error| StartError::spawn(&program.path, error))?;
    let mut tracer = Tracer::default();
    // A stop of a traced process wakes nobody, so it is asked for.
    let step = if traced { Duration::from_millis(1) } else { readiness.step() };
    let is_ready = |child: &Child| {
        if traced { tracer.advance(child.pid()) } else { Ok(readiness.is_reached(child)) }
    };
    let (child, _) = come_up(child, timeout, step, cancel, is_ready)?;
    let seen = look(child.pid()).map_err(StartError::os("reading the program's memory map"))?;
    child.finish().map_err(StartError::os("ending the program"))?;
    readiness.settle().map_err(StartError::os("knocking at a port"))?;
    Ok(seen)
}

/// Reads what the kernel tells of a living process.
pub(crate) fn look(pid: Pid) -> io::Result<Snapshot> {
    let places = places(pid, None)?;
    let now = read(pid, "smaps_rollup")?;
    // The kernel counts the peak roughly, some pages late for each processor, but walks the pages
    // for the present: which the peak cannot be below.
    let peak = size(&read(pid, "status")?, "VmHWM:")?;
    Ok(Snapshot {
        max_rss: peak.max(size(&now, "Rss:")?),
        private_dirty: private_dirty(&now)?,
        text: places.text,
        heap: places.heap,
        stack: places.stack,
    })
}

/// Finds the parts of a living process; `loader` is the file name of its interpreter.
pub(crate) fn places(pid: Pid, loader: Option<&str>) -> io::Result<Places> {
    let maps = read(pid, "maps")?;
    let maps: Vec<_> = maps.lines().filter_map(Mapping::parse).collect();
    let program = fs::read_link(format!("/proc/{pid}/exe"))?;
    let program = program.to_string_lossy();
    Ok(Places {
        text: text(&maps, &program),
        heap: heap(&maps),
        stack: start_of_stack(&read(pid, "stat")?).or_else(|| stack_top(&maps)),
        around: surroundings(&maps, &program, loader),
    })
}

/// A size that a text of /proc names, in bytes; a program that has ended has none.
fn size(text: &str, key: &str) -> io::Result<u64> {
    let gone = || io::Error::new(io::ErrorKind::NotFound, "the program has ended");
    kibibytes(text, key).ok_or_else(gone)
}

/// What is dirty and nobody else's, of a smaps_rollup.
///
/// The kernel also counts pages of the file itself that were written lately and are not on disk
/// yet, so a program seems larger right after its link. Those are not anonymous.
fn private_dirty(rollup: &str) -> io::Result<u64> {
    Ok(size(rollup, "Private_Dirty:")?.min(size(rollup, "Anonymous:")?))
}

/// Reads a text of /proc, of which a program with very many mappings can make a long one.
fn read(pid: Pid, name: &str) -> io::Result<String> {
    const LIMIT: u64 = 64 << 20;
    let mut bytes = Vec::new();
    File::open(format!("/proc/{pid}/{name}"))?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_file_that_wait_for_the_disk_are_not_the_programs() {
        let rollup = "Rss: 8000 kB\nPrivate_Dirty: 7276 kB\nAnonymous: 1256 kB\n";
        assert_eq!(private_dirty(rollup).unwrap(), 1256 * 1024);
        let settled = "Rss: 8000 kB\nPrivate_Dirty: 1244 kB\nAnonymous: 1256 kB\n";
        assert_eq!(private_dirty(settled).unwrap(), 1244 * 1024);
        assert!(private_dirty("Private_Dirty: 1 kB\n").is_err());
    }
}
