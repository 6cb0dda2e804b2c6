//! Packs a program: read, put apart, pack, write, and unpack it again to be sure.

use crate::error::PackError;
use crate::original::{Original, loaded_ranges};
use crate::readable::Readable;
use crate::writer::{self, Contents};
use crate::{Effort, Image, encode, region, rest, stub, unpack};
use elfin_pack_format::program::Loaded;
use elfin_schema::PackRefusal;
use sha2::{Digest, Sha256};

/// Packs a program into a program that unpacks itself.
///
/// Returns an error if the program cannot be packed, or would not become smaller, with the reason.
pub fn pack(data: &[u8], effort: Effort) -> Result<Vec<u8>, PackError> {
    let stub = stub::amd64(effort).ok_or(PackError::Refused(PackRefusal::NoLoader))?;
    let mut original = Original::read(data)?;
    let readable = Readable::find(&original);
    let rest = rest::pack(&outside(&original));
    let regions = region::find(&original);
    let image_len = original.memory.len() as u64;
    // It is large, and nothing else is read of it.
    let mut memory = std::mem::take(&mut original.memory);
    for place in readable.kept() {
        memory[place].fill(0);
    }
    let image = Image { bytes: memory.into(), base: original.base, regions };
    let image = encode::pack_image(image, effort);
    let contents = Contents {
        original: &original,
        readable: &readable,
        stub,
        image: &image,
        image_len,
        rest: &rest,
        hash: Sha256::digest(data).into(),
    };
    let packed = writer::write(&contents);
    drop(image);
    match unpack(&packed) {
        Ok(again) if again == data => {}
        Ok(_) => return Err(PackError::NotTheSame("other bytes".to_owned())),
        Err(error) => return Err(PackError::NotTheSame(error.to_string())),
    }
    if packed.len() >= data.len() {
        return Err(PackError::Refused(PackRefusal::DoesNotPay));
    }
    Ok(packed)
}

/// The bytes of the file that no segment loads.
fn outside(original: &Original<'_>) -> Vec<u8> {
    let data = original.elf.data;
    let loaded = Loaded {
        bytes: &original.memory,
        base: original.base,
        program_headers: (original.program_headers, original.elf.segments.len() as u64),
    };
    let mut rest = Vec::new();
    let mut done = 0;
    for (_, range) in loaded_ranges(&loaded) {
        rest.extend_from_slice(original.elf.slice(done..range.start));
        done = range.end;
    }
    rest.extend_from_slice(original.elf.slice(done..data.len() as u64));
    rest
}
