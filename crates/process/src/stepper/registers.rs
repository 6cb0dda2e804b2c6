//! The registers of a stopped thread, on amd64; on another processor there are none to be had.
#![allow(unsafe_code, reason = "nix gives the general registers only")]

use std::io;

use nix::unistd::Pid;

/// The registers of the first thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.
    pub general: [u64; 16],
    /// RIP.
    pub rip: u64,
    /// RFLAGS.
    pub flags: u64,
    /// Where the thread's own memory is.
    pub fs_base: u64,
}

#[cfg(target_arch = "x86_64")]
pub(super) use amd64::{leave, read, set, set_vectors, vectors};

#[cfg(not(target_arch = "x86_64"))]
pub(super) use none::{leave, read, set, set_vectors, vectors};

#[cfg(target_arch = "x86_64")]
mod amd64 {
    use super::{Pid, Registers, io};
    use nix::errno::Errno;
    use nix::sys::ptrace;
    use std::mem::MaybeUninit;

    pub(crate) fn read(pid: Pid) -> io::Result<Registers> {
        let r = ptrace::getregs(pid)?;
        Ok(Registers {
            general: [
                r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi, r.r8, r.r9, r.r10, r.r11,
                r.r12, r.r13, r.r14, r.r15,
            ],
            rip: r.rip,
            flags: r.eflags,
            fs_base: r.fs_base,
        })
    }

    pub(crate) fn set(pid: Pid, to: &Registers) -> io::Result<()> {
        let mut r = ptrace::getregs(pid)?;
        let g = to.general;
        [r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi] =
            [g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7]];
        [r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15] =
            [g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]];
        (r.rip, r.eflags) = (to.rip, to.flags);
        r.orig_rax = u64::MAX; // no system call is to be begun again
        Ok(ptrace::setregs(pid, r)?)
    }

    /// Makes a thread that a system call has just made end by the same instruction.
    pub(crate) fn leave(thread: Pid) -> io::Result<()> {
        const SYSCALL_BYTES: u64 = 2;
        let mut r = ptrace::getregs(thread)?;
        r.rax = u64::try_from(libc::SYS_exit).map_err(io::Error::other)?;
        r.rdi = 0;
        r.rip = r.rip.wrapping_sub(SYSCALL_BYTES);
        r.orig_rax = u64::MAX;
        Ok(ptrace::setregs(thread, r)?)
    }

    pub(crate) fn vectors(pid: Pid) -> io::Result<[u128; 16]> {
        let area = floats(pid)?;
        let mut vectors = [0; 16];
        for (to, from) in vectors.iter_mut().zip(area.xmm_space.as_chunks::<4>().0) {
            *to = from.iter().rev().fold(0, |all, part| all << 32 | u128::from(*part));
        }
        Ok(vectors)
    }

    pub(crate) fn set_vectors(pid: Pid, vectors: &[u128; 16]) -> io::Result<()> {
        let mut area = floats(pid)?;
        for (to, from) in area.xmm_space.as_chunks_mut::<4>().0.iter_mut().zip(vectors) {
            for (index, part) in to.iter_mut().enumerate() {
                *part = u32::try_from(from >> (32 * index) & 0xffff_ffff).unwrap_or(0);
            }
        }
        let none = std::ptr::null_mut::<libc::c_void>();
        let data = (&raw mut area).cast::<libc::c_void>();
        // SAFETY: the pointer is to a whole structure of what this request takes.
        let done = unsafe { libc::ptrace(libc::PTRACE_SETFPREGS, pid.as_raw(), none, data) };
        Errno::result(done).map(drop).map_err(Into::into)
    }

    fn floats(pid: Pid) -> io::Result<libc::user_fpregs_struct> {
        let mut area = MaybeUninit::<libc::user_fpregs_struct>::zeroed();
        let none = std::ptr::null_mut::<libc::c_void>();
        let data = area.as_mut_ptr().cast::<libc::c_void>();
        // SAFETY: the pointer is to room for what this request gives.
        let done = unsafe { libc::ptrace(libc::PTRACE_GETFPREGS, pid.as_raw(), none, data) };
        Errno::result(done)?;
        // SAFETY: the call succeeded, so the kernel has filled it.
        Ok(unsafe { area.assume_init() })
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod none {
    use super::{Pid, Registers, io};

    fn unsupported<T>() -> io::Result<T> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn read(_: Pid) -> io::Result<Registers> {
        unsupported()
    }

    pub(crate) fn set(_: Pid, _: &Registers) -> io::Result<()> {
        unsupported()
    }

    pub(crate) fn leave(_: Pid) -> io::Result<()> {
        unsupported()
    }

    pub(crate) fn vectors(_: Pid) -> io::Result<[u128; 16]> {
        unsupported()
    }

    pub(crate) fn set_vectors(_: Pid, _: &[u128; 16]) -> io::Result<()> {
        unsupported()
    }
}
