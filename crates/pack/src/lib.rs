//! A program to a compressed program that unpacks itself in place, and back.
//!
//! All take bytes and give bytes: no files, no processes, no environment.
//! Whatever the bytes say, nothing here panics or hangs.

mod encode;
mod error;
mod habits;
mod inspect;
mod original;
mod pack;
mod readable;
mod region;
mod rest;
mod stub;
mod unpack;
mod writer;

pub use encode::pack_image;
pub use error::PackError;
pub use habits::{Habits, habits};
pub use inspect::{Inspected, inspect, is_packed, resealed};
pub use pack::pack;
pub use region::{Region, RegionKind};
pub use unpack::unpack;

use std::borrow::Cow;

/// The memory of a program from its first loaded page on, gaps zero.
#[derive(Debug, Clone)]
pub struct Image<'a> {
    /// The bytes.
    pub bytes: Cow<'a, [u8]>,
    /// The virtual address of the first byte, as the file says it.
    pub base: u64,
    /// What is known of ranges of the bytes: in order, without overlap, and not all of it.
    pub regions: Vec<Region>,
}

/// What a packed program shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// As small as can be.
    Small,
    /// Quick to start.
    Fast,
}
