//! The one way in which a process is spawned, watched and ended.
//!
//! Everything that this crate runs is a [`Child`]: leader of its own process group, killed by the
//! kernel if elfin dies, killed with its whole group and reaped when it is finished or dropped,
//! and never blocked on its output. A member that leaves the group (`setsid`) is out of reach.
#![allow(unsafe_code, reason = "pre_exec, pidfd_open, ppoll and wait4 have no safe wrapper")]

use std::ffi::CString;
use std::io::{self, ErrorKind, PipeReader};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::attendance::Attendance;
use crate::capture::Capture;
use crate::clock::{Usage, monotonic};
use crate::entry::{Entry, Mark, Root, Step};
use crate::guise::Guise;
use crate::image::Image;
use crate::trace;
use crate::{Cancel, Exit};

/// How long a wait may be deaf to [`Cancel`].
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// A process to be: the command, and what `Command` itself cannot say.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    /// The program as an absolute path, arguments and environment.
    pub(crate) command: Command,
    /// Where it runs; inside of `root`, its `/`.
    pub(crate) directory: Option<&'a Path>,
    /// The folder that it is to see as `/`.
    pub(crate) root: Option<&'a Path>,
    /// What it is, where that is not as elfin is.
    pub(crate) guise: Guise,
    /// Whether this thread traces it; it then stops right after exec.
    pub(crate) traced: bool,
    /// Whether its addresses are the same in every start.
    pub(crate) fixed_addresses: bool,
    /// How much of each output is kept, in bytes.
    pub(crate) keep: usize,
}

/// Says at which step a process could not be started.
#[derive(Debug)]
pub(crate) struct SpawnError {
    pub(crate) step: Step,
    pub(crate) source: io::Error,
}

impl Launch<'_> {
    /// Starts the process; returns when it has executed the program.
    ///
    /// Fails with the step that the system refused.
    pub(crate) fn spawn(mut self) -> Result<Child, SpawnError> {
        let at = |step| move |source| SpawnError { step, source };
        let fork = at(Step::Fork);
        let text = |path: &Path| Ok(CString::new(path.as_os_str().as_bytes())?);
        let (reader, writer) = io::pipe().map_err(fork)?;
        let entry = Entry {
            parent: Pid::this(),
            directory: self.directory.map(text).transpose().map_err(at(Step::Directory))?,
            root: self.root.map(text).transpose().map_err(at(Step::Namespace))?.map(Root::new),
            guise: std::mem::take(&mut self.guise),
            traced: self.traced,
            fixed_addresses: self.fixed_addresses,
            mark: writer,
            image: Image::of(&self.command).map_err(at(Step::Exec))?,
        };
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command.process_group(0);
        // SAFETY: `pass` makes async-signal-safe calls only; its module says how.
        unsafe { self.command.pre_exec(move || entry.pass()) };
        let attendance = Attendance::begin();
        let spawned = execute(&mut self.command);
        drop(self.command); // and with it our end of the pipe that the marks come by
        match spawned {
            Ok(child) => Child::adopt(child, reader, self.keep, attendance).map_err(fork),
            Err(source) => Err(SpawnError { step: Mark::last(reader).map_err(fork)?.step, source }),
        }
    }
}

/// Spawns, and tries again for a moment where the file is still open for writing: a thread that
/// forked while another wrote it holds it until its own exec.
fn execute(command: &mut Command) -> io::Result<std::process::Child> {
    for _ in 0..100 {
        match command.spawn() {
            Err(busy) if busy.kind() == ErrorKind::ExecutableFileBusy => {
                sleep(Duration::from_millis(2));
            }
            result => return result,
        }
    }
    command.spawn()
}

/// A process that runs, or has ended and is still to be reaped.
#[derive(Debug)]
pub(crate) struct Child {
    leader: Leader,
    /// Readable once the process has ended; it makes waiting pollable.
    pidfd: OwnedFd,
    stdout: Capture,
    stderr: Capture,
    begin: Mark,
    ended: bool,
    _attendance: Attendance,
}

/// Why [`Child::watch`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Ready,
    Ended,
    TimedOut,
    Interrupted,
}

/// What is known of a process that is no more.
#[derive(Debug)]
pub(crate) struct Remains {
    /// `None` if it was still running, and was killed.
    pub(crate) exit: Option<Exit>,
    pub(crate) used: Usage,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Child {
    fn adopt(
        mut child: std::process::Child,
        marks: PipeReader,
        keep: usize,
        attendance: Attendance,
    ) -> io::Result<Self> {
        // First, so that whatever fails from here on ends the process.
        let leader = Leader { pid: Pid::from_raw(child.id().cast_signed()), reaped: false };
        let begin = Mark::last(marks)?;
        let missing = || io::Error::from(ErrorKind::BrokenPipe);
        let stdout = Capture::new(child.stdout.take().ok_or_else(missing)?, keep)?;
        let stderr = Capture::new(child.stderr.take().ok_or_else(missing)?, keep)?;
        Ok(Self {
            pidfd: leader.descriptor()?,
            leader,
            stdout,
            stderr,
            begin,
            ended: false,
            _attendance: attendance,
        })
    }

    /// Its process id, valid as long as the `Child` is.
    pub(crate) fn pid(&self) -> Pid {
        self.leader.pid
    }

    /// When it was about to execute its program, on the monotonic clock.
    pub(crate) fn began(&self) -> Duration {
        self.begin.at
    }

    /// Tells whether it has ended by itself.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What it has written to standard output so far.
    pub(crate) fn stdout(&self) -> &[u8] {
        self.stdout.kept()
    }

    /// Lets it write more before it is read.
    pub(crate) fn widen_pipes(&self) {
        self.stdout.widen();
        self.stderr.widen();
    }

    /// Reads what it has written to standard error so far.
    ///
    /// Fails where the pipe cannot be read.
    pub(crate) fn stderr(&mut self) -> io::Result<&[u8]> {
        self.stderr.drain()?;
        Ok(self.stderr.kept())
    }

    /// Waits until `is_ready` says so, the process has ended, its time is up, or `cancel` is set.
    ///
    /// `is_ready` is asked after every output, at the end, and every `step` (at most [`PATIENCE`]).
    /// The time is that since exec at which the news came. Fails where the system refuses to wait
    /// or `is_ready` fails.
    pub(crate) fn watch(
        &mut self,
        timeout: Duration,
        step: Duration,
        cancel: &Cancel,
        mut is_ready: impl FnMut(&Self) -> io::Result<bool>,
    ) -> io::Result<(News, Duration)> {
        let mut since = monotonic()?.saturating_sub(self.begin.at);
        loop {
            if cancel.is_cancelled() {
                return Ok((News::Interrupted, since));
            }
            if since >= timeout {
                return Ok((News::TimedOut, since));
            }
            let [ended, out, err] = poll(
                [self.pidfd.as_raw_fd(), self.stdout.descriptor(), self.stderr.descriptor()],
                step.min(PATIENCE).min(timeout - since),
            )?;
            since = monotonic()?.saturating_sub(self.begin.at);
            self.ended = ended;
            if ended {
                self.stdout.drain()?;
            } else if out {
                self.stdout.read()?;
            }
            if err {
                self.stderr.read()?;
            }
            if is_ready(self)? {
                return Ok((News::Ready, since));
            }
            if ended {
                return Ok((News::Ended, since));
            }
        }
    }

    /// Kills what is left of the group, reaps the process, and gives what is known of it.
    ///
    /// Fails where the system refuses to.
    pub(crate) fn finish(mut self) -> io::Result<Remains> {
        let (exit, total) = self.leader.end()?;
        self.stdout.drain()?;
        self.stderr.drain()?;
        Ok(Remains {
            exit: self.ended.then_some(exit),
            used: total.since(self.begin.used),
            stdout: self.stdout.into_kept(),
            stderr: self.stderr.into_kept(),
        })
    }
}

/// The process id of a child that is not reaped yet, and therefore still means that child.
#[derive(Debug)]
struct Leader {
    pid: Pid,
    reaped: bool,
}

impl Leader {
    fn descriptor(&self) -> io::Result<OwnedFd> {
        // SAFETY: this call takes two numbers.
        let number = unsafe { libc::syscall(libc::SYS_pidfd_open, self.pid.as_raw(), 0) };
        let number = RawFd::try_from(Errno::result(number)?).map_err(io::Error::other)?;
        // SAFETY: the kernel has just opened it for us, close-on-exec, and nobody else knows it.
        Ok(unsafe { OwnedFd::from_raw_fd(number) })
    }

    /// Kills the group and reaps the leader.
    fn end(&mut self) -> io::Result<(Exit, Usage)> {
        // A leader that has ended keeps the group's number until it is reaped, so that this cannot
        // hit a stranger; where the whole group has ended, it does nothing.
        let _ = killpg(self.pid, Signal::SIGKILL);
        // A tracee held in its last stop is beyond signals; to any other child this does nothing.
        trace::resume(self.pid, 0);
        let mut status = 0;
        let mut raw = MaybeUninit::<libc::rusage>::uninit();
        loop {
            // SAFETY: the pointers are to room for one status and one rusage.
            let reaped =
                unsafe { libc::wait4(self.pid.as_raw(), &raw mut status, 0, raw.as_mut_ptr()) };
            match Errno::result(reaped) {
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
                Ok(_) if libc::WIFSTOPPED(status) => trace::resume(self.pid, 0),
                Ok(_) => break,
            }
        }
        self.reaped = true;
        // SAFETY: the call succeeded, so the kernel has filled it.
        Ok((Exit::from_status(status), Usage::from(unsafe { raw.assume_init_ref() })))
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if !self.reaped {
            let _ = self.end(); // nobody is left to tell
        }
    }
}

/// Waits until one of the descriptors can be read or was hung up, a signal came, or the time is
/// up; tells which.
fn poll(descriptors: [RawFd; 3], timeout: Duration) -> io::Result<[bool; 3]> {
    let mut set = descriptors.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    let timeout = nix::sys::time::TimeSpec::from_duration(timeout);
    // SAFETY: the pointers are to three pollfds and a timespec that outlive the call.
    let count = unsafe { libc::ppoll(set.as_mut_ptr(), 3, timeout.as_ref(), std::ptr::null()) };
    match Errno::result(count) {
        Ok(_) | Err(Errno::EINTR) => Ok(set.map(|one| one.revents != 0)),
        Err(errno) => Err(errno.into()),
    }
}
