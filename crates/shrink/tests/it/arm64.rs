//! arm64 programs, made here and started by an emulator.

use crate::programs::{Built, Folder, program};
use crate::slims::{packed, with_debug};
use elfin_elf::image::Image;
use elfin_schema::SlimStepName;
use elfin_shrink::{Keep, Options, slim, unslim};

/// The emulator and where it finds the C library of arm64: Debian's packages qemu-user-static and
/// libc6-arm64-cross, which `cargo xtask setup --tests` installs.
const QEMU: &str = "qemu-aarch64-static";
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
/// Where the largest page of arm64 is: segments move by so much or not at all.
const PAGE: u64 = 1 << 16;

/// What a program prints; `None` where there is no emulator.
fn says(folder: &Folder, program: &[u8]) -> Option<String> {
    folder.write("program", program);
    let output = folder.run(QEMU, &["-L", LIBRARIES, "./program"])?;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_slim_program_for_arm64_starts_and_says_the_same() {
    let folder = Folder::new();
    let keeps = Options { keep: vec![Keep::Dwarf, Keep::Symtab], ..packed() };
    for built in [Built::Arm64Exe, Built::Arm64Pie] {
        let Some(data) = program(built) else { return };
        if built == Built::Arm64Pie && !std::path::Path::new(LIBRARIES).is_dir() {
            eprintln!("SKIPPED: no {LIBRARIES}; install libc6-arm64-cross to have this test");
            continue;
        }
        let Some(said) = says(&folder, &data) else { return };
        for options in [with_debug(), packed(), keeps.clone()] {
            let slimmed = slim(&data, &options).unwrap();
            let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
            assert_eq!(says(&folder, &slim).unwrap(), said, "{built:?} {options:?}");
            assert!(unslim(&slim, &debug).unwrap() == data, "{built:?}");
        }
    }
}

/// Bytes leave the middle of a segment in whole pages, and a page of arm64 may be of 64 KiB.
#[test]
fn relocations_for_arm64_leave_the_file_in_whole_pages() {
    let Some(data) = program(Built::Arm64Pie) else { return };
    let image = Image::parse(&data).unwrap();
    let table = image.sections.iter().find(|it| it.name.starts_with(".rela")).unwrap().size;
    let size = |options: &Options<'_>| slim(&data, options).unwrap().program.len() as u64;
    let without = Options { without: vec![SlimStepName::Relocations], ..packed() };
    let left = size(&without) - size(&packed());
    assert!(left + PAGE > table * 95 / 100 && left > 0, "{left} of {table}");
}
