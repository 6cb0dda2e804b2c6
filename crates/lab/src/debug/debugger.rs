//! gdb and Delve: stop at a function, stop at a line, look at the stack and at a local.
//!
//! Each debugger runs once over a script that marks where a new question
//! begins; the transcript is cut at the marks.

use super::{Probed, Workbench, answer};
use crate::error::LabError;
use elfin_schema::{Capability, Message, Probe};
use std::fs;
use std::path::Path;

pub(super) const GDB_CAPABILITIES: [Capability; 4] =
    [Capability::GdbFunction, Capability::GdbBacktrace, Capability::GdbLine, Capability::GdbLocals];

pub(super) const DLV_CAPABILITIES: [Capability; 2] = [Capability::DlvBreak, Capability::DlvLocals];

const MARK: &str = "@@next";

/// Tries gdb: the answers are cut out of one session.
pub(super) fn try_gdb(
    bench: &Workbench<'_>,
    gdb: &Path,
    probed: &mut Probed,
) -> Result<(), LabError> {
    let line = format!("break main.go:{}", bench.break_line);
    let next = format!("echo \\n{MARK}\\n");
    let script = [
        "set confirm off",
        "set breakpoint pending off",
        "set print thread-events off",
        &next,
        "break main.hot",
        "run spin",
        &next,
        "backtrace",
        "delete",
        &next,
        &line,
        "run spin",
        &next,
        "info locals",
        "kill",
    ];
    // No init files and no scripts of Go's: what is measured is the file.
    let mut arguments: Vec<String> =
        ["-nx", "-batch", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off"]
            .map(str::to_owned)
            .to_vec();
    for command in script {
        arguments.extend(["-ex".to_owned(), command.to_owned()]);
    }
    arguments.push(bench.program.display().to_string());
    let transcript = bench.transcript(gdb, &arguments)?;
    judge(&GDB_CAPABILITIES, &transcript, probed, |capability, part| match capability {
        Capability::GdbFunction => {
            part.contains("hit Breakpoint")
                && part.contains("main.hot (")
                && part.contains("main.go:")
        }
        Capability::GdbBacktrace => part.contains("main.main ("),
        Capability::GdbLine => part.contains("hit Breakpoint") && part.contains("main.go:"),
        _ => part.contains("answer = 42"),
    });
    Ok(())
}

/// Tries Delve.
pub(super) fn try_delve(
    bench: &Workbench<'_>,
    dlv: &Path,
    probed: &mut Probed,
) -> Result<(), LabError> {
    let script = bench.dir.path().join("delve.script");
    let next = format!("print \"{MARK}\"");
    let commands = [
        next.as_str(),
        "break main.hot",
        "continue",
        &next,
        &format!("break main.go:{}", bench.break_line),
        "continue",
        "locals",
        "exit",
    ];
    fs::write(&script, commands.join("\n"))
        .map_err(|source| LabError::io("write", &script, source))?;
    let mut arguments: Vec<String> =
        ["exec", "--allow-non-terminal-interactive=true", "--check-go-version=false", "--init"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(script.display().to_string());
    arguments.push(bench.program.display().to_string());
    arguments.extend(["--".to_owned(), "spin".to_owned()]);
    let transcript = bench.transcript(dlv, &arguments)?;
    judge(&DLV_CAPABILITIES, &transcript, probed, |capability, part| match capability {
        Capability::DlvBreak => part.lines().any(|line| {
            line.starts_with("> ") && line.contains("main.hot(") && line.contains("main.go:")
        }),
        _ => part.contains("answer = 42"),
    });
    Ok(())
}

/// Cuts a transcript at its marks and judges each part; a debugger that never came as far as a
/// part is answered with all that it said.
fn judge(
    capabilities: &[Capability],
    transcript: &Result<String, String>,
    probed: &mut Probed,
    works: impl Fn(Capability, &str) -> bool,
) {
    for (place, &capability) in capabilities.iter().enumerate() {
        let probe = match transcript {
            Err(says) => Probe::Failed { says: says.clone() },
            // Whether this machine lets anybody debug has nothing to do with the recipe.
            Ok(text) if refused(text) => {
                Probe::Skipped { why: Message::NotPermitted { what: "ptrace".into() } }
            }
            Ok(text) => {
                let part = text.split(MARK).nth(place + 1).unwrap_or(text);
                answer(works(capability, part), &complaint(part))
            }
        };
        probed.insert(capability, probe);
    }
}

fn refused(transcript: &str) -> bool {
    transcript.lines().any(|line| {
        (line.contains("ptrace") || line.starts_with("could not launch process"))
            && line.to_ascii_lowercase().contains("operation not permitted")
    })
}

/// What a debugger complains of, without its account of threads that come and go.
fn complaint(part: &str) -> String {
    let noise = |line: &&str| {
        let line = line.trim();
        !(line.is_empty()
            || line.starts_with('[')
            || line.starts_with("spun ")
            || line.starts_with('"')
            || line == "The program is not being run.")
    };
    part.lines().filter(noise).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stripped_file_is_refused_in_gdbs_own_words() {
        let text = "\n@@next\nNo symbol table is loaded.  Use the \"file\" command.\n\
            [New LWP 12]\nspun 12\n[Inferior 1 (process 12) exited normally]\n\
            \n@@next\nNo stack.\n\n@@next\nNo symbol table is loaded.\n\n@@next\nNo frame selected.\n\
            The program is not being run.\n";
        let mut probed = Probed::new();
        judge(&GDB_CAPABILITIES, &Ok(text.into()), &mut probed, |_, _| false);
        let says = |capability| match &probed[&capability] {
            Probe::Measured { value } => value.says.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            says(Capability::GdbFunction),
            "No symbol table is loaded.  Use the \"file\" command."
        );
        assert_eq!(says(Capability::GdbBacktrace), "No stack.");
        assert_eq!(says(Capability::GdbLocals), "No frame selected.");
    }

    #[test]
    fn a_machine_that_lets_nobody_debug_is_no_fault_of_the_recipe() {
        let gdb = "@@next\nBreakpoint 1 at 0x48f2c0: file main.go, line 30.\n\
            warning: Could not trace the inferior process.\n\
            warning: ptrace: Operation not permitted\nDuring startup program exited with code 127.\n";
        let delve = "could not launch process: fork/exec ./probe: operation not permitted\n";
        for transcript in [gdb, delve] {
            let mut probed = Probed::new();
            judge(&GDB_CAPABILITIES, &Ok(transcript.into()), &mut probed, |_, _| false);
            let why = Message::NotPermitted { what: "ptrace".into() };
            assert_eq!(probed[&Capability::GdbLine], Probe::Skipped { why });
        }
    }

    #[test]
    fn a_debugger_that_did_not_come_to_the_question_is_quoted_whole() {
        let mut probed = Probed::new();
        let text = "could not launch process: not an executable file";
        judge(&DLV_CAPABILITIES, &Ok(text.into()), &mut probed, |_, _| false);
        let Probe::Measured { value } = &probed[&Capability::DlvLocals] else { panic!() };
        assert_eq!((value.yes, value.says.as_str()), (false, text));
    }
}
