//! `elfin pack`: a program that is compressed and unpacks itself when it starts.

use crate::arguments::PackArguments;
use crate::commands::{pack_verify, print, terminal};
use crate::placing::{self, Input, Place};
use anyhow::{Context, Result, anyhow};
use elfin_pack::{Effort, Habits, Inspected, PackError};
use elfin_report::Lang;
use elfin_schema::{
    PACK_SCHEMA, PackChoice, PackDownload, PackEffort, PackKind, PackReason, PackRefusal,
    PackRemark, Packing,
};
use elfin_shrink::Pieces;
use std::path::Path;

/// Packs a program, or verifies a packed one: false if it is not what it should be.
pub(crate) fn run(arguments: &PackArguments) -> Result<bool> {
    match &arguments.output {
        Some(output) => pack(arguments, output).map(|()| true),
        None => pack_verify::run(&arguments.file, arguments.shown.lang.into()),
    }
}

fn pack(arguments: &PackArguments, output: &Path) -> Result<()> {
    let lang = arguments.shown.lang.into();
    let input = Input::read(&arguments.file)?;
    let place = Place::Beside(output);
    placing::check(&input, &place)?;
    let named = || arguments.file.display().to_string();
    if input.has_privileges() {
        return Err(refused(PackRefusal::Privileged, lang)).with_context(named);
    }
    let habits = elfin_pack::habits(&input.data);
    let choice = choice(arguments, habits);
    let effort = match choice.effort {
        PackEffort::Small => Effort::Small,
        PackEffort::Fast => Effort::Fast,
    };
    let packed = elfin_pack::pack(&input.data, effort)
        .map_err(|error| in_words(error, lang))
        .with_context(named)?;
    let inspected = elfin_pack::inspect(&packed)?;
    let download = download(&input.data, &packed)?;
    let mut document = document(inspected, output, packed.len() as u64);
    document.remarks = remarks(habits, &document, &packed, &download);
    (document.choice, document.download) = (Some(choice), Some(download));
    placing::program(&input, &Pieces::from(&packed[..]), &place)?.commit()?;
    show(&document, arguments.shown.json, lang)
}

/// Prints the document as it is asked for.
pub(crate) fn show(document: &Packing, json: bool, lang: Lang) -> Result<()> {
    if json {
        return print(format!("{}\n", serde_json::to_string(document)?).as_bytes());
    }
    let (width, colour) = terminal();
    print(elfin_report::packing(document, lang, width, colour).as_bytes())
}

/// The document of a packed file.
pub(crate) fn document(inspected: Inspected, file: &Path, len: u64) -> Packing {
    let name = file.file_name().unwrap_or(file.as_os_str());
    Packing {
        schema: PACK_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        name: name.to_string_lossy().into_owned(),
        before: inspected.original_len,
        after: len,
        choice: None,
        kind: inspected.kind,
        original_sha256: inspected.original_sha256,
        shares: inspected.shares,
        parts: inspected.parts,
        download: None,
        remarks: Vec::new(),
    }
}

/// An error in the user's words.
pub(crate) fn in_words(error: PackError, lang: Lang) -> anyhow::Error {
    match error {
        PackError::Refused(why) => refused(why, lang),
        other => other.into(),
    }
}

fn refused(why: PackRefusal, lang: Lang) -> anyhow::Error {
    anyhow!("{}", elfin_report::pack_refusal(why, lang))
}

fn choice(arguments: &PackArguments, habits: Option<Habits>) -> PackChoice {
    let asked = |effort| PackChoice { effort, why: PackReason::Asked };
    match habits {
        _ if arguments.fast => asked(PackEffort::Fast),
        _ if arguments.small => asked(PackEffort::Small),
        Some(habits) => PackChoice { effort: habits.effort, why: habits.why },
        None => PackChoice { effort: PackEffort::Small, why: PackReason::Default },
    }
}

fn download(before: &[u8], after: &[u8]) -> Result<PackDownload> {
    let [before_gzip, before_zstd] = elfin_lab::layers(before)?;
    let [after_gzip, after_zstd] = elfin_lab::layers(after)?;
    Ok(PackDownload { before_gzip, after_gzip, before_zstd, after_zstd })
}

fn remarks(
    habits: Option<Habits>,
    document: &Packing,
    packed: &[u8],
    download: &PackDownload,
) -> Vec<PackRemark> {
    let is_go = habits.is_some_and(|it| it.is_go);
    let readable = elfin_pack::habits(packed).is_some_and(|it| it.is_go);
    let hardly = download.after_zstd.saturating_mul(10) > download.before_zstd.saturating_mul(9);
    let all = [
        (!is_go, PackRemark::NotGo),
        (is_go && !readable, PackRemark::NoBuildInformation),
        (habits.is_some_and(|it| it.has_symbols), PackRemark::NotStripped),
        (document.kind == PackKind::Relocated, PackRemark::NoDynamicLinker),
        (hardly, PackRemark::DownloadHardlySmaller),
        (true, PackRemark::Memory),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, remark)| remark).collect()
}
