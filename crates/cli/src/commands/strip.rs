//! `elfin strip`: the letters of GNU strip, for who has no binutils.

use crate::arguments::StripArguments;
use crate::placing::{self, Input, Place};
use anyhow::{Context, Result};
use elfin_shrink::Strip;

/// Strips a program.
pub(crate) fn run(arguments: &StripArguments) -> Result<()> {
    let what = match arguments {
        StripArguments { discard_all: true, .. } => Strip::Locals,
        StripArguments { strip_debug: true, .. } => Strip::Debug,
        StripArguments { strip_unneeded: true, .. } => Strip::Unneeded,
        _ => Strip::All,
    };
    let input = Input::read(&arguments.file)?;
    let named = || arguments.file.display().to_string();
    let stripped = elfin_shrink::strip(&input.data, what).with_context(named)?;
    let place = arguments.output.as_deref().map_or(Place::InPlace, Place::Beside);
    placing::program(&input, &stripped, &place)?.commit()
}
