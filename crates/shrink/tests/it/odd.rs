//! Programs that other linkers than Go's made: each stays the program that it was.

use crate::programs::{Folder, is_there};
use crate::slims::{packed, static_pie, with_debug};
use elfin_elf::ElfFile;
use elfin_elf::image::Image;
use elfin_schema::{SlimOutcome, SlimRefusal, SlimRemark, SlimStepName};
use elfin_shrink::{Keep, Loader, Options, Slimmed, Strip, slim, strip, unslim};
use object::elf;

/// How C is compiled, and whether it asks glibc for its pointers, and has those packed.
const C: [(&str, &[&str], bool); 15] = [
    ("gcc", &["-no-pie"], false),
    ("gcc", &["-pie", "-Wl,-z,relro,-z,now"], true),
    ("gcc", &["-pie", "-Wl,-z,norelro"], true),
    ("gcc", HEMMED_IN, true),
    ("gcc", &["-pie", "-Wl,-z,relro,-z,now,--spare-dynamic-tags=0"], false),
    ("gcc", &["-pie", "-Wl,-z,max-page-size=0x200000"], false),
    ("gcc", &["-pie", "-Wl,-z,noseparate-code"], true),
    ("gcc", &["-pie", "-fuse-ld=lld"], true),
    ("gcc", &["-pie", "-fuse-ld=mold"], true),
    ("gcc", &["-pie", "-Wl,-z,pack-relative-relocs"], false),
    ("gcc", &["-static"], false),
    ("gcc", &["-static-pie"], false),
    ("musl-gcc", &["-fPIE", "-pie"], false),
    ("musl-gcc", &["-static"], false),
    ("musl-gcc", &["-static-pie", "-fPIE"], false),
];

/// The dynamic table has no entry to spare and stands before data, as Go 1.19 links with C.
const HEMMED_IN: &[&str] = &["-pie", "-Wl,-z,norelro,--spare-dynamic-tags=0"];

/// Compiles the program of pointers; `None` where the compiler or the linker is missing.
fn compiled(folder: &Folder, compiler: &str, flags: &[&str]) -> Option<Vec<u8>> {
    let linkers = flags.iter().filter_map(|it| it.strip_prefix("-fuse-ld="));
    if !linkers.map(|it| if it == "lld" { "ld.lld" } else { it }).all(is_there) {
        return None;
    }
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/pointers.c");
    let call = [&["-o", "made", source], flags].concat();
    let output = folder.run(compiler, &call)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(folder.run("cat", &["made"])?.stdout)
}

fn outcome(slimmed: &Slimmed<'_>, step: SlimStepName) -> SlimOutcome {
    slimmed.steps.iter().find(|it| it.step == step).unwrap().outcome
}

#[test]
fn what_other_linkers_made_stays_the_program_that_it_was() {
    let folder = Folder::new();
    for (compiler, flags, packs) in C {
        let Some(data) = compiled(&folder, compiler, flags) else { continue };
        let said = folder.says(&data, "");
        for options in [with_debug(), Options { loader: Loader::Old, ..with_debug() }] {
            let slimmed = slim(&data, &options).unwrap();
            let done = outcome(&slimmed, SlimStepName::Relocations) == SlimOutcome::Done;
            assert_eq!(done, packs && options.loader != Loader::Old, "{flags:?} {options:?}");
            assert_eq!(slimmed.remarks.contains(&SlimRemark::NeedsNewerLibc), done, "{flags:?}");
            let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
            assert_eq!(folder.says(&slim, ""), said, "{compiler} {flags:?} {options:?}");
            folder.stays_what_it_is(&slim, &said);
            assert!(unslim(&slim, &debug).unwrap() == data, "{compiler} {flags:?}");
            let (was, is) = (ElfFile::parse(&data).unwrap(), ElfFile::parse(&slim).unwrap());
            assert_eq!(is.needed(), was.needed(), "{flags:?}: the dynamic table is found");
        }
        let stripped = strip(&data, Strip::All).unwrap().to_vec();
        assert_eq!(folder.says(&stripped, ""), said, "{compiler} {flags:?}");
    }
}

#[test]
fn a_dynamic_table_that_cannot_grow_gets_a_page_of_its_own() {
    let folder = Folder::new();
    let Some(data) = compiled(&folder, "gcc", HEMMED_IN) else { return };
    let options = Options { keep: vec![Keep::Symtab], ..with_debug() };
    let slim = slim(&data, &options).unwrap().program.to_vec();
    let (was, is) = (Image::parse(&data).unwrap(), Image::parse(&slim).unwrap());
    assert_eq!(is.segments.len(), was.segments.len() + 2);
    let segment = is.segments.iter().find(|it| it.kind == elf::PT_DYNAMIC).unwrap();
    let section = is.section(".dynamic").unwrap();
    let says = (section.address, section.offset, section.size);
    assert_eq!(says, (segment.address, segment.offset, segment.file_size));
    let load = is.segments.iter().find(|it| it.is_load() && it.address == segment.address);
    assert!(load.unwrap().flags.contains(elf::PF_W), "the loader writes to it");
    folder.write("slim", &slim);
    let Some(said) = folder.run("nm", &["slim"]) else { return };
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains(&format!("{:016x} d _DYNAMIC", section.address)), "{said}");
}

/// The C library that is linked in is the loader, and may be older than the order says.
#[test]
fn what_relocates_itself_already_is_left_to_do_so() {
    let folder = Folder::new();
    for compiler in ["gcc", "musl-gcc"] {
        let flags: &[&str] = match compiler {
            "gcc" => &["-static-pie"],
            // As musl is linked into a PIE where the compiler knows no -static-pie.
            _ => {
                &["-static", "-fPIE", "-nostartfiles", "-Wl,-pie,--no-dynamic-linker", RCRT1, "-lc"]
            }
        };
        if compiler == "musl-gcc" && !std::path::Path::new(RCRT1).exists() {
            continue;
        }
        let Some(data) = compiled(&folder, compiler, flags) else { continue };
        let slimmed = slim(&data, &packed()).unwrap();
        let why = SlimOutcome::Refused(SlimRefusal::OwnLoader);
        assert_eq!(outcome(&slimmed, SlimStepName::Relocations), why, "{compiler}");
        assert_eq!(folder.says(&slimmed.program.to_vec(), ""), folder.says(&data, ""));
        let slimmed = slim(&data, &static_pie()).unwrap();
        let why = SlimOutcome::Refused(SlimRefusal::NotPie);
        assert_eq!(outcome(&slimmed, SlimStepName::StaticPie), why, "{compiler}");
    }
}

const RCRT1: &str = "/usr/lib/x86_64-linux-musl/rcrt1.o";

#[test]
fn a_library_is_still_one() {
    let folder = Folder::new();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/pointers.c");
    for packs in [false, true] {
        // It has no interpreter that could make room behind the headers, and so two notes do.
        let call = ["-shared", "-fPIC", "-Wl,-z,ibt", "-Dmain=said", "-o", "libsaid.so", source];
        let Some(output) = folder.run("gcc", &call) else { return };
        assert!(output.status.success(), "{output:?}");
        let data = folder.run("cat", &["libsaid.so"]).unwrap().stdout;
        let options = if packs { packed() } else { with_debug() };
        let slimmed = slim(&data, &options).unwrap();
        assert_eq!(outcome(&slimmed, SlimStepName::Relocations), SlimOutcome::Done);
        folder.write("libsaid.so", &slimmed.program.to_vec());
        folder.write("user.c", b"int said(void); int main(void) { return said(); }");
        let call = ["-o", "user", "user.c", "-L.", "-lsaid", "-Wl,-rpath,$ORIGIN"];
        let output = folder.run("gcc", &call).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = folder.run("./user", &[]).unwrap();
        assert!(String::from_utf8_lossy(&said.stdout).starts_with("forty-two"), "{said:?}");
    }
}
