//! A folder to work in, small Go programs, and `elfin` in it.

use assert_cmd::Command;
use elfin_schema::{Experiment, RecipeRecord};
use std::fs;
use std::path::{Path, PathBuf};

/// A program that prints a line and ends.
pub(crate) const HELLO: &str = r#"package main

import "fmt"

func main() { fmt.Println("hello, gopher") }
"#;

pub(crate) struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with a module whose main package is `source`.
    pub(crate) fn with_program(source: &str) -> Folder {
        let folder = Folder::new();
        folder.write("go.mod", "module example.com/app\n\ngo 1.21\n");
        folder.write("main.go", source);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a program that can be started at once.
    pub(crate) fn program(&self, name: &str, bytes: &[u8]) {
        // Another process writes it: what this one has open for writing, a thread that starts a
        // program at this moment hands on, and what is open for writing cannot be started.
        let bytes_alone = self.path(&format!("{name}.bytes"));
        fs::write(&bytes_alone, bytes).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&bytes_alone, mode).unwrap();
        let mut copy = std::process::Command::new("cp");
        copy.arg("-p").arg(&bytes_alone).arg(self.path(name));
        assert!(copy.status().unwrap().success());
        fs::remove_file(bytes_alone).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes a plan of these recipes with few rounds, as `plan.toml`.
    pub(crate) fn plan(&self, recipes: &[&str]) {
        let text = format!(
            "name = \"test\"\nrecipes = {recipes:?}\n\
             [rounds]\nwarm = 3\ncold = 2\naslr = 4\nbench = 2\n"
        );
        self.write("plan.toml", &text);
    }

    /// `elfin`, in the folder.
    pub(crate) fn elfin(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_elfin"));
        command.current_dir(self.dir.path()).args(arguments).env_remove("COLUMNS");
        command.timeout(std::time::Duration::from_secs(900));
        command
    }

    /// Runs `elfin`, which must succeed; its standard output.
    pub(crate) fn output(&self, arguments: &[&str]) -> String {
        let output = self.elfin(arguments).assert().success().get_output().stdout.clone();
        String::from_utf8(output).unwrap()
    }

    /// Runs `elfin`, which must fail with 2; its standard error.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.elfin(arguments).assert().code(2).get_output().stderr.clone();
        String::from_utf8(output).unwrap()
    }

    /// The documents of an output folder.
    pub(crate) fn documents(&self, out: &str) -> (Experiment, Vec<RecipeRecord>) {
        let experiment = self.read(&format!("{out}/experiment.json"));
        let records = self.read(&format!("{out}/record.jsonl"));
        (
            elfin_schema::read_experiment(&experiment).unwrap(),
            elfin_schema::read_records(&records).unwrap(),
        )
    }
}

/// A shim of a tool: logs a line per call and hands over.
pub(crate) fn shim(folder: &Path, name: &str, log: &Path) {
    let real = find(name).unwrap_or_else(|| panic!("{name} is not in PATH"));
    let script = format!(
        "#!/bin/sh\necho \"{name} $*\" >> '{}'\nexec '{}' \"$@\"\n",
        log.display(),
        real.display()
    );
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// A program in PATH.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// A PATH of only these programs, linked into a folder.
pub(crate) fn path_of(folder: &Path, names: &[&str]) -> String {
    fs::create_dir_all(folder).unwrap();
    for name in names {
        let real = find(name).unwrap_or_else(|| panic!("{name} is not in PATH"));
        std::os::unix::fs::symlink(real, folder.join(name)).unwrap();
    }
    folder.display().to_string()
}
