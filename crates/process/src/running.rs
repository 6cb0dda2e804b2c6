//! A program that was started and goes on running: a server under load.
//!
//! It is ended, with all that it started, when it is dropped. Its output is read only while it is
//! attended to, so whoever lets it work attends to it meanwhile.

use std::fs;
use std::io;
use std::time::Duration;

use crate::child::{Child, News, PATIENCE};
use crate::clock::monotonic;
use crate::readiness::Readiness;
use crate::snapshot::look;
use crate::start::{absolute, come_up};
use crate::{Cancel, Program, Ready, Snapshot, StartError};

/// A program that is ready and runs.
#[derive(Debug)]
pub struct Running<'a> {
    child: Child,
    readiness: Readiness<'a>,
}

impl<'a> Running<'a> {
    /// Starts `program` and returns when it is `ready`.
    ///
    /// Fails like [`start`](crate::start()).
    pub fn start(
        program: &Program,
        ready: &'a Ready,
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Self, StartError> {
        let mut readiness = Readiness::new(ready)?;
        let launch = program.launch(&absolute(&program.path)?);
        let child = launch.spawn().map_err(|error| StartError::spawn(&program.path, error))?;
        let step = readiness.step();
        let is_ready = |child: &Child| Ok(readiness.is_reached(child));
        let (child, _) = come_up(child, timeout, step, cancel, is_ready)?;
        Ok(Self { child, readiness })
    }

    /// Reads what it writes, for so long; tells whether it still runs.
    ///
    /// Fails where the system refuses to wait, or `cancel` is set.
    pub fn attend(&mut self, time: Duration, cancel: &Cancel) -> Result<bool, StartError> {
        let waiting = StartError::os("waiting for the program");
        let since = monotonic().map_err(&waiting)?.saturating_sub(self.child.began());
        match self.child.watch(since + time, PATIENCE, cancel, |_| Ok(false)).map_err(waiting)? {
            (News::Interrupted, _) => Err(StartError::Interrupted),
            (news, _) => Ok(news != News::Ended),
        }
    }

    /// Looks at its memory now.
    ///
    /// Fails where it has ended.
    pub fn memory(&self) -> Result<Snapshot, StartError> {
        look(self.child.pid()).map_err(StartError::os("reading the program's memory map"))
    }

    /// The TCP ports that it listens on, lowest first.
    ///
    /// Fails where it has ended.
    pub fn ports(&self) -> Result<Vec<u16>, StartError> {
        listening(self.child.pid().as_raw())
            .map_err(StartError::os("reading where the program listens"))
    }

    /// Ends it.
    ///
    /// Fails where the system refuses to.
    pub fn end(self) -> Result<(), StartError> {
        self.child.finish().map_err(StartError::os("ending the program"))?;
        self.readiness.settle().map_err(StartError::os("knocking at a port"))
    }
}

/// The ports on which a process itself listens: by the sockets that it has open.
fn listening(pid: i32) -> io::Result<Vec<u16>> {
    let links = fs::read_dir(format!("/proc/{pid}/fd"))?.flatten();
    let open: Vec<String> = links
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|leads| {
            Some(leads.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6"] {
        // Without IPv6 there is no tcp6.
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        ports.extend(text.lines().filter_map(|line| listener(line, &open)));
    }
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

/// The port of a line of /proc/net/tcp that is of a listening socket among these.
fn listener(line: &str, open: &[String]) -> Option<u16> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
    if *state != LISTEN || !open.iter().any(|it| it == inode) {
        return None;
    }
    u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::listener;

    #[test]
    fn a_line_of_the_kernel_tells_who_listens() {
        let line = |state| {
            format!(
                "   1: 0100007F:1F90 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 \
                 0        0 4242 1 0000000000000000 100 0 0 10 0"
            )
        };
        let open = ["17".to_owned(), "4242".to_owned()];
        assert_eq!(listener(&line("0A"), &open), Some(8080));
        assert_eq!(listener(&line("01"), &open), None);
        assert_eq!(listener(&line("0A"), &open[..1]), None);
        assert_eq!(listener("  sl  local_address rem_address   st", &open), None);
    }
}
