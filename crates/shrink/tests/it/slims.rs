//! A slim program is the same program, smaller than strip makes it, and can be undone.

use crate::programs::{Built, Folder, build, program};
use elfin_elf::ElfFile;
use elfin_elf::image::Image;
use elfin_schema::{SlimOutcome, SlimRefusal, SlimRemark, SlimStep, SlimStepName};
use elfin_shrink::{
    Compression, Keep, Loader, Options, ShrinkError, Slimmed, debug_link, slim, unslim,
};
use object::elf;

pub(crate) fn with_debug() -> Options<'static> {
    Options { debug_file: Some("program.debug"), ..Options::default() }
}

/// With all that a loader of today allows.
pub(crate) fn packed() -> Options<'static> {
    Options { loader: Loader::New, ..with_debug() }
}

/// Without a dynamic linker.
pub(crate) fn static_pie() -> Options<'static> {
    Options { static_pie: true, ..with_debug() }
}

/// At an address of its own.
pub(crate) fn moving() -> Options<'static> {
    Options { full_aslr: true, ..static_pie() }
}

fn slimmed<'a>(data: &'a [u8], options: &Options<'_>) -> Slimmed<'a> {
    slim(data, options).unwrap()
}

#[test]
fn a_slim_program_starts_and_says_the_same_and_is_smaller_than_strip_makes_it() {
    for built in Built::RUN {
        let Some(data) = program(built) else { return };
        let folder = Folder::new();
        let slim = slimmed(&data, &with_debug()).program.to_vec();
        for slim in [&slim, &slimmed(&data, &packed()).program.to_vec()] {
            for godebug in ["", "fips140=on"] {
                assert_eq!(folder.says(slim, godebug), folder.says(&data, godebug), "{built:?}");
            }
            folder.stays_what_it_is(slim, &folder.says(&data, ""));
        }
        folder.write("input", &data);
        if folder.run("strip", &["-s", "-o", "stripped", "input"]).is_none() {
            return;
        }
        let stripped = folder.run("cat", &["stripped"]).unwrap().stdout;
        assert!(slim.len() < stripped.len(), "{built:?}: {} {}", slim.len(), stripped.len());
    }
}

#[test]
fn program_and_debug_file_make_the_original_again() {
    for built in Built::RUN.into_iter().chain([Built::Arm64Pie]) {
        let Some(data) = program(built) else { return };
        let slimmed = slimmed(&data, &packed());
        let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
        assert!(unslim(&slim, &debug).unwrap() == data, "{built:?}");
        let mut changed = slim.clone();
        changed[slim.len() / 2] ^= 1;
        assert!(matches!(unslim(&changed, &debug), Err(ShrinkError::NotRestorable { .. })));
        assert!(matches!(unslim(&slim, &slim), Err(ShrinkError::NotRestorable { .. })));
    }
}

#[test]
fn the_same_input_gives_the_same_output_and_the_steps_add_up() {
    let Some(data) = program(Built::CgoPie) else { return };
    let (one, other) = (slimmed(&data, &with_debug()), slimmed(&data, &with_debug()));
    assert!(one.program.to_vec() == other.program.to_vec());
    assert!(one.debug.unwrap().to_vec() == other.debug.unwrap().to_vec());
    let mut size = data.len() as u64;
    for step in &one.steps {
        assert_eq!(step.before, size, "{step:?}");
        size = step.after;
    }
    assert_eq!(size, one.program.len() as u64);
}

#[test]
fn what_is_to_stay_stays() {
    let Some(data) = program(Built::Exe) else { return };
    let with = |keep: &[Keep]| {
        slimmed(&data, &Options { keep: keep.to_vec(), ..Options::default() }).program.to_vec()
    };
    let (bytes, all) = (with(&[Keep::Symtab]), with(&[Keep::Dwarf]));
    let file = ElfFile::parse(&bytes).unwrap();
    assert!(file.has_symtab() && !file.has_dwarf());
    assert!(ElfFile::parse(&all).unwrap().has_dwarf());
    let level = SlimStepName::Recompress;
    let kept = Options { keep: vec![Keep::Dwarf], without: vec![level], ..Options::default() };
    assert!(all.len() < slimmed(&data, &kept).program.len(), "what stays is compressed anew");
    let lines = with(&[Keep::DwarfLines]);
    assert!(lines.len() < all.len() && ElfFile::parse(&lines).unwrap().has_dwarf());
    let folder = Folder::new();
    folder.write("lines", &lines);
    if let Some(said) = folder.run("gdb", &["-nx", "-batch", "-ex", "info line main.main", "lines"])
    {
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("main.go"), "{said}");
    }
}

#[test]
fn dwarf_that_stays_may_be_compressed_by_zstd() {
    let Some(data) = program(Built::Exe) else { return };
    let with = |compression| {
        let keep = vec![Keep::Dwarf, Keep::Symtab];
        slimmed(&data, &Options { keep, compression, ..Options::default() }).program.to_vec()
    };
    let (zlib, zstd) = (with(Compression::Zlib), with(Compression::Zstd));
    assert!(zstd.len() < zlib.len(), "{} {}", zstd.len(), zlib.len());
    let folder = Folder::new();
    let dumped = |name: &str, bytes: &[u8]| {
        folder.write(name, bytes);
        let asked = ["--debug-dump=info", name];
        folder.run("readelf", &asked).map(|it| {
            assert!(it.stderr.is_empty(), "{}", String::from_utf8_lossy(&it.stderr));
            String::from_utf8_lossy(&it.stdout).lines().skip(2).collect::<String>()
        })
    };
    assert!(dumped("input", &data) == dumped("zstd", &zstd));
    let orders = ["-nx", "-batch", "-ex", "info line main.main", "zstd"];
    if let Some(said) = folder.run("gdb", &orders) {
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.contains("main.go"), "{said}");
    }
}

#[test]
fn what_go_did_not_make_is_said_not_to_be_gos() {
    let Some(data) = program(Built::Exe) else { return };
    assert_eq!(slimmed(&data, &with_debug()).remarks, []);
    let elfin = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert!(slimmed(&elfin, &with_debug()).remarks.contains(&SlimRemark::NotGo));
}

#[test]
fn a_build_id_comes_under_the_note_segment_and_stays_the_same() {
    let Some(data) = program(Built::Pie) else { return };
    let bytes = slimmed(&data, &with_debug()).program.to_vec();
    let (was, is) = (ElfFile::parse(&data).unwrap(), ElfFile::parse(&bytes).unwrap());
    assert!(is.gnu_build_id().is_some());
    assert_eq!(is.gnu_build_id(), was.gnu_build_id());
    let folder = Folder::new();
    folder.write("slim", &bytes);
    let Some(said) = folder.run("readelf", &["-lW", "slim"]) else { return };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains(".note.go.buildid .note.gnu.build-id \n"), "{said}");
}

#[test]
fn nearly_all_that_relocations_took_leaves_every_pie() {
    for built in [Built::Pie, Built::CgoPie] {
        let Some(data) = program(built) else { return };
        let image = Image::parse(&data).unwrap();
        let table = image.sections.iter().find(|it| it.name.starts_with(".rela")).unwrap();
        let without = Options { without: vec![SlimStepName::Relocations], ..packed() };
        let (before, after) =
            (slimmed(&data, &without).program.len(), slimmed(&data, &packed()).program.len());
        let left = (before - after) as u64;
        assert!(left * 100 >= table.size * 95, "{built:?}: {left} of {}", table.size);
    }
}

/// Go's linker protects the dynamic table, and by chance leaves too little room behind it.
#[test]
fn a_protected_dynamic_table_that_cannot_grow_stays_protected() {
    const PAGE: u64 = 4096;
    let Some(mut data) = build("users", &["-buildmode=pie"], &["CGO_ENABLED=1"]) else { return };
    let image = Image::parse(&data).unwrap();
    let relro = *image.segments.iter().find(|it| it.kind == elf::PT_GNU_RELRO).unwrap();
    let (headers, count) = (image.program_headers().start, image.segments.len() as u64);
    let grown = (relro.memory().end.next_multiple_of(PAGE) - relro.address).to_le_bytes();
    for header in (0..count).map(|index| usize::try_from(headers + index * 56).unwrap()) {
        if data[header + 16..header + 24] == relro.address.to_le_bytes() {
            data[header + 32..header + 40].copy_from_slice(&grown);
            data[header + 40..header + 48].copy_from_slice(&grown);
        }
    }
    let image = Image::parse(&data).unwrap();
    let slimmed = slimmed(&data, &with_debug());
    let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
    let step = slimmed.steps.iter().find(|it| it.step == SlimStepName::Relocations).unwrap();
    let left = step.before - step.after;
    assert!(left * 100 >= image.section(".rela").unwrap().size * 95, "{step:?}");
    let is = Image::parse(&slim).unwrap();
    let of = |kind| is.segments.iter().find(|it| it.kind == kind).unwrap().memory();
    let (table, protected) = (of(elf::PT_DYNAMIC), of(elf::PT_GNU_RELRO));
    assert!(protected.start <= table.start && table.end <= protected.end);
    assert!(protected.contains(&relro.address) && protected.end >= relro.memory().end);
    let folder = Folder::new();
    let said = folder.says(&data, "");
    assert_eq!(folder.says(&slim, ""), said);
    folder.stays_what_it_is(&slim, &said);
    assert!(unslim(&slim, &debug).unwrap() == data);
}

#[test]
fn a_static_pie_needs_nothing_and_is_the_same_program() {
    let Some(data) = program(Built::Pie) else { return };
    for options in [static_pie(), moving()] {
        needs_nothing_and_is_the_same(&data, &options);
    }
}

fn needs_nothing_and_is_the_same(data: &[u8], options: &Options<'_>) {
    let slimmed = slimmed(data, options);
    assert_eq!(slimmed.remarks.contains(&SlimRemark::Moves), options.full_aslr);
    let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
    let file = ElfFile::parse(&slim).unwrap();
    assert!(file.is_pie() && file.interpreter().is_none() && file.needed().is_empty());
    assert_eq!(file.relro(), elfin_elf::Relro::Partial);
    let folder = Folder::new();
    for godebug in ["", "fips140=on"] {
        assert_eq!(folder.says(&slim, godebug), folder.says(data, godebug));
    }
    assert!(unslim(&slim, &debug).unwrap() == data);
    folder.stays_what_it_is(&slim, &folder.says(data, ""));
    let again = super::slims::slimmed(&slim, options).steps;
    assert!(again.contains(&SlimStep {
        step: SlimStepName::StaticPie,
        before: slim.len() as u64,
        after: slim.len() as u64,
        outcome: SlimOutcome::Refused(SlimRefusal::NotPie),
    }));
}

#[test]
fn what_a_stub_cannot_do_is_left_to_the_dynamic_linker() {
    let cases = [
        (Built::CgoPie, SlimRefusal::NeedsLibraries),
        (Built::Exe, SlimRefusal::NotPie),
        (Built::Arm64Pie, SlimRefusal::OnlyAmd64),
    ];
    for (built, why) in cases {
        let Some(data) = program(built) else { return };
        let steps = slimmed(&data, &static_pie()).steps;
        let step = steps.iter().find(|it| it.step == SlimStepName::StaticPie).unwrap();
        assert_eq!(step.outcome, SlimOutcome::Refused(why), "{built:?}");
    }
}

#[test]
fn an_old_loader_must_be_able_to_refuse() {
    let outcome = |data: &[u8]| {
        let steps = slimmed(data, &with_debug()).steps;
        steps.iter().find(|it| it.step == SlimStepName::Relocations).unwrap().outcome
    };
    let Some(data) = program(Built::Pie) else { return };
    assert_eq!(outcome(&data), SlimOutcome::Refused(SlimRefusal::LoaderUnknown));
    let Some(data) = program(Built::CgoPie) else { return };
    assert_eq!(outcome(&data), SlimOutcome::Done);
    let slim = slimmed(&data, &with_debug()).program.to_vec();
    let (was, is) = (ElfFile::parse(&data).unwrap(), ElfFile::parse(&slim).unwrap());
    let versions = |file: &ElfFile<'_>| {
        file.version_needs().into_iter().map(|it| it.version).collect::<Vec<_>>()
    };
    assert!(versions(&is).contains(&"GLIBC_ABI_DT_RELR".to_owned()), "{:?}", versions(&is));
    assert_eq!(versions(&is).len(), versions(&was).len() + 1);
    assert_eq!(is.needed(), was.needed());
}

#[test]
fn a_step_can_be_left_out() {
    let Some(data) = program(Built::Exe) else { return };
    let without = Options { without: vec![SlimStepName::Dwarf], ..Options::default() };
    let bytes = slimmed(&data, &without).program.to_vec();
    let file = ElfFile::parse(&bytes).unwrap();
    assert!(file.has_dwarf() && !file.has_symtab());
}

#[test]
fn what_would_be_lost_is_refused() {
    // A stripped one ends before its .bss would begin, had it bytes.
    for built in [Built::Stripped, Built::Exe] {
        let Some(data) = program(built) else { return };
        let mut appended = data.clone();
        appended.extend(b"PK\x05\x06");
        let says = slim(&appended, &with_debug()).unwrap_err();
        assert_eq!(says, ShrinkError::Appended { offset: data.len() as u64, bytes: 4 });
    }
    let Some(data) = program(Built::Exe) else { return };
    let filled = [&data[..], &[0; 100]].concat();
    let once = slimmed(&filled, &with_debug());
    let debug = once.debug.unwrap().to_vec();
    assert!(unslim(&once.program.to_vec(), &debug).unwrap() == filled);
    let once = slimmed(&data, &with_debug()).program.to_vec();
    assert_eq!(debug_link(&once).unwrap().as_deref(), Some("program.debug"));
    assert!(slim(b"#!/bin/sh\n", &with_debug()).is_err());
}

#[test]
fn what_is_slim_already_is_left_as_it_is() {
    let Some(data) = program(Built::Exe) else { return };
    let once = slimmed(&data, &with_debug()).program.to_vec();
    let twice = slimmed(&once, &with_debug());
    assert!(once == twice.program.to_vec());
    assert!(twice.debug.is_none(), "the debug file that it has is not written over");
}
