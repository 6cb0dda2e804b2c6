//! Damaged files: an error or a file, never a panic, never more than a small multiple of the input.

use crate::programs::{Built, program};
use crate::slims::{packed, static_pie};
use elfin_shrink::{Strip, memory, slim, strip, unslim};

/// Shrinks in every way, and undoes what can be undone.
fn do_everything(data: &[u8]) {
    let most = 8 * data.len() + (1 << 20);
    for what in [Strip::All, Strip::Locals, Strip::Debug] {
        if let Ok(stripped) = strip(data, what) {
            assert!(stripped.len() <= most, "{} bytes of {}", stripped.len(), data.len());
        }
    }
    if let Ok(slimmed) = slim(data, &packed()) {
        assert!(slimmed.program.len() <= most);
        let Some(debug) = slimmed.debug.map(|it| it.to_vec()) else { return };
        let slim = slimmed.program.to_vec();
        assert!(unslim(&slim, &debug).unwrap() == data, "what is slimmed can be undone");
    }
}

#[test]
fn a_program_may_be_cut_or_flipped_in_many_places() {
    for built in [Built::Pie, Built::CgoPie] {
        let Some(whole) = program(built) else { return };
        let headers = (0..4096).step_by(if built == Built::Pie { 37 } else { 53 });
        let tables = whole.len().saturating_sub(4096)..whole.len();
        let places = headers.chain((4096..whole.len()).step_by(whole.len() / 12));
        let mut data = whole.clone();
        for at in places.chain(tables.step_by(71)) {
            let _ = strip(&whole[..at], Strip::All).map(|it| it.len());
            data[at] ^= 1 << (at % 8);
            do_everything(&data);
            data[at] = whole[at];
        }
    }
}

#[test]
fn headers_may_hold_any_number() {
    let Some(whole) = program(Built::Pie) else { return };
    let mut data = whole.clone();
    let mut damage = |at: usize, number: &[u8]| {
        data[at..at + number.len()].copy_from_slice(number);
        for options in [packed(), static_pie()] {
            let _ = slim(&data, &options).map(|it| it.program.len());
        }
        let _ = memory(&data);
        data[at..at + number.len()].copy_from_slice(&whole[at..at + number.len()]);
    };
    for at in (16..1200).step_by(4) {
        for number in [0, 1, 0x7fff_ffff_u32, u32::MAX] {
            damage(at, &number.to_le_bytes());
        }
    }
    for at in (16..1200).step_by(8) {
        for number in [1 << 62, i64::MAX.cast_unsigned() - 7, u64::MAX - 7] {
            damage(at, &number.to_le_bytes());
        }
    }
}

#[test]
fn a_debug_file_may_be_damaged_anywhere() {
    let Some(whole) = program(Built::Stripped) else { return };
    let slimmed = slim(&whole, &packed()).unwrap();
    let (slim, debug) = (slimmed.program.to_vec(), slimmed.debug.unwrap().to_vec());
    let mut data = debug.clone();
    for at in (0..data.len()).step_by(29) {
        let _ = unslim(&slim, &debug[..at]);
        data[at] ^= 1 << (at % 8);
        if let Ok(original) = unslim(&slim, &data) {
            assert!(original == whole);
        }
        data[at] = debug[at];
    }
}
