//! What the runtime itself tells of the packages: `GODEBUG=inittrace=1`.

use crate::WatchError;
use crate::marks::Subject;
use elfin_process::{Cancel, Course, Event, Stepper};
use std::collections::BTreeMap;
use std::time::Duration;

/// A package, as the trace has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) ms: f64,
    pub(crate) bytes: u64,
    pub(crate) allocations: u64,
}

/// One start's trace.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Traced {
    pub(crate) packages: BTreeMap<String, Line>,
}

/// Starts a Go program with its trace and stops it at its `main`.
pub(crate) fn start(
    subject: &Subject<'_>,
    timeout: Duration,
    cancel: &Cancel,
) -> Result<Traced, WatchError> {
    let mut program = subject.program.clone();
    program.environment.push(("GODEBUG".into(), "inittrace=1".into()));
    let (last, name) = subject.marks.last();
    let os = subject.os("leading a program");
    let mut stepper = Stepper::start(&program, subject.marks.entry, Course::Free, timeout, cancel)
        .map_err(|error| subject.failed(error))?;
    let last = last.wrapping_add(stepper.moved());
    stepper.mark(last).map_err(&os)?;
    loop {
        match stepper.proceed().map_err(&os)? {
            Event::Mark(at) if at == last => break,
            Event::Ended => {
                return Err(match stepper.ended(cancel) {
                    elfin_process::StartError::Interrupted => WatchError::Interrupted,
                    _ => subject.ended(name),
                });
            }
            _ => {}
        }
    }
    let said = stepper.stderr().map_err(&os)?;
    Ok(read(&String::from_utf8_lossy(said)))
}

/// Reads `init fmt @0.51 ms, 0.007 ms clock, 232 bytes, 5 allocs`; anything else is the program's.
fn read(text: &str) -> Traced {
    let line = |line: &str| {
        let (package, rest) = line.strip_prefix("init ")?.split_once(" @")?;
        let mut fields = rest.split(", ").skip(1);
        let ms = fields.next()?.strip_suffix(" ms clock")?.trim().parse().ok()?;
        let bytes = fields.next()?.strip_suffix(" bytes")?.parse().ok()?;
        let allocations = fields.next()?.strip_suffix(" allocs")?.parse().ok()?;
        Some((package.to_owned(), Line { ms, bytes, allocations }))
    };
    Traced { packages: text.lines().filter_map(line).collect() }
}

#[cfg(test)]
mod tests {
    use super::{Line, read};

    #[test]
    fn lines_of_the_trace_are_told_from_what_the_program_prints() {
        let text = "init internal/bytealg @0.008 ms, 0 ms clock, 0 bytes, 0 allocs\n\
                    starting…\ninit done @now\n\
                    init net/http @1.2 ms, 0.034 ms clock, 3480 bytes, 41 allocs\n";
        let traced = read(text);
        assert_eq!(traced.packages.len(), 2);
        let line = Line { ms: 0.034, bytes: 3480, allocations: 41 };
        assert_eq!(traced.packages["net/http"], line);
    }
}
