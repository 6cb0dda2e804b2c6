//! An outside tool that is run to its end.
//!
//! It does not judge: an exit status other than 0 is an [`Output`] like any other. There is no
//! shell and no standard input.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::path::{self, Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::stat::Mode;

use crate::child::{Launch, News, PATIENCE, SpawnError};
use crate::entry::Step;
use crate::guise::{Guise, UserMap};
use crate::{Cancel, Exit, clock_shift, find};

/// How much of each output of a tool is kept, in bytes.
const KEEP: usize = 64 << 20;

/// A command line to be run, with its surroundings and its time limit.
#[derive(Clone, Debug)]
pub struct Tool {
    program: OsString,
    arguments: Vec<OsString>,
    /// Whether it has none of elfin's own environment.
    bare: bool,
    /// The folder that it is to see as `/`.
    root: Option<PathBuf>,
    /// `None` takes the variable away.
    environment: Vec<(OsString, Option<OsString>)>,
    directory: Option<PathBuf>,
    timeout: Duration,
    umask: Option<u32>,
    /// User and group.
    user: Option<(u32, u32)>,
    /// Seconds by which its wall clock is ahead.
    ahead: Option<i64>,
}

/// What a tool left behind.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output; what goes beyond 64 MiB is dropped.
    pub stdout: Vec<u8>,
    /// Its standard error; what goes beyond 64 MiB is dropped.
    pub stderr: Vec<u8>,
    /// From exec to the end.
    pub wall: Duration,
    /// User and system time, of itself and the children it waited for.
    pub cpu: Duration,
}

/// Says why a tool did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no such program.
    #[error("{program}: not found; install it or put it in PATH")]
    NotFound {
        /// The program as it was asked for.
        program: String,
    },
    /// The program is there and cannot be executed.
    #[error("{program}: cannot be started: {source}")]
    NotStarted {
        /// The program as it was asked for.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// It took longer than its limit, and was killed.
    #[error("{program}: still running after {after:?}, killed")]
    TimedOut {
        /// The program as it was asked for.
        program: String,
        /// The limit.
        after: Duration,
        /// What it had written to standard output.
        stdout: Vec<u8>,
        /// What it had written to standard error.
        stderr: Vec<u8>,
    },
    /// The [`Cancel`] was set; the tool was killed.
    #[error("interrupted")]
    Interrupted,
    /// The system refused something that should work.
    #[error("{doing}: {source}")]
    Os {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Tool {
    /// Names the program: a path where it holds a slash, else looked up in PATH.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            bare: false,
            root: None,
            environment: Vec::new(),
            directory: None,
            timeout: Duration::from_secs(600),
            umask: None,
            user: None,
            ahead: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|one| one.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable; the rest is elfin's own environment.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((key.as_ref().to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.environment.push((key.as_ref().to_owned(), None));
        self
    }

    /// Runs it where a folder is `/`, with nothing of elfin's own environment; the program and where
    /// it runs are absolute paths in there.
    #[must_use]
    pub fn in_root(mut self, root: impl AsRef<Path>) -> Self {
        self.root = Some(root.as_ref().to_owned());
        self.bare = true;
        self
    }

    /// Says where it runs; without, in elfin's own working directory.
    #[must_use]
    pub fn dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Limits the time from exec to the end; without, it is 10 minutes.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// Gives it a umask of its own.
    #[must_use]
    pub fn umask(mut self, mask: u32) -> Self {
        self.umask = Some(mask);
        self
    }

    /// Has it take itself for another user and group, in a user namespace; files stay the caller's.
    #[must_use]
    pub fn seen_as(mut self, user: u32, group: u32) -> Self {
        self.user = Some((user, group));
        self
    }

    /// Puts its wall clock, and that of all it starts, forward by so many seconds; negative: back.
    /// amd64 only.
    #[must_use]
    pub fn clock_ahead(mut self, seconds: i64) -> Self {
        self.ahead = Some(seconds);
        self
    }

    /// Writes the command line as one would paste it into a shell, variables that are set first.
    ///
    /// What is not Unicode is shown with replacement characters.
    pub fn line(&self) -> String {
        let quote = |text: &OsStr| shell_words::quote(&text.to_string_lossy()).into_owned();
        let set = self.environment.iter().filter_map(|(key, value)| {
            Some(format!("{}={}", key.to_string_lossy(), quote(value.as_ref()?)))
        });
        let words = [&self.program].into_iter().chain(&self.arguments).map(|word| quote(word));
        set.chain(words).collect::<Vec<_>>().join(" ")
    }

    /// Runs the tool and waits for its end; what is then left of its process group is killed.
    ///
    /// Fails where it cannot be started, takes longer than its limit, or `cancel` is set.
    pub fn run(&self, cancel: &Cancel) -> Result<Output, ToolError> {
        let path = self.locate()?;
        let launch = Launch {
            command: self.command(&path),
            directory: self.directory.as_deref(),
            root: self.root.as_deref(),
            guise: self.guise(),
            traced: self.ahead.is_some(),
            fixed_addresses: false,
            keep: KEEP,
        };
        let not_started = |error| self.not_started(&path, error);
        let waiting = |source| ToolError::Os { doing: "waiting for a tool", source };
        let (news, wall, remains) = if let Some(ahead) = self.ahead {
            let run = clock_shift::run(launch, ahead, self.timeout, cancel);
            run.map_err(not_started)?.map_err(waiting)?
        } else {
            let mut child = launch.spawn().map_err(not_started)?;
            let watched =
                child.watch(self.timeout, PATIENCE, cancel, |child| Ok(child.has_ended()));
            let (news, wall) = watched.map_err(waiting)?;
            (news, wall, child.finish().map_err(waiting)?)
        };
        match (news, remains.exit) {
            (News::Interrupted, _) => Err(ToolError::Interrupted),
            (_, Some(exit)) => Ok(Output {
                exit,
                stdout: remains.stdout,
                stderr: remains.stderr,
                wall,
                cpu: remains.used.cpu,
            }),
            (_, None) => Err(ToolError::TimedOut {
                program: self.name(),
                after: self.timeout,
                stdout: remains.stdout,
                stderr: remains.stderr,
            }),
        }
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    fn not_found(&self) -> ToolError {
        ToolError::NotFound { program: self.name() }
    }

    /// The program as an absolute path, since `dir` must not change what it means.
    fn locate(&self) -> Result<PathBuf, ToolError> {
        let found = match self.program.to_str() {
            Some(name) if !name.contains('/') => find(name),
            _ => path::absolute(&self.program).ok(),
        };
        found.ok_or_else(|| self.not_found())
    }

    fn command(&self, path: &Path) -> Command {
        let mut command = Command::new(path);
        command.args(&self.arguments);
        if self.bare {
            for (key, _) in env::vars_os() {
                command.env_remove(key);
            }
        }
        for (key, value) in &self.environment {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        command
    }

    fn guise(&self) -> Guise {
        Guise {
            umask: self.umask.map(Mode::from_bits_truncate),
            user: self.user.map(|(user, group)| UserMap::new(user, group)),
            asks_for_time: self.ahead.is_some(),
        }
    }

    fn not_started(&self, path: &Path, SpawnError { step, source }: SpawnError) -> ToolError {
        match step {
            // The same error stands for a script whose interpreter is missing.
            Step::Exec if source.kind() == ErrorKind::NotFound && !path.exists() => {
                self.not_found()
            }
            Step::Exec => ToolError::NotStarted { program: self.name(), source },
            _ => ToolError::Os { doing: step.doing(), source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tool;

    #[test]
    fn the_line_can_be_pasted() {
        let tool = Tool::new("go")
            .args(["build", "-ldflags=-s -w", "it's", ""])
            .env("GOFLAGS", "-tags=a b")
            .env_remove("GOOS")
            .arg("./cmd/app");
        let line = tool.line();
        assert_eq!(
            shell_words::split(&line).unwrap(),
            ["GOFLAGS=-tags=a b", "go", "build", "-ldflags=-s -w", "it's", "", "./cmd/app"]
        );
        assert!(line.starts_with("GOFLAGS='-tags=a b' go build "), "{line}");
    }
}
