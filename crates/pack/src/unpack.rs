//! Unpacks a packed program into the original file, by the code that its loader runs.

use crate::error::PackError;
use crate::original::{Original, loaded_ranges};
use crate::rest;
use elfin_pack_format::Damaged;
use elfin_pack_format::checksum::checksum;
use elfin_pack_format::container::Header;
use elfin_pack_format::image::{Parts, finish, unpack_part};
use elfin_pack_format::program::Loaded;
use object::LittleEndian;
use sha2::{Digest, Sha256};

/// No packed byte stands for more; what claims that it does is refused before memory is taken.
const MOST_PER_BYTE: u64 = 4096;
const MOST_SCRATCH: usize = 1 << 30;

/// Unpacks a packed program: gives the original file, byte for byte.
///
/// Returns an error if the file is not packed or is damaged.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, PackError> {
    let header = checked(packed)?;
    let image = unpack_image(packed, &header)?;
    let len = usize::try_from(header.original_len).map_err(|_| WRONG)?;
    let loaded = Loaded {
        bytes: &image,
        base: header.base,
        program_headers: (header.program_headers, header.program_header_count),
    };
    let in_memory: u64 = loaded_ranges(&loaded).map(|(it, _)| it.file_size).sum();
    let rest_len = header.original_len.checked_sub(in_memory).ok_or(WRONG)?;
    if rest_len > (packed.len() as u64).saturating_mul(MOST_PER_BYTE) {
        return Err(WRONG.into());
    }
    let rest_len = usize::try_from(rest_len).map_err(|_| WRONG)?;
    let rest = rest::unpack(header.rest_bytes(packed)?, rest_len)
        .map_err(|says| PackError::Rest { offset: header.rest.0, says })?;
    let mut rest = &rest[..];
    let mut original = Vec::with_capacity(len.min(image.len() + rest.len()));
    for (segment, range) in loaded_ranges(&loaded) {
        let gap = range.start.checked_sub(original.len() as u64).ok_or(WRONG)?;
        let gap = usize::try_from(gap).map_err(|_| WRONG)?;
        let (before, after) = rest.split_at_checked(gap).ok_or(WRONG)?;
        original.extend_from_slice(before);
        rest = after;
        let size = usize::try_from(segment.file_size).map_err(|_| WRONG)?;
        original.extend_from_slice(loaded.at(segment.address, size).ok_or(WRONG)?);
    }
    original.extend_from_slice(rest);
    drop(image); // Its like is made again below.
    let same = original.len() == len && Sha256::digest(&original)[..] == header.original_hash;
    if !same {
        return Err(Damaged("it does not give the original file").into());
    }
    if describes(&header, &original) {
        Ok(original)
    } else {
        Err(Damaged("the header does not describe the program that is inside").into())
    }
}

/// True if the loader would do with the program what its own headers ask for.
fn describes(header: &Header, original: &[u8]) -> bool {
    Original::read(original).is_ok_and(|it| {
        header.kind == it.kind
            && header.base == it.base
            && header.memory_len == it.memory_len
            && header.image_len == it.memory.len() as u64
            && header.program_headers == it.program_headers
            && header.program_header_count == it.elf.segments.len() as u64
            && header.entry == it.elf.header.e_entry.get(LittleEndian)
    })
}

/// Reads the header of a packed program and holds all its bytes against their checksums.
///
/// Returns an error if the file is not packed or is damaged.
pub(crate) fn checked(packed: &[u8]) -> Result<Header, PackError> {
    let header = Header::read(packed)?;
    if header.loaded_checksum(packed)? != header.checksum {
        return Err(Damaged("the loaded bytes are not those that were packed").into());
    }
    let loaded = usize::try_from(header.loaded).map_err(|_| WRONG)?;
    if checksum(packed.get(loaded..).ok_or(WRONG)?, 0) != header.tail_checksum {
        return Err(Damaged("the bytes behind the loader are not those that were packed").into());
    }
    Ok(header)
}

/// Unpacks the program's memory.
fn unpack_image(packed: &[u8], header: &Header) -> Result<Vec<u8>, PackError> {
    if header.image_len > (packed.len() as u64).saturating_mul(MOST_PER_BYTE) {
        return Err(Damaged("it claims to be larger than it can be").into());
    }
    let parts = Parts::parse(header.image_bytes(packed)?)?;
    let mut image = vec![0; usize::try_from(header.image_len).map_err(|_| WRONG)?];
    for i in 0..parts.len() {
        if parts.scratch(i) > MOST_SCRATCH {
            return Err(Damaged("a part claims to need more memory than it can").into());
        }
        let mut scratch = vec![0; parts.scratch(i)];
        let output = image.get_mut(parts.part(i).output).ok_or(WRONG)?;
        unpack_part(&parts, i, output, &mut scratch)?;
    }
    finish(&parts, &mut image, header.base)?;
    header.put_kept(packed, &mut image)?;
    Ok(image)
}

const WRONG: Damaged = Damaged("the header cannot be right");
