//! Programs that are started where there is nothing else.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::fixture::{LONG, compile};
use elfin_process::{
    Cancel, EmptyRootError, Exit, Program, StartError, Started, start_in_empty_root,
};

fn begin(path: PathBuf, ready: &str, parent: &Path) -> Result<Started, EmptyRootError> {
    let directory = Some("/no/such/folder".into());
    let program =
        Program { path, arguments: vec!["one".into()], directory, environment: vec![], root: None };
    start_in_empty_root(&program, &ready.parse().unwrap(), parent, LONG, &Cancel::new())
}

/// Tells, loudly, whether this machine lets us have another root at all.
fn is_refused<T>(result: &Result<T, EmptyRootError>) -> bool {
    let refused = matches!(result, Err(EmptyRootError::NoUserNamespace { .. }));
    if refused {
        eprintln!("skipped: no user namespace on this machine");
    }
    refused
}

#[test]
fn a_static_program_is_alone() {
    let folder = tempfile::tempdir().unwrap();
    let roots = tempfile::tempdir().unwrap();
    let path = compile("root", &["-static"], folder.path());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o555)).unwrap();
    let link = folder.path().join("link");
    symlink("root", &link).unwrap();
    for path in [path.clone(), link] {
        let result = begin(path, "exit", roots.path());
        if is_refused(&result) {
            return;
        }
        let started = result.unwrap();
        assert_eq!(started.exit, Some(Exit::Code(0)));
        let said = String::from_utf8(started.stdout).unwrap();
        assert_eq!(said, "argument /app\nargument one\ndirectory /\nfile app\n");
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o555);
    assert!(started_by_line(&path, roots.path()));
    assert_eq!(fs::read_dir(roots.path()).unwrap().count(), 0, "the root is taken away");
}

fn started_by_line(path: &Path, roots: &Path) -> bool {
    begin(path.into(), "stdout:^file app", roots).is_ok()
}

#[test]
fn a_program_that_needs_a_loader_is_not_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile("root", &[], folder.path());
    let result = begin(path.clone(), "exit", folder.path());
    if is_refused(&result) {
        return;
    }
    let Err(EmptyRootError::Start(StartError::CannotStart { path: named, source })) = result else {
        panic!("{result:?}")
    };
    assert_eq!((named, source.kind()), (path, ErrorKind::NotFound));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the root is taken away");
}

#[test]
fn what_is_no_program_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let missing = begin("/no/such/program".into(), "exit", folder.path()).unwrap_err();
    assert!(missing.to_string().contains("No such file"), "{missing}");
    let nowhere = begin("/bin/sh".into(), "exit", Path::new("/no/such/folder")).unwrap_err();
    assert!(matches!(nowhere, EmptyRootError::Os { doing: "making an empty root", .. }));
    let program = Program { path: "/bin/sh".into(), ..Program::default() };
    let cancel = Cancel::new();
    cancel.cancel();
    let ready = "exit".parse().unwrap();
    let zero = Duration::ZERO;
    assert!(start_in_empty_root(&program, &ready, folder.path(), zero, &cancel).is_err());
}
