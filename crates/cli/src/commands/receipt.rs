//! `elfin receipt`: this machine's part in what is built on it.

use crate::arguments::ReceiptArguments;
use crate::commands::doctor::this_machine;
use crate::commands::print;
use anyhow::{Context, Result};
use elfin_goenv::Cancel;

/// Prints the receipt.
pub(crate) fn run(arguments: &ReceiptArguments) -> Result<()> {
    let shown = || arguments.folder.display().to_string();
    let folder = arguments.folder.canonicalize().with_context(shown)?;
    let receipt = elfin_doctor::receipt(&this_machine(), &folder, &Cancel::default())?;
    let text = if arguments.text {
        elfin_report::receipt_text(&receipt, arguments.lang.into())
    } else {
        serde_json::to_string_pretty(&receipt)? + "\n"
    };
    print(text.as_bytes())
}
