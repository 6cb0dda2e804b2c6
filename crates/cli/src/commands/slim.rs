//! `elfin slim`: what costs nothing comes off and is kept beside the program.

use crate::arguments::{DwarfCompression, Kept, SlimArguments, Target};
use crate::commands::{print, slim_check, terminal};
use crate::placing::{self, Input, Place};
use anyhow::{Context, Result, bail, ensure};
use elfin_elf::ElfFile;
use elfin_schema::{SLIM_SCHEMA, SlimOutcome, SlimRemark, SlimStepName, Slimming};
use elfin_shrink::{Compression, Keep, Loader, Options};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Makes a program smaller, or compares it with its original: false if they are not the same.
pub(crate) fn run(arguments: &SlimArguments) -> Result<bool> {
    match &arguments.slim {
        Some(slim) if arguments.check => slim_check::run(&arguments.file, slim),
        _ => make(arguments).map(|()| true),
    }
}

fn make(arguments: &SlimArguments) -> Result<()> {
    let input = Input::read(&arguments.file)?;
    let out = match &arguments.output {
        Some(out) => out.clone(),
        None if arguments.in_place => arguments.file.clone(),
        None => with(&arguments.file, ".slim"),
    };
    let debug = match (&arguments.debug_file, &arguments.debug_dir) {
        _ if arguments.no_debug_file => None,
        (Some(path), _) => Some(path.clone()),
        (_, Some(dir)) => Some(by_build_id(&input, dir)?),
        // Beside the program itself, where a symlink leads elsewhere.
        _ if arguments.in_place => Some(with(&input.path, ".debug")),
        _ => Some(with(&out, ".debug")),
    };
    let place = if arguments.in_place { Place::InPlace } else { Place::Beside(&out) };
    placing::check(&input, &place)?;
    let debug_name = debug.as_deref().map(file_name).transpose()?;
    ensure!(
        debug.as_deref().is_none_or(|it| it.file_name().is_some_and(|it| it.to_str().is_some())),
        "{}: the name of its debug file is not UTF-8, and nobody would find it; name another by \
         --debug-file",
        arguments.file.display()
    );
    let options = Options {
        keep: arguments.keep.iter().map(|it| keep(*it)).collect(),
        debug_file: debug_name.as_deref(),
        without: arguments.without.clone(),
        loader: match arguments.target {
            None => Loader::Unknown,
            Some(Target { reads_relr: true }) => Loader::New,
            Some(Target { reads_relr: false }) => Loader::Old,
        },
        static_pie: arguments.static_pie,
        full_aslr: arguments.full_aslr,
        compression: match arguments.dwarf_compression {
            DwarfCompression::Zlib => Compression::Zlib,
            DwarfCompression::Zstd => Compression::Zstd,
        },
    };
    let named = || arguments.file.display().to_string();
    let mut slimmed = elfin_shrink::slim(&input.data, &options).with_context(named)?;
    for step in &slimmed.steps {
        if let (SlimStepName::StaticPie, SlimOutcome::Refused(why)) = (step.step, step.outcome) {
            bail!(
                "{}: --static-pie: {}",
                named(),
                elfin_report::refusal(why, arguments.lang.into())
            );
        }
    }
    if (arguments.debug_file.is_some() || arguments.debug_dir.is_some()) && slimmed.debug.is_none()
    {
        bail!("{}: it has a debug file already, and nothing more for another", named());
    }
    if !arguments.in_place && input.has_privileges() {
        slimmed.remarks.push(SlimRemark::Privileges);
    }
    if !arguments.dry_run {
        let kept = match (&debug, &slimmed.debug) {
            (Some(path), Some(bytes)) => {
                if let (Some(_), Some(folder)) = (&arguments.debug_dir, path.parent()) {
                    let named = || format!("cannot make {}", folder.display());
                    fs::create_dir_all(folder).with_context(named)?;
                }
                Some(placing::beside(&input, path, bytes, &place)?)
            }
            _ => None,
        };
        let program = placing::program(&input, &slimmed.program, &place)?;
        // First what is kept, so that nothing is ever in neither of the two.
        kept.map_or(Ok(()), placing::Written::commit)?;
        program.commit()?;
    }
    let document = Slimming {
        schema: SLIM_SCHEMA.to_owned(),
        elfin: env!("CARGO_PKG_VERSION").to_owned(),
        name: file_name(&arguments.file)?,
        before: input.data.len() as u64,
        after: slimmed.program.len() as u64,
        debug: slimmed.debug.as_ref().map(|it| it.len() as u64),
        steps: slimmed.steps,
        remarks: slimmed.remarks,
    };
    if arguments.json {
        return print(format!("{}\n", serde_json::to_string(&document)?).as_bytes());
    }
    let (width, colour) = terminal();
    print(elfin_report::slimming(&document, arguments.lang.into(), width, colour).as_bytes())
}

fn keep(kept: Kept) -> Keep {
    match kept {
        Kept::Symtab => Keep::Symtab,
        Kept::DwarfLines => Keep::DwarfLines,
        Kept::Dwarf => Keep::Dwarf,
    }
}

/// Where debuggers look for the debug file of a build ID.
fn by_build_id(input: &Input, dir: &Path) -> Result<PathBuf> {
    let file = ElfFile::parse(&input.data);
    let id = file.ok().and_then(|it| it.gnu_build_id()).filter(|it| it.len() > 2);
    let id = id.with_context(|| {
        format!(
            "{} has no GNU build ID (Go writes one from 1.24 on, or by -ldflags=-B=gobuildid); \
             use --debug-file",
            input.path.display()
        )
    })?;
    let (folder, rest) = id.split_at(2);
    Ok(dir.join(".build-id").join(folder).join(rest).with_added_extension("debug"))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// The name that stands in the debug link and in the document.
fn file_name(path: &Path) -> Result<String> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    Ok(name.to_string_lossy().into_owned())
}
