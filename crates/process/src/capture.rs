//! One output pipe of a child: what is kept of it, and the draining of the rest.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

/// Collects what a child writes, up to a limit, without ever waiting for it.
#[derive(Debug)]
pub(crate) struct Capture {
    /// `None` once the other end is closed.
    pipe: Option<File>,
    kept: Vec<u8>,
    limit: usize,
}

impl Capture {
    /// Takes the reading end of a pipe, to keep `limit` bytes of what comes.
    ///
    /// Fails where the pipe cannot be made non-blocking.
    pub(crate) fn new(pipe: impl Into<OwnedFd>, limit: usize) -> io::Result<Self> {
        let pipe = File::from(pipe.into());
        fcntl(&pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self { pipe: Some(pipe), kept: Vec::new(), limit })
    }

    /// Lets more lie in the pipe, where nobody reads for a while; an unprivileged user's most.
    pub(crate) fn widen(&self) {
        const MOST: i32 = 1 << 20;
        if let Some(pipe) = &self.pipe {
            let _ = fcntl(pipe, FcntlArg::F_SETPIPE_SZ(MOST)); // else it stays as it is
        }
    }

    /// The descriptor to poll; -1, which poll passes over, once the other end is closed.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.pipe.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }

    /// What was kept so far.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Gives what was kept.
    pub(crate) fn into_kept(self) -> Vec<u8> {
        self.kept
    }

    /// Reads once, and tells whether anything came.
    ///
    /// Fails where the pipe cannot be read.
    pub(crate) fn read(&mut self) -> io::Result<bool> {
        let Some(pipe) = &mut self.pipe else { return Ok(false) };
        let mut chunk = [0; 1 << 16];
        match pipe.read(&mut chunk) {
            Ok(0) => self.pipe = None,
            Ok(count) => {
                let room = self.limit - self.kept.len();
                self.kept.extend_from_slice(&chunk[..count.min(room)]);
                return Ok(true);
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    /// Reads what lies in the pipe when its process has ended.
    ///
    /// The rounds are limited, since somebody who left the group may still be writing. Fails where
    /// the pipe cannot be read.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        const ROUNDS: usize = 64; // 4 MiB; a pipe holds 64 KiB, or 1 MiB where it was enlarged
        for _ in 0..ROUNDS {
            if !self.read()? {
                break;
            }
        }
        Ok(())
    }
}
