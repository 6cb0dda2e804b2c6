//! The code that relocates a static PIE before Go begins: what ld.so did, in 114 bytes.
//!
//! It runs at the entry point, with the stack as the kernel made it, and hands
//! over to Go's own entry with the stack untouched. It adds the load address to
//! every pointer that the RELR table names, makes the relocated data read-only,
//! and stops the program if the kernel refuses. amd64 only.

use std::ops::Range;

/// Where the code and what it works on are linked to; addresses.
#[derive(Debug, Clone)]
pub(crate) struct Stub {
    /// Where the code stands.
    pub at: u64,
    /// The RELR table.
    pub relr: Range<u64>,
    /// What is to be read-only, whole pages.
    pub relro: Range<u64>,
    /// Where Go begins.
    pub entry: u64,
}

/// The machine code, with four bytes of zero where a distance or a length comes.
const CODE: [&[u8]; 32] = [
    b"\x48\x8d\x3d\0\0\0\0", //       lea  rdi, [rip + address 0]     how far it was moved
    b"\x48\x8d\x35\0\0\0\0", //       lea  rsi, [rip + table]
    b"\x4c\x8d\x0d\0\0\0\0", //       lea  r9, [rip + end of table]
    b"\x4c\x39\xce",         // next: cmp  rsi, r9
    b"\x73\x33",             //       jae  done
    b"\x48\xad",             //       lodsq                           a word of the table
    b"\xa8\x01",             //       test al, 1
    b"\x75\x0d",             //       jnz  bits
    b"\x48\x8d\x14\x07",     //       lea  rdx, [rdi + rax]           even: an address
    b"\x48\x01\x3a",         //       add  [rdx], rdi
    b"\x48\x83\xc2\x08",     //       add  rdx, 8
    b"\xeb\xe8",             //       jmp  next
    b"\x49\x89\xd0",         // bits: mov  r8, rdx
    b"\x48\x81\xc2\xf8\x01\0\0", //       add  rdx, 63 * 8
    b"\x48\xd1\xe8",         //       shr  rax, 1                     the mark of an odd word
    b"\x48\x85\xc0",         // bit:  test rax, rax
    b"\x74\xd6",             //       jz   next
    b"\x48\xd1\xe8",         //       shr  rax, 1
    b"\x73\x03",             //       jnc  skip
    b"\x49\x01\x38",         //       add  [r8], rdi
    b"\x49\x83\xc0\x08",     // skip: add  r8, 8
    b"\xeb\xed",             //       jmp  bit
    b"\x48\x8d\x3d\0\0\0\0", // done: lea  rdi, [rip + relro]
    b"\xbe\0\0\0\0",         //       mov  esi, its length
    b"\xba\x01\0\0\0",       //       mov  edx, PROT_READ
    b"\xb8\x0a\0\0\0",       //       mov  eax, SYS_mprotect
    b"\x0f\x05",             //       syscall
    b"\x85\xc0",             //       test eax, eax
    b"\x75\x07",             //       jnz  dead
    b"\x31\xd2",             //       xor  edx, edx                   no function for atexit
    b"\xe9\0\0\0\0",         //       jmp  Go's entry
    b"\x0f\x0b",             // dead: ud2
];
/// What an instruction has in its last four bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held {
    /// How far it is from its end to an address.
    Distance(u64),
    /// A number as it is.
    Number(u64),
}

/// Puts instructions together for the address `at`; `held` tells by their numbers what they hold.
/// `None` where something is more than 2 GiB away.
pub(crate) fn assemble(code: &[&[u8]], at: u64, held: &[(usize, Held)]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (index, instruction) in code.iter().enumerate() {
        bytes.extend(*instruction);
        let Some((_, held)) = held.iter().find(|(it, _)| *it == index) else { continue };
        let end = i128::from(at) + bytes.len() as i128;
        let value = match held {
            Held::Distance(to) => i128::from(*to) - end,
            Held::Number(number) => i128::from(*number),
        };
        let value = i32::try_from(value).ok()?.to_le_bytes();
        let start = bytes.len() - value.len();
        bytes.get_mut(start..)?.copy_from_slice(&value);
    }
    Some(bytes)
}

/// Bytes of the code.
pub(crate) fn size() -> u64 {
    CODE.iter().map(|it| it.len() as u64).sum()
}

impl Stub {
    /// Gives the machine code; `None` where something is more than 2 GiB away.
    pub(crate) fn assemble(&self) -> Option<Vec<u8>> {
        let held = [
            (0, Held::Distance(0)),
            (1, Held::Distance(self.relr.start)),
            (2, Held::Distance(self.relr.end)),
            (22, Held::Distance(self.relro.start)),
            (23, Held::Number(self.relro.end - self.relro.start)),
            (30, Held::Distance(self.entry)),
        ];
        assemble(&CODE, self.at, &held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where an instruction of the list begins.
    fn place(index: usize) -> i64 {
        CODE[..index].iter().map(|it| it.len() as i64).sum()
    }

    #[test]
    fn jumps_go_to_where_the_comments_say() {
        for (from, to) in [(4, 22), (7, 12), (11, 3), (16, 3), (18, 20), (21, 15), (28, 31)] {
            let [_, distance] = *CODE[from] else { panic!("{from} is no short jump") };
            let distance = i64::from(distance.cast_signed());
            assert_eq!(place(from + 1) + distance, place(to), "instruction {from}");
        }
    }

    #[test]
    fn what_is_too_far_is_not_assembled() {
        let near = Stub { at: 0x1000, relr: 0x2000..0x2100, relro: 0x3000..0x4000, entry: 0x5000 };
        assert_eq!(near.assemble().unwrap().len() as u64, size());
        assert_eq!(Stub { entry: 1 << 40, ..near }.assemble(), None);
    }
}
