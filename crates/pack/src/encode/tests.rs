//! What is packed unpacks to the same, whatever it is and whatever is said of it.

use super::*;
use elfin_pack_format::image::{Parts, unpack_part};

fn unpacked(packed: &[u8], len: usize) -> Vec<u8> {
    let parts = Parts::parse(packed).unwrap();
    let mut out = vec![0; len];
    for i in 0..parts.len() {
        let mut scratch = vec![0; parts.scratch(i)];
        unpack_part(&parts, i, &mut out[parts.part(i).output], &mut scratch).unwrap();
    }
    out
}

#[test]
fn what_is_packed_unpacks() {
    let bytes: Vec<u8> = (0..50_000_u32).map(|it| it.wrapping_mul(it).to_le_bytes()[1]).collect();
    let image = Image { bytes: &bytes, base: 0x40_0000, regions: Vec::new() };
    for effort in [Effort::Small, Effort::Fast] {
        let packed = pack_image(&image, effort);
        assert_eq!(unpacked(&packed, bytes.len()), bytes);
    }
}
