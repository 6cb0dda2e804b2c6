//! Looks at the memory of programs that end and of programs that stay.

use std::time::Duration;

use crate::fixture::{LONG, compile, go_build, shell};
use elfin_process::{Cancel, Exit, Program, Snapshot, StartError, snapshot};

fn look(program: &Program, ready: &str, timeout: Duration) -> Result<Snapshot, StartError> {
    snapshot(program, &ready.parse().unwrap(), timeout, &Cancel::new())
}

/// What holds for any program that has come up.
fn assert_sane(seen: &Snapshot) {
    assert!((100 << 10..1 << 30).contains(&seen.max_rss), "{seen:?}");
    assert!((4 << 10..=seen.max_rss).contains(&seen.private_dirty), "{seen:?}");
    let stack = seen.stack.unwrap();
    assert!(seen.text.unwrap() < stack, "{seen:?}");
    assert!(stack.is_multiple_of(16), "not where a stack begins: {seen:?}");
}

#[test]
fn a_c_program_that_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile("root", &["-no-pie"], folder.path());
    let seen = look(&Program { path, ..Program::default() }, "exit", LONG).unwrap();
    assert_sane(&seen);
    assert_eq!(seen.text.map(|at| at >> 20), Some(4), "linked at 0x400000");
    assert!(seen.heap > seen.text);
}

#[test]
fn the_program_is_seen_and_not_the_one_before() {
    let seen = look(&shell("exec /bin/sh -c 'exit 3'"), "exit", LONG).unwrap();
    assert_sane(&seen);
}

#[test]
fn a_go_program_that_ends_and_one_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = go_build("idle", &[], folder.path()) else { return };
    for (arguments, ready) in [(vec![], "exit"), (vec!["stay".into()], "stdout:^heap ")] {
        let program = Program { path: path.clone(), arguments, ..Program::default() };
        for _ in 0..10 {
            let seen = look(&program, ready, LONG).unwrap();
            assert_sane(&seen);
            assert_eq!(seen.text.map(|at| at >> 20), Some(4), "linked at 0x400000");
            assert!(seen.private_dirty >= 8 << 20, "what it wrote: {seen:?}");
            assert!(seen.heap.unwrap().is_multiple_of(4 << 20), "{seen:?}");
        }
    }
}

#[test]
fn a_moved_go_program_is_found_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = go_build("idle", &["-buildmode=pie"], folder.path()) else { return };
    let program = Program { path, ..Program::default() };
    let seen = [(); 4].map(|()| look(&program, "exit", LONG).unwrap());
    seen.iter().for_each(assert_sane);
    assert!(seen.iter().any(|one| one.text != seen[0].text), "{seen:?}");
    assert!(seen.iter().any(|one| one.stack != seen[0].stack), "{seen:?}");
}

#[test]
fn signals_arrive_while_it_is_traced() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile("signals", &[], folder.path());
    let proof = folder.path().join("proof");
    let arguments = vec![proof.clone().into()];
    assert_sane(&look(&Program { path, arguments, ..Program::default() }, "exit", LONG).unwrap());
    assert!(proof.exists(), "a signal did not arrive");
}

#[test]
fn no_look_at_what_does_not_come_up() {
    let brief = Duration::from_millis(500);
    for ready in ["exit", "stdout:never"] {
        let late = look(&shell("echo here; exec sleep 1000"), ready, brief).unwrap_err();
        let StartError::NeverReady { exit: None, stdout, .. } = late else { panic!("{late:?}") };
        assert_eq!(stdout, b"here\n");
    }
    let ended = look(&shell("exit 3"), "stdout:never", LONG).unwrap_err();
    assert!(matches!(ended, StartError::NeverReady { exit: Some(Exit::Code(3)), .. }));
    let stopped = look(&shell("kill -STOP $$; exit 0"), "exit", LONG).unwrap();
    assert_sane(&stopped);
    let missing = Program { path: "/no/such/program".into(), ..Program::default() };
    assert!(matches!(look(&missing, "exit", LONG), Err(StartError::CannotStart { .. })));
}
