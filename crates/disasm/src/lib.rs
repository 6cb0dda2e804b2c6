//! Machine code of amd64: what gadgets it holds, what a function consists of, what an instruction
//! does.
//!
//! Takes bytes and addresses and returns values: it knows neither ELF nor Go,
//! and nothing is executed. Whatever the bytes are, decoding them ends.

mod gadgets;
mod interpreter;
mod listing;

pub use gadgets::Gadgets;
pub use iced_x86::{Decoder, DecoderOptions, Instruction};
pub use interpreter::{Cpu, Memory};
pub use listing::{Call, Listing};
