//! Unpacks a packed program into the original file, by the code that its loader runs.

use crate::error::PackError;
use crate::original::{Original, loaded_ranges};
use crate::rest;
use elfin_pack_format::Damaged;
use elfin_pack_format::checksum::checksum;
use elfin_pack_format::container::{Header, OTHER_VERSION, header_offset};
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
    let in_header = at(header_place(packed)?);
    let in_image = at(header.image.0);
    let image = unpack_image(packed, &header).map_err(in_image)?;
    let loaded = Loaded {
        bytes: &image,
        base: header.base,
        program_headers: (header.program_headers, header.program_header_count),
    };
    let rest = header.rest_bytes(packed).map_err(in_header)?;
    let rest_len = rest_len(packed, &header, &loaded).ok_or(WRONG).map_err(in_header)?;
    let rest = rest::unpack(rest, rest_len).map_err(|says| PackError::Damaged {
        offset: header.rest.0,
        says: format!("the packed rest of the original: {says}"),
    })?;
    let original = put_together(&loaded, &rest).ok_or(WRONG).map_err(in_header)?;
    drop(image); // Its like is made again below.
    let same = original.len() as u64 == header.original_len
        && Sha256::digest(&original)[..] == header.original_hash;
    if !same {
        return Err(in_image(Damaged("what is packed does not give the original file")));
    }
    if !describes(&header, &original) {
        return Err(in_header(Damaged("the header does not describe the program that is inside")));
    }
    Ok(original)
}

/// How long what is not loaded is; `None` if it cannot be.
fn rest_len(packed: &[u8], header: &Header, loaded: &Loaded<'_>) -> Option<usize> {
    let in_memory: u64 = loaded_ranges(loaded).map(|(it, _)| it.file_size).sum();
    let len = header.original_len.checked_sub(in_memory)?;
    (len <= (packed.len() as u64).saturating_mul(MOST_PER_BYTE)).then(|| len.try_into().ok())?
}

/// Puts the loaded ranges into the rest; `None` if they are outside of what there is.
fn put_together(loaded: &Loaded<'_>, mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut original = Vec::with_capacity(loaded.bytes.len() + rest.len());
    for (segment, range) in loaded_ranges(loaded) {
        let gap = range.start.checked_sub(original.len() as u64)?;
        let (before, after) = rest.split_at_checked(usize::try_from(gap).ok()?)?;
        original.extend_from_slice(before);
        rest = after;
        let size = usize::try_from(segment.file_size).ok()?;
        original.extend_from_slice(loaded.at(segment.address, size)?);
    }
    original.extend_from_slice(rest);
    Some(original)
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
    let in_header = at(header_place(packed)?);
    let (len, loaded) = (packed.len(), Header::loaded_len(packed).map_err(in_header)?);
    let (before, behind) = packed
        .split_at_checked(loaded)
        .ok_or(PackError::CutOff { len: len as u64, loaded: loaded as u64 })?;
    let header = Header::read(packed).map_err(|it| match it {
        OTHER_VERSION => PackError::OtherVersion,
        other => in_header(other),
    })?;
    if header.loaded_checksum(before).map_err(in_header)? != header.checksum {
        return Err(at(0)(Damaged("the loaded bytes are not those that were packed")));
    }
    if checksum(behind, 0) != header.tail_checksum {
        let says = Damaged("the bytes that are not loaded are not those that were packed");
        return Err(at(header.loaded)(says));
    }
    Ok(header)
}

/// Where the header stands.
fn header_place(packed: &[u8]) -> Result<u64, PackError> {
    header_offset(packed).map(|it| it as u64).map_err(|_| PackError::NotPacked)
}

/// Says where what is damaged begins.
pub(crate) fn at(offset: u64) -> impl Fn(Damaged) -> PackError + Copy {
    move |says| PackError::Damaged { offset, says: says.to_string() }
}

/// Unpacks the program's memory.
fn unpack_image(packed: &[u8], header: &Header) -> Result<Vec<u8>, Damaged> {
    if header.image_len > (packed.len() as u64).saturating_mul(MOST_PER_BYTE) {
        return Err(Damaged("it claims to be larger than it can be"));
    }
    let parts = Parts::parse(header.image_bytes(packed)?)?;
    let mut image = vec![0; usize::try_from(header.image_len).map_err(|_| WRONG)?];
    for i in 0..parts.len() {
        if parts.scratch(i) > MOST_SCRATCH {
            return Err(Damaged("a part claims to need more memory than it can"));
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
