//! `elfin unpack` and `elfin inspect`: the original again, and what a packed program consists of.

use crate::arguments::{InspectArguments, UnpackArguments};
use crate::commands::pack::{document, show};
use crate::placing::{self, Input, Place};
use anyhow::{Context, Result};
use elfin_shrink::Pieces;

/// Unpacks a packed program.
pub(crate) fn run(arguments: &UnpackArguments) -> Result<()> {
    let input = Input::read(&arguments.file)?;
    let named = || arguments.file.display().to_string();
    let original = elfin_pack::unpack(&input.data).with_context(named)?;
    let place = Place::Beside(&arguments.output);
    placing::program(&input, &Pieces::from(&original[..]), &place)?.commit()
}

/// Tells what is in a packed program.
pub(crate) fn inspect(arguments: &InspectArguments) -> Result<()> {
    let input = Input::read(&arguments.file)?;
    let named = || arguments.file.display().to_string();
    let inspected = elfin_pack::inspect(&input.data).with_context(named)?;
    let document = document(inspected, &arguments.file, input.data.len() as u64);
    show(&document, arguments.shown.json, arguments.shown.lang.into())
}
