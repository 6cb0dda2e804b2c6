//! A packed program starts wherever the plain one starts.

use crate::programs::{Built, build, ended, folder, pair, says, skipped, told};
use elfin_process::{Cancel, EmptyRootError, Exit, Program, Ready, start_in_empty_root};
use std::process::Command;
use std::time::Duration;

#[test]
fn in_an_empty_root_without_proc() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        let program = Program {
            path: pair.packed.clone(),
            arguments: vec!["hello".into()],
            ..Program::default()
        };
        let limit = Duration::from_secs(60);
        match start_in_empty_root(&program, &Ready::Exit, folder(), limit, &Cancel::default()) {
            Err(EmptyRootError::NoUserNamespace { source }) => skipped(&source.to_string()),
            started => assert_eq!(started.unwrap().exit, Some(Exit::Code(0)), "{built:?}"),
        }
    }
}

#[test]
fn on_a_file_system_that_cannot_be_written() {
    let Some(pair) = pair(Built::Exe) else { return };
    let place = pair.packed.parent().unwrap().display();
    let script = format!(
        "mount --bind {place} {place} && mount -o remount,ro,bind {place} && \
         ! touch {place}/x 2>/dev/null && exec {} hello",
        pair.packed.display()
    );
    let mut shell = Command::new("unshare");
    let (said, error, code) = told(&ended(shell.args(["-Urm", "sh", "-c", &script])));
    if error.contains("unshare") || error.contains("mount") {
        return skipped(&error);
    }
    assert_eq!((said, code), (says(&pair.plain, &["hello"]).0, Some(0)), "{error}");
}

#[test]
fn with_little_stack_and_with_as_much_as_it_likes() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        for limit in ["-s 64", "-s unlimited", "-v 1500000", "-s 64 -v 1500000"] {
            let limits = limit.replace(" -v", "; ulimit -v");
            let run = |program: &std::path::Path| {
                let script = format!("ulimit {limits}; exec {} load 50", program.display());
                told(&ended(Command::new("sh").args(["-c", &script])))
            };
            assert_eq!(run(&pair.packed), run(&pair.plain), "{built:?} {limit}");
        }
    }
}

#[test]
fn too_little_memory_is_said() {
    let Some(pair) = pair(Built::Exe) else { return };
    let script = format!("ulimit -v 9000; exec {} hello", pair.packed.display());
    let (said, error, code) = told(&ended(Command::new("sh").args(["-c", &script])));
    assert!(said.is_empty() && code == Some(127), "{code:?} {error}");
    assert!(error.contains("error number 012"), "{error}");
}

#[test]
fn with_what_container_runtimes_permit_and_without_memfd() {
    let environment = [("CGO_ENABLED", "0")];
    let Some(confined) = build("confined", &[], &environment) else { return };
    for built in Built::PURE.into_iter().chain(Built::CGO) {
        let Some(pair) = pair(built) else { return };
        let run = |program: &std::path::Path| told(&ended(Command::new(&confined).arg(program)));
        assert_eq!(run(&pair.packed), run(&pair.plain), "{built:?}");
        assert_eq!(run(&pair.packed).2, Some(0), "{built:?}");
    }
}

#[test]
fn with_one_processor_and_without_random_addresses() {
    for built in Built::PURE.into_iter().chain(Built::CGO) {
        let Some(pair) = pair(built) else { return };
        for wrapper in [&["taskset", "1"][..], &["setarch", "-R"]] {
            let run = |program: &std::path::Path| {
                told(&ended(Command::new(wrapper[0]).args(&wrapper[1..]).arg(program)))
            };
            assert_eq!(run(&pair.packed), run(&pair.plain), "{built:?} {wrapper:?}");
        }
    }
}
