//! Damaged files: an error or a weighing that adds up, never a panic.

use crate::programs::{go, without_sections};
use elfin_model::FileOffset;
use elfin_weigh::{Options, Weighed, weigh};

fn add_up(data: &[u8]) {
    let options = Options { dump: true, ..Options::default() };
    let Ok(weighing) = weigh(data, &options) else { return };
    let rows: u64 = weighing.rows.iter().map(|it| it.bytes).sum();
    assert_eq!(rows + weighing.unknown_bytes, data.len() as u64);
}

/// Places where damage matters: headers, the beginnings of sections, and some everywhere.
fn places(program: &[u8]) -> Vec<usize> {
    let file = elfin_elf::ElfFile::parse(program).unwrap();
    let sections = file.sections().iter().filter_map(|it| usize::try_from(it.offset).ok());
    let heads = sections.flat_map(|at| (at..at + 64).step_by(13));
    let spread = (0..program.len()).step_by(program.len() / 40);
    let mut places: Vec<usize> = (16..64).chain(heads).chain(spread).collect();
    places.retain(|at| *at < program.len());
    places
}

#[test]
fn a_program_may_have_bits_flipped_and_bytes_filled() {
    for arguments in [&["-ldflags=-compressdwarf=false"][..], &["-buildmode=pie"]] {
        let Some(whole) = go("hello", &[("CGO_ENABLED", "0")], arguments) else { return };
        let mut data = whole.clone();
        for at in places(&whole) {
            data[at] ^= 1 << (at % 8);
            add_up(&data);
            let end = whole.len().min(at + 8);
            data[at..end].fill(0xff);
            add_up(&data);
            data[at..end].copy_from_slice(&whole[at..end]);
        }
    }
}

#[test]
fn a_program_without_section_headers_may_be_damaged_too() {
    let Some(whole) = go("hello", &[("CGO_ENABLED", "0")], &["-buildmode=pie"]) else { return };
    let mut data = without_sections(whole.clone());
    for at in places(&whole).into_iter().step_by(2) {
        let kept = data[at];
        data[at] ^= 1 << (at % 8);
        add_up(&data);
        data[at] = kept;
    }
}

#[test]
fn a_program_may_be_cut_anywhere() {
    let Some(whole) = go("hello", &[("CGO_ENABLED", "0")], &[]) else { return };
    for at in places(&whole).into_iter().step_by(3) {
        add_up(&whole[..at]);
    }
}

#[test]
fn every_byte_has_a_place() {
    let Some(whole) = go("hello", &[("CGO_ENABLED", "0")], &[]) else { return };
    let options = Options { symbols: true, ..Options::default() };
    let weighed = Weighed::of(&whole, &options).unwrap();
    for offset in (0..whole.len() as u64).step_by(997) {
        let place = weighed.at(FileOffset(offset)).unwrap();
        assert!((place.start..place.start + place.bytes).contains(&offset));
    }
}
