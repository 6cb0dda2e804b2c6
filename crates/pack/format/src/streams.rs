//! Several streams, one behind the other, that a transform puts together again.

use crate::Damaged;
use crate::input::Input;
use crate::nibble::Nibble;
use crate::stream;

/// Unpacks streams into the front of `memory`; returns the rest of it.
///
/// Before each stand the length of what it unpacks to and that of its packed bytes.
#[inline(never)]
pub(crate) fn unpack<'m>(
    input: &mut Input<'_>,
    models: &mut [Nibble],
    mut memory: &'m mut [u8],
    streams: &mut [&'m [u8]],
) -> Result<&'m mut [u8], Damaged> {
    for stream in streams {
        let (length, packed) = (input.number()?, input.number()?);
        let packed = input.take(packed)?;
        let (output, rest) =
            memory.split_at_mut_checked(length).ok_or(Damaged("a stream is damaged"))?;
        memory = rest;
        if length > 0 {
            stream::unpack(packed, output, models)?;
        }
        *stream = output;
    }
    Ok(memory)
}
