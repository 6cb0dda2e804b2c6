//! Holds a program at the moment of its end, when its memory is still there to be looked at.
//!
//! Only the first thread is traced: it is the one that is there until the end, and every other
//! thread would be slowed down for nothing.
#![allow(unsafe_code, reason = "nix knows no real-time signals, which a tracee may well receive")]

use std::io;
use std::mem::MaybeUninit;

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::unistd::Pid;

/// Leads a traced child from its first stop, after exec, to its last, before its end.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    attached: bool,
}

impl Tracer {
    /// Gives the stop that the child has come to, if any, and does not let it go on.
    ///
    /// Fails where the system does not let it be traced.
    pub(crate) fn stopped(&mut self, pid: Pid) -> io::Result<Option<i32>> {
        let stop = next_stop(pid)?;
        if stop.is_some() && !std::mem::replace(&mut self.attached, true) {
            ptrace::setoptions(pid, Options::PTRACE_O_EXITKILL)?;
        }
        Ok(stop)
    }

    /// Lets the child go on from every stop it has come to, and tells whether it is at its last.
    ///
    /// Fails where the system does not let it be traced.
    pub(crate) fn advance(&mut self, pid: Pid) -> io::Result<bool> {
        const STOPS: usize = 1000; // a program that only sends itself signals must not hold us
        for _ in 0..STOPS {
            let Some(stop) = next_stop(pid)? else { break };
            if stop >> 8 == libc::PTRACE_EVENT_EXIT {
                return Ok(true);
            }
            // The first stop is that of exec, and is not the program's. Later ones of exec are
            // told as events, which like all events carry no signal; a signal is handed on.
            let first = !std::mem::replace(&mut self.attached, true);
            if first {
                let exit = Options::PTRACE_O_TRACEEXIT | Options::PTRACE_O_EXITKILL;
                ptrace::setoptions(pid, exit | Options::PTRACE_O_TRACEEXEC)?;
            }
            resume(pid, if first || stop >> 8 != 0 { 0 } else { stop });
        }
        Ok(false)
    }
}

/// Lets a stopped tracee of this thread go on, with a signal if it is not 0.
///
/// A tracee that is gone needs no help.
pub(crate) fn resume(pid: Pid, signal: i32) {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: this request takes two numbers; neither is used as a pointer.
    unsafe { libc::ptrace(libc::PTRACE_CONT, pid.as_raw(), none, libc::c_long::from(signal)) };
}

/// The stop that the child has come to, if any: a signal, in the second byte an event.
fn next_stop(pid: Pid) -> io::Result<Option<i32>> {
    let mut raw = MaybeUninit::<libc::siginfo_t>::zeroed();
    // Without WEXITED, so that it reaps nothing.
    let flags = libc::WSTOPPED | libc::WNOHANG | libc::__WALL;
    // SAFETY: the pointer is to room for one siginfo.
    let result =
        unsafe { libc::waitid(libc::P_PID, pid.as_raw().cast_unsigned(), raw.as_mut_ptr(), flags) };
    match Errno::result(result) {
        Ok(_) => {
            // SAFETY: zeroed, and then filled by a kernel that knows which fields `waitid` has.
            let (who, status) = unsafe {
                let info = raw.assume_init_ref();
                (info.si_pid(), info.si_status())
            };
            Ok((who != 0).then_some(status))
        }
        Err(Errno::ECHILD | Errno::EINTR) => Ok(None), // it has ended, which the pidfd tells
        Err(errno) => Err(errno.into()),
    }
}
