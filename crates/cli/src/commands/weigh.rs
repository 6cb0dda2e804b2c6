//! `elfin weigh`: where every byte of a program goes.

use crate::arguments::{By, WeighArguments};
use crate::commands::report;
use crate::commands::{columns, print, terminal};
use anyhow::{Context, Result, bail, ensure};
use elfin_model::{FileOffset, VirtAddr};
use elfin_report::View;
use elfin_schema::Weighing;
use elfin_weigh::{Options, Weighed};
use indicatif::ProgressBar;
use memmap2::Mmap;
use std::fmt::Write;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

/// Weighs a file, or tells whose one byte of it is.
pub(crate) fn run(arguments: &WeighArguments) -> Result<()> {
    let shown = || arguments.file.display().to_string();
    let data = mapped(&arguments.file).with_context(|| format!("cannot read {}", shown()))?;
    check(arguments)?;
    let is_place = arguments.at.is_some() || arguments.vaddr.is_some();
    let options = Options {
        name: arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        symbols: is_place || arguments.html.is_some() || arguments.by == By::Symbol,
        files: arguments.by == By::File,
        downloads: arguments.compressed,
        rows_only: !arguments.output.json && !arguments.inlined && arguments.html.is_none(),
        dump: arguments.dump,
    };
    elfin_process::return_freed_memory();
    let weighed = Weighed::of(&data, &options).with_context(shown)?;
    let lang = arguments.output.lang.into();
    let place = match (arguments.at, arguments.vaddr) {
        (Some(offset), _) => Some(weighed.at(FileOffset(offset))),
        (None, Some(address)) => Some(weighed.at_address(VirtAddr(address))),
        (None, None) => None,
    };
    let text = match place {
        Some(place) => {
            let place = place.with_context(shown)?;
            if arguments.output.json {
                serde_json::to_string_pretty(&place)? + "\n"
            } else {
                elfin_report::weigh_place(&place, lang)
            }
        }
        None => {
            let document = compressing(arguments.compressed, || weighed.document())?;
            drop(weighed); // What is rendered is the document alone.
            if let Some(page) = &arguments.html {
                return report::page(page, &elfin_report::weigh_html(&document, lang));
            }
            if arguments.output.json {
                return print_json(&document);
            } else if arguments.csv {
                let csv = if arguments.inlined {
                    elfin_report::weigh_inlined_csv
                } else {
                    elfin_report::weigh_csv
                };
                csv(&document)
            } else {
                let (_, colour) = terminal();
                let text = if arguments.inlined {
                    elfin_report::weigh_inlined_text
                } else {
                    elfin_report::weigh_text
                };
                text(&document, &view(arguments), lang, columns(), colour)
            }
        }
    };
    print(text.as_bytes())
}

/// Prints a weighing as it is made into JSON: that of symbols is larger than the file.
fn print_json(document: &Weighing) -> Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, document).map_err(std::io::Error::from)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

/// Refuses to leave lines out of what is whole.
fn check(arguments: &WeighArguments) -> Result<()> {
    let chosen = [
        ("--top", arguments.top.is_some()),
        ("--filter", arguments.filter.is_some()),
        ("--min", arguments.min.is_some()),
    ];
    let whole = [
        ("--json", arguments.output.json),
        ("--csv", arguments.csv),
        ("--html", arguments.html.is_some()),
        ("--at", arguments.at.is_some()),
        ("--vaddr", arguments.vaddr.is_some()),
    ];
    let given = |flags: &[(&'static str, bool)]| {
        flags.iter().find(|(_, is_given)| *is_given).map(|(flag, _)| *flag)
    };
    if let (Some(chosen), Some(whole)) = (given(&chosen), given(&whole)) {
        bail!(
            "{chosen} chooses lines of the table, and {whole} has none: what it gives is whole, \
            so that it adds up to the file; leave {chosen} out, or take the table"
        );
    }
    Ok(())
}

/// Prints the pieces of a file: offset, bytes, package, sharing packages, kind and exactness.
pub(crate) fn pieces(file: &Path) -> Result<()> {
    let data = mapped(file).with_context(|| format!("cannot read {}", file.display()))?;
    let weighed =
        Weighed::of(&data, &Options::default()).with_context(|| file.display().to_string())?;
    let mut text = String::new();
    for piece in weighed.pieces() {
        let (package, shared, kind, exact) = match &piece.row {
            None => ("-", String::new(), "unknown".to_owned(), true),
            Some(row) => {
                let kind = serde_json::to_value(row.kind)?;
                let kind = kind.as_str().unwrap_or_default().to_owned();
                (row.package.as_deref().unwrap_or("-"), row.shared_by.join(","), kind, row.exact)
            }
        };
        let shared = if shared.is_empty() { "-" } else { &shared };
        let exact = if exact { "exact" } else { "estimated" };
        let (start, bytes) = (piece.start, piece.bytes);
        writeln!(text, "{start}\t{bytes}\t{package}\t{shared}\t{kind}\t{exact}")?;
    }
    print(text.as_bytes())
}

/// Does work that takes more than a second where the file is compressed, and says so meanwhile.
fn compressing<T>(compressed: bool, work: impl FnOnce() -> T) -> T {
    let line = ProgressBar::new_spinner().with_message("compressing with gzip, zstd and xz");
    if compressed {
        line.enable_steady_tick(Duration::from_millis(100));
    }
    let done = work();
    line.finish_and_clear();
    done
}

fn view(arguments: &WeighArguments) -> View {
    View {
        by: arguments.by.into(),
        top: arguments.top.unwrap_or(20),
        filter: arguments.filter.clone(),
        least: arguments.min.unwrap_or(0),
    }
}

/// Maps a file, so that its bytes are read where they are needed and take no memory of ours.
pub(crate) fn mapped(path: &Path) -> Result<Mmap> {
    // What is no file may have no end, or nobody who writes it.
    let about = std::fs::metadata(path)?;
    ensure!(!about.is_dir(), "it is a directory: give the executable");
    ensure!(about.is_file(), "it is not a file: give the executable");
    ensure!(about.len() > 0, "it is empty: give the executable");
    let file = File::open(path)?;
    #[expect(
        unsafe_code,
        reason = "mapping is unsafe because the file may change meanwhile; \
        every reader of the bytes takes them for hostile, and a file that is cut off ends elfin"
    )]
    let map = unsafe { Mmap::map(&file)? };
    Ok(map)
}
