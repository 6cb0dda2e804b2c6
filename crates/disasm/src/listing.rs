//! A function as a disassembler lists it: how many instructions it has, and what it calls.
//!
//! Decoded in one line from its first byte to its last, as the linker placed
//! it; filling behind the end does not count.

use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, OpKind};

/// What a function calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// The address that is called, or jumped to for good.
    To(u64),
    /// What is called stands in the word at this address, relative to the instruction pointer.
    Through(u64),
    /// What is called is known only when it runs.
    Unknown,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Instructions from the first to the last, without filling.
    pub instructions: u64,
    /// Bytes of those.
    pub bytes: u64,
    /// What it calls or leaves for, in the order of the code, each time it does.
    pub calls: Vec<Call>,
    /// System calls.
    pub system_calls: u64,
}

impl Listing {
    /// Lists the code of a function that is loaded at an address.
    pub fn of(code: &[u8], address: u64) -> Listing {
        let mut listing = Listing::default();
        let inside = address..address.saturating_add(code.len() as u64);
        let (mut filling, mut filling_bytes) = (0, 0);
        for one in &mut Decoder::with_ip(64, code, address, DecoderOptions::NONE) {
            listing.instructions += 1;
            listing.bytes += one.len() as u64;
            if is_filling(&one) {
                (filling, filling_bytes) = (filling + 1, filling_bytes + one.len() as u64);
            } else {
                (filling, filling_bytes) = (0, 0);
            }
            let leaves = match one.flow_control() {
                FlowControl::Call | FlowControl::IndirectCall => target(&one),
                FlowControl::UnconditionalBranch => {
                    target(&one).filter(|it| !matches!(it, Call::To(to) if inside.contains(to)))
                }
                _ => None,
            };
            if one.code() == Code::Syscall {
                listing.system_calls += 1;
            }
            listing.calls.extend(leaves);
        }
        listing.instructions -= filling;
        listing.bytes -= filling_bytes;
        listing
    }
}

/// What stands between functions: `int3`, which Go fills with, and what C compilers align by.
fn is_filling(one: &Instruction) -> bool {
    one.is_invalid()
        || matches!(one.code(), Code::Int3)
        || matches!(one.mnemonic(), iced_x86::Mnemonic::Nop)
}

fn target(one: &Instruction) -> Option<Call> {
    if one.code() == Code::Syscall {
        return None;
    }
    Some(match one.op0_kind() {
        OpKind::NearBranch64 => Call::To(one.near_branch64()),
        OpKind::Memory if one.is_ip_rel_memory_operand() => {
            Call::Through(one.ip_rel_memory_address())
        }
        _ => Call::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_listed_and_filling_is_not_counted() {
        // call +0x10; jmp back to the first; call [rip+4]; call rax; syscall; ret; int3; int3
        let code = [
            0xe8, 0x10, 0, 0, 0, 0xeb, 0xf9, 0xff, 0x15, 4, 0, 0, 0, 0xff, 0xd0, 0x0f, 0x05, 0xc3,
            0xcc, 0xcc,
        ];
        let listing = Listing::of(&code, 0x1000);
        assert_eq!((listing.instructions, listing.bytes, listing.system_calls), (6, 18, 1));
        assert_eq!(listing.calls, [Call::To(0x1015), Call::Through(0x1011), Call::Unknown]);
    }

    #[test]
    fn a_jump_out_of_the_function_is_a_call_and_no_code_is_no_listing() {
        let listing = Listing::of(&[0xe9, 0x00, 0x01, 0, 0], 0x1000);
        assert_eq!(listing.calls, [Call::To(0x1105)]);
        assert_eq!(Listing::of(&[], 0), Listing::default());
    }
}
