//! Holds a program where its own code begins, to look at what was loaded.
//!
//! The kernel tells where it put the program; a breakpoint of one byte at the
//! place that is asked for stops it there, after whatever ran before: the
//! dynamic linker, or code that relocates the program. amd64 only.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use crate::child::Child;
use crate::snapshot::{Places, places};
use crate::start::{absolute, come_up};
use crate::trace::{Tracer, resume};
use crate::{Cancel, Program, StartError};

/// `int3`.
const BREAKPOINT: [u8; 1] = [0xcc];
/// The key of /proc/PID/auxv under which the kernel tells the entry point.
const AT_ENTRY: u64 = 9;

/// A program that stands still where its code begins; it ends when this is dropped.
#[derive(Debug)]
pub struct Held {
    child: Child,
    memory: File,
    moved: u64,
    at: u64,
    under: [u8; 1],
}

impl Held {
    /// Starts a program and stops it at `at`, an address as it is linked; `entry` is the entry
    /// point that its file names.
    ///
    /// Fails like [`start`](crate::start()), and where tracing is not permitted.
    pub fn start(
        program: &Program,
        entry: u64,
        at: u64,
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Held, StartError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(StartError::NotPermitted { what: "a breakpoint on this processor".into() });
        }
        let mut launch = program.launch(&absolute(&program.path)?);
        launch.traced = true;
        let child = launch.spawn().map_err(|error| StartError::spawn(&program.path, error))?;
        let mut placed = None;
        let mut tracer = Tracer::default();
        let is_there = |child: &Child| {
            let Some(stop) = tracer.stopped(child.pid())? else { return Ok(false) };
            if placed.is_none() {
                placed = Some(place_breakpoint(child, entry, at)?);
                resume(child.pid(), 0);
                return Ok(false);
            }
            if stop == libc::SIGTRAP {
                return Ok(true);
            }
            resume(child.pid(), stop);
            Ok(false)
        };
        let step = Duration::from_millis(1);
        let (child, _) = come_up(child, timeout, step, cancel, is_there)?;
        let none = || StartError::os("placing a breakpoint")(io::ErrorKind::NotFound.into());
        let (memory, moved, under) = placed.ok_or_else(none)?;
        Ok(Held { child, memory, moved, at, under })
    }

    /// Tells where the parts of its memory lie; `loader` is the interpreter's file name.
    ///
    /// Fails where the kernel does not tell.
    pub fn places(&self, loader: Option<&str>) -> io::Result<Places> {
        places(self.child.pid(), loader)
    }

    /// How far it was moved from where it is linked to.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// Reads memory at an address as it is linked.
    ///
    /// Fails where nothing is mapped there.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.memory.read_exact_at(bytes, address.wrapping_add(self.moved))?;
        let at = self.at.checked_sub(address).and_then(|at| usize::try_from(at).ok());
        if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
            [*byte] = self.under;
        }
        Ok(())
    }
}

/// Gives the memory, how far the program was moved, and the byte under the breakpoint.
fn place_breakpoint(child: &Child, entry: u64, at: u64) -> io::Result<(File, u64, [u8; 1])> {
    let pid = child.pid();
    let auxv = fs::read(format!("/proc/{pid}/auxv"))?;
    let (words, _) = auxv.as_chunks::<8>();
    let told = words.as_chunks::<2>().0.iter().map(|pair| pair.map(u64::from_ne_bytes));
    let told = told.into_iter().find(|[key, _]| *key == AT_ENTRY);
    let [_, loaded] = told.ok_or(io::ErrorKind::InvalidData)?;
    let moved = loaded.wrapping_sub(entry);
    let memory = File::options().read(true).write(true).open(format!("/proc/{pid}/mem"))?;
    let mut under = [0];
    memory.read_exact_at(&mut under, at.wrapping_add(moved))?;
    memory.write_all_at(&BREAKPOINT, at.wrapping_add(moved))?;
    Ok((memory, moved, under))
}
