//! Go facts of a program that the installed Go builds, in every shape that it is shipped in.

#![cfg(test)]

use elfin_elf::ElfFile;
use elfin_golang::{BuildInfo, BuildInfoPart, ModuleData, Pclntab, package_of, table_length};
use elfin_golang::{Funcdata, Named, inlined_stretches};
use std::path::Path;
use std::process::Command;

/// Builds the corpus's hello; without Go the test says so and passes.
fn hello(environment: &[(&str, &str)], arguments: &[&str]) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/hello");
    let mut go = Command::new("go");
    go.current_dir(package).envs(environment.iter().copied()).arg("build").args(arguments);
    match go.arg("-o").arg(&out).output() {
        Ok(output) if output.status.success() => Some(std::fs::read(out).unwrap()),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("SKIPPED: go cannot be started ({error}); install it to have this test");
            None
        }
    }
}

fn check(program: &[u8], what: &str) {
    let file = ElfFile::parse(program).unwrap();
    let addends = file.addends();
    let module = ModuleData::find(&file, &addends).unwrap_or_else(|| panic!("{what}"));
    let table = Pclntab::find(&file, &addends, Some(&module)).unwrap();
    let functions: Vec<_> = table.functions().collect();
    assert_eq!(functions.len(), table.count, "{what}");
    assert_eq!(functions[0].addresses.start, module.pcs.start, "{what}");
    assert_eq!(functions[table.count - 1].addresses.end, module.pcs.end, "{what}");
    let main = functions.iter().find(|it| it.name == b"main.main").unwrap();
    let file_name = table.files.text(main.first_file(&table).unwrap()).unwrap();
    assert!(file_name.ends_with(b"main.go"), "{what}");
    let inside = elfin_model::VirtAddr(main.addresses.start + 1);
    assert_eq!(table.function_at(inside).unwrap().index, main.index, "{what}");

    // The records cover the rest of the table but for the filling before each.
    let records: usize = functions.iter().map(|it| it.record.len() + it.index_entry.len()).sum();
    let size = table.functions.bytes.len();
    assert!(
        records <= size && size - records <= 8 * table.count + 8,
        "{what}: {records} of {size}"
    );
    // Every pc-value table ends, and together they are all there is but the first byte.
    let mut tables: Vec<u32> =
        functions.iter().flat_map(|it| it.pc_tables().collect::<Vec<_>>()).collect();
    tables.sort_unstable();
    tables.dedup();
    let lengths = tables.iter().map(|it| table_length(table.pc_table(*it)).unwrap());
    let pc_values = table.pc_values.bytes.len();
    assert!((pc_values - 8..=pc_values).contains(&(1 + lengths.sum::<usize>())), "{what}");
    let pointer_maps = functions.iter().flat_map(|it| it.funcdata().collect::<Vec<_>>());
    let lengths = pointer_maps
        .filter(|(number, _)| *number < 2)
        .map(|(number, at)| table.funcdata_length(Funcdata::of(number), at as usize, 1 << 20));
    assert!(lengths.clone().count() > 1000 && lengths.max().unwrap() < 1 << 16, "{what}");
    let inlined = functions.iter().flat_map(|it| inlined_stretches(&table, it));
    let names: Vec<_> = inlined.map(|it| table.names.text(it.name_at as usize).unwrap()).collect();
    let named = names.iter().filter(|it| matches!(package_of(it), Named::Package(_))).count();
    assert!(names.len() > 1000 && named == names.len(), "{what}: {named} of {}", names.len());
}

#[test]
fn every_shape_of_a_program_gives_its_tables() {
    for arch in ["amd64", "arm64", "386", "arm", "riscv64", "ppc64le", "s390x"] {
        for arguments in [&["-ldflags=-s -w"][..], &["-ldflags=-s -w", "-buildmode=pie"]] {
            if arguments.len() > 1 && !matches!(arch, "amd64" | "arm64") {
                continue; // Go links the others' PIE by an external linker.
            }
            let environment = [("CGO_ENABLED", "0"), ("GOARCH", arch)];
            let Some(program) = hello(&environment, arguments) else { return };
            check(&program, &format!("{arch} {arguments:?}"));
        }
    }
}

#[test]
fn a_program_without_section_headers_gives_its_tables() {
    for arguments in [&[][..], &["-buildmode=pie"]] {
        let Some(mut program) = hello(&[("CGO_ENABLED", "0")], arguments) else { return };
        program[0x28..0x30].fill(0); // e_shoff
        program[0x3c..0x40].fill(0); // e_shnum, e_shstrndx
        check(&program, "no section headers");
        let file = ElfFile::parse(&program).unwrap();
        assert!(file.sections().is_empty() && BuildInfo::find(&file).is_some());
    }
}

#[test]
fn build_information_is_covered_part_by_part() {
    let Some(program) = hello(&[("CGO_ENABLED", "0")], &[]) else { return };
    let file = ElfFile::parse(&program).unwrap();
    let info = BuildInfo::find(&file).unwrap();
    assert_eq!(info.version, file.go_version().unwrap());
    assert!(info.modules.main().is_some() && info.path.is_some());
    for pair in info.parts.windows(2) {
        assert_eq!(pair[0].1.end(), pair[1].1.start());
    }
    let part = |wanted| info.parts.iter().find(|(part, _)| *part == wanted).unwrap().1;
    assert_eq!(file.slice(part(BuildInfoPart::Version)), info.version.as_bytes());
    assert!(file.slice(part(BuildInfoPart::Modules)).starts_with(b"path\t"));
    assert!(file.slice(part(BuildInfoPart::Settings)).starts_with(b"build\t"));
}
