//! Damaged packed files: refused with status 127 and a message, never run, never waited for.

use crate::programs::{Built, pair, says, write};
use elfin_pack::{PackError, inspect, unpack};
use std::fs;
use std::process::Command;

/// Places over all of a file, close together where headers and the loader are.
fn places(len: usize) -> impl Iterator<Item = usize> {
    let near = (0..600).step_by(23).chain((600..36_000).step_by(1999));
    near.chain((36_000..len).step_by((len / 40).max(1))).filter(move |it| *it < len)
}

/// How many bytes of a packed file are loaded.
fn loaded(packed: &[u8]) -> usize {
    let behind = inspect(packed).unwrap().shares;
    let behind: u64 = behind.iter().rev().take(2).map(|it| it.bytes).sum();
    packed.len() - usize::try_from(behind).unwrap()
}

#[test]
fn a_changed_bit_is_never_run() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let packed = fs::read(&pair.packed).unwrap();
    let path = pair.packed.with_extension("flipped");
    let mut refused = 0;
    for (at, bit) in places(loaded(&packed)).zip((0..8).cycle()) {
        let mut damaged = packed.clone();
        damaged[at] ^= 1 << bit;
        assert!(unpack(&damaged).is_err(), "bit {bit} of byte {at:#x}");
        write(&path, &damaged);
        let Ok(_) = Command::new(&path).arg("--").output() else { continue }; // The kernel refuses.
        let (said, error, code) = says(&path, &[]);
        assert!(said.is_empty(), "bit {bit} of byte {at:#x}: {said}");
        assert!(code.is_none_or(|it| it == 127), "bit {bit} of byte {at:#x}: {code:?} {error}");
        refused += usize::from(code == Some(127) && error.starts_with("elfin: "));
    }
    assert!(refused > 60, "{refused}");
}

#[test]
fn what_is_behind_the_loaded_bytes_is_checked_too() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let packed = fs::read(&pair.packed).unwrap();
    for back in [1, 30, 100, 400] {
        let mut damaged = packed.clone();
        let at = packed.len() - back;
        damaged[at] ^= 4;
        let offset = loaded(&packed);
        let says = unpack(&damaged).unwrap_err().to_string();
        assert!(says.starts_with(&format!("at offset {offset:#x}: ")), "{back}: {says}");
        assert!(inspect(&damaged).is_err(), "{back}");
    }
}

#[test]
fn a_file_that_was_cut_off_says_so() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let packed = fs::read(&pair.packed).unwrap();
    let path = pair.packed.with_extension("cut");
    for len in (40_000..packed.len() - 2000).step_by(packed.len() / 12) {
        let cut_off = PackError::CutOff { len: len as u64, loaded: loaded(&packed) as u64 };
        assert_eq!(unpack(&packed[..len]), Err(cut_off));
        write(&path, &packed[..len]);
        let (said, error, code) = says(&path, &[]);
        assert!(said.is_empty() && code == Some(127), "{len}: {code:?} {error}");
        assert!(error.starts_with("elfin: cannot start this packed program: its "), "{error}");
    }
    for len in [0, 60, 100, 700, 5000, 20_000] {
        assert!(unpack(&packed[..len]).is_err());
        write(&path, &packed[..len]);
        let ran = Command::new(&path).output();
        assert!(ran.is_err() || ran.is_ok_and(|it| it.stdout.is_empty() && !it.status.success()));
    }
}

/// Whoever can write a file can make its checksums right, so all behind them is hostile too.
#[test]
fn right_checksums_do_not_make_unpack_believe_what_is_inside() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let plain = fs::read(&pair.plain).unwrap();
    let packed = fs::read(&pair.packed).unwrap();
    for (at, value) in places(packed.len() - 500).zip([0xff, 0x00, 0x80, 0x7f].into_iter().cycle())
    {
        let mut damaged = packed.clone();
        damaged[at] = value;
        let Some(damaged) = elfin_pack::resealed(&damaged) else { continue };
        // The hash of the original is among what cannot be made right.
        assert!(unpack(&damaged).map_or(true, |it| it == plain), "{at:#x}");
    }
}

#[test]
fn a_hostile_header_takes_no_memory() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let packed = fs::read(&pair.packed).unwrap();
    let at = packed.windows(8).position(|it| it == b"elfinpak").unwrap();
    for field in 4..18 {
        for number in [u64::MAX, 1 << 46, 1 << 31, 0] {
            let mut damaged = packed.clone();
            damaged[at + 8 * field..at + 8 * field + 8].copy_from_slice(&number.to_le_bytes());
            let sealed = elfin_pack::resealed(&damaged).unwrap_or(damaged);
            assert!(sealed == packed || unpack(&sealed).is_err(), "field {field} {number:#x}");
        }
    }
}

#[test]
fn what_elfin_did_not_pack_or_another_version_did_is_not_called_damaged() {
    let Some(pair) = pair(Built::CgoExe) else { return };
    let mut packed = fs::read(&pair.packed).unwrap();
    assert_eq!(unpack(&fs::read(&pair.plain).unwrap()), Err(PackError::NotPacked));
    let version = packed.windows(8).position(|it| it == b"elfinpak").unwrap() + 8;
    packed[version] += 1;
    assert_eq!(unpack(&packed), Err(PackError::OtherVersion));
}
