//! What is packed unpacks to the same, whatever it is and whatever is said of it; damage is refused.

use super::*;
use elfin_pack_format::Damaged;
use elfin_pack_format::block::Method;
use elfin_pack_format::branches::{self, Way};
use elfin_pack_format::image::{Parts, finish, unpack_part};
use proptest::collection::vec;
use proptest::prelude::*;

const KINDS: [RegionKind; 4] =
    [RegionKind::Code, RegionKind::Pclntab, RegionKind::Data, RegionKind::Relocations];
const BASE: u64 = 0x40_0000;

fn unpacked(packed: &[u8], len: usize) -> Result<Vec<u8>, Damaged> {
    let parts = Parts::parse(packed)?;
    let mut out = vec![0; len];
    for i in 0..parts.len() {
        let mut scratch = vec![0; parts.scratch(i).min(1 << 22)];
        let output = out.get_mut(parts.part(i).output).ok_or(Damaged("outside"))?;
        unpack_part(&parts, i, output, &mut scratch)?;
    }
    finish(&parts, &mut out, BASE)?;
    Ok(out)
}

#[track_caller]
fn check(bytes: &[u8], regions: &[Region]) -> [Vec<u8>; 2] {
    let image = Image { bytes: bytes.into(), base: BASE, regions: regions.to_vec() };
    [Effort::Small, Effort::Fast].map(|effort| {
        let packed = pack_image(image.clone(), effort);
        assert_eq!(unpacked(&packed, bytes.len()).as_deref(), Ok(bytes));
        // What its loader does not know.
        let unknown = if effort == Effort::Fast { Method::Code } else { Method::Branches };
        let parts = Parts::parse(&packed).unwrap();
        assert!((0..parts.len()).all(|it| parts.methods(it).all(|it| it != unknown)));
        packed
    })
}

fn all(bytes: &[u8], kind: RegionKind) -> [Region; 1] {
    [Region { range: 0..bytes.len(), kind }]
}

/// Bytes in which some rows come again, as in programs.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let row = prop_oneof![vec(any::<u8>(), 1..40), vec(0_u8..4, 1..40), Just(vec![0x48; 16])];
    let picks = vec((0_usize..20, 1_usize..4), 0..60);
    (vec(row, 20), picks).prop_map(|(rows, picks)| {
        picks.into_iter().flat_map(|(row, times)| rows[row].repeat(times)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_with_any_regions_come_back(
        bytes in bytes(),
        cuts in vec((0_usize..3000, 0_usize..3000, 0_usize..4), 0..4),
    ) {
        let region = |(from, to, kind)| Region { range: from..to, kind: KINDS[kind] };
        let mut regions: Vec<Region> = cuts.into_iter().map(region).collect();
        regions.sort_by_key(|it| it.range.start);
        check(&bytes, &regions);
    }

    #[test]
    fn damage_is_refused_or_does_not_matter(
        bytes in bytes(),
        kind in 0_usize..4,
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        for mut packed in check(&bytes, &all(&bytes, KINDS[kind])) {
            for (at, byte) in &flips {
                let at = at.index(packed.len());
                packed[at] ^= byte;
            }
            packed.truncate(cut.map_or(packed.len(), |it| it.index(packed.len())));
            let _ = unpacked(&packed, bytes.len());
        }
    }
}

/// Bytes that look like calls and operands more often than code does.
fn code() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0xe8), Just(0x05), Just(0x3d), Just(0x8b), Just(0x8d), any::<u8>()];
    vec(byte, 0..200)
}

proptest! {
    #[test]
    fn operands_change_and_change_back(code in code(), base in any::<u32>()) {
        let mut changed = code.clone();
        branches::change(&mut changed, base, Way::ToOffsets);
        branches::change(&mut changed, base, Way::Back);
        prop_assert_eq!(changed, code);
    }
}

#[test]
fn what_two_instructions_refer_to_looks_the_same_in_both() {
    // Two calls of one function, and two loads of one variable, from different places.
    let code = [0xe8, 0x10, 0, 0, 0, 0xe8, 0x0b, 0, 0, 0, 0x8b, 0x0d, 0, 1, 0, 0, 0x8b, 0x0d];
    let mut changed = [&code[..], &[0xfa, 0, 0, 0]].concat();
    branches::change(&mut changed, 0x1000, Way::ToOffsets);
    assert_eq!(changed[1..5], [0, 0, 0x10, 0x15]);
    assert_eq!(changed[1..5], changed[6..10]);
    assert_eq!(changed[12..16], changed[18..22]);
}

#[test]
fn a_run_that_no_piece_holds_comes_back() {
    use super::parse::{Coder, Sequence};
    let noise: Vec<u8> =
        (0..1_500_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // The last sequence repeats the distance of the first, over pieces that end with a run.
    let bytes = [&noise[..], &noise[..700_000], &[9], &noise[700_001..700_051], &[9]].concat();
    let distance = noise.len();
    let sequences = [
        Sequence { run: noise.len(), length: 700_000, kind: 0, distance },
        Sequence { run: 1, length: 50, kind: 1, distance },
        Sequence { run: 1, length: 0, kind: 0, distance: 0 },
    ];
    let mut quick = quick::Quick::new(&bytes, usize::MAX);
    sequences.into_iter().for_each(|it| quick.code(it));
    let packed = [&[elfin_pack_format::stream::Coding::Quick as u8], &quick.finish()[..]].concat();
    let mut output = vec![0; bytes.len()];
    let (mut scratch, mut small) = (vec![0; FOR_MODELS], [0; 2048]);
    let models = elfin_pack_format::scratch::split(&mut scratch).map(|it| it.0);
    let unpacked =
        models.and_then(|it| elfin_pack_format::stream::unpack(&packed, &mut output, it));
    assert_eq!(unpacked, Ok(()));
    assert!(output == bytes);
    let none = elfin_pack_format::stream::unpack(&packed, &mut output, small.as_chunks_mut().0);
    assert!(none.is_err());
}

#[test]
fn nothing_becomes_nothing() {
    check(&[], &[]);
    check(&[0; 5000], &[]);
}

#[test]
fn long_runs_and_long_matches_come_back() {
    let noise: Vec<u8> =
        (0..200_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let bytes = [&noise[..], &vec![7; 100_000], &noise[..90_000]].concat();
    let [small, fast] = check(&bytes, &[]);
    assert!(small.len() < 220_000 && fast.len() < 220_000);
}

/// Instructions with their lengths, as a disassembler has them.
const INSTRUCTIONS: [&[u8]; 22] = [
    &[0x90],
    &[0xc3],
    &[0x48, 0x89, 0xe5],
    &[0x48, 0x8b, 0x44, 0x24, 0x18],
    &[0x48, 0x8b, 0x84, 0x24, 0x80, 0, 0, 0],
    &[0x48, 0x8d, 0x05, 1, 2, 3, 4],
    &[0x48, 0x8b, 0x04, 0x25, 0xf8, 0xff, 0xff, 0xff],
    &[0xe8, 1, 0, 0, 0],
    &[0xe9, 1, 0, 0, 0],
    &[0x75, 5],
    &[0x0f, 0x84, 1, 2, 0, 0],
    &[0x66, 0xc7, 0x44, 0x24, 8, 1, 2],
    &[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8],
    &[0x41, 0xb8, 1, 2, 3, 4],
    &[0xf6, 0x40, 0x17, 1],
    &[0xf7, 0xd8],
    &[0xf0, 0x48, 0x0f, 0xb1, 0x0a],
    &[0xf3, 0x0f, 0x6f, 0x46, 0x10],
    &[0x66, 0x0f, 0x3a, 0x0f, 0xc1, 4],
    &[0xc5, 0xfe, 0x6f, 0x06],
    &[0xc4, 0xe3, 0x7d, 0x39, 0xc1, 1],
    &[0x62, 0xf1, 0xfe, 0x48, 0x6f, 0x46, 1],
];

#[test]
fn instructions_are_as_long_as_a_disassembler_says() {
    for bytes in INSTRUCTIONS {
        let code = [bytes, &[0xcc; 20]].concat();
        let head =
            x86::head(&code).map(|it| it.length + it.displacement.length() + it.immediate.length());
        assert_eq!(head, Some(bytes.len()), "{bytes:x?}");
    }
}

#[test]
fn code_that_calls_nothing_twice_comes_back_and_is_not_merely_stored() {
    let calls = (0..9000_u32).flat_map(|it| {
        let [a, b, c, d] = (it * it * 8).to_le_bytes();
        [0xe8, a, b, c, d]
    });
    let code: Vec<u8> = calls.collect();
    for packed in check(&code, &all(&code, RegionKind::Code)) {
        assert!(packed.len() < code.len());
    }
}

#[test]
fn code_that_calls_the_same_again_and_again_becomes_small() {
    let mut code = Vec::new();
    for index in 0..2000_u32 {
        code.extend([0x48, 0x8b, 0x44, 0x24, (index % 13) as u8 * 8, 0xe8]);
        let next = code.len() as u32 + 4;
        code.extend((0x1000 * (index % 3)).wrapping_sub(next).to_le_bytes());
    }
    let [small, _] = check(&code, &all(&code, RegionKind::Code));
    let [plain, _] = check(&code, &all(&code, RegionKind::Data));
    assert!(small.len() * 3 < plain.len(), "{} {}", small.len(), plain.len());
}

/// A table behind the words that it moves, a gap between every four; `stands` gives what is in a
/// word whose addend this is.
fn relocated(info: u64, stands: impl Fn(u64) -> u64) -> (Vec<u8>, [Region; 1]) {
    let places = (0..900).map(|it| 8 * (it + it / 4));
    let addend = |place: u64| BASE + (place * 40_503) % 7919;
    let mut image = vec![0; 9000];
    for place in places.clone() {
        let at = usize::try_from(place).unwrap();
        image[at..at + 8].copy_from_slice(&stands(addend(place)).to_le_bytes());
    }
    let table = image.len();
    image.extend(
        places.flat_map(|it| [BASE + it, info, addend(it)]).flat_map(|it: u64| it.to_le_bytes()),
    );
    let region = Region { range: table..image.len(), kind: RegionKind::Relocations };
    (image, [region])
}

#[test]
fn addends_that_stand_where_they_go_are_not_stored_again() {
    let (image, region) = relocated(8, |addend| addend);
    let [small, _] = check(&image, &region);
    let [words, _] = check(&image[..region[0].range.start], &[]);
    assert!(small.len() < words.len() + 200, "{} {}", small.len(), words.len());
}

#[test]
fn relocations_of_other_linkers_and_kinds_come_back() {
    for (info, stands) in [(8, 0), (8, 1), (1 << 32 | 6, 0)] {
        let (image, region) = relocated(info, |addend| addend * stands);
        let [small, _] = check(&image, &region);
        let [plain, _] = check(&image, &[]);
        assert!(small.len() < plain.len(), "{info} {stands}: {} {}", small.len(), plain.len());
    }
    // What goes into the table itself, behind the image, and before it.
    for place in [9016, 1 << 20, u64::MAX - BASE, 1 << 40] {
        let (mut image, region) = relocated(8, |addend| addend);
        let last = image.len() - 24;
        image[last..last + 8].copy_from_slice(&(BASE.wrapping_add(place)).to_le_bytes());
        check(&image, &region);
    }
    let (image, mut region) = relocated(8, |addend| addend);
    region[0].range.end -= 1;
    check(&image, &region);
}

#[test]
fn a_table_of_functions_is_taken_apart() {
    let table = table_of_functions(300);
    let split = |table: &[u8]| {
        let (tables, layout) = pclntab::layout(table)?;
        pclntab::split(&table[tables..], layout)
    };
    assert!(split(&table).is_some());
    let [small, _] = check(&table, &all(&table, RegionKind::Pclntab));
    let [plain, _] = check(&table, &all(&table, RegionKind::Data));
    assert!(small.len() < plain.len(), "{} {}", small.len(), plain.len());
    // The first table of program counters stands where none would be written.
    let mut otherwise = table.clone();
    let tables = usize::from(u16::from_le_bytes([table[56], table[57]]));
    otherwise[tables] = 1;
    assert!(split(&otherwise).is_none());
    check(&otherwise, &all(&otherwise, RegionKind::Pclntab));
}

/// A table as Go's linker lays it out, of functions that are alike and yet not the same.
fn table_of_functions(count: u32) -> Vec<u8> {
    let (mut names, mut tables, mut records, mut lookup) =
        (vec![0], vec![0], Vec::new(), Vec::new());
    for index in 0..count {
        while records.len() % 8 != 0 {
            records.push(0);
        }
        let records_at = (8 * count + 4).next_multiple_of(8);
        let entry = index * 32 + index % 5 * 64;
        lookup.extend([entry, records_at + records.len() as u32].map(u32::to_le_bytes).concat());
        let name = names.len() as u32;
        names.extend(format!("main.function{index}\0").bytes());
        let mut next = || {
            let at = tables.len() as u32;
            let seed = index.wrapping_mul(2_654_435_761);
            tables.extend([2, 1 + (seed >> 27) as u8, 1 + (seed >> 25) as u8 % 64, 9, 0]);
            at
        };
        let [depth, file, line] = [next(), 0, next()];
        let words = [entry, name, 8, 0, depth, file, line, 1, 0, 10 + index, 0x0200_0000, next()];
        records.extend(words.map(u32::to_le_bytes).concat());
        records.extend([16 * (index % 7), u32::MAX].map(u32::to_le_bytes).concat());
    }
    lookup.extend((count * 32 + 1000).to_le_bytes());
    for part in [&mut names, &mut tables, &mut lookup] {
        part.resize(part.len().next_multiple_of(8), 0);
    }
    let names_at = 72;
    let tables_at = names_at + names.len() as u64;
    let lookup_at = tables_at + tables.len() as u64;
    let offsets = [u64::from(count), 1, 0, names_at, tables_at, tables_at, tables_at, lookup_at];
    let header =
        [&[0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8][..], &offsets.map(u64::to_le_bytes).concat()];
    [&header.concat()[..], &names, &tables, &lookup, &records].concat()
}
