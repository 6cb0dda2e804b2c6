//! The rest of the original file: what is not loaded, such as section headers, symbols and DWARF.
//!
//! It is the file's bytes outside of its loaded segments, one behind the
//! other, packed by LZMA: only `elfin unpack` reads it, and never a start.

use liblzma::stream::{Action, LzmaOptions, Status, Stream};

const STORED: u8 = 0;
const LZMA: u8 = 1;
/// More than that is mostly DWARF, which is compressed already, and the best level takes too long.
const LARGE: usize = 8 << 20;
/// What LZMA's tables and a dictionary as large as the rest take at most.
const MEMORY: u64 = 16 << 20;

/// Packs the rest.
pub(crate) fn pack(rest: &[u8]) -> Vec<u8> {
    let stored = || [&[STORED], rest].concat();
    let preset = if rest.len() > LARGE { 6 } else { 9 };
    let packed = LzmaOptions::new_preset(preset).ok().and_then(|mut options| {
        options.dict_size(u32::try_from(rest.len()).unwrap_or(u32::MAX).clamp(4096, 64 << 20));
        let mut packed = vec![LZMA];
        packed.reserve(rest.len() + 1024);
        let mut stream = Stream::new_lzma_encoder(&options).ok()?;
        let status = stream.process_vec(rest, &mut packed, Action::Finish).ok()?;
        (status == Status::StreamEnd).then_some(packed)
    });
    packed.filter(|it| it.len() <= rest.len()).unwrap_or_else(stored)
}

/// Unpacks the rest, which is `len` bytes long.
///
/// Returns an error that says what is wrong with it.
pub(crate) fn unpack(packed: &[u8], len: usize) -> Result<Vec<u8>, String> {
    let (method, packed) = packed.split_first().ok_or("it is empty")?;
    let rest = match *method {
        STORED => packed.to_vec(),
        LZMA => {
            let says = |error: liblzma::stream::Error| error.to_string();
            let mut stream =
                Stream::new_lzma_decoder(MEMORY.saturating_add(len as u64)).map_err(says)?;
            // One byte more shows that there is more.
            let mut rest = Vec::new();
            rest.try_reserve_exact(len.saturating_add(1)).map_err(|error| error.to_string())?;
            stream.process_vec(packed, &mut rest, Action::Finish).map_err(says)?;
            rest
        }
        other => return Err(format!("its method {other} is unknown")),
    };
    if rest.len() == len { Ok(rest) } else { Err(format!("it is not {len} bytes long")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks() {
        let long = b"section headers, names and symbols ".repeat(400);
        for rest in [&b""[..], b"a", &long] {
            let packed = pack(rest);
            assert!(packed.len() <= rest.len() + 1);
            assert_eq!(unpack(&packed, rest.len()).unwrap(), rest);
            assert!(unpack(&packed, rest.len() + 1).is_err());
        }
        assert!(pack(&long).len() < 200);
    }
}
