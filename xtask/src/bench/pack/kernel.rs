//! Packed programs under another kernel than this machine's, with memory granted as usual and strictly.

use super::{Form, pack, subject};
use crate::guest::{Guest, SHARE};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What the program of the gauntlet is asked to do.
const WORDS: [&str; 8] = ["hello", "env", "args", "again", "exit 7", "panic", "fips", "load 500"];
const LIMIT: Duration = Duration::from_secs(1800);

/// Says which kernel it was.
///
/// Returns an error if a packed program does otherwise than the plain one there.
pub(super) fn run(elfin: &Path, forms: &[Form]) -> Result<String> {
    let mut guest = Guest::find()?;
    // It brings the dynamic linker, which a plain PIE names.
    guest.add_program(elfin, "/bin/elfin")?;
    let share = tempfile::tempdir()?;
    let mut script = "uname -r\ncd /tmp\nexport GODEBUG=fips140=on\n".to_owned();
    for mode in ["exe", "pie"] {
        let folder = share.path().join(mode);
        fs::create_dir(&folder)?;
        let plain = subject(mode)?;
        fs::copy(&plain, folder.join("plain"))?;
        for form in forms {
            let packed = pack(elfin, *form, &plain)?.context("it is not packed")?;
            fs::copy(&packed.file, folder.join(file_name(*form)))?;
        }
    }
    // vm.overcommit_memory: guessed, and strictly what there is.
    for granted in [0, 2] {
        script.push_str(&format!("echo {granted} > /proc/sys/vm/overcommit_memory\n"));
        for mode in ["exe", "pie"] {
            let folder = format!("{SHARE}/{mode}");
            for form in forms {
                let alike = |words| alike(&folder, &file_name(*form), words);
                script.extend(WORDS.map(alike));
            }
        }
    }
    guest.run(&script, share.path(), &[], LIMIT)
}

fn file_name(form: Form) -> String {
    form.name().replace(' ', "")
}

/// Lines of a script that fail if two programs, each in the place of the other, say different things or end
/// in different ways.
fn alike(folder: &str, form: &str, words: &str) -> String {
    let run = |form: &str, to: &str| {
        format!(
            "cp {folder}/{form} program\n./program {words} > {to} 2>&1 || echo ends with $? >> {to}\n"
        )
    };
    let [plain, packed] = [("plain", "was"), (form, "is")].map(|(form, to)| run(form, to));
    format!("{plain}{packed}cmp was is || {{ echo {folder} {form} {words}; cat was is; false; }}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo;

    #[test]
    fn packed_programs_run_under_a_second_kernel_and_where_memory_is_granted_strictly() {
        if let Err(error) = Guest::find() {
            return eprintln!("SKIPPED: {error:#}");
        }
        let kernel = run(&demo::as_tested("elfin").unwrap(), &[Form::Fast]).unwrap();
        assert!(kernel.starts_with(|it: char| it.is_ascii_digit()), "{kernel}");
    }
}
