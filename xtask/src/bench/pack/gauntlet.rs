//! The long gauntlet: every program of the bench, plain and packed, must behave alike.
//!
//! What needs minutes stands here; the rest is among the tests of `elfin-pack`.

use super::{Form, Program, folder, kernel, pack, program, programs, stripped, subject};
use crate::corpus::{self, Scope};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

const FORMS: [Form; 2] = [Form::Fast, Form::Small];

/// So many starts in a row must succeed.
const STARTS: usize = 1000;

/// Runs it; with `quick` on Go's own programs, with `only` on those of the corpus with such names, and
/// otherwise on all.
pub(in crate::bench) fn run(elfin: &Path, quick: bool, only: Option<&str>) -> Result<()> {
    if let Some(only) = only {
        return of_the_corpus(elfin, only);
    }
    let programs = programs(elfin, quick, &FORMS, |_| Ok(true))?;
    for program in &programs {
        for form in FORMS {
            let packed = program.packed[form as usize].as_ref();
            let packed = packed.with_context(|| format!("{} is not packed", program.name))?;
            one(elfin, program, &packed.file)
                .with_context(|| format!("{} by {}", program.name, form.name()))?;
            println!("{}: {} holds", program.name, form.name());
        }
    }
    let smallest = programs.first().context("no program")?;
    let packed = smallest.packed[Form::Fast as usize].as_ref().context("it is not packed")?;
    let expected = output(&smallest.plain, smallest.arguments, 0, "true")?;
    for start in 0..STARTS {
        let got = output(&packed.file, smallest.arguments, 0, "true")?;
        ensure!(got == expected, "start {start} of {}: {got:?}", smallest.name);
    }
    println!("{STARTS} starts of {} without a failure", smallest.name);
    under_load(elfin)?;
    println!("under Linux {} all holds too", kernel::run(elfin, &FORMS)?);
    if quick { Ok(()) } else { of_the_corpus(elfin, "-amd64") }
}

/// Every program of the corpus with one of these in its name, each packed in one of the two ways, in turn.
fn of_the_corpus(elfin: &Path, only: &str) -> Result<()> {
    let files = corpus::plain(Scope::All, only)?;
    let mut held = 0;
    for file in files.iter().filter(|it| it.arch == "amd64") {
        let form = FORMS[held % 2];
        let plain = stripped(&file.name, &file.file)?;
        let program = program(elfin, (&file.name, file.arguments()), plain, &[form])?;
        let packed = program.packed[form as usize].as_ref();
        let packed = packed.with_context(|| format!("{} is not packed", program.name))?;
        one(elfin, &program, &packed.file)
            .with_context(|| format!("{} by {}", program.name, form.name()))?;
        println!("{}: {} holds", program.name, form.name());
        for done in [&program.plain, &packed.file] {
            fs::remove_file(done).with_context(|| format!("{}", done.display()))?;
        }
        held += 1;
    }
    println!("{held} programs of the corpus hold");
    Ok(())
}

/// Signals, goroutines and garbage collection for a minute, in an exe and a PIE, packed both ways, at once.
fn under_load(elfin: &Path) -> Result<()> {
    let mut running = Vec::new();
    for mode in ["exe", "pie"] {
        let plain = subject(mode)?;
        for form in FORMS {
            let packed = pack(elfin, form, &plain)?.context("it is not packed")?;
            let mut load = shell::command(&packed.file.to_string_lossy());
            load.args(["load", MINUTE]).stdout(Stdio::null());
            running.push((format!("{mode} by {}", form.name()), load.spawn()?));
        }
    }
    for (name, mut program) in running {
        let status = program.wait()?;
        ensure!(status.success(), "{name} under load: {status}");
    }
    println!("a minute of signals and garbage collection without a failure");
    Ok(())
}

/// Milliseconds.
const MINUTE: &str = "60000";

fn one(elfin: &Path, program: &Program, packed: &Path) -> Result<()> {
    let mut verify = shell::command(&elfin.to_string_lossy());
    shell::run(verify.args(["pack", "--verify"]).arg(packed).stdout(Stdio::null()))?;
    let again = packed.with_added_extension("again");
    let mut unpack = shell::command(&elfin.to_string_lossy());
    shell::run(unpack.arg("unpack").arg(packed).arg("-o").arg(&again))?;
    let same = fs::read(&again)? == fs::read(&program.plain)?;
    ensure!(same, "unpack does not give the original");
    fs::remove_file(&again)?;
    // Programs say their own name, so the packed one has the plain one's, in another folder.
    let beside = tempfile::tempdir_in(folder()?)?;
    let named = beside.path().join(&program.name);
    fs::copy(packed, &named).with_context(|| format!("{}", named.display()))?;
    for variables in [0, 500, 1000, 5000] {
        for limits in ["true", "ulimit -s 64", "ulimit -s unlimited", "ulimit -v 4000000"] {
            let [plain, packed] =
                [&program.plain, &named].map(|it| output(it, program.arguments, variables, limits));
            let (plain, packed) = (plain?, packed?);
            ensure!(plain == packed, "{variables} variables, {limits}: {plain:?}, {packed:?}");
        }
    }
    Ok(())
}

/// What a program says, with its own name and the numbers of its log left out, and how it ends.
fn output(
    file: &Path,
    arguments: &[&str],
    variables: usize,
    limits: &str,
) -> Result<(String, String, Option<i32>)> {
    let script = format!("{limits} && exec \"$0\" \"$@\"");
    let mut command = shell::command("sh");
    command.args(["-c", &script]).arg(file).args(arguments).stdin(Stdio::null());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", "/tmp").env("GOTOOLCHAIN", "local");
    command.envs((0..variables).map(|it| (format!("SOME_VARIABLE_{it}"), "value")));
    let Output { status, stdout, stderr } = command.output()?;
    let name = file.to_string_lossy();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*name, "PROGRAM");
    let mut logged = text(&stderr);
    logged.retain(|it| !it.is_ascii_digit()); // It has the time of day.
    Ok((text(&stdout), logged, status.code()))
}
