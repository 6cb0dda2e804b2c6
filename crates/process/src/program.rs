//! What is measured, and how to know that it has come up.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use regex::bytes::Regex;

use crate::child::Launch;
use crate::guise::Guise;

/// How much of each output of a program is kept, in bytes.
const KEEP: usize = 1 << 20;

/// A program to be measured, with all it is started with.
///
/// It gets elfin's own environment plus `environment`, and an empty standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The executable file.
    pub path: PathBuf,
    /// Its arguments, without the name it is called by.
    pub arguments: Vec<OsString>,
    /// Where it runs; `None` is elfin's own working directory.
    pub directory: Option<PathBuf>,
    /// Variables added to the environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder that it is to see as `/`; `path` and `directory` are inside of it.
    pub root: Option<PathBuf>,
}

impl Program {
    /// Prepares to start it from `path`, which is absolute where it is looked up.
    pub(crate) fn launch(&self, path: &Path) -> Launch<'_> {
        let mut command = Command::new(path);
        command.args(&self.arguments);
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        let directory = self.directory.as_deref();
        Launch {
            command,
            directory,
            root: self.root.as_deref(),
            guise: Guise::default(),
            traced: false,
            fixed_addresses: false,
            keep: KEEP,
        }
    }
}

/// The moment at which a program counts as started.
#[derive(Clone, Debug)]
pub enum Ready {
    /// It has ended.
    Exit,
    /// A line of its standard output matches; the last line may still lack its end.
    Stdout(Regex),
    /// It accepts connections on this port of the loopback interface.
    Tcp(u16),
}

/// Says why a text is not a [`Ready`].
#[derive(Debug, thiserror::Error)]
pub enum ReadyError {
    /// The text has none of the three forms.
    #[error("ready condition `{text}`: use `exit`, `stdout:REGEX` or `tcp:PORT`")]
    Unknown {
        /// What was given.
        text: String,
    },
    /// The regular expression is not one.
    #[error("ready condition `stdout:`: {source}")]
    Regex {
        /// What the parser of regular expressions says.
        source: Box<regex::Error>,
    },
    /// The port is not one.
    #[error("ready condition `tcp:{text}`: use a port between 1 and 65535")]
    Port {
        /// What was given as the port.
        text: String,
    },
}

impl FromStr for Ready {
    type Err = ReadyError;

    fn from_str(text: &str) -> Result<Self, ReadyError> {
        if text == "exit" {
            Ok(Self::Exit)
        } else if let Some(pattern) = text.strip_prefix("stdout:") {
            let regex = Regex::new(pattern);
            regex.map(Self::Stdout).map_err(|e| ReadyError::Regex { source: Box::new(e) })
        } else if let Some(port) = text.strip_prefix("tcp:") {
            let number = port.parse().ok().filter(|&number| number != 0);
            number.map(Self::Tcp).ok_or_else(|| ReadyError::Port { text: port.to_owned() })
        } else {
            Err(ReadyError::Unknown { text: text.to_owned() })
        }
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit => f.write_str("exit"),
            Self::Stdout(regex) => write!(f, "stdout:{regex}"),
            Self::Tcp(port) => write!(f, "tcp:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ready;

    #[test]
    fn reads_what_it_writes() {
        for text in ["exit", "stdout:listening on .*:[0-9]+", "stdout:", "tcp:8080"] {
            assert_eq!(text.parse::<Ready>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_the_rest_with_a_remedy() {
        for (text, part) in [
            ("", "stdout:REGEX"),
            ("Exit", "stdout:REGEX"),
            ("stdout:(", "unclosed group"),
            ("tcp:", "between 1 and 65535"),
            ("tcp:0", "between 1 and 65535"),
            ("tcp:65536", "between 1 and 65535"),
        ] {
            let says = text.parse::<Ready>().unwrap_err().to_string();
            assert!(says.contains(part), "{text}: {says}");
        }
    }
}
