//! Runs a tool, and all that it starts, at another time of day.
//!
//! Go's programs are static and read the clock through the vDSO, so that neither a preloaded library
//! nor a time namespace (which knows the monotonic clock alone) moves it. Here the vDSO is hidden
//! from every program that is executed, which then asks the kernel; a filter stops it at each such
//! call; and the tracer answers in the kernel's place. Files still get the kernel's own times. amd64
//! only.
#![allow(unsafe_code, reason = "waitid for all tracees of one thread has no safe wrapper")]

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, killpg};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

use crate::Cancel;
use crate::child::{Launch, News, PATIENCE, Remains, SpawnError};
use crate::entry::Step;
use crate::trace::resume;

/// Keys of the auxiliary vector: its end, one to pass over, and where the vDSO is.
const AT_NULL: u64 = 0;
const AT_IGNORE: u64 = 1;
const AT_SYSINFO_EHDR: u64 = 33;

/// Runs what is launched to its end with its wall clock `ahead` by so many seconds.
///
/// A thread of its own does it: where that ends, so does whatever is still traced.
pub(crate) fn run(
    launch: Launch<'_>,
    ahead: i64,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<io::Result<(News, Duration, Remains)>, SpawnError> {
    let lost =
        || SpawnError { step: Step::Fork, source: io::Error::other("a thread has panicked") };
    thread::scope(|scope| {
        let leading = scope.spawn(|| lead(launch, ahead, timeout, cancel));
        leading.join().unwrap_or_else(|_| Err(lost()))
    })
}

fn lead(
    launch: Launch<'_>,
    ahead: i64,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<io::Result<(News, Duration, Remains)>, SpawnError> {
    let mut child = launch.spawn()?;
    let leader = child.pid();
    // Tracees can be waited for by this thread alone, and pipes must not run full meanwhile.
    let (watched, answered) = thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let watched = child.watch(timeout, PATIENCE, cancel, |child| Ok(child.has_ended()));
            if !matches!(watched, Ok((News::Ready | News::Ended, _))) {
                let _ = killpg(leader, Signal::SIGKILL); // nothing is left to stop but us
            }
            watched
        });
        let answered = Shift { leader, ahead, known: HashSet::new() }.answer_all();
        if answered.is_err() {
            let _ = killpg(leader, Signal::SIGKILL);
        }
        let panicked = || Err(io::Error::other("a thread has panicked"));
        (watching.join().unwrap_or_else(|_| panicked()), answered)
    });
    let remains = child.finish();
    let all = || {
        let (news, wall) = watched?;
        answered?;
        Ok((news, wall, remains?))
    };
    Ok(all())
}

/// The tracer of a tree of processes.
struct Shift {
    leader: Pid,
    /// Seconds.
    ahead: i64,
    /// Threads whose first stop, which is no signal of theirs, is over.
    known: HashSet<i32>,
}

/// What has become of a tracee.
enum Change {
    Stopped(Pid, i32),
    Ended(Pid),
}

impl Shift {
    /// Answers until the leader has ended, which is then still to be reaped.
    fn answer_all(&mut self) -> io::Result<()> {
        while let Some(change) = peek()? {
            match change {
                Change::Ended(pid) if pid == self.leader => break,
                Change::Ended(pid) => {
                    take(pid, libc::WEXITED)?;
                    self.known.remove(&pid.as_raw());
                }
                Change::Stopped(pid, stop) => {
                    take(pid, libc::WSTOPPED)?;
                    match self.answer(pid, stop) {
                        Ok(signal) => resume(pid, signal),
                        Err(Errno::ESRCH) => {} // it has been killed meanwhile
                        Err(errno) => return Err(errno.into()),
                    }
                }
            }
        }
        Ok(())
    }

    /// Deals with a stop, and gives the signal with which the tracee goes on.
    fn answer(&mut self, pid: Pid, stop: i32) -> Result<i32, Errno> {
        match stop >> 8 {
            libc::PTRACE_EVENT_SECCOMP => tell_time(pid, self.ahead)?,
            libc::PTRACE_EVENT_EXEC => hide_vdso(pid)?,
            0 if self.known.insert(pid.as_raw()) => {
                if pid == self.leader {
                    let inherited = Options::PTRACE_O_TRACEFORK
                        | Options::PTRACE_O_TRACEVFORK
                        | Options::PTRACE_O_TRACECLONE
                        | Options::PTRACE_O_TRACEEXEC;
                    let here = Options::PTRACE_O_TRACESECCOMP | Options::PTRACE_O_EXITKILL;
                    ptrace::setoptions(pid, inherited | here)?;
                    hide_vdso(pid)?; // it has just executed its program
                } else if stop != libc::SIGSTOP {
                    return Ok(stop);
                }
            }
            0 => return Ok(stop),
            _ => {}
        }
        Ok(0)
    }
}

/// Waits for a change of any tracee of this thread and leaves it to be taken; `None` if there is
/// no tracee.
fn peek() -> io::Result<Option<Change>> {
    let flags = libc::WEXITED | libc::WSTOPPED | libc::WNOWAIT | libc::__WALL | libc::__WNOTHREAD;
    let Some((pid, code, status)) = wait(libc::P_ALL, 0, flags)? else { return Ok(None) };
    let pid = Pid::from_raw(pid);
    let ended = [libc::CLD_EXITED, libc::CLD_KILLED, libc::CLD_DUMPED].contains(&code);
    Ok(Some(if ended { Change::Ended(pid) } else { Change::Stopped(pid, status) }))
}

/// Takes the change of one tracee.
fn take(pid: Pid, what: i32) -> io::Result<()> {
    let flags = what | libc::WNOHANG | libc::__WALL | libc::__WNOTHREAD;
    wait(libc::P_PID, pid.as_raw().cast_unsigned(), flags).map(drop)
}

/// The process id, the code and the status of a change.
fn wait(kind: libc::idtype_t, id: u32, flags: i32) -> io::Result<Option<(i32, i32, i32)>> {
    loop {
        let mut raw = MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: the pointer is to room for one siginfo.
        let result = unsafe { libc::waitid(kind, id, raw.as_mut_ptr(), flags) };
        match Errno::result(result) {
            Ok(_) => {
                // SAFETY: zeroed, and then filled by a kernel that knows which fields `waitid` has.
                let (pid, code, status) = unsafe {
                    let info = raw.assume_init_ref();
                    (info.si_pid(), info.si_code, info.si_status())
                };
                return Ok(Some((pid, code, status)));
            }
            Err(Errno::ECHILD) => return Ok(None),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Answers a system call that asks for the time, so that the kernel passes it over.
#[cfg(target_arch = "x86_64")]
fn tell_time(pid: Pid, ahead: i64) -> Result<(), Errno> {
    /// Not the number of any system call.
    const NONE: u64 = u64::MAX;
    let mut registers = ptrace::getregs(pid)?;
    let call = i64::try_from(registers.orig_rax).unwrap_or(-1);
    let clock = if call == libc::SYS_clock_gettime {
        ClockId::from_raw(i32::try_from(registers.rdi).unwrap_or(libc::CLOCK_REALTIME))
    } else {
        ClockId::CLOCK_REALTIME
    };
    let now = clock_gettime(clock)?;
    let seconds = now.tv_sec().saturating_add(ahead);
    let (to, words) = match call {
        libc::SYS_clock_gettime => (registers.rsi, vec![seconds, now.tv_nsec()]),
        libc::SYS_gettimeofday => (registers.rdi, vec![seconds, now.tv_nsec() / 1000]),
        _ => (registers.rdi, vec![seconds]),
    };
    let mut result = if call == libc::SYS_time { seconds } else { 0 };
    for (at, word) in (to..).step_by(8).zip(words) {
        // No place to put it is no error, but a place that is not there is.
        if to != 0 && ptrace::write(pid, at as ptrace::AddressType, word).is_err() {
            result = -i64::from(libc::EFAULT);
        }
    }
    registers.orig_rax = NONE;
    registers.rax = result.cast_unsigned();
    ptrace::setregs(pid, registers)
}

#[cfg(not(target_arch = "x86_64"))]
fn tell_time(_: Pid, _: i64) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}

/// Takes the vDSO out of what a program that begins is told by the kernel.
#[cfg(target_arch = "x86_64")]
fn hide_vdso(pid: Pid) -> Result<(), Errno> {
    /// The code segment of a 32-bit program, whose calls the filter lets through.
    const USER32: u64 = 0x23;
    let registers = ptrace::getregs(pid)?;
    if registers.cs == USER32 {
        return Ok(());
    }
    let gone = |_| Errno::ESRCH;
    let memory = File::options().read(true).write(true).open(format!("/proc/{pid}/mem"));
    let memory = memory.map_err(gone)?;
    let word = |at: u64| {
        let mut bytes = [0; 8];
        memory.read_exact_at(&mut bytes, at).map_err(gone)?;
        Ok::<u64, Errno>(u64::from_ne_bytes(bytes))
    };
    // The number of arguments, the arguments, a zero, the environment, a zero, and pairs.
    let mut at = registers.rsp;
    at += 8 * (word(at)? + 2);
    while word(at)? != 0 {
        at += 8;
    }
    at += 8;
    loop {
        match word(at)? {
            AT_NULL => return Ok(()),
            AT_SYSINFO_EHDR => {
                memory.write_all_at(&AT_IGNORE.to_ne_bytes(), at).map_err(gone)?;
                return memory.write_all_at(&0_u64.to_ne_bytes(), at + 8).map_err(gone);
            }
            _ => at += 16,
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn hide_vdso(_: Pid) -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}
