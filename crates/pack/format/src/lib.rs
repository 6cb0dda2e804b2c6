//! What a packed program is made of, read without a heap and without an operating system.
//!
//! The packer, `elfin unpack`, the fuzzers and the loader that starts a packed
//! program read it by the same code. Whatever the bytes say, nothing here
//! panics or hangs, and nothing is written outside of what it was given.

#![no_std]
// Lengths are checked against 32 bits where an image is parsed; symbols are half a byte.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub mod block;
pub mod branches;
pub mod checksum;
pub mod code;
pub mod coder;
pub mod container;
mod fetch;
pub mod image;
mod input;
mod lanes;
pub mod literal;
pub mod lz;
pub mod nibble;
pub mod pclntab;
pub mod prefix;
pub mod program;
pub mod quick;
pub mod ranks;
pub mod rela;
pub mod relocate;
pub mod scratch;
pub mod stream;
mod streams;
pub mod x86;

/// Packed in a way that nobody knows, or that this decoder was built without: each of the two loaders
/// (`cfg(loader)`) has in it only what a packer for size or for speed uses.
const UNKNOWN: Damaged = Damaged("it is packed in a way that is not known");

/// Bytes that no packer wrote, with what is wrong about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged(pub &'static str);

impl core::fmt::Display for Damaged {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Damaged {}
