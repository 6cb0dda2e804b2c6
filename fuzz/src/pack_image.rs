//! Packed images: any bytes as one, and any bytes packed, damaged and unpacked.

use elfin_pack::{Effort, Image, Region, RegionKind, pack_image};
use elfin_pack_format::Damaged;
use elfin_pack_format::image::{Parts, finish, unpack_part};

/// Memory that an input may ask for.
const MOST: usize = 16 << 20;
/// Packing is not what is looked at here.
const PACKED: usize = 24 << 10;
const BASE: u64 = 0x40_0000;

const KINDS: [RegionKind; 4] =
    [RegionKind::Code, RegionKind::Pclntab, RegionKind::Relocations, RegionKind::Data];

/// Feeds an input.
pub(crate) fn feed(input: &[u8]) {
    let _ = unpacked(input, MOST);
    let seed = input.iter().fold(1, |seed, byte| mixed(seed ^ usize::from(*byte)));
    let from = seed % input.len().max(1);
    let bytes = &input[from..input.len().min(from + PACKED)];
    let effort = if seed & 64 == 0 { Effort::Small } else { Effort::Fast };
    let mut packed = pack_image(
        Image { bytes: bytes.into(), base: BASE, regions: regions(bytes, seed) },
        effort,
    );
    assert!(
        unpacked(&packed, bytes.len()).is_ok_and(|it| it == bytes),
        "what is packed comes back"
    );
    let mut seed = seed;
    for _ in 0..1 + seed % 4 {
        seed = mixed(seed);
        let at = seed % packed.len();
        packed[at] ^= 1 << (seed >> 40 & 7);
    }
    let _ = unpacked(&packed, bytes.len());
}

fn mixed(seed: usize) -> usize {
    (seed ^ seed >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// Cuts bytes into regions of any kind.
fn regions(bytes: &[u8], mut seed: usize) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        seed = mixed(seed);
        let end = bytes.len().min(at + 1 + seed % (PACKED / 2));
        regions.push(Region { range: at..end, kind: KINDS[seed >> 50 & 3] });
        at = end;
    }
    regions
}

fn unpacked(packed: &[u8], len: usize) -> Result<Vec<u8>, Damaged> {
    let parts = Parts::parse(packed)?;
    let mut output = Vec::new();
    for i in 0..parts.len() {
        let range = parts.part(i).output;
        if range.end > len || parts.scratch(i) > MOST {
            return Err(Damaged("an input asks for too much"));
        }
        output.resize(range.end.max(output.len()), 0);
        let mut scratch = vec![0; parts.scratch(i)];
        unpack_part(&parts, i, &mut output[range], &mut scratch)?;
    }
    output.resize(len, 0);
    finish(&parts, &mut output, BASE)?;
    Ok(output)
}
