//! Tools at another time of day, as another user, with another umask.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fixture::{LONG, assert_gone, go_build};
use elfin_process::{Cancel, Exit, Output, Tool, ToolError};

const YEAR: i64 = 365 * 24 * 3600;
/// What any of these programs may take, seconds.
const SLACK: i64 = 600;

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs().cast_signed()
}

/// Runs a tool; `None`, loudly, where clocks cannot be shifted.
fn run(tool: &Tool) -> Option<Output> {
    if !cfg!(target_arch = "x86_64") {
        eprintln!("skipped: only on amd64");
        return None;
    }
    Some(tool.run(&Cancel::new()).unwrap())
}

#[test]
fn a_go_program_and_its_children_see_another_year_and_time_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(clock) = go_build("clock.go", &[], folder.path()) else { return };
    for ahead in [3 * YEAR, -2 * YEAR, 0] {
        let Some(output) = run(&Tool::new(&clock).clock_ahead(ahead).timeout(LONG)) else { return };
        let stdout = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = stdout.lines().collect();
        let [own, child, "true"] = lines[..] else { panic!("{stdout}") };
        for seen in [own, child] {
            let off = seen.parse::<i64>().unwrap() - now() - ahead;
            assert!(off.abs() < SLACK, "{seen}: {off} s off with {ahead}");
        }
    }
}

#[test]
fn programs_of_c_and_many_children_see_it_too_and_their_end_is_told() {
    let script = "for i in 1 2 3 4 5 6 7 8 9; do date +%s; done; (date +%s; exit 3) & wait $!";
    let tool = Tool::new("sh").args(["-c", script]).clock_ahead(YEAR).timeout(LONG);
    let Some(output) = run(&tool) else { return };
    assert_eq!(output.exit, Exit::Code(3));
    let times = String::from_utf8(output.stdout).unwrap();
    let off = times.lines().map(|line| line.parse::<i64>().unwrap() - now() - YEAR);
    let off: Vec<i64> = off.collect();
    assert!(off.len() == 10 && off.iter().all(|off| off.abs() < SLACK), "{off:?}");
}

#[test]
fn signals_arrive_and_a_long_output_does_not_block() {
    let script = "trap 'echo caught' USR1; kill -USR1 $$; \
                  head -c 300000 /dev/zero | tr '\\0' x; kill -TERM $$";
    let tool = Tool::new("sh").args(["-c", script]).clock_ahead(YEAR).timeout(LONG);
    let Some(output) = run(&tool) else { return };
    assert_eq!(output.exit, Exit::Signal(15));
    assert!(output.stdout.starts_with(b"caught\n") && output.stdout.len() == 300_007);
}

#[test]
fn a_limit_ends_the_whole_tree() {
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    let script = "sh -c 'echo $$; sleep 100' & wait";
    let tool = Tool::new("sh").args(["-c", script]).clock_ahead(YEAR);
    let ended = tool.timeout(Duration::from_secs(2)).run(&Cancel::new());
    let Err(ToolError::TimedOut { stdout, .. }) = ended else { panic!("{ended:?}") };
    assert_gone(String::from_utf8(stdout).unwrap().trim());
}

#[test]
fn a_tool_has_the_umask_and_the_user_that_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let script = "id -u; umask; touch made; test -O made && echo mine";
    let tool = Tool::new("sh").args(["-c", script]).dir(folder.path()).umask(0o77);
    let output = match tool.seen_as(4321, 8765).timeout(LONG).run(&Cancel::new()) {
        Ok(output) => output,
        Err(error) => {
            assert!(error.to_string().contains("user namespace"), "{error}");
            eprintln!("skipped: {error}");
            return;
        }
    };
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "4321\n0077\nmine\n");
    let mode = std::fs::metadata(folder.path().join("made")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
}
