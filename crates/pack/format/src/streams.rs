//! Several streams, one behind the other, that a transform puts together again.

use crate::Damaged;
use crate::input::Input;
use crate::nibble::Nibble;
use crate::stream;

/// Unpacks `N` streams into the front of `memory`; returns them and the rest of it.
///
/// Before each stand the length of what it unpacks to and that of its packed bytes.
pub(crate) fn unpack<'m, const N: usize>(
    input: &mut Input<'_>,
    models: &mut [Nibble],
    mut memory: &'m mut [u8],
) -> Result<([&'m [u8]; N], &'m mut [u8]), Damaged> {
    let mut streams = [&[][..]; N];
    for stream in &mut streams {
        let (length, packed) = (input.number()?, input.number()?);
        let packed = input.take(packed)?;
        let (output, rest) =
            memory.split_at_mut_checked(length).ok_or(Damaged("streams are too long"))?;
        memory = rest;
        if length > 0 {
            stream::unpack(packed, output, models)?;
        }
        *stream = output;
    }
    Ok((streams, memory))
}
