//! `elfin diff`: why one program is larger than another.

use crate::arguments::DiffArguments;
use crate::commands::prove::prove;
use crate::commands::report;
use crate::commands::weigh::mapped;
use crate::commands::{print, terminal};
use anyhow::{Context, Result};
use elfin_schema::{Receipt, Weighing};
use elfin_weigh::Options;
use std::path::Path;

/// Compares two files; false if they differ and that was asked for.
pub(crate) fn run(arguments: &DiffArguments) -> Result<bool> {
    let (from, to) = rayon::join(|| weighing(&arguments.from), || weighing(&arguments.to));
    let (from, to) = (from?, to?);
    let diff = match &arguments.receipt[..] {
        [of_from, of_to] => {
            let machines = [&receipt(of_from)?, &receipt(of_to)?];
            elfin_causes::diff_of_machines(&from, &to, machines)
        }
        _ => elfin_causes::diff(&from, &to),
    };
    let lang = arguments.output.lang.into();
    let diff = match &arguments.prove {
        Some(package) => prove(package, [&from, &to], diff, lang)?,
        None => diff,
    };
    let same = diff.delta == 0 && diff.causes.is_empty() && diff.unexplained_bytes == 0;
    let answer = same || !arguments.exit_code;
    if let Some(page) = &arguments.html {
        report::page(page, &elfin_report::diff_html(&diff, lang))?;
        return Ok(answer);
    }
    let text = if arguments.output.json {
        serde_json::to_string_pretty(&diff)? + "\n"
    } else if arguments.md {
        elfin_report::diff_markdown(&diff, arguments.by.map(Into::into), lang)
    } else {
        let (width, colour) = terminal();
        elfin_report::diff_text(&diff, arguments.by.map(Into::into), lang, width, colour)
    };
    print(text.as_bytes())?;
    Ok(answer)
}

fn receipt(path: &Path) -> Result<Receipt> {
    let shown = || path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", shown()))?;
    elfin_schema::read_receipt(&text)
        .with_context(|| format!("{} is no receipt by elfin receipt, or not all of it", shown()))
}

/// Weighs a program, or reads the document of one that was weighed elsewhere.
fn weighing(path: &Path) -> Result<Weighing> {
    let shown = || path.display().to_string();
    let data = mapped(path).with_context(|| format!("cannot read {}", shown()))?;
    let first = data.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let options = Options { name, ..Options::default() };
        return elfin_weigh::weigh(&data, &options).with_context(shown);
    }
    let text = std::str::from_utf8(&data).with_context(shown)?;
    elfin_schema::read_weighing(text).with_context(|| {
        format!("{} is no document that elfin weigh --json wrote, or not all of it", shown())
    })
}
