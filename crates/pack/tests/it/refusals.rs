//! What is not packed, and that the reason is the right one.

use crate::programs::{Built, build, ended, pair};
use elfin_pack::{Effort, PackError, pack};
use elfin_schema::PackRefusal;
use std::fs;
use std::process::Command;

fn refusal(data: &[u8]) -> Option<PackRefusal> {
    match pack(data, Effort::Fast) {
        Err(PackError::Refused(why)) => Some(why),
        _ => None,
    }
}

#[test]
fn what_is_packed_already() {
    let Some(pair) = pair(Built::Exe) else { return };
    assert_eq!(refusal(&fs::read(&pair.packed).unwrap()), Some(PackRefusal::Packed));
    let upx = pair.plain.with_extension("upx");
    let packing =
        Command::new("upx").args(["-1", "-qqq", "-f", "-o"]).arg(&upx).arg(&pair.plain).status();
    if packing.is_ok_and(|it| it.success()) {
        assert_eq!(refusal(&fs::read(&upx).unwrap()), Some(PackRefusal::UpxPacked));
    }
}

#[test]
fn libraries_and_plugins() {
    for mode in ["-buildmode=c-shared", "-buildmode=plugin"] {
        let cgo = [("CGO_ENABLED", "1")];
        let Some(library) = build("cgo", &["-ldflags=-s -w", mode], &cgo) else { return };
        assert_eq!(refusal(&fs::read(library).unwrap()), Some(PackRefusal::Library), "{mode}");
    }
}

#[test]
fn other_machines_and_what_would_be_writable_and_executable() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let plain = fs::read(&pair.plain).unwrap();
    let mut arm64 = plain.clone();
    arm64[18] = 183;
    assert_eq!(refusal(&arm64), Some(PackRefusal::Machine));
    let mut writable = plain.clone();
    let header = (0..32).map(|it| 64 + 56 * it);
    let code = header.into_iter().find(|at| plain[*at..*at + 8] == [1, 0, 0, 0, 5, 0, 0, 0]);
    writable[code.unwrap() + 4] = 7;
    assert_eq!(refusal(&writable), Some(PackRefusal::WritableCode));
    assert!(matches!(pack(b"#!/bin/sh\n", Effort::Small), Err(PackError::Image(_))));
}

#[test]
fn what_would_not_become_smaller() {
    let folder = crate::programs::folder();
    let source = folder.join("tiny.s");
    fs::write(&source, ".global _start\n_start: mov $60, %eax\nxor %edi, %edi\nsyscall\n").unwrap();
    let tiny = folder.join("tiny");
    let mut cc = Command::new("cc");
    cc.args(["-nostdlib", "-static", "-o"]).arg(&tiny).arg(&source);
    if ended(&mut cc).status.success() {
        assert_eq!(refusal(&fs::read(&tiny).unwrap()), Some(PackRefusal::DoesNotPay));
    }
}
