//! Who and how a tool is, where that is not as elfin is: umask, user, and what clock it is told.
//!
//! All of it is put on between fork and exec, so nothing here allocates.
#![allow(unsafe_code, reason = "a seccomp filter is installed by prctl, which has no safe wrapper")]

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{getegid, geteuid};

use crate::entry::{Step, write_to};

/// What a child puts on before it executes the program.
#[derive(Debug, Default)]
pub(crate) struct Guise {
    /// Its umask.
    pub(crate) umask: Option<Mode>,
    /// Another user, in a user namespace of its own.
    pub(crate) user: Option<UserMap>,
    /// Whether each look at the wall clock stops it, for its tracer to answer.
    pub(crate) asks_for_time: bool,
}

impl Guise {
    /// Puts on all but the clock. Async-signal-safe.
    pub(crate) fn put_on(&self) -> Result<(), (Step, Errno)> {
        if let Some(user) = &self.user {
            user.enter().map_err(|errno| (Step::User, errno))?;
        }
        if let Some(mode) = self.umask {
            umask(mode);
        }
        Ok(())
    }

    /// Has the kernel stop the process, and all that it starts, where it looks at the wall clock.
    /// Async-signal-safe; the process must be traced by then.
    pub(crate) fn ask_for_time(&self) -> Result<(), (Step, Errno)> {
        if self.asks_for_time { filter().map_err(|errno| (Step::Filter, errno)) } else { Ok(()) }
    }
}

/// A user and a group that stand for the caller's own in a namespace.
#[derive(Debug)]
pub(crate) struct UserMap {
    user: String,
    group: String,
}

impl UserMap {
    /// The caller is to be seen as `user` and `group`.
    pub(crate) fn new(user: u32, group: u32) -> Self {
        Self { user: format!("{user} {} 1", geteuid()), group: format!("{group} {} 1", getegid()) }
    }

    /// Becomes the user.
    pub(crate) fn enter(&self) -> Result<(), Errno> {
        unshare(CloneFlags::CLONE_NEWUSER)?;
        self.map()
    }

    /// Says in a namespace that was just made who is who.
    pub(crate) fn map(&self) -> Result<(), Errno> {
        // Without this a user may not map its group.
        write_to(c"/proc/self/setgroups", b"deny")?;
        write_to(c"/proc/self/uid_map", self.user.as_bytes())?;
        write_to(c"/proc/self/gid_map", self.group.as_bytes())
    }
}

/// The system calls that tell the wall clock, and `clock_gettime` for the clocks that follow it.
/// The monotonic clock, which Go's scheduler reads all the time, is let through.
#[cfg(target_arch = "x86_64")]
fn filter() -> Result<(), Errno> {
    use libc::{
        BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, SECCOMP_RET_ALLOW,
        SECCOMP_RET_TRACE, sock_filter, sock_fprog,
    };
    const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
    // Where `struct seccomp_data` has the call's number, the architecture and the first argument.
    const NUMBER: u32 = 0;
    const ARCHITECTURE: u32 = 4;
    const FIRST: u32 = 16;
    const ALLOW: u8 = 10;
    const TRACE: u8 = 11;
    const fn step(code: u32, yes: u8, no: u8, k: u32) -> sock_filter {
        // The codes of BPF are 16 bits wide, whatever the type of libc's constants.
        #[allow(clippy::cast_possible_truncation)]
        sock_filter { code: code as u16, jt: yes, jf: no, k }
    }
    const fn load(at: u32) -> sock_filter {
        step(BPF_LD | BPF_W | BPF_ABS, 0, 0, at)
    }
    /// At step `here`: if equal to `k` to step `yes`, else to step `no`.
    const fn branch(here: u8, k: u32, yes: u8, no: u8) -> sock_filter {
        step(BPF_JMP | BPF_JEQ | BPF_K, yes - here - 1, no - here - 1, k)
    }
    const fn number(call: libc::c_long) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let number = call as u32; // they are small
        number
    }
    const PROGRAM: [sock_filter; 12] = [
        load(ARCHITECTURE),
        branch(1, AUDIT_ARCH_X86_64, 2, ALLOW),
        load(NUMBER),
        branch(3, number(libc::SYS_gettimeofday), TRACE, 4),
        branch(4, number(libc::SYS_time), TRACE, 5),
        branch(5, number(libc::SYS_clock_gettime), 6, ALLOW),
        load(FIRST),
        branch(7, libc::CLOCK_REALTIME.cast_unsigned(), TRACE, 8),
        branch(8, libc::CLOCK_REALTIME_COARSE.cast_unsigned(), TRACE, 9),
        branch(9, libc::CLOCK_TAI.cast_unsigned(), TRACE, ALLOW),
        step(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW),
        step(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE),
    ];
    prctl::set_no_new_privs()?; // without it only root may have a filter
    let program = PROGRAM;
    let length = u16::try_from(program.len()).unwrap_or(u16::MAX);
    let filter = sock_fprog { len: length, filter: (&raw const program).cast_mut().cast() };
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: the pointer is to a filter of the length that it says, which the kernel copies.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const filter, 0, 0) };
    Errno::result(result).map(drop)
}

/// No other processor's system calls are known here.
#[cfg(not(target_arch = "x86_64"))]
fn filter() -> Result<(), Errno> {
    Err(Errno::ENOSYS)
}
