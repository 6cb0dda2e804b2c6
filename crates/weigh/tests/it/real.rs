//! What real programs weigh: the sum, the owners, and how little is unknown.

use crate::programs::{changed, go, without_sections};
use elfin_model::FileOffset;
use elfin_schema::{Kind, Message, Weighing};
use elfin_weigh::{Options, Weighed, weigh};

const PURE: (&str, &str) = ("CGO_ENABLED", "0");

/// Weighs and checks what holds for every file.
fn weighed(program: &[u8]) -> Weighing {
    let weighing = weigh(program, &Options::default()).unwrap();
    let rows: u64 = weighing.rows.iter().map(|it| it.bytes).sum();
    assert_eq!(rows + weighing.unknown_bytes, program.len() as u64);
    assert_eq!(weighing.unknown.iter().map(|it| it.bytes).sum::<u64>(), weighing.unknown_bytes);
    for row in &weighing.rows {
        assert!(row.shared_by.len() != 1 && row.shared_by.len() <= 8, "{row:?}");
        assert!(row.package.is_none() || row.shared_by.is_empty(), "{row:?}");
        assert!(row.module.is_none() || row.package.is_some(), "{row:?}");
    }
    weighing
}

/// Bytes that a package owns, or a few together, or a C library, in a thousand of those outside of
/// headers, notes and padding.
fn named(weighing: &Weighing) -> u64 {
    let apart =
        |it: &elfin_schema::Row| matches!(it.kind, Kind::Header | Kind::Note | Kind::Padding);
    let named = bytes_of(weighing, |it| {
        let is_named = it.package.is_some() || it.library.is_some() || !it.shared_by.is_empty();
        is_named && !apart(it) && it.kind != Kind::Common
    });
    1000 * named / (weighing.file.size - bytes_of(weighing, apart))
}

#[test]
fn what_is_promised_of_names_and_of_the_unknown_holds() {
    let arm64 = ("GOARCH", "arm64");
    let strip = "-ldflags=-s -w";
    // In a thousand: at most so much unknown, at least so much named.
    for (environment, arguments, unknown, least_named) in [
        (&[PURE][..], &[][..], 5, 970),
        (&[PURE], &["-buildmode=pie"], 5, 970),
        (&[PURE], &[strip], 15, 930),
        (&[PURE], &[strip, "-buildmode=pie"], 15, 930),
        (&[PURE, arm64], &[], 30, 970),
        (&[PURE, arm64], &[strip], 30, 930),
        (&[("CGO_ENABLED", "1")], &[], 30, 970),
    ] {
        let Some(program) = go("server", environment, arguments) else { return };
        let weighing = weighed(&program);
        let what = format!("{environment:?} {arguments:?}");
        let size = weighing.file.size;
        assert!(weighing.unknown_bytes * 1000 <= size * unknown, "{what}");
        assert!(named(&weighing) >= least_named, "{what}: {}", named(&weighing));
        let common = bytes_of(&weighing, |it| it.kind == Kind::Common);
        assert!(common * 1000 <= size * 40, "{what}: {common}");
    }
}

fn bytes_of(weighing: &Weighing, is_it: impl Fn(&elfin_schema::Row) -> bool) -> u64 {
    weighing.rows.iter().filter(|it| is_it(it)).map(|it| it.bytes).sum()
}

#[test]
fn a_program_with_all_its_tables_is_owned() {
    let Some(program) = go("hello", &[PURE], &[]) else { return };
    let weighing = weighed(&program);
    assert_eq!(weighing.warnings, []);
    assert_eq!(weighing.go.as_ref().unwrap().modules[0].path, "example.com/hello");
    let of_module = |path: &str| bytes_of(&weighing, |it| it.module.as_deref() == Some(path));
    assert!(of_module("std") > 8 * weighing.file.size / 10, "{}", of_module("std"));
    assert!(of_module("example.com/hello") > 200);
    let code = bytes_of(&weighing, |it| it.kind == Kind::Code);
    let owned = bytes_of(&weighing, |it| it.kind == Kind::Code && it.package.is_some());
    assert!(code > 500_000 && code - owned < 100, "{owned} of {code}");
    let dwarf = bytes_of(&weighing, |it| it.kind == Kind::Dwarf);
    let owned = bytes_of(&weighing, |it| it.kind == Kind::Dwarf && it.package.is_some());
    assert!(owned * 100 > dwarf * 95, "{owned} of {dwarf}");
    // What all units have in common of DWARF is estimated too.
    let of_dwarf = |kind| matches!(kind, Kind::Dwarf | Kind::Common);
    assert!(weighing.rows.iter().all(|it| it.exact || of_dwarf(it.kind)));
    assert!(weighing.inlined.iter().any(|it| it.package == "runtime" && it.at_home > 10_000));
    assert!(weighing.memory_only.iter().any(|it| it.name == ".bss"));
    assert!(weighing.unknown.iter().all(|it| it.dump.is_none()));
}

#[test]
fn pclntab_is_split_to_the_last_byte() {
    let Some(program) = go("hello", &[PURE], &[]) else { return };
    let weighing = weighed(&program);
    let unknown = weighing.unknown.iter().filter(|it| it.section.as_deref() == Some(".gopclntab"));
    let unknown: u64 = unknown.map(|it| it.bytes).sum();
    let section = bytes_of(&weighing, |it| it.section.as_deref() == Some(".gopclntab"));
    assert!(section > 500_000 && unknown < 64, "{unknown} of {section}");
}

#[test]
fn stripping_takes_symbols_and_dwarf_and_nothing_else() {
    let Some(program) = go("hello", &[PURE], &[]) else { return };
    let Some(stripped) = changed("strip", &[], &program) else { return };
    let (whole, stripped) = (weighed(&program), weighed(&stripped));
    assert!(
        whole.file.symbols && whole.file.dwarf && !stripped.file.symbols && !stripped.file.dwarf
    );
    for kind in
        [Kind::Code, Kind::FunctionName, Kind::PcValue, Kind::FunctionRecord, Kind::FuncData]
    {
        let of =
            |weighing: &Weighing| bytes_of(weighing, |it| it.kind == kind && it.package.is_some());
        assert_eq!(of(&whole), of(&stripped), "{kind:?}");
    }
}

#[test]
fn every_shape_of_a_program_adds_up() {
    let pie: &[&str] = &["-buildmode=pie"];
    for (environment, arguments) in [
        (&[PURE][..], pie),
        (&[PURE], &["-ldflags=-s -w"]),
        (&[PURE], &["-ldflags=-compressdwarf=false"]),
        (&[PURE, ("GOARCH", "arm64")], &[]),
        (&[PURE, ("GOARCH", "386")], &[]),
        (&[PURE, ("GOARCH", "arm")], &[]),
        (&[PURE, ("GOARCH", "riscv64")], &[]),
        (&[PURE, ("GOARCH", "ppc64le")], &[]),
        (&[PURE, ("GOARCH", "s390x")], &[]),
        (&[("CGO_ENABLED", "1")], &["-ldflags=-linkmode=external"]),
    ] {
        let Some(program) = go("hello", environment, arguments) else { return };
        let weighing = weighed(&program);
        let what = format!("{environment:?} {arguments:?}: {:?}", weighing.warnings);
        let packages = bytes_of(&weighing, |it| it.package.is_some());
        assert!(packages * 10 > weighing.file.size * 7, "{what}: {packages}");
        // Code is read for what it refers to on these two.
        let read = matches!(weighing.file.arch.as_str(), "amd64" | "arm64");
        let most = weighing.file.size / if read { 200 } else { 50 };
        assert!(weighing.unknown_bytes < most, "{what}: {}", weighing.unknown_bytes);
        if arguments == pie {
            let relocations = |it: &elfin_schema::Row| it.kind == Kind::Relocation;
            assert!(bytes_of(&weighing, relocations) > 100_000, "{what}");
        }
    }
}

#[test]
fn data_has_its_owners_with_symbols_and_without() {
    for flags in ["-ldflags=", "-ldflags=-s -w"] {
        let Some(program) = go("hello", &[PURE], &[flags]) else { return };
        let weighing = weighed(&program);
        let kinds = [Kind::Type, Kind::String, Kind::Itab, Kind::GcMask, Kind::InitTask];
        for kind in kinds.into_iter().chain([Kind::Data, Kind::ReadOnlyData]) {
            let all = bytes_of(&weighing, |it| it.kind == kind);
            let is_owned =
                |it: &elfin_schema::Row| it.package.is_some() || !it.shared_by.is_empty();
            let owned = bytes_of(&weighing, |it| it.kind == kind && is_owned(it));
            assert!(all > 300 && owned * 2 > all, "{flags} {kind:?}: {owned} of {all}");
        }
    }
}

#[test]
fn a_program_without_section_headers_is_owned_all_the_same() {
    let (arm64, cgo) = (("GOARCH", "arm64"), ("CGO_ENABLED", "1"));
    let (pie, external) = ("-buildmode=pie", "-linkmode=external");
    for (environment, arguments) in [
        (&[PURE][..], &["-ldflags=-s -w"][..]),
        (&[PURE], &["-ldflags=-s -w", pie]),
        (&[PURE, arm64], &["-ldflags=-s -w"]),
        (&[PURE, arm64], &["-ldflags=-s -w", pie]),
        (&[cgo], &[&format!("-ldflags=-s -w {external}"), pie]),
    ] {
        let Some(program) = go("hello", environment, arguments) else { return };
        let whole = weighed(&program);
        let bare = weighed(&without_sections(program));
        let what = format!("{environment:?} {arguments:?}: {:?}", bare.unknown);
        assert_eq!(bare.warnings, [], "{what}");
        assert!(!bare.file.sections && bare.rows.iter().all(|it| it.section.is_none()), "{what}");
        // What the section headers stood in belongs to nobody any more.
        assert!(bare.unknown_bytes * 200 < bare.file.size, "{what}");
        let of = |weighing: &Weighing, kind| bytes_of(weighing, |it| it.kind == kind);
        let relocations = Kind::Relocation;
        assert_eq!(of(&bare, relocations), of(&whole, relocations), "{what}");
        assert!(bytes_of(&bare, |it| it.package.is_some()) * 10 > bare.file.size * 6, "{what}");
    }
}

#[test]
fn a_program_that_is_linked_to_a_c_library_has_no_clashes() {
    let Some(program) = go("server", &[("CGO_ENABLED", "1")], &[]) else { return };
    assert_eq!(weighed(&program).warnings, []);
}

#[test]
fn the_owner_of_one_byte_is_told() {
    let Some(program) = go("hello", &[PURE], &[]) else { return };
    let options = Options { symbols: true, ..Options::default() };
    let weighed = Weighed::of(&program, &options).unwrap();
    let header = weighed.at(FileOffset(0)).unwrap();
    assert_eq!(header.row.unwrap().kind, Kind::Header);
    let document = weighed.document().unwrap();
    let main = document
        .rows
        .iter()
        .find(|it| it.symbol.as_deref() == Some("main.main") && it.kind == Kind::Code);
    assert!(main.is_some_and(|it| it.package.as_deref() == Some("main")));
    assert!(weighed.at(FileOffset(program.len() as u64)).is_err());
}

#[test]
fn what_is_packed_or_no_go_program_is_said() {
    let Some(program) = go("hello", &[PURE], &["-ldflags=-s -w"]) else { return };
    if let Some(packed) = changed("upx", &["-1", "-q"], &program) {
        let weighing = weighed(&packed);
        assert_eq!(weighing.warnings, [Message::PackedByUpx]);
        let packed = bytes_of(&weighing, |it| it.kind == Kind::Packed);
        assert!(packed * 100 > weighing.file.size * 99, "{packed}");
    }
    let Some(unstripped) = go("hello", &[PURE], &[]) else { return };
    if let Some(packed) = changed("upx", &["-1", "-q"], &unstripped) {
        let weighing = weighed(&packed);
        let packed = bytes_of(&weighing, |it| it.kind == Kind::Packed);
        assert!(
            packed * 100 > weighing.file.size * 99,
            "what is behind the segments too: {packed}"
        );
    }
    let shell = std::fs::read("/bin/sh").unwrap();
    let weighing = weighed(&shell);
    assert_eq!(weighing.warnings, [Message::NotGo]);
    assert!(weighing.go.is_none());
    // Nobody owns it, but the sections say what it is.
    let code = bytes_of(&weighing, |it| it.kind == Kind::Code);
    assert!(code * 4 > weighing.file.size, "{code}");
    assert!(bytes_of(&weighing, |it| it.kind == Kind::Relocation) > 100);
    assert!(weighing.unknown_bytes * 100 < weighing.file.size, "{:?}", weighing.unknown);
}

#[test]
fn types_strings_and_files_are_named_where_that_is_asked_for() {
    let Some(program) = go("hello", &[PURE], &["-ldflags=-s -w"]) else { return };
    let options = Options { symbols: true, ..Options::default() };
    let weighing = weigh(&program, &options).unwrap();
    let of = |name: &str| weighing.rows.iter().find(|it| it.symbol.as_deref() == Some(name));
    assert_eq!(of("type:*os.File").unwrap().kind, Kind::Type);
    assert_eq!(of("go:itab.*os.File,io.Writer").unwrap().kind, Kind::Itab);
    assert_eq!(of("\"hello, elfin\"").unwrap().kind, Kind::String);
    let strings = weighing.rows.iter().filter(|it| it.kind == Kind::String);
    for name in strings.filter_map(|it| it.symbol.as_deref()) {
        assert!(name.starts_with('"') && name.ends_with('"'), "{name}");
        assert!(!name.chars().any(char::is_control), "{name:?}");
    }
    let options = Options { files: true, ..Options::default() };
    let weighing = weigh(&program, &options).unwrap();
    assert!(weighing.rows.iter().all(|it| it.symbol.is_none()));
    let proc = |it: &elfin_schema::Row| it.file.as_deref() == Some("runtime/proc.go");
    let code = bytes_of(&weighing, |it| proc(it) && it.kind == Kind::Code);
    let all = bytes_of(&weighing, |it| it.kind == Kind::Code);
    let of_files = bytes_of(&weighing, |it| it.kind == Kind::Code && it.file.is_some());
    assert!(
        code > 20_000 && code < all && of_files * 100 > all * 99,
        "{code}, {of_files} of {all}"
    );
}
