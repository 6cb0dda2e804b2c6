//! `elfin unslim`: the original again, byte for byte.

use crate::arguments::UnslimArguments;
use crate::placing::{self, Input, Place};
use anyhow::{Context, Result, ensure};
use elfin_shrink::Pieces;
use std::path::PathBuf;

/// Puts a program and its debug file together.
pub(crate) fn run(arguments: &UnslimArguments) -> Result<()> {
    let input = Input::read(&arguments.file)?;
    let named = || arguments.file.display().to_string();
    let debug = match &arguments.debug_file {
        Some(path) => path.clone(),
        None => beside(&input).with_context(named)?,
    };
    let debug = Input::read(&debug)?;
    let original = elfin_shrink::unslim(&input.data, &debug.data).with_context(named)?;
    let out = &arguments.output;
    ensure!(!debug.is(out), "{} is the debug file; use another -o", out.display());
    placing::program(&input, &Pieces::from(&original[..]), &Place::Beside(out))?.commit()
}

/// The debug file that a program names, beside it or in `.debug`, where debuggers look too; where
/// there was nothing to debug, the program names none, and slim put it beside.
fn beside(input: &Input) -> Result<PathBuf> {
    let Some(name) = elfin_shrink::debug_link(&input.data)? else {
        let unnamed = input.path.with_added_extension("debug");
        ensure!(unnamed.is_file(), "it names no debug file; give --debug-file");
        return Ok(unnamed);
    };
    // A name, never a path: a hostile program may not choose what is read.
    let name =
        PathBuf::from(name).file_name().context("its debug link is no file name")?.to_owned();
    let folder = input.path.parent().context("it lies in no folder")?;
    let places = [folder.join(&name), folder.join(".debug").join(&name)];
    places
        .iter()
        .find(|it| it.is_file())
        .cloned()
        .with_context(|| format!("{} is not there; give --debug-file", places[0].display()))
}
