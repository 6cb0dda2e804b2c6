//! Tools that are run to their end, or do not come to it.
#![allow(unsafe_code, reason = "to ignore a signal, which a child must not inherit")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::fixture::{LONG, assert_gone};
use elfin_process::{Cancel, Exit, Output, Tool, ToolError};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};

fn sh(script: &str) -> Tool {
    Tool::new("sh").args(["-c", script]).timeout(LONG)
}

fn run(tool: &Tool) -> Output {
    tool.run(&Cancel::new()).unwrap()
}

fn fail(tool: &Tool) -> ToolError {
    tool.run(&Cancel::new()).unwrap_err()
}

#[test]
fn gives_what_the_tool_left() {
    let output =
        run(&sh("echo out; echo err >&2; i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done; exit 3"));
    assert_eq!(output.exit, Exit::Code(3));
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice()),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert!(output.wall > Duration::ZERO && output.cpu > Duration::ZERO);
    assert_eq!(run(&sh("kill -SEGV $$")).exit, Exit::Signal(11));
}

#[test]
fn surroundings_are_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let tool = sh("cat; pwd -P; echo $ADDED ${HOME-none}")
        .dir(folder.path())
        .env("ADDED", "yes")
        .env_remove("HOME");
    let stdout = String::from_utf8(run(&tool).stdout).unwrap();
    let here = folder.path().canonicalize().unwrap();
    assert_eq!(stdout, format!("{}\nyes none\n", here.display()));
}

#[test]
fn errors_tell_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    let write = |name, text: &str, mode| {
        fs::write(path(name), text).unwrap();
        fs::set_permissions(path(name), Permissions::from_mode(mode)).unwrap();
        Tool::new(path(name))
    };
    for missing in ["no-such-tool-anywhere", "/no/such/tool", "./no-such-tool", ""] {
        assert!(
            matches!(fail(&Tool::new(missing)), ToolError::NotFound { program } if program == missing)
        );
    }
    for broken in [
        write("orphan", "#!/no/such/interpreter\n", 0o700),
        write("text", "not a program\n", 0o700),
        write("plain", "#!/bin/sh\n", 0o600),
        Tool::new(folder.path()),
    ] {
        assert!(matches!(fail(&broken), ToolError::NotStarted { .. }), "{}", broken.line());
    }
    let lost = fail(&sh("true").dir("/no/such/folder")).to_string();
    assert!(lost.starts_with("entering the working directory: No such file"), "{lost}");
    assert!(fail(&sh("a\0b")).to_string().contains("nul byte"));
}

#[test]
fn a_timeout_ends_the_grandchildren_too() {
    let tool = sh("sleep 1000 & echo $!; echo said >&2; wait").timeout(Duration::from_millis(500));
    let ToolError::TimedOut { program, after, stdout, stderr } = fail(&tool) else {
        panic!("it did not time out")
    };
    assert_eq!(
        (program.as_str(), after, stderr.as_slice()),
        ("sh", Duration::from_millis(500), &b"said\n"[..])
    );
    assert_gone(String::from_utf8(stdout).unwrap().trim());
}

#[test]
fn what_stays_in_the_background_neither_holds_nor_outlives_it() {
    let output = run(&sh("sleep 1000 & echo $!"));
    assert_eq!(output.exit, Exit::Code(0));
    assert_gone(String::from_utf8(output.stdout).unwrap().trim());
}

#[test]
fn a_flood_is_kept_in_part_and_drained() {
    let output = run(&sh("head -c 80000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 7"));
    assert_eq!(output.exit, Exit::Code(7));
    assert_eq!((output.stdout.len(), output.stderr.len()), (64 << 20, 3_000_000));
}

#[test]
fn cancel_ends_it() {
    let flag = Arc::new(AtomicBool::new(false));
    let cancel = Cancel::from(Arc::clone(&flag));
    let run = {
        let cancel = cancel.clone();
        thread::spawn(move || sh("sleep 1000").run(&cancel))
    };
    thread::sleep(Duration::from_millis(50));
    flag.store(true, Ordering::Relaxed);
    assert!(matches!(run.join().unwrap(), Err(ToolError::Interrupted)));
    assert!(cancel.is_cancelled());
    assert!(matches!(sh("sleep 1000").run(&cancel), Err(ToolError::Interrupted)));
}

#[test]
fn signals_are_as_by_default() {
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGUSR1);
    blocked.thread_block().unwrap();
    // SAFETY: to ignore a signal runs no code. The Rust runtime ignores SIGPIPE besides.
    unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) }.unwrap();
    let output = run(&Tool::new("grep").args(["-E", "^Sig(Blk|Ign)", "/proc/self/status"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}
