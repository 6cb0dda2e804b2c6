//! A C compiler, and what it tells its linker where nothing was asked.
//!
//! The defaults decide whether a program that C's tools link is position-independent, has a build
//! ID or binds at once, and no distribution has those of another.

use elfin_process::{Cancel, Tool, ToolError};
use elfin_schema::CompilerHere;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

/// Options of a linker whose value is the next word.
const WITH_VALUE: &[&str] = &["-m", "-z", "-dynamic-linker", "--dynamic-linker"];

/// The first line that a tool prints; `None` where it fails or cannot be started.
///
/// Fails only where it is interrupted.
pub(crate) fn first_line(tool: Tool, cancel: &Cancel) -> Result<Option<String>, ToolError> {
    match tool.timeout(LIMIT).env("LC_ALL", "C").run(cancel) {
        Ok(output) if output.exit.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok(text.lines().next().map(|line| line.trim().to_owned()).filter(|it| !it.is_empty()))
        }
        Err(ToolError::Interrupted) => Err(ToolError::Interrupted),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Looks at a compiler, given as Go's CC; `None` where there is none.
pub(crate) fn look(command: &str, cancel: &Cancel) -> Result<Option<CompilerHere>, ToolError> {
    let mut words = command.split_whitespace();
    let Some(program) = words.next() else { return Ok(None) };
    let compiler = || Tool::new(program).args(command.split_whitespace().skip(1));
    let Some(version) = first_line(compiler().arg("--version"), cancel)? else { return Ok(None) };
    let target = first_line(compiler().arg("-dumpmachine"), cancel)?.unwrap_or_default();
    let linker = first_line(compiler().arg("-print-prog-name=ld"), cancel)?;
    let linker = match linker {
        Some(linker) => first_line(Tool::new(linker).arg("--version"), cancel)?,
        None => None,
    };
    // Says what it would start, and starts nothing.
    let link = compiler().args(["-###", "-x", "c", "/dev/null", "-o", "a.out"]);
    let says = match link.timeout(LIMIT).env("LC_ALL", "C").run(cancel) {
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(ToolError::Interrupted) => return Err(ToolError::Interrupted),
        Err(_) => String::new(),
    };
    let (defaults, interpreter) = defaults(&says);
    Ok(Some(CompilerHere {
        command: command.to_owned(),
        version,
        target,
        linker: linker.unwrap_or_default(),
        defaults,
        interpreter,
    }))
}

/// What stands in the line of the linker before the files, and the dynamic linker.
fn defaults(says: &str) -> (Vec<String>, Option<String>) {
    let links = |word: &String| {
        let name = Path::new(word).file_name().and_then(|it| it.to_str()).unwrap_or_default();
        name == "collect2" || name == "mold" || name == "ld" || name.starts_with("ld.")
    };
    let lines = says.lines().rev().filter_map(|line| shell_words::split(line).ok());
    let Some(line) = lines.into_iter().find(|words| words.first().is_some_and(links)) else {
        return (Vec::new(), None);
    };
    let (mut defaults, mut interpreter) = (Vec::new(), None);
    let mut words = line.into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" => break,
            "-plugin" => drop(words.next()),
            "-dynamic-linker" | "--dynamic-linker" => interpreter = words.next(),
            _ if WITH_VALUE.contains(&word.as_str()) => {
                defaults.push(format!("{word} {}", words.next().unwrap_or_default()));
            }
            // Folders differ everywhere and say nothing.
            _ if word.starts_with("-plugin") || word.starts_with("--sysroot") => {}
            _ if word.starts_with("-L") || word.starts_with("-l") => {}
            _ if word.starts_with('-') => defaults.push(word),
            _ => {}
        }
    }
    (defaults, interpreter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_linker_is_read() {
        let gcc = "Using built-in specs.\nCOLLECT_GCC=gcc\n \"/usr/lib/gcc/cc1\" -quiet /dev/null\n \
            /usr/lib/gcc/x86_64-linux-gnu/12/collect2 -plugin /usr/lib/lto.so \"-plugin-opt=-fresolution=/tmp/x\" \
            --build-id --eh-frame-hdr -m elf_x86_64 \"--hash-style=gnu\" --as-needed -dynamic-linker \
            /lib64/ld-linux-x86-64.so.2 -pie -o a.out /usr/lib/Scrt1.o -L/usr/lib /tmp/x.o -lgcc --push-state\n\
            COLLECT_GCC_OPTIONS='-o' 'a.out'\n";
        let (defaults, interpreter) = defaults(gcc);
        assert_eq!(
            defaults,
            [
                "--build-id",
                "--eh-frame-hdr",
                "-m elf_x86_64",
                "--hash-style=gnu",
                "--as-needed",
                "-pie"
            ]
        );
        assert_eq!(interpreter.as_deref(), Some("/lib64/ld-linux-x86-64.so.2"));
    }

    #[test]
    fn a_compiler_that_says_nothing_has_no_defaults() {
        assert_eq!(defaults("error: unknown option '-###'\n"), (Vec::new(), None));
    }
}
