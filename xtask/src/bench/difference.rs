//! What the benches read of a document of `elfin diff`.

use crate::shell;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::ffi::OsStr;
use std::path::Path;

#[derive(Debug, Deserialize)]
pub(super) struct Diff {
    pub(super) delta: i64,
    pub(super) causes: Vec<Caused>,
    pub(super) unexplained_bytes: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Caused {
    pub(super) cause: String,
    pub(super) bytes: i64,
    pub(super) confidence: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) remedy: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Evidence {
    pub(super) id: String,
    pub(super) what: Option<String>,
    #[serde(default)]
    pub(super) from: serde_json::Value,
    #[serde(default)]
    pub(super) to: serde_json::Value,
}

impl Diff {
    /// Compares two files, with what else stands on the command line.
    ///
    /// Returns an error if `elfin diff` fails.
    pub(super) fn ask(elfin: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Diff> {
        let mut command = shell::command(&elfin.to_string_lossy());
        let says = shell::asks(command.args(["diff", "--json"]).args(arguments));
        Ok(serde_json::from_str(&says.context("elfin diff failed")?)?)
    }

    pub(super) fn adds_up(&self) -> bool {
        self.causes.iter().map(|it| it.bytes).sum::<i64>() + self.unexplained_bytes == self.delta
    }
}
