//! A block: bytes of a part that are packed in one way.

use crate::branches::{self, Way};
use crate::code;
use crate::input::Input;
use crate::pclntab;
use crate::scratch;
use crate::stream;
use crate::{Damaged, UNKNOWN};

const LENGTH: Damaged = Damaged("a block is not as long as it should be");

/// Bytes before each block: its [method](Method), the length of its output and that of its packed bytes.
pub const BLOCK_HEADER: usize = 9;

/// How a block is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Zeros; nothing is stored.
    Zeros,
    /// As it is.
    Stored,
    /// One [stream].
    Stream,
    /// Machine code of amd64: [several streams](crate::code).
    Code,
    /// Go's table of functions: [columns](crate::pclntab).
    Pclntab,
    /// Machine code of amd64: one stream, and then [operands changed](crate::branches).
    Branches,
}

impl Method {
    fn parse(byte: u8) -> Result<Self, Damaged> {
        Ok(match byte {
            0 => Self::Zeros,
            1 => Self::Stored,
            2 => Self::Stream,
            3 => Self::Code,
            4 => Self::Pclntab,
            5 => Self::Branches,
            _ => return Err(UNKNOWN),
        })
    }

    /// Gives the name that documents have.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zeros => "zeros",
            Self::Stored => "stored",
            Self::Stream => "stream",
            Self::Code => "code",
            Self::Pclntab => "pclntab",
            Self::Branches => "branches",
        }
    }
}

/// Says how each block is packed; ends where the blocks are damaged.
pub(crate) fn methods(packed: &[u8]) -> impl Iterator<Item = Method> {
    let mut input = Input(packed);
    core::iter::from_fn(move || {
        let [method] = *input.array().ok()?;
        input.number().ok()?;
        let packed = input.number().ok()?;
        input.take(packed).ok()?;
        Method::parse(method).ok()
    })
}

/// Unpacks blocks, which fill `output`.
///
/// # Errors
/// If they are damaged.
pub fn unpack_all(packed: &[u8], output: &mut [u8], scratch: &mut [u8]) -> Result<(), Damaged> {
    let mut input = Input(packed);
    let mut output = output;
    while !input.0.is_empty() {
        let [method] = *input.array()?;
        let (length, packed) = (input.number()?, input.number()?);
        let packed = Input(input.take(packed)?);
        let (block, rest) = output.split_at_mut_checked(length).ok_or(LENGTH)?;
        output = rest;
        unpack(Method::parse(method)?, packed, block, scratch)?;
    }
    if output.is_empty() { Ok(()) } else { Err(LENGTH) }
}

fn unpack(
    method: Method,
    mut packed: Input<'_>,
    output: &mut [u8],
    scratch: &mut [u8],
) -> Result<(), Damaged> {
    match method {
        Method::Zeros => output.fill(0),
        Method::Stored => output.copy_from_slice(packed.take(output.len())?),
        Method::Stream => {
            stream::unpack(packed.0, output, scratch::split(scratch)?.0)?;
            packed.0 = &[];
        }
        Method::Branches if !cfg!(loader = "small") => {
            let base = packed.number()? as u32;
            stream::unpack(packed.0, output, scratch::split(scratch)?.0)?;
            packed.0 = &[];
            branches::change(output, base, Way::Back);
        }
        Method::Code if !cfg!(loader = "fast") => {
            let (models, memory) = scratch::split(scratch)?;
            code::unpack(&mut packed, output, models, memory)?;
        }
        Method::Pclntab => {
            let (models, memory) = scratch::split(scratch)?;
            pclntab::unpack(&mut packed, output, models, memory)?;
        }
        Method::Code | Method::Branches => return Err(UNKNOWN),
    }
    if packed.0.is_empty() { Ok(()) } else { Err(LENGTH) }
}
