//! Does a recipe's program still do what the baseline does?
//!
//! Each is started once and its output compared with the baseline's. What the
//! baseline itself does not repeat from one start to the next (ports, times,
//! addresses) is not held against anybody: numbers are masked first, and
//! where even that varies, only the exit status is compared, and where that
//! varies too, starting is all that is asked.

use elfin_process::{Cancel, Program, Ready, StartError, Started};
use elfin_schema::{Message, Status};
use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// How a program is started when it is measured.
#[derive(Debug)]
pub(crate) struct Launch {
    /// Its arguments.
    pub arguments: Vec<String>,
    /// When it counts as started.
    pub ready: Ready,
    /// When it counts as never ready.
    pub timeout: Duration,
}

impl Launch {
    /// The program at a path, as it is started.
    pub(crate) fn program(&self, path: &Path) -> Program {
        Program {
            path: path.to_owned(),
            arguments: self.arguments.iter().map(OsString::from).collect(),
            directory: None,
            environment: Vec::new(),
            root: None,
        }
    }

    /// Starts the program at a path once.
    pub(crate) fn start(&self, path: &Path, cancel: &Cancel) -> Result<Started, StartError> {
        elfin_process::start(&self.program(path), &self.ready, self.timeout, cancel)
    }

    /// What tells this launch from another, for keys. How long was waited is not in it: what got
    /// ready would have, with more patience as well, and what did not is never kept.
    pub(crate) fn identity(&self) -> String {
        format!("{:?} {}", self.arguments, self.ready)
    }
}

/// How a program ended that was ended at ready.
const READY: &str = "ready";

fn ending(started: &Started) -> String {
    started.exit.map_or_else(|| READY.into(), |exit| exit.to_string())
}

/// What one start showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    exit: String,
    /// Standard output, then standard error unless it was ended at ready, for how far that had
    /// come by then is chance: line by line, the program's own path masked.
    lines: Vec<String>,
}

impl Shown {
    fn of(started: &Started, path: &Path) -> Shown {
        let path = path.display().to_string();
        // A program that is ended at ready is not held to what it would have
        // printed next; its last line may be cut.
        let ended = started.exit.is_none();
        let streams = [&started.stdout, &started.stderr];
        let lines = streams[..if ended { 1 } else { 2 }].iter().flat_map(|stream| {
            let text = String::from_utf8_lossy(stream).replace(&path, "{program}");
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            if ended && lines.last().is_some_and(|line| !line.ends_with('\n')) {
                lines.pop();
            }
            lines
        });
        Shown {
            exit: ending(started),
            lines: lines.map(|line| line.trim_end().to_owned()).collect(),
        }
    }

    fn masked(&self) -> Shown {
        let lines = self.lines.iter().map(|line| mask(line)).collect();
        Shown { exit: self.exit.clone(), lines }
    }
}

/// Replaces numbers, decimal and hexadecimal, by `#`.
fn mask(line: &str) -> String {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]*[0-9][0-9a-fA-F]*\b|[0-9]+").ok()
    });
    let Some(number) = &*NUMBER else { return line.to_owned() };
    String::from_utf8_lossy(&number.replace_all(line.as_bytes(), &b"#"[..])).into_owned()
}

/// How much of the output can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Repeats {
    Exactly,
    ButForNumbers,
    OnlyExit,
    NotEvenExit,
}

/// What the baseline does, against which the others are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reference {
    shown: Shown,
    repeats: Repeats,
}

impl Reference {
    /// Starts the baseline three times and sees what it repeats.
    pub(crate) fn of(
        launch: &Launch,
        path: &Path,
        cancel: &Cancel,
    ) -> Result<Reference, StartError> {
        let mut starts = Vec::new();
        for round in 0..3 {
            if round == 2 {
                // So that a clock in the output shows itself.
                std::thread::sleep(Duration::from_millis(1100));
            }
            starts.push(Shown::of(&launch.start(path, cancel)?, path));
        }
        Ok(Reference::from_starts(starts))
    }

    fn from_starts(starts: Vec<Shown>) -> Reference {
        let masked: Vec<Shown> = starts.iter().map(Shown::masked).collect();
        let same = |shown: &[Shown]| shown.windows(2).all(|pair| pair[0] == pair[1]);
        let repeats = if same(&starts) {
            Repeats::Exactly
        } else if same(&masked) {
            Repeats::ButForNumbers
        } else if starts.windows(2).all(|pair| pair[0].exit == pair[1].exit) {
            Repeats::OnlyExit
        } else {
            Repeats::NotEvenExit
        };
        let empty = Shown { exit: String::new(), lines: Vec::new() };
        Reference { shown: starts.into_iter().next().unwrap_or(empty), repeats }
    }

    /// True if a start ended as the baseline's does.
    pub(crate) fn ends_alike(&self, started: &Started) -> bool {
        self.repeats == Repeats::NotEvenExit || self.shown.exit == ending(started)
    }

    /// What is wrong with a start that ended otherwise than the baseline's.
    pub(crate) fn ends_otherwise(&self, started: &Started) -> Option<Broken> {
        (!self.ends_alike(started)).then(|| Broken {
            says: String::from_utf8_lossy(&started.stderr).trim().to_owned(),
            explains: Message::ExitDiffers {
                expected: self.shown.exit.clone(),
                found: ending(started),
            },
        })
    }

    /// How the baseline ended, where that says that it failed.
    pub(crate) fn failure(&self) -> Option<&str> {
        Some(self.shown.exit.as_str()).filter(|exit| ![READY, "exit status 0"].contains(exit))
    }

    /// True if no more than the exit status can be compared.
    pub(crate) fn varies(&self) -> bool {
        self.repeats >= Repeats::OnlyExit
    }

    /// Starts a recipe's program and compares it: `None` if it does what the baseline does.
    ///
    /// Where they differ, the baseline at `own` is started once more: a date that has changed since
    /// it was looked at is not the recipe's doing.
    /// Returns an error only if a start was interrupted or could not be watched.
    pub(crate) fn judge(
        &self,
        launch: &Launch,
        path: &Path,
        own: &Path,
        cancel: &Cancel,
    ) -> Result<Option<Broken>, StartError> {
        let found = match launch.start(path, cancel) {
            Ok(started) => Shown::of(&started, path),
            Err(error) => return Broken::of(error, &launch.ready).map(Some),
        };
        let Some(broken) = self.compare(&found) else { return Ok(None) };
        let now = Shown::of(&launch.start(own, cancel)?, own);
        Ok(self.since(now).compare(&found).and(Some(broken)))
    }

    /// The reference as it is now, holding nobody to more than stayed the same since.
    fn since(&self, now: Shown) -> Reference {
        let since = Reference::from_starts(vec![now, self.shown.clone()]);
        Reference { repeats: self.repeats.max(since.repeats), ..since }
    }

    fn compare(&self, found: &Shown) -> Option<Broken> {
        if self.repeats == Repeats::NotEvenExit {
            return None;
        }
        if self.shown.exit != found.exit {
            let explains = Message::ExitDiffers {
                expected: self.shown.exit.clone(),
                found: found.exit.clone(),
            };
            return Some(Broken { says: found.lines.join("\n"), explains });
        }
        let (expected, got) = match self.repeats {
            Repeats::Exactly => (self.shown.clone(), found.clone()),
            Repeats::ButForNumbers => (self.shown.masked(), found.masked()),
            Repeats::OnlyExit | Repeats::NotEvenExit => return None,
        };
        // How many lines it had printed when it was ended at ready is chance as well.
        let compared: fn(usize, usize) -> usize =
            if expected.exit == READY { usize::min } else { usize::max };
        let differs = (0..compared(expected.lines.len(), got.lines.len()))
            .find(|&at| expected.lines.get(at) != got.lines.get(at))?;
        let line = |shown: &Shown| shown.lines.get(differs).cloned().unwrap_or_default();
        let explains = Message::OutputDiffers { expected: line(&expected), found: line(&got) };
        Some(Broken { says: found.lines.join("\n"), explains })
    }
}

/// How a program no longer does what the baseline does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Broken {
    pub says: String,
    pub explains: Message,
}

impl Broken {
    /// The status of a recipe whose program is broken.
    pub(crate) const STATUS: Status = Status::Broken;

    /// Reads a start that failed.
    ///
    /// Returns the error again where it is not the program's: an interruption, a refusal.
    pub(crate) fn of(error: StartError, ready: &Ready) -> Result<Broken, StartError> {
        match error {
            StartError::CannotStart { source, .. } => {
                Ok(Broken { says: source.to_string(), explains: Message::CannotStart })
            }
            StartError::NeverReady { after, exit, stdout, stderr } => {
                let mut says = exit.map(|exit| exit.to_string()).unwrap_or_default();
                for stream in [stdout, stderr] {
                    says = format!("{says}\n{}", String::from_utf8_lossy(&stream).trim());
                }
                let seconds = after.as_secs_f64();
                let explains = Message::NeverReady { seconds, ready: ready.to_string() };
                Ok(Broken { says: says.trim().to_owned(), explains })
            }
            error => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(exit: &str, text: &str) -> Shown {
        Shown { exit: exit.into(), lines: text.lines().map(str::to_owned).collect() }
    }

    #[test]
    fn a_baseline_that_fails_is_told_from_one_that_does_not() {
        let failure =
            |exit| Reference::from_starts(vec![shown(exit, "")]).failure().map(str::to_owned);
        assert_eq!(failure("exit status 2").as_deref(), Some("exit status 2"));
        assert_eq!((failure("exit status 0"), failure(READY)), (None, None));
    }

    #[test]
    fn a_port_that_changes_is_not_held_against_a_recipe() {
        let starts = ["4021", "9", "55555"]
            .map(|port| shown("ready", &format!("listening on 127.0.0.1:{port}")));
        let reference = Reference::from_starts(starts.to_vec());
        assert_eq!(reference.compare(&shown("ready", "listening on 127.0.0.1:77")), None);
        let broken = reference.compare(&shown("ready", "listening off 127.0.0.1:77")).unwrap();
        assert!(matches!(broken.explains, Message::OutputDiffers { .. }));
    }

    #[test]
    fn a_number_that_the_baseline_repeats_must_be_right() {
        let reference = Reference::from_starts(vec![shown("exit status 0", "6 * 7 = 42"); 3]);
        assert_eq!(reference.compare(&shown("exit status 0", "6 * 7 = 42")), None);
        assert!(reference.compare(&shown("exit status 0", "6 * 7 = 41")).is_some());
        assert!(reference.compare(&shown("exit status 0", "6 * 7 = 42\nmore")).is_some());
    }

    #[test]
    fn a_date_that_changed_since_is_not_held_against_a_recipe() {
        let reference = Reference::from_starts(vec![shown("exit status 0", "today is Sunday"); 3]);
        let monday = shown("exit status 0", "today is Monday");
        assert!(reference.compare(&monday).is_some());
        assert_eq!(reference.since(monday.clone()).compare(&monday), None);
        let crash = shown("signal 11 (SIGSEGV)", "");
        assert!(reference.since(monday).compare(&crash).is_some());
        // What has not changed is held against it still.
        let same = reference.since(reference.shown.clone());
        assert!(same.compare(&shown("exit status 0", "today is")).is_some());
    }

    #[test]
    fn output_that_never_repeats_leaves_the_exit_status() {
        let starts = vec![shown("exit status 0", "red"), shown("exit status 0", "blue")];
        let reference = Reference::from_starts(starts);
        assert!(reference.varies());
        assert_eq!(reference.compare(&shown("exit status 0", "green")), None);
        assert!(reference.compare(&shown("signal 11", "green")).is_some());
    }
}
