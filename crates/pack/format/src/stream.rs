//! A stream: how it is coded, and then its bytes.

use crate::input::Input;
use crate::lz::{self, HEADER, Settings};
use crate::nibble::Nibble;
use crate::quick;
use crate::{Damaged, UNKNOWN};

/// How a stream is coded: its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Coding {
    /// Not at all.
    Stored,
    /// [Under adaptive models](crate::lz).
    Adaptive,
    /// [In fixed codes](crate::quick).
    Quick,
}

/// Unpacks a stream into `output`, which it fills; `models` are scratch.
///
/// # Errors
/// If the stream is damaged. What `output` holds then is of no use.
pub fn unpack(packed: &[u8], output: &mut [u8], models: &mut [Nibble]) -> Result<(), Damaged> {
    let mut input = Input(packed);
    let [coding] = *input.array()?;
    match coding {
        0 => {
            output.copy_from_slice(input.take(output.len())?);
            if input.0.is_empty() { Ok(()) } else { Err(Damaged("a stream is damaged")) }
        }
        1 if !cfg!(loader = "fast") => {
            let settings = Settings::parse(input.array::<HEADER>()?)?;
            lz::unpack(input.0, settings, output, models)
        }
        2 => quick::unpack(input.0, output, models),
        _ => Err(UNKNOWN),
    }
}
