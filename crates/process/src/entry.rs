//! What a child does between fork and exec, and how it tells the parent.
//!
//! Between the two only async-signal-safe calls are allowed: another thread of the parent may have
//! held the allocator's lock at the fork, and nobody is left to release it. So all that is needed
//! is made before ([`Entry`]), and nothing here allocates, formats or locks. The child's one word
//! home is a [`Mark`], written to a pipe as its last act before exec.
#![allow(unsafe_code, reason = "signal dispositions, ptrace and rusage have no safe wrapper")]

use std::ffi::{CStr, CString};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, unshare};
use nix::sys::personality::{self, Persona};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, Uid, chdir, chroot, getppid, write};

use crate::clock::{Usage, monotonic};
use crate::guise::{Guise, UserMap};
use crate::image::Image;

/// How far a child came; the parent learns from it what an error number was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Fork,
    Namespace,
    Directory,
    User,
    Trace,
    Filter,
    Exec,
}

impl Step {
    const ALL: [Self; 7] = [
        Self::Fork,
        Self::Namespace,
        Self::Directory,
        Self::User,
        Self::Trace,
        Self::Filter,
        Self::Exec,
    ];

    /// Says what was being done, for an error.
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::Fork => "starting a process",
            Self::Namespace => "changing the root",
            Self::Directory => "entering the working directory",
            Self::User => "becoming another user in a user namespace",
            Self::Trace => "asking to be traced",
            Self::Filter => "installing a filter of system calls",
            Self::Exec => "executing the program",
        }
    }
}

/// The child's message: how far it came, and at [`Step::Exec`] when and having used what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) step: Step,
    /// On the monotonic clock.
    pub(crate) at: Duration,
    pub(crate) used: Usage,
}

impl Mark {
    const WORDS: usize = 5;
    const BYTES: usize = Self::WORDS * size_of::<u64>();

    fn early(step: Step) -> Self {
        Self { step, at: Duration::ZERO, used: Usage::default() }
    }

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let words: [u64; Self::WORDS] = [
            self.step as u64,
            nanos(self.at),
            nanos(self.used.cpu),
            self.used.minor_faults,
            self.used.major_faults,
        ];
        let mut bytes = [0; Self::BYTES];
        for (to, word) in bytes.chunks_exact_mut(size_of::<u64>()).zip(words) {
            to.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    /// Reads the last message in the pipe, once all who could write to it are gone.
    ///
    /// A child that could not even be forked has sent none. Fails where the pipe cannot be read.
    pub(crate) fn last(mut pipe: PipeReader) -> io::Result<Self> {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes)?;
        let Some(message) = bytes.rchunks_exact(Self::BYTES).next() else {
            return Ok(Self::early(Step::Fork));
        };
        let mut words = [0; Self::WORDS];
        for (word, from) in words.iter_mut().zip(message.as_chunks().0) {
            *word = u64::from_ne_bytes(*from);
        }
        let [step, at, cpu, minor_faults, major_faults] = words;
        Ok(Self {
            step: *Step::ALL.iter().find(|one| **one as u64 == step).unwrap_or(&Step::Fork),
            at: Duration::from_nanos(at),
            used: Usage { cpu: Duration::from_nanos(cpu), minor_faults, major_faults },
        })
    }
}

/// Another root for the child: the folder, and who it is in its own user namespace.
#[derive(Debug)]
pub(crate) struct Root {
    folder: CString,
    user: UserMap,
}

impl Root {
    /// Makes `folder` the root, in which the caller is user and group 0.
    pub(crate) fn new(folder: CString) -> Self {
        Self { folder, user: UserMap::new(0, 0) }
    }

    /// Enters the root. Who is root already can do so without a namespace, where there is none.
    fn enter(&self) -> Result<(), Errno> {
        match unshare(CloneFlags::CLONE_NEWUSER) {
            Ok(()) => self.user.map()?,
            Err(_) if Uid::effective().is_root() => {}
            Err(refused) => return Err(refused),
        }
        chroot(self.folder.as_c_str())?;
        chdir(c"/")
    }
}

pub(crate) fn write_to(path: &CStr, text: &[u8]) -> Result<(), Errno> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    write(&file, text).map(drop)
}

/// All that a child needs between fork and exec, made before the fork.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) parent: Pid,
    pub(crate) directory: Option<CString>,
    pub(crate) root: Option<Root>,
    pub(crate) guise: Guise,
    pub(crate) traced: bool,
    pub(crate) fixed_addresses: bool,
    pub(crate) mark: PipeWriter,
    pub(crate) image: Image,
}

impl Entry {
    /// Turns the process that it is called in into the program, and returns only if it cannot.
    ///
    /// Fails with the number of the first step that failed, of which the mark tells the name.
    pub(crate) fn pass(&self) -> io::Result<()> {
        let (mark, failed) = match self.prepare() {
            Ok(mark) => (mark, None),
            Err((step, errno)) => (Mark::early(step), Some(errno)),
        };
        (&self.mark).write_all(&mark.to_bytes())?;
        Err(failed.unwrap_or_else(|| self.image.execute()).into())
    }

    fn prepare(&self) -> Result<Mark, (Step, Errno)> {
        let at = |step| move |errno| (step, errno);
        reset_signals().map_err(at(Step::Fork))?;
        if let Some(root) = &self.root {
            root.enter().map_err(at(Step::Namespace))?;
        }
        if let Some(directory) = &self.directory {
            chdir(directory.as_c_str()).map_err(at(Step::Directory))?;
        }
        self.guise.put_on()?;
        // After the namespace, since a change of credentials may clear it.
        prctl::set_pdeathsig(Signal::SIGKILL).map_err(at(Step::Fork))?;
        if getppid() != self.parent {
            return Err((Step::Fork, Errno::ESRCH)); // the parent died first: nobody would kill us
        }
        if self.fixed_addresses {
            // Kept as it is where the system refuses; whoever asked compares several starts.
            let _ = personality::set(Persona::ADDR_NO_RANDOMIZE);
        }
        if self.traced {
            trace_me().map_err(at(Step::Trace))?;
        }
        self.guise.ask_for_time()?;
        let used = usage().map_err(at(Step::Fork))?;
        // Last: the program's time begins here. Writing it down costs a microsecond of it.
        let now = monotonic().map_err(|_| (Step::Fork, Errno::last()))?;
        Ok(Mark { step: Step::Exec, at: now, used })
    }
}

/// Undoes what the child inherits: handlers go at exec by themselves, but not an ignored signal
/// (of `nohup`, or of the Rust runtime: SIGPIPE) nor a mask.
fn reset_signals() -> Result<(), Errno> {
    const SET_BYTES: libc::c_long = 8;
    // The kernel's own structure, which is no longer than this: all zero is SIG_DFL, no flags. The
    // C library's call would leave out the two signals that it keeps for itself.
    let default = [0_u64; 8];
    let old = std::ptr::null_mut::<u64>();
    for number in 1..=8 * SET_BYTES {
        // SAFETY: the pointer is to a valid structure, and SIG_DFL runs no code of ours. SIGKILL
        // and SIGSTOP are refused, being always as by default.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, number, &raw const default, old, SET_BYTES)
        };
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)
}

fn trace_me() -> Result<(), Errno> {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: this request takes no pointers and changes only the calling process.
    Errno::result(unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, none, none) }).map(drop)
}

/// What the forked child has used up before the program begins, to be taken off its bill.
fn usage() -> Result<Usage, Errno> {
    let mut raw = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the pointer is to room for one rusage.
    Errno::result(unsafe { libc::getrusage(libc::RUSAGE_SELF, raw.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so the kernel has filled it.
    Ok(Usage::from(unsafe { raw.assume_init_ref() }))
}

#[cfg(test)]
mod tests {
    use super::{Mark, Step};
    use crate::clock::Usage;
    use std::io::{Write, pipe};
    use std::time::Duration;

    #[test]
    fn the_last_mark_counts() {
        let (reader, mut writer) = pipe().unwrap();
        let used = Usage { cpu: Duration::from_micros(7), minor_faults: 3, major_faults: 1 };
        let mark = Mark { step: Step::Exec, at: Duration::new(5, 6), used };
        writer.write_all(&Mark::early(Step::Trace).to_bytes()).unwrap();
        writer.write_all(&mark.to_bytes()).unwrap();
        drop(writer);
        assert_eq!(Mark::last(reader).unwrap(), mark);
    }

    #[test]
    fn no_mark_means_no_fork() {
        let (reader, writer) = pipe().unwrap();
        drop(writer);
        assert_eq!(Mark::last(reader).unwrap().step, Step::Fork);
    }
}
