//! What a packed file consists of, without unpacking it.

use crate::error::PackError;
use crate::unpack::{at, checked};
use elfin_pack_format::block::Method;
use elfin_pack_format::checksum::checksum;
use elfin_pack_format::container::{HEADER, Header, Kind, header_offset};
use elfin_pack_format::image::Parts;
use elfin_schema::{PackKind, PackPart, PackShare, PackShareName};

/// What a packed file consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Length of the original file.
    pub original_len: u64,
    /// SHA-256 of the original file, in hexadecimal.
    pub original_sha256: String,
    /// How the program is put into memory.
    pub kind: PackKind,
    /// What the packed file consists of; adds up to its length.
    pub shares: Vec<PackShare>,
    /// The parts of the packed image.
    pub parts: Vec<PackPart>,
}

/// True if elfin packed it.
pub fn is_packed(data: &[u8]) -> bool {
    header_offset(data).is_ok()
}

/// Makes the checksums of a packed file right again; `None` if it is too damaged for that.
///
/// For tests and the fuzzer: they find what is behind the checksums.
#[doc(hidden)]
pub fn resealed(packed: &[u8]) -> Option<Vec<u8>> {
    let at = header_offset(packed).ok()?;
    let mut header = Header::read(packed).ok()?;
    let mut sealed = packed.to_vec();
    header.tail_checksum = checksum(packed.get(usize::try_from(header.loaded).ok()?..)?, 0);
    sealed.get_mut(at..at + HEADER)?.copy_from_slice(&header.to_bytes());
    header.checksum = header.loaded_checksum(&sealed).ok()?;
    sealed.get_mut(at..at + HEADER)?.copy_from_slice(&header.to_bytes());
    Some(sealed)
}

/// Looks at a packed file; all its bytes are held against their checksums.
///
/// Returns an error if the file is not packed or is damaged.
pub fn inspect(packed: &[u8]) -> Result<Inspected, PackError> {
    let header = checked(packed)?;
    let image = at(header.image.0);
    let parts = header.image_bytes(packed).and_then(Parts::parse).map_err(image)?;
    let loader = loader_offset(packed).min(header.image.0);
    let rest_end = header.rest.0.saturating_add(header.rest.1);
    let share = |share, bytes| PackShare { share, bytes };
    let shares = vec![
        share(PackShareName::Readable, loader),
        share(PackShareName::Loader, header.image.0 - loader),
        share(PackShareName::Image, header.loaded.saturating_sub(header.image.0)),
        share(PackShareName::Rest, header.rest.1),
        share(PackShareName::Sections, (packed.len() as u64).saturating_sub(rest_end)),
    ];
    let part = |i| {
        let part = parts.part(i);
        let mut methods: Vec<_> = parts.methods(i).map(Method::name).collect();
        methods.dedup();
        PackPart {
            start: header.base.saturating_add(part.output.start as u64),
            bytes: part.output.len() as u64,
            packed: part.packed_len as u64,
            method: methods.join("+"),
        }
    };
    Ok(Inspected {
        original_len: header.original_len,
        original_sha256: hexadecimal(&header.original_hash),
        kind: kind(header.kind),
        shares,
        parts: (0..parts.len()).map(part).collect(),
    })
}

/// Where the loader stands: the offset of the segment that is executed, the second.
fn loader_offset(packed: &[u8]) -> u64 {
    const PLACE: usize = 64 + 56 + 8;
    let word = packed.get(PLACE..).and_then(|it| it.first_chunk::<8>());
    word.map_or(0, |it| u64::from_le_bytes(*it))
}

fn kind(kind: Kind) -> PackKind {
    match kind {
        Kind::Fixed => PackKind::Fixed,
        Kind::FixedInterpreted => PackKind::FixedInterpreted,
        Kind::SelfRelocating => PackKind::SelfRelocating,
        Kind::Relocated => PackKind::Relocated,
        Kind::Interpreted => PackKind::Interpreted,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |it: u8| char::from(DIGITS[usize::from(it & 15)]);
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}
