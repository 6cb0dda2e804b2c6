//! Programs that are started, timed and ended.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::fixture::{LONG, assert_gone, compile, shell};
use elfin_process::{
    Cancel, Exit, Program, Ready, StartError, Started, Tool, drop_page_cache, start,
};

fn begin(program: &Program, ready: &str, timeout: Duration) -> Result<Started, StartError> {
    start(program, &ready.parse().unwrap(), timeout, &Cancel::new())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn ready_by_ending() {
    let started = begin(&shell("echo out; echo err >&2; exit 3"), "exit", LONG).unwrap();
    assert_eq!(started.exit, Some(Exit::Code(3)));
    assert_eq!((text(&started.stdout), text(&started.stderr)), ("out\n", "err\n"));
    assert!(started.to_ready > Duration::ZERO && started.minor_faults > 0);
    let crashed = begin(&shell("kill -ABRT $$"), "exit", LONG).unwrap();
    assert_eq!(crashed.exit, Some(Exit::Signal(6)));
}

#[test]
fn ready_by_a_line_and_then_killed() {
    let script = "echo starting; echo listening on 7; sleep 1000 & echo $!; wait";
    let started = begin(&shell(script), "stdout:^listening on [0-9]$", LONG).unwrap();
    assert_eq!(started.exit, None);
    assert!(text(&started.stdout).starts_with("starting\nlistening on 7\n"));
    let prompt = begin(&shell("printf 'name? '; exec sleep 1000"), r"stdout:^name\?", LONG);
    assert_eq!(text(&prompt.unwrap().stdout), "name? ", "a line without its end");
    // What is said at the very end counts, and then the end is known.
    let last = begin(&shell("echo done; exit 4"), "stdout:done", LONG).unwrap();
    assert!(matches!(last.exit, None | Some(Exit::Code(4))), "{:?}", last.exit);
}

#[test]
fn never_ready() {
    let ended = begin(&shell("echo a; echo b >&2; exit 3"), "stdout:^b", LONG).unwrap_err();
    assert!(ended.to_string().contains("ended before it was ready: exit status 3"), "{ended}");
    let StartError::NeverReady { exit, stdout, stderr, .. } = ended else { panic!("{ended:?}") };
    assert_eq!((exit, text(&stdout), text(&stderr)), (Some(Exit::Code(3)), "a\n", "b\n"));

    let brief = Duration::from_millis(500);
    for ready in ["exit", "stdout:never"] {
        let late = begin(&shell("sleep 1000 & echo $!; wait"), ready, brief).unwrap_err();
        assert!(late.to_string().contains("was not ready after"), "{late}");
        let StartError::NeverReady { exit, stdout, .. } = late else { panic!("{late:?}") };
        assert_eq!(exit, None);
        assert_gone(text(&stdout).trim());
    }
}

#[test]
fn a_flood_is_kept_in_part() {
    let brief = Duration::from_millis(500);
    let late = begin(&shell("yes & yes >&2"), "stdout:never", brief).unwrap_err();
    let StartError::NeverReady { stdout, stderr, .. } = late else { panic!("{late:?}") };
    assert_eq!((stdout.len(), stderr.len()), (1 << 20, 1 << 20));
    let whole = begin(&shell("head -c 3000000 /dev/zero"), "exit", LONG).unwrap();
    assert_eq!((whole.exit, whole.stdout.len()), (Some(Exit::Code(0)), 1 << 20));
}

#[test]
fn ready_by_a_port_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile("server", &[], folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let program = Program { path, arguments: vec![port.to_string().into()], ..Program::default() };
    let ready = Ready::Tcp(port).to_string();

    let taken = begin(&program, &ready, LONG).unwrap_err();
    assert!(matches!(taken, StartError::PortTaken { port: one } if one == port), "{taken:?}");
    drop(listener);
    for round in 0..5 {
        let started = begin(&program, &ready, LONG).unwrap_or_else(|e| panic!("{round}: {e:?}"));
        assert_eq!(started.exit, None);
    }
    let ended = begin(&shell("exit 5"), &ready, LONG).unwrap_err();
    assert!(matches!(ended, StartError::NeverReady { exit: Some(Exit::Code(5)), .. }), "{ended:?}");
    let late = begin(&shell("exec sleep 1000"), &ready, Duration::from_millis(500)).unwrap_err();
    assert!(matches!(late, StartError::NeverReady { exit: None, .. }), "{late:?}");
}

#[test]
fn a_program_that_cannot_be_started() {
    let program = |path: &str| Program { path: path.into(), ..Program::default() };
    for path in ["/no/such/program", "/etc/passwd", "/etc", ""] {
        let error = begin(&program(path), "exit", LONG).unwrap_err();
        assert!(matches!(error, StartError::CannotStart { .. }), "{error:?}");
    }
    let lost = Program { directory: Some("/no/such/folder".into()), ..shell("true") };
    let error = begin(&lost, "exit", LONG).unwrap_err().to_string();
    assert!(error.starts_with("entering the working directory"), "{error}");
}

#[test]
fn surroundings_are_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let mut program = shell("pwd -P; echo $ADDED; cat");
    program.directory = Some(here.clone());
    program.environment = vec![("ADDED".into(), "yes".into())];
    let started = begin(&program, "exit", LONG).unwrap();
    assert_eq!(text(&started.stdout), format!("{}\nyes\n", here.display()));

    // A relative path means what it means to elfin, wherever the program is to run.
    let name = Path::new("Cargo.toml"); // any file of the folder that tests run in
    assert!(name.exists());
    program.path = name.into();
    let error = begin(&program, "exit", LONG).unwrap_err();
    let StartError::CannotStart { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn cancel_ends_it() {
    for ready in ["exit", "stdout:never", "tcp:1"] {
        let cancel = Cancel::new();
        let run = {
            let (cancel, ready) = (cancel.clone(), ready.parse().unwrap());
            thread::spawn(move || start(&shell("exec sleep 1000"), &ready, LONG, &cancel))
        };
        thread::sleep(Duration::from_millis(50));
        cancel.cancel();
        assert!(matches!(run.join().unwrap(), Err(StartError::Interrupted)), "{ready}");
    }
}

/// Not a test: the process that `death_of_the_parent_is_death_of_the_child` kills.
#[test]
#[ignore = "is run by another test"]
fn a_parent_that_waits() {
    let Some(folder) = std::env::var_os("FOLDER_FOR_PIDS") else { return };
    let program =
        Program { directory: Some(folder.into()), ..shell("echo $$ >started; exec sleep 1000") };
    begin(&program, "stdout:never", LONG).unwrap_err();
}

#[test]
fn death_of_the_parent_is_death_of_the_child() {
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "start::a_parent_that_waits", "--ignored", "--nocapture"])
        .env("FOLDER_FOR_PIDS", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let pid = loop {
        match fs::read_to_string(folder.path().join("started")) {
            Ok(pid) if pid.ends_with('\n') => break pid,
            _ => thread::sleep(Duration::from_millis(10)),
        }
    };
    assert!(Path::new("/proc").join(pid.trim()).exists());
    parent.kill().unwrap();
    assert_eq!(parent.wait().unwrap().signal(), Some(9), "killed in the middle");
    assert_gone(pid.trim());
}

#[test]
fn the_costs_are_the_programs_own() {
    // The kernel bills a process from the fork on; so the program itself, by the tenth field of
    // its `stat`, sees more page faults than it caused, and we must not.
    let arguments = vec!["/proc/self/stat".into()];
    let program = Program { path: "/bin/cat".into(), arguments, ..Program::default() };
    let started = begin(&program, "exit", LONG).unwrap();
    let billed: u64 = text(&started.stdout).split(' ').nth(9).unwrap().parse().unwrap();
    assert!(started.minor_faults < billed, "{} {billed}", started.minor_faults);
}

#[test]
fn a_file_that_was_dropped_starts_by_reading_the_disk() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = compile("root", &["-static"], folder.path());
    Tool::new("sync").run(&Cancel::new()).unwrap();
    assert!(drop_page_cache(&path).unwrap());
    let program = Program { path, ..Program::default() };
    assert!(begin(&program, "exit", LONG).unwrap().major_faults > 0);
    assert_eq!(begin(&program, "exit", LONG).unwrap().major_faults, 0);
}
