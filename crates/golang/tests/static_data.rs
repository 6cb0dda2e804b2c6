//! Owners of data without symbols, held against the symbols that the program had.

#![cfg(test)]

use elfin_elf::{ElfFile, Section, SymbolKind};
use elfin_golang::{
    Code, DataKind, DataObject, NamedData, Owners, PackageId, Packages, Pointers, Program,
};
use elfin_golang::{ModuleData, Named, Pclntab, StaticData, package_of};
use std::borrow::Cow;
use std::path::Path;
use std::process::Command;

/// Builds the corpus's hello; without Go the test says so and passes.
fn hello(arch: &str, mode: &str, flags: &str) -> Option<Vec<u8>> {
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out");
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../corpus/hello");
    let mut go = Command::new("go");
    go.current_dir(package).env("CGO_ENABLED", "0").env("GOARCH", arch);
    go.args(["build", mode, flags, "-o"]).arg(&out);
    match go.output() {
        Ok(output) if output.status.success() => Some(std::fs::read(out).unwrap()),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("SKIPPED: go cannot be started ({error}); install it to have this test");
            None
        }
    }
}

/// Finds the data of a program and hands it on with the names of its packages; `None` where there
/// is no module data.
fn with_data<R>(
    bytes: &[u8],
    symbols: bool,
    see: impl FnOnce(&ElfFile<'_>, &StaticData<'_>, &Packages<'_>) -> R,
) -> Option<R> {
    let file = ElfFile::parse(bytes).ok()?;
    let addends = file.addends();
    let module = ModuleData::find(&file, &addends)?;
    let table = Pclntab::find(&file, &addends, Some(&module))?;
    let mut packages = Packages::default();
    let mut code = Vec::new();
    for function in table.functions() {
        if let Named::Package(path) = package_of(function.name) {
            code.push(Code { addresses: function.addresses, owner: packages.id(path).0 });
        }
    }
    let mut named = named(&file, |path| Some(packages.id(path).0));
    named.retain(|_| symbols);
    let program = Program {
        file: &file,
        addends: &addends,
        module: &module,
        code: &code,
        inlined: &|_| Vec::new(),
        named: &named,
    };
    let pointers = Pointers::read(&file, &addends, &module);
    let data = StaticData::find(&program, pointers, |path| packages.id(path.to_owned().into()).0);
    Some(see(&file, &data, &packages))
}

fn named<'a>(
    file: &ElfFile<'a>,
    mut owner: impl FnMut(Cow<'a, str>) -> Option<u32>,
) -> Vec<NamedData> {
    let tables = file.sections().iter().filter(|it| it.is_symbol_table());
    let symbols = tables.flat_map(|it| file.symbols(it));
    let data = symbols.filter(|it| it.size > 0 && it.kind == SymbolKind::Object);
    data.filter_map(|it| match package_of(it.name) {
        Named::Package(path) if !it.name.ends_with(b".*") => {
            Some(NamedData { addresses: it.address.0..it.address.0 + it.size, owner: owner(path) })
        }
        _ => None,
    })
    .collect()
}

/// Bytes of `wanted` that belong to the owner and to somebody else.
fn right(objects: &[DataObject<'_>], wanted: &NamedData) -> (u64, u64) {
    let (start, end) = (wanted.addresses.start, wanted.addresses.end);
    let first = objects.partition_point(|it| it.addresses.end <= start);
    let within = objects[first..].iter().take_while(|it| it.addresses.start < end);
    let mut bytes = (0, 0);
    for it in within {
        let length = it.addresses.end.min(end) - it.addresses.start.max(start);
        let is_right = matches!(it.owners, Owners::These(&[one]) if Some(one) == wanted.owner);
        if is_right { bytes.0 += length } else { bytes.1 += length }
    }
    bytes
}

#[test]
fn data_without_symbols_has_the_owners_that_its_symbols_named() {
    for arch in ["amd64", "arm64"] {
        for mode in ["-buildmode=exe", "-buildmode=pie"] {
            let Some(bytes) = hello(arch, mode, "-ldflags=") else { return };
            with_data(&bytes, false, |file, data, packages| {
                let objects: Vec<_> = data.objects().collect();
                let sections = [".rodata", ".data.rel.ro", ".data", ".noptrdata"];
                let sections = sections.map(|it| file.section_named(it).map(Section::addresses));
                let mut named = named(file, |path| packages.find(&path).map(|it| it.0));
                named.retain(|it| {
                    sections.iter().flatten().any(|section| section.contains(&it.addresses.start))
                });
                let judged = named.iter().map(|it| right(&objects, it));
                let (right, wrong) = judged.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
                assert!(right > 20_000 && wrong * 5 < right, "{arch} {mode}: {right} {wrong}");
            })
            .unwrap();
        }
    }
}

#[test]
fn objects_are_apart_and_strings_have_who_refers_to_them() {
    for arch in ["amd64", "arm64"] {
        let Some(bytes) = hello(arch, "-buildmode=exe", "-ldflags=-s -w") else { return };
        with_data(&bytes, true, |file, data, packages| {
            let objects: Vec<_> = data.objects().collect();
            assert!(objects.windows(2).all(|it| it[0].addresses.end <= it[1].addresses.start));
            let kinds = [DataKind::Type, DataKind::TypeName, DataKind::String, DataKind::Itab];
            for kind in kinds.into_iter().chain([DataKind::GcMask, DataKind::InitTask]) {
                let count = objects.iter().filter(|it| it.kind == kind).count();
                assert!(count > 3, "{arch}: {count} of {kind:?}");
            }
            let text = b"hash of unhashable type ";
            let found = objects.iter().find(|it| {
                let start = elfin_model::VirtAddr(it.addresses.start);
                it.kind == DataKind::String && file.from_address(start).starts_with(text)
            });
            let found = found.unwrap();
            assert_eq!(found.addresses.end - found.addresses.start, text.len() as u64);
            let Owners::These(owners) = found.owners else { panic!("{:?}", found.owners) };
            let owners: Vec<_> = owners.iter().map(|it| packages.name(PackageId(*it))).collect();
            assert!(owners.iter().all(|it| it.contains("runtime")), "{owners:?}");
        })
        .unwrap();
    }
}

#[test]
fn a_damaged_program_gives_some_data_or_none() {
    for mode in ["-buildmode=exe", "-buildmode=pie"] {
        let Some(mut bytes) = hello("amd64", mode, "-ldflags=-s -w") else { return };
        let length = bytes.len();
        for part in 1..24 {
            with_data(&bytes[..length * part / 24], false, |_, data, _| data.objects().count());
        }
        // A prime stride puts the flips at every position in a word.
        for at in (64..length).step_by((length / 120) | 1) {
            let before = bytes[at];
            for flip in [0x01, 0x80, 0xff] {
                bytes[at] = before ^ flip;
                with_data(&bytes, false, |_, data, _| data.objects().count());
            }
            bytes[at] = before;
        }
        // All numbers of a page lie at once.
        for at in (0x1000..length - 0x1000).step_by(length / 40) {
            let page = bytes[at..at + 0x1000].to_vec();
            bytes[at..at + 0x1000].fill(0xff);
            with_data(&bytes, false, |_, data, _| data.objects().count());
            bytes[at..at + 0x1000].copy_from_slice(&page);
        }
    }
}
