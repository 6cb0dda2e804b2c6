//! Leads a program from its first instruction on: to a mark, or one instruction after the other.
//!
//! Only the first thread is led, which is the one that gets a program ready. Go's
//! own watcher, `sysmon`, is the first thread that a Go program makes; where the
//! course must be the same every time that thread ends where it begins, because it
//! would take the processor from a thread that is led so slowly. All other threads
//! run free. Whatever happens, nothing of the program is left when this is dropped,
//! and a watchdog ends a program that never comes to its next stop.
#![allow(unsafe_code, reason = "ptrace requests and waitid have no safe wrapper that fits")]

mod registers;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::uio::{RemoteIoVec, process_vm_readv, process_vm_writev};
use nix::unistd::Pid;

use crate::child::Child;
use crate::clock::monotonic;
use crate::start::absolute;
use crate::{Cancel, Program, StartError};

pub use registers::Registers;

/// `int3`.
const BREAKPOINT: u8 = 0xcc;
/// Keys of /proc/PID/auxv.
const AT_ENTRY: u64 = 9;
const AT_RANDOM: u64 = 25;

/// How a program is led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// As it would run.
    Free,
    /// The same every time as far as that can be: addresses and the kernel's random bytes are
    /// fixed, elfin's own environment is left out but for `LD_…`, and the first thread that the program makes ends at once.
    Repeatable,
}

/// Why the first thread stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It did an instruction.
    Stepped,
    /// It is at a mark, an address as it runs.
    Mark(u64),
    /// It ended, or was ended by the watchdog or a signal.
    Ended,
}

/// A program that is led.
#[derive(Debug)]
pub struct Stepper {
    child: Child,
    memory: File,
    moved: u64,
    entry: u64,
    exec: Duration,
    /// The first thread that the program made has been told to end.
    watcher_left: bool,
    signal: i32,
    /// Marks by address, with the byte that was there.
    marks: HashMap<u64, u8>,
    ran: Duration,
    timeout: Duration,
    watchdog: Option<Watchdog>,
}

/// Ends the program when its time is up or the user wants to go.
#[derive(Debug)]
struct Watchdog {
    over: Arc<AtomicBool>,
    barked: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watchdog {
    fn new(pid: Pid, timeout: Duration, cancel: &Cancel) -> Watchdog {
        const LOOK: Duration = Duration::from_millis(50);
        let (over, barked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (is_over, barks, cancel) = (Arc::clone(&over), Arc::clone(&barked), cancel.clone());
        let end = Instant::now() + timeout;
        let thread = thread::spawn(move || {
            while !is_over.load(Ordering::Acquire) {
                if cancel.is_cancelled() || Instant::now() >= end {
                    barks.store(true, Ordering::Release);
                    let _ = kill(pid, Signal::SIGKILL); // it may have ended
                    return;
                }
                thread::park_timeout(LOOK);
            }
        });
        Watchdog { over, barked, thread }
    }

    fn dismiss(self) {
        self.over.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let _ = self.thread.join(); // it cannot panic
    }
}

impl Drop for Stepper {
    fn drop(&mut self) {
        // Before the child is reaped, so that nobody else's process gets the signal.
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.dismiss();
        }
    }
}

impl Stepper {
    /// Starts a program and stops it before its first instruction; `entry` is the entry point that
    /// its file names.
    ///
    /// Fails like [`start`](crate::start()), and where tracing is not permitted.
    pub fn start(
        program: &Program,
        entry: u64,
        course: Course,
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Stepper, StartError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(StartError::NotPermitted { what: "stepping on this processor".into() });
        }
        let mut launch = program.launch(&absolute(&program.path)?);
        launch.traced = true;
        launch.fixed_addresses = course == Course::Repeatable;
        if course == Course::Repeatable {
            // How long the environment is, and what stands in it, is part of what a start reads.
            for (key, _) in std::env::vars_os() {
                let own = program.environment.iter().any(|(it, _)| *it == key);
                if !own && !key.to_string_lossy().starts_with("LD_") {
                    launch.command.env_remove(&key);
                }
            }
        }
        let child = launch.spawn().map_err(|error| StartError::spawn(&program.path, error))?;
        child.widen_pipes(); // nobody reads while the program is led
        let pid = child.pid();
        let watchdog = Watchdog::new(pid, timeout, cancel);
        let mut stepper = Self {
            memory: File::options()
                .read(true)
                .write(true)
                .open(format!("/proc/{pid}/mem"))
                .map_err(StartError::os("opening a program's memory"))?,
            child,
            moved: 0,
            entry,
            exec: Duration::ZERO,
            watcher_left: false,
            signal: 0,
            marks: HashMap::new(),
            ran: Duration::ZERO,
            timeout,
            watchdog: Some(watchdog),
        };
        stepper.first_stop(course).map_err(StartError::os("stopping a program at its start"))?;
        Ok(stepper)
    }

    fn first_stop(&mut self, course: Course) -> io::Result<()> {
        let pid = self.child.pid();
        if wait_stop(pid)?.is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.exec = monotonic()?.saturating_sub(self.child.began());
        let repeatable = course == Course::Repeatable;
        let clones = if repeatable { Options::PTRACE_O_TRACECLONE } else { Options::empty() };
        ptrace::setoptions(pid, Options::PTRACE_O_EXITKILL | clones)?;
        self.moved =
            self.told(AT_ENTRY)?.ok_or(io::ErrorKind::InvalidData)?.wrapping_sub(self.entry);
        if repeatable && let Some(random) = self.told(AT_RANDOM)? {
            self.memory.write_all_at(b"elfin elfin elfi", random)?;
        }
        Ok(())
    }

    /// What the kernel tells under a key.
    fn told(&self, key: u64) -> io::Result<Option<u64>> {
        let auxv = fs::read(format!("/proc/{}/auxv", self.child.pid()))?;
        let (words, _) = auxv.as_chunks::<8>();
        let pairs = words.as_chunks::<2>().0.iter().map(|pair| pair.map(u64::from_ne_bytes));
        Ok(pairs.into_iter().find(|[it, _]| *it == key).map(|[_, value]| value))
    }

    /// How far the program was moved from where it is linked.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// The time that the kernel took to execute the program, and to tell us.
    pub fn exec(&self) -> Duration {
        self.exec
    }

    /// The time that the program has run under [`proceed`](Self::proceed), stops left out.
    pub fn ran(&self) -> Duration {
        self.ran
    }

    /// Reads what it has written to standard error.
    ///
    /// Fails where the pipe cannot be read.
    pub fn stderr(&mut self) -> io::Result<&[u8]> {
        self.child.stderr()
    }

    /// The page faults that it has had: from memory, and from the disk.
    pub fn faults(&self) -> Option<(u64, u64)> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.pid())).ok()?;
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        Some((fields.get(7)?.parse().ok()?, fields.get(9)?.parse().ok()?))
    }

    /// Puts a mark at an address as the program runs.
    ///
    /// Fails where nothing is mapped there.
    pub fn mark(&mut self, address: u64) -> io::Result<()> {
        if self.marks.contains_key(&address) {
            return Ok(());
        }
        let mut under = [0];
        self.memory.read_exact_at(&mut under, address)?;
        self.memory.write_all_at(&[BREAKPOINT], address)?;
        self.marks.insert(address, under[0]);
        Ok(())
    }

    /// Takes a mark away.
    ///
    /// Fails where the memory is gone.
    pub fn unmark(&mut self, address: u64) -> io::Result<()> {
        match self.marks.remove(&address) {
            Some(under) => self.memory.write_all_at(&[under], address),
            None => Ok(()),
        }
    }

    /// Lets the program run to its next mark or to its end; the mark it comes to is taken away.
    ///
    /// Fails where the system does not let it be traced.
    pub fn proceed(&mut self) -> io::Result<Event> {
        let pid = self.child.pid();
        loop {
            let begin = monotonic()?;
            resume(pid, libc::PTRACE_CONT, std::mem::take(&mut self.signal))?;
            let stop = wait_stop(pid)?;
            self.ran += monotonic()?.saturating_sub(begin);
            let Some(stop) = stop else { return Ok(Event::Ended) };
            if stop == libc::SIGTRAP {
                let mut registers = self.registers()?;
                let at = registers.rip.wrapping_sub(1);
                if self.marks.contains_key(&at) {
                    self.unmark(at)?;
                    registers.rip = at;
                    self.set_registers(&registers)?;
                    return Ok(Event::Mark(at));
                }
            }
            self.note(stop)?;
        }
    }

    /// Lets the processor do one instruction of the first thread.
    ///
    /// Fails where the system does not let it be traced.
    pub fn step(&mut self) -> io::Result<Event> {
        let pid = self.child.pid();
        let (mut request, begin) = (libc::PTRACE_SINGLESTEP, monotonic()?);
        loop {
            resume(pid, request, std::mem::take(&mut self.signal))?;
            let stop = wait_stop(pid)?;
            self.ran = self.ran.saturating_add(monotonic()?.saturating_sub(begin));
            match stop {
                None => return Ok(Event::Ended),
                Some(libc::SIGTRAP) => return Ok(Event::Stepped),
                // In the middle of a system call that made a thread, or a signal that comes first.
                Some(stop) => self.note(stop)?,
            }
            request = libc::PTRACE_SINGLESTEP;
        }
    }

    /// Takes up what a stop is about that is none of the caller's.
    fn note(&mut self, stop: i32) -> io::Result<()> {
        if stop >> 8 == libc::PTRACE_EVENT_CLONE {
            let thread = ptrace::getevent(self.child.pid())?;
            let thread = Pid::from_raw(i32::try_from(thread).map_err(io::Error::other)?);
            // A new thread stands still before its first instruction.
            if wait_stop(thread)?.is_some() {
                if !std::mem::replace(&mut self.watcher_left, true) {
                    registers::leave(thread)?;
                }
                ptrace::detach(thread, None)?;
            }
        } else if stop >> 8 == 0 && stop != libc::SIGTRAP && stop != libc::SIGSTOP {
            self.signal = stop;
        }
        Ok(())
    }

    /// Reads the registers of the first thread.
    ///
    /// Fails where it has ended.
    pub fn registers(&self) -> io::Result<Registers> {
        registers::read(self.child.pid())
    }

    /// Sets the registers of the first thread, all but where its own memory is.
    ///
    /// Fails where it has ended.
    pub fn set_registers(&mut self, to: &Registers) -> io::Result<()> {
        registers::set(self.child.pid(), to)
    }

    /// Reads the lower halves of the vector registers.
    ///
    /// Fails where the thread has ended.
    pub fn vectors(&self) -> io::Result<[u128; 16]> {
        registers::vectors(self.child.pid())
    }

    /// Sets the lower halves of the vector registers.
    ///
    /// Fails where the thread has ended.
    pub fn set_vectors(&mut self, to: &[u128; 16]) -> io::Result<()> {
        registers::set_vectors(self.child.pid(), to)
    }

    /// Reads memory as the program itself could.
    ///
    /// Fails where it could not, or not all of it.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> io::Result<()> {
        let base = usize::try_from(address).map_err(io::Error::other)?;
        let remote = [RemoteIoVec { base, len: bytes.len() }];
        let wanted = bytes.len();
        let got = process_vm_readv(self.child.pid(), &mut [IoSliceMut::new(bytes)], &remote)?;
        if got == wanted { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Writes memory as the program itself could, of one page or of none.
    ///
    /// Fails where it could not.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()> {
        let base = usize::try_from(address).map_err(io::Error::other)?;
        let remote = [RemoteIoVec { base, len: bytes.len() }];
        let put = process_vm_writev(self.child.pid(), &[IoSlice::new(bytes)], &remote)?;
        if put == bytes.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Why it ended before its time: interrupted, or killed because its time was up.
    pub fn ended(&self, cancel: &Cancel) -> StartError {
        let barked = self.watchdog.as_ref().is_some_and(|it| it.barked.load(Ordering::Acquire));
        if cancel.is_cancelled() {
            return StartError::Interrupted;
        }
        let after = if barked { self.timeout } else { self.ran };
        StartError::NeverReady { after, exit: None, stdout: Vec::new(), stderr: Vec::new() }
    }
}

/// Lets a stopped thread go on by a request, with a signal if it is not 0.
fn resume(pid: Pid, request: libc::c_uint, signal: i32) -> io::Result<()> {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: these requests take two numbers; neither is used as a pointer.
    let done = unsafe { libc::ptrace(request, pid.as_raw(), none, libc::c_long::from(signal)) };
    match Errno::result(done) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()), // what has ended is told by the next wait
        Err(errno) => Err(errno.into()),
    }
}

/// Waits for the next stop of a traced thread: a signal, in the second byte an event; `None` where
/// it has ended. It is not reaped.
fn wait_stop(pid: Pid) -> io::Result<Option<i32>> {
    let mut raw = MaybeUninit::<libc::siginfo_t>::zeroed();
    loop {
        // An end is left for whoever reaps the child; a stop is taken, as the next wait would see
        // it again.
        let flags = libc::WSTOPPED | libc::WEXITED | libc::WNOWAIT | libc::__WALL;
        let (code, status) = match wait(pid, flags, &mut raw) {
            Ok(seen) => seen,
            Err(Errno::EINTR) => continue,
            Err(Errno::ECHILD) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        if code != libc::CLD_TRAPPED && code != libc::CLD_STOPPED {
            return Ok(None);
        }
        return match wait(pid, libc::WSTOPPED | libc::WNOHANG | libc::__WALL, &mut raw) {
            Ok(_) => Ok(Some(status)),
            Err(Errno::EINTR) => continue,
            Err(Errno::ECHILD) => Ok(None),
            Err(errno) => Err(errno.into()),
        };
    }
}

fn wait(pid: Pid, flags: i32, raw: &mut MaybeUninit<libc::siginfo_t>) -> Result<(i32, i32), Errno> {
    // SAFETY: the pointer is to room for one siginfo.
    let done =
        unsafe { libc::waitid(libc::P_PID, pid.as_raw().cast_unsigned(), raw.as_mut_ptr(), flags) };
    Errno::result(done)?;
    // SAFETY: zeroed, and then filled by a kernel that knows which fields `waitid` has.
    Ok(unsafe {
        let info = raw.assume_init_ref();
        (info.si_code, info.si_status())
    })
}
