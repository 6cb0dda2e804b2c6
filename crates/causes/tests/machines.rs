//! What two receipts say stands behind the causes that it can have, and changes no byte of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use elfin_causes::{diff, diff_of_machines};
use elfin_schema::{
    Build, Cause, CauseEvidence, Caused, CompilerHere, Diff, GoHere, GoProgram, HostKind, Kind,
    LibcHere, MachineFact, Message, RECEIPT_SCHEMA, Receipt, Row, WEIGH_SCHEMA, WeighedFile,
    Weighing,
};
use std::collections::BTreeMap;

/// A program with so many bytes of C code, built with cgo and linked by C's tools or not.
fn program(c_code: u64, cgo: &str, external: bool) -> Weighing {
    let row = Row {
        module: None,
        package: None,
        library: Some("crt1.o".into()),
        kind: Kind::Code,
        section: None,
        segment: None,
        symbol: None,
        file: None,
        bytes: c_code,
        exact: true,
        shared_by: Vec::new(),
        download: None,
    };
    Weighing {
        schema: WEIGH_SCHEMA.to_owned(),
        elfin: String::new(),
        file: WeighedFile {
            name: "app".to_owned(),
            size: c_code,
            arch: "amd64".to_owned(),
            pie: false,
            symbols: true,
            dwarf: false,
            sections: true,
        },
        go: Some(GoProgram {
            version: "go1.26.8".to_owned(),
            path: Some("example.com/app".to_owned()),
            modules: Vec::new(),
        }),
        build: Build {
            settings: BTreeMap::from([("CGO_ENABLED".to_owned(), cgo.to_owned())]),
            interpreter: (cgo == "1").then(|| "/lib64/ld-linux-x86-64.so.2".to_owned()),
            needed: vec!["libc.so.6".to_owned()],
            linked_externally: external,
            ..Build::default()
        },
        functions: BTreeMap::new(),
        rows: vec![row],
        unknown_bytes: 0,
        unknown: Vec::new(),
        memory_only: Vec::new(),
        inlined: Vec::new(),
        download: None,
        unknown_download: None,
        warnings: Vec::new(),
    }
}

fn receipt(distribution: &str, gcc: Option<&str>, glibc: &str) -> Receipt {
    let settings = [("CGO_ENABLED", if gcc.is_some() { "1" } else { "0" }), ("CC", "gcc")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Receipt {
        schema: RECEIPT_SCHEMA.to_owned(),
        elfin: String::new(),
        kernel: "6.6".to_owned(),
        host: HostKind::Wsl2,
        distribution: distribution.to_owned(),
        arch: "amd64".to_owned(),
        go: Some(GoHere {
            version: "go1.26.8".to_owned(),
            root: "/usr/local/go".to_owned(),
            settings: settings.into(),
        }),
        compiler: gcc.map(|version| CompilerHere {
            command: "gcc".to_owned(),
            version: format!("gcc {version}"),
            target: "x86_64-linux-gnu".to_owned(),
            linker: format!("GNU ld for gcc {version}"),
            defaults: vec!["-pie".to_owned()],
            interpreter: Some("/lib64/ld-linux-x86-64.so.2".to_owned()),
        }),
        libc: Some(LibcHere {
            name: "glibc".to_owned(),
            version: glibc.to_owned(),
            interpreter: "/lib64/ld-linux-x86-64.so.2".to_owned(),
        }),
        linkers: Vec::new(),
        places: Vec::new(),
        variables: BTreeMap::new(),
        settings: Vec::new(),
    }
}

fn find<'d>(diff: &'d Diff, cause: &Cause) -> &'d Caused {
    let found = diff.causes.iter().find(|it| it.cause == *cause);
    found.unwrap_or_else(|| panic!("no {cause:?} in {:?}", diff.causes))
}

/// What of the machines speaks for a cause.
fn facts(caused: &Caused) -> Vec<MachineFact> {
    let facts = caused.evidence.iter().filter_map(|it| match it {
        CauseEvidence::Machine(it) => Some(it.what.clone()),
        _ => None,
    });
    facts.collect()
}

#[test]
fn a_libc_that_the_files_do_not_tell_of_is_named_by_the_receipts() {
    let (from, to) = (program(1000, "1", true), program(5000, "1", true));
    assert!(diff(&from, &to).causes.iter().all(|it| it.cause != Cause::Libc));
    let machines =
        [receipt("Debian 12", Some("12"), "2.36"), receipt("Debian 13", Some("14"), "2.41")];
    let named = diff_of_machines(&from, &to, [&machines[0], &machines[1]]);
    let libc = find(&named, &Cause::Libc);
    assert_eq!(libc.bytes, 4000);
    let wanted =
        [MachineFact::Distribution, MachineFact::Compiler, MachineFact::Linker, MachineFact::Libc];
    for fact in wanted {
        assert!(facts(libc).contains(&fact), "{fact:?} in {libc:?}");
        assert!(named.machines.iter().any(|it| it.what == fact), "{fact:?}");
    }
    assert!(libc.evidence.contains(&CauseEvidence::NotWithoutCgo));
    let sum: i64 = named.causes.iter().map(|it| it.bytes).sum();
    assert_eq!(sum + named.unexplained_bytes, named.delta);
    let back = diff_of_machines(&to, &from, [&machines[1], &machines[0]]);
    assert_eq!(find(&back, &Cause::Libc).bytes, -4000);
}

#[test]
fn cgo_by_accident_is_told_by_the_compiler_that_is_not_there() {
    let (from, to) = (program(1000, "0", false), program(5000, "1", false));
    let machines = [receipt("musl", None, "2.36"), receipt("musl", Some("14"), "2.36")];
    let named = diff_of_machines(&from, &to, [&machines[0], &machines[1]]);
    let cgo = find(&named, &Cause::Cgo);
    assert_eq!(facts(cgo), [MachineFact::CgoEnabled, MachineFact::Compiler]);
    assert_eq!(cgo.remedy.as_deref(), Some("CGO_ENABLED=0"));
}

#[test]
fn machines_that_had_no_part_in_the_program_are_no_cause() {
    let (from, to) = (program(1000, "0", false), program(1000, "0", false));
    let machines =
        [receipt("Debian 12", Some("12"), "2.36"), receipt("Debian 13", Some("14"), "2.41")];
    let named = diff_of_machines(&from, &to, [&machines[0], &machines[1]]);
    assert_eq!(named.causes, []);
    assert!(named.machines.len() >= 4, "{:?}", named.machines);
}

#[test]
fn goflags_that_differ_speak_for_the_causes_of_their_flags() {
    let (mut from, to) = (program(1000, "0", false), program(1500, "0", false));
    from.build.settings.insert("-trimpath".to_owned(), "true".to_owned());
    from.rows[0].kind = Kind::FileTable;
    from.rows[0].library = None;
    let plain = receipt("Debian 12", None, "2.36");
    let mut trimmed = plain.clone();
    let flags = "-trimpath '-ldflags=-s -w'".to_owned();
    trimmed.go.as_mut().unwrap().settings.insert("GOFLAGS".to_owned(), flags);
    let named = diff_of_machines(&from, &to, [&trimmed, &plain]);
    let goflags = MachineFact::GoSetting { name: "GOFLAGS".to_owned() };
    assert_eq!(facts(find(&named, &Cause::Paths)), [goflags]);
}

#[test]
fn a_receipt_of_another_go_is_said_to_be_one() {
    let mut from = program(1000, "0", false);
    from.go.as_mut().unwrap().version = "go1.25.1".to_owned();
    let here = receipt("Debian 12", None, "2.36");
    let named = diff_of_machines(&from, &program(1000, "0", false), [&here, &here]);
    let said = Message::ReceiptOfOtherGo {
        name: "app".to_owned(),
        built: "go1.25.1".to_owned(),
        receipt: "go1.26.8".to_owned(),
    };
    assert_eq!(named.warnings, [said]);
}
