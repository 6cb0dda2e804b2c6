//! Bytes to fewer bytes of the same program: symbols and DWARF apart, relocations packed.
//!
//! [`slim()`] takes everything off that costs nothing, [`strip()`] what its letters
//! say, and [`unslim`] puts a program and its debug file together again. All
//! take bytes and give bytes: no files, no processes, no environment. What
//! would break a promise, such as taking section headers or pclntab away, is
//! not here. Whatever the bytes say, nothing here panics or hangs.

mod check;
mod debug_file;
mod dynamic;
mod error;
mod home;
mod layout;
mod mover;
mod notes;
mod original;
mod pieces;
mod place;
mod pointers;
mod program;
mod recompress;
mod relocations;
mod relr;
mod slim;
mod static_pie;
mod strip;
mod stub;
mod symbols;
mod versions;

pub use check::{Memory, memory};
pub use debug_file::{debug_link, is_debug_file};
pub use error::ShrinkError;
pub use original::unslim;
pub use pieces::Pieces;
pub use recompress::Compression;
pub use relocations::Loader;
pub use slim::{Keep, Options, Slimmed, slim};
pub use strip::{Strip, strip};
