//! Recognises the moment at which a program is ready.

use std::io;
use std::time::Duration;

use regex::bytes::Regex;

use crate::child::{Child, PATIENCE};
use crate::port::{Knock, wait_until_free};
use crate::{Ready, StartError};

/// A [`Ready`] condition while it is waited for.
#[derive(Debug)]
pub(crate) enum Readiness<'a> {
    End,
    Line {
        regex: &'a Regex,
        /// Where the line begins that is still being written.
        line: usize,
        /// How much of the output was looked at.
        seen: usize,
    },
    Port {
        knock: Knock,
        port: u16,
    },
}

impl<'a> Readiness<'a> {
    /// Gets ready to recognise it, before the program is started.
    ///
    /// Fails where something listens on the port already: its answer would be taken for the
    /// program's.
    pub(crate) fn new(ready: &'a Ready) -> Result<Self, StartError> {
        Ok(match ready {
            Ready::Exit => Self::End,
            Ready::Stdout(regex) => Self::Line { regex, line: 0, seen: 0 },
            Ready::Tcp(port) => {
                let knock = Knock::new(*port).map_err(StartError::os("knocking at a port"))?;
                if knock.is_answered() {
                    return Err(StartError::PortTaken { port: *port });
                }
                Self::Port { knock, port: *port }
            }
        })
    }

    /// How often it must be asked about, output or not.
    pub(crate) fn step(&self) -> Duration {
        match self {
            Self::Port { .. } => Duration::from_micros(50),
            _ => PATIENCE,
        }
    }

    /// Tells whether the moment has come.
    pub(crate) fn is_reached(&mut self, child: &Child) -> bool {
        match self {
            Self::End => child.has_ended(),
            Self::Line { regex, line, seen } => matches(regex, line, seen, child.stdout()),
            Self::Port { knock, .. } => !child.has_ended() && knock.is_answered(),
        }
    }

    /// Leaves the port as it was found, for the next start.
    ///
    /// To be called after the program's end. Fails like [`Knock::new`].
    pub(crate) fn settle(self) -> io::Result<()> {
        match self {
            Self::Port { port, knock } => {
                drop(knock);
                wait_until_free(port)
            }
            _ => Ok(()),
        }
    }
}

/// Looks for a match in what has come since the last time, line by line.
fn matches(regex: &Regex, line: &mut usize, seen: &mut usize, output: &[u8]) -> bool {
    if output.len() == *seen {
        return false;
    }
    let mut rest = &output[*line..];
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        if regex.is_match(&rest[..end]) {
            return true;
        }
        rest = &rest[end + 1..];
    }
    *line = output.len() - rest.len();
    *seen = output.len();
    !rest.is_empty() && regex.is_match(rest)
}
