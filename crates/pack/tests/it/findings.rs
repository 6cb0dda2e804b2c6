//! What was tried and is not in the format, because it does not pay: measured on a real program.

use crate::programs::{Built, pair};
use elfin_elf::image::{Image as Elf, ProgramHeader};
use elfin_pack::{Effort, Image, pack_image};
use elfin_pack_format::image::Parts;
use std::fs;

/// What a byte is worth in the time of unpacking, in units of a part's cost: where size comes first, `--small`
/// lets a stream grow that becomes so much quicker.
const TIME_OF_A_BYTE: u64 = 30;

/// What types, itabs and pointers are packed to, with what their time is worth: as they are, with
/// addresses in a stream of their own, and with each address less the one before.
fn packed(section: &[u8], addresses: std::ops::Range<u64>) -> [usize; 3] {
    let (words, _) = section.as_chunks::<8>();
    let (mut places, mut offsets, mut steps, mut rest) = (vec![], vec![], vec![], vec![]);
    let mut before = addresses.start;
    for word in words {
        let number = u64::from_le_bytes(*word);
        let is_address = addresses.contains(&number);
        places.push(u8::from(is_address));
        if is_address {
            offsets.extend(&(number - addresses.start).to_be_bytes()[4..]);
            steps.extend(&number.wrapping_sub(before).to_be_bytes()[4..]);
            before = number;
        } else {
            rest.extend(word);
        }
    }
    let worth = |bytes: &[u8]| {
        let image = Image { bytes: bytes.into(), base: 0, regions: Vec::new() };
        let packed = pack_image(image, Effort::Small);
        let parts = Parts::parse(&packed).unwrap();
        let time: u64 = (0..parts.len()).map(|it| parts.part(it).cost).sum();
        packed.len() + usize::try_from(time / TIME_OF_A_BYTE).unwrap()
    };
    let apart = worth(&places) + worth(&rest);
    [worth(section), apart + worth(&offsets), apart + worth(&steps)]
}

#[test]
fn types_and_itabs_are_hardly_smaller_with_their_addresses_apart() {
    let Some(pair) = pair(Built::Exe) else { return };
    let data = fs::read(&pair.plain).unwrap();
    let elf = Elf::parse(&data).unwrap();
    let loads = || elf.segments.iter().filter(|it| it.is_load()).map(ProgramHeader::memory);
    let addresses =
        loads().map(|it| it.start).min().unwrap()..loads().map(|it| it.end).max().unwrap();
    let mut sums = [0; 3];
    for name in [".rodata", ".go.type", ".typelink", ".itablink", ".noptrdata", ".data"] {
        let Some(section) = elf.section(name) else { continue };
        let start = usize::try_from(section.offset).unwrap();
        let bytes = &data[start..start + usize::try_from(section.size).unwrap()];
        sums.iter_mut().zip(packed(bytes, addresses.clone())).for_each(|(sum, it)| *sum += it);
    }
    let [plain, offsets, steps] = sums;
    let whole = elfin_pack::pack(&data, Effort::Small).unwrap().len();
    assert!(offsets < steps, "differences pay now: {sums:?}");
    // Less than a thousandth of the packed program, and its places would still have to be put together.
    assert!(plain < offsets + whole / 1000, "addresses apart pay now: {sums:?} of {whole}");
}
