//! Real programs, counted by elfin and by the processor.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails, or tells why it does not run"
)]

use elfin_process::{Cancel, Program};
use elfin_schema::{Phase, Startup};
use elfin_watch::{StartupOrder, startup};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiled program; `None` where there is no compiler.
fn c_program(dir: &Path, flags: &[&str]) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/mixed.c");
    let path = dir.join("mixed");
    let mut gcc = Command::new("gcc");
    gcc.args(["-static", "-nostdlib", "-ffreestanding", "-fno-stack-protector", "-mpopcnt"])
        .args(flags);
    match gcc.arg("-o").arg(&path).arg(source).status() {
        Ok(status) => {
            assert!(status.success());
            Some(path)
        }
        Err(error) => {
            eprintln!("SKIPPED: gcc: {error}");
            None
        }
    }
}

fn watch(path: &Path, order: &StartupOrder) -> Startup {
    let data = std::fs::read(path).unwrap();
    let program = Program { path: path.to_owned(), ..Program::default() };
    startup((&program, &data), None, order, &Cancel::default(), &|_| ()).unwrap()
}

#[test]
fn elfin_and_the_processor_count_the_same() {
    let dir = tempfile::tempdir().unwrap();
    for flags in [&["-O2"][..], &["-O0"], &["-O1", "-static-pie", "-fPIE"]] {
        let Some(path) = c_program(dir.path(), flags) else { return };
        let counted = |only_processor| {
            let order =
                StartupOrder { starts: 1, counts: 2, only_processor, ..StartupOrder::default() };
            let seen = watch(&path, &order).program;
            let counting = *seen.counting.value().unwrap();
            assert_eq!(counting.spread, 0, "{flags:?}");
            (seen.instructions.unwrap(), counting.by_processor)
        };
        let (mine, by_processor) = counted(false);
        let (its, all) = counted(true);
        assert_eq!(mine, its, "{flags:?}");
        assert_eq!(all, its);
        assert!(mine > 1000 && by_processor < mine / 10, "{by_processor} of {mine}");
    }
}

#[test]
fn a_c_program_has_no_stages_of_gos() {
    let dir = tempfile::tempdir().unwrap();
    let Some(path) = c_program(dir.path(), &["-O2"]) else { return };
    let seen =
        watch(&path, &StartupOrder { starts: 2, counts: 1, ..StartupOrder::default() }).program;
    let phases: Vec<Phase> = seen.phases.iter().map(|it| it.name).collect();
    assert_eq!(phases, [Phase::Exec, Phase::Entry]);
    assert_eq!((seen.until.as_str(), seen.go), ("main", None));
}
