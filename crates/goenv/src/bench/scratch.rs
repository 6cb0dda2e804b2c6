//! A home of its own for a bench: a project, and a module cache that holds one toolchain.

use crate::places::Toolchain;
use crate::{EnvError, InstalledGo};
use elfin_schema::ToolchainState;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Removed when it is dropped.
pub(super) struct Scratch {
    folder: tempfile::TempDir,
    go: InstalledGo,
    toolchain: Toolchain,
}

impl Scratch {
    pub(super) fn new(go: &InstalledGo) -> Result<Scratch, EnvError> {
        let io = |error| EnvError::io("creating", std::env::temp_dir(), error);
        let folder = tempfile::tempdir().map_err(io)?;
        let toolchain = Toolchain::new(&folder.path().join("home/go/pkg/mod"), &go.version);
        let scratch = Scratch { folder, go: go.clone(), toolchain };
        scratch.write("project/go.mod", "module bench\n\ngo 1.21\n")?;
        let main =
            "package main\n\nimport \"runtime\"\n\nfunc main() { println(runtime.Version()) }\n";
        scratch.write("project/main.go", main)?;
        let number = go.version.to_string();
        let number = number.trim_start_matches("go");
        scratch.write("project/.godotenv", &format!("GOVERSION={number}\nCGO_ENABLED=0\n"))?;
        scratch.make(ToolchainState::Healthy)?;
        Ok(scratch)
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(super) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub(super) fn version(&self) -> String {
        self.go.version.to_string()
    }

    /// The GOROOT of the toolchain in this home.
    pub(super) fn goroot(&self) -> PathBuf {
        self.toolchain.goroot()
    }

    /// The environment in which everything runs: what there is, with this home.
    pub(super) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let home = self.home();
        vec![
            ("XDG_CACHE_HOME", home.join(".cache")),
            ("XDG_DATA_HOME", home.join(".local/share")),
            ("XDG_CONFIG_HOME", home.join(".config")),
            ("XDG_STATE_HOME", home.join(".local/state")),
            ("GOMODCACHE", home.join("go/pkg/mod")),
            ("GOPATH", home.join("go")),
            ("GOPROXY", "off".into()),
            ("GOENV", "off".into()),
            ("GOCACHE", self.folder.path().join("go-build")),
            ("HOME", home),
        ]
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, EnvError> {
        let path = self.folder.path().join(name);
        let io = |error| EnvError::io("writing", &path, error);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(io)?;
        fs::write(&path, text).map_err(io)?;
        Ok(path)
    }

    /// Removes what tools keep from one switch to the next; their words of trust are given again.
    pub(super) fn forget(&self) -> Result<(), EnvError> {
        for name in [".cache", ".local"] {
            remove(&self.home().join(name))?;
        }
        Ok(())
    }

    /// Makes the toolchain what a state says. Only its go command is a copy.
    pub(super) fn make(&self, state: ToolchainState) -> Result<(), EnvError> {
        let (from, to) = (&self.go.goroot, self.goroot());
        remove(&to)?;
        if state == ToolchainState::Missing {
            return Ok(());
        }
        let make = || -> io::Result<()> {
            fs::create_dir_all(to.join("bin"))?;
            for entry in fs::read_dir(from)? {
                let name = entry?.file_name();
                if name != "bin" {
                    symlink(from.join(&name), to.join(&name))?;
                }
            }
            let go = to.join("bin/go");
            fs::copy(self.go.go(), &go)?;
            if state == ToolchainState::Broken {
                fs::File::options().write(true).open(go)?.set_len(4096)?;
            }
            Ok(())
        };
        make().map_err(|error| EnvError::io("copying", &to, error))
    }
}

fn remove(folder: &Path) -> Result<(), EnvError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(EnvError::io("removing", folder, error))
        }
        _ => Ok(()),
    }
}
