//! The code that moves a static PIE to an address of its own, before it is relocated.
//!
//! A kernel maps a large program without an interpreter at a multiple of 2 MiB,
//! which leaves little of its address to chance. This code asks for random
//! bits, reserves room there and moves every mapping by `mremap`, so that each
//! stays a mapping of the file; that of the code itself goes last, by a
//! `syscall; ret` of Go's, which is at its new place by then. Where the kernel
//! gives no bits or no room, the program stays. Debuggers that attach look for
//! the entry point in the auxiliary vector, so this is set right, on the stack and,
//! where `PR_SET_MM_MAP` is permitted, for the kernel. amd64 only.

use crate::program::Segment;
use crate::stub::{Held, assemble};
use object::elf;
use std::ops::Range;

/// What the kernel maps in units of; bytes.
const PAGE: u64 = 4096;
/// The machine code of `syscall; ret`.
const SYSCALL: &[u8] = b"\x0f\x05\xc3";

/// The machine code, with four bytes of zero where a distance, an address or a length comes. Jumps
/// to `stay` go behind it.
#[rustfmt::skip]
const CODE: [&[u8]; 110] = [
    b"\x48\x8d\x1d\0\0\0\0",        // lea    rbx, [rip + address 0]  how far it was moved so far
    b"\x50",                        // push   rax                     room for eight random bytes
    b"\xb8\x3e\x01\0\0",            // mov    eax, SYS_getrandom
    b"\x48\x89\xe7",                // mov    rdi, rsp
    b"\xbe\x08\0\0\0",              // mov    esi, 8
    b"\xba\x01\0\0\0",              // mov    edx, GRND_NONBLOCK
    b"\x0f\x05",                    // syscall
    b"\x5d",                        // pop    rbp
    b"\x83\xf8\x08",                // cmp    eax, 8
    b"\x0f\x85\x60\x01\0\0",        // jne    stay                    none to be had
    b"\x89\xed",                    // mov    ebp, ebp                32 bits, as many as any kernel
    b"\x48\xc1\xe5\x0c",            // shl    rbp, 12                 of a number of pages
    b"\x48\x0f\xba\xed\x2e",        // bts    rbp, 46                 where nothing else is mapped
    b"\xb8\x09\0\0\0",              // mov    eax, SYS_mmap
    b"\x48\x8d\xbd\0\0\0\0",        // lea    rdi, [rbp + first page]
    b"\x49\x89\xfc",                // mov    r12, rdi
    b"\xbe\0\0\0\0",                // mov    esi, length
    b"\x31\xd2",                    // xor    edx, edx                PROT_NONE
    b"\x41\xba\x22\x40\x10\0",      // mov    r10d, flags             private anonymous noreserve noreplace
    b"\x49\x83\xc8\xff",            // or     r8, -1
    b"\x45\x31\xc9",                // xor    r9d, r9d
    b"\x0f\x05",                    // syscall
    b"\x4c\x39\xe0",                // cmp    rax, r12
    b"\x0f\x85\x27\x01\0\0",        // jne    stay                    something is there
    b"\x4c\x8d\x25\0\0\0\0",        // lea    r12, [rip + moves]
    b"\x4c\x8d\x2d\0\0\0\0",        // lea    r13, [rip + end of moves]
    b"\x4d\x39\xec",                // cmp    r12, r13                next:
    b"\x73\x26",                    // jae    first
    b"\x41\x8b\x3c\x24",            // mov    edi, [r12]              an address
    b"\x41\x8b\x74\x24\x04",        // mov    esi, [r12 + 4]          and a length
    b"\x49\x83\xc4\x08",            // add    r12, 8
    b"\x4c\x8d\x44\x3d\0",          // lea    r8, [rbp + rdi]         to
    b"\x48\x01\xdf",                // add    rdi, rbx                from
    b"\x89\xf2",                    // mov    edx, esi
    b"\x41\xba\x03\0\0\0",          // mov    r10d, 3                 MREMAP_MAYMOVE, MREMAP_FIXED
    b"\xb8\x19\0\0\0",              // mov    eax, SYS_mremap
    b"\x0f\x05",                    // syscall
    b"\xeb\xd5",                    // jmp    next                    what strip took away does not move
    b"\x48\x8d\xbb\0\0\0\0",        // lea    rdi, [rbx + first page] first: the page of this code
    b"\x4c\x8d\x85\0\0\0\0",        // lea    r8, [rbp + first page]
    b"\xbe\0\0\0\0",                // mov    esi, length
    b"\x89\xf2",                    // mov    edx, esi
    b"\x41\xba\x03\0\0\0",          // mov    r10d, 3
    b"\xb8\x19\0\0\0",              // mov    eax, SYS_mremap
    b"\x48\x8d\x0d\x10\0\0\0",      // lea    rcx, [rip + there]
    b"\x48\x29\xd9",                // sub    rcx, rbx
    b"\x48\x01\xe9",                // add    rcx, rbp                where `there` is afterwards
    b"\x51",                        // push   rcx
    b"\x48\x8d\x8d\0\0\0\0",        // lea    rcx, [rbp + syscall; ret] Go's own, moved already
    b"\xff\xe1",                    // jmp    rcx
    b"\x48\x89\xe6",                // mov    rsi, rsp                there:
    b"\x48\xad",                    // lodsq                          how many arguments
    b"\x4c\x8b\x36",                // mov    r14, [rsi]              they begin here
    b"\x48\x8d\x74\xc6\x08",        // lea    rsi, [rsi + rax * 8 + 8]
    b"\x4c\x8b\x3e",                // mov    r15, [rsi]              and the environment here
    b"\x48\xad",                    // lodsq                          env:
    b"\x48\x85\xc0",                // test   rax, rax
    b"\x75\xf9",                    // jnz    env
    b"\x49\x89\xf4",                // mov    r12, rsi                the auxiliary vector
    b"\x45\x31\xed",                // xor    r13d, r13d
    b"\x48\x89\xea",                // mov    rdx, rbp
    b"\x48\x29\xda",                // sub    rdx, rbx                how far this moved it
    b"\x48\xad",                    // lodsq                          aux:
    b"\x83\xf8\x03",                // cmp    eax, AT_PHDR
    b"\x74\x0e",                    // je     add
    b"\x83\xf8\x09",                // cmp    eax, AT_ENTRY
    b"\x74\x09",                    // je     add
    b"\x83\xf8\x1f",                // cmp    eax, AT_EXECFN
    b"\x4c\x0f\x44\x2e",            // cmove  r13, [rsi]              the environment ends here
    b"\xeb\x03",                    // jmp    skip
    b"\x48\x01\x16",                // add    [rsi], rdx              add:
    b"\x48\x83\xc6\x08",            // add    rsi, 8                  skip:
    b"\x85\xc0",                    // test   eax, eax
    b"\x75\xe0",                    // jnz    aux
    b"\x4d\x85\xff",                // test   r15, r15
    b"\x4d\x0f\x44\xfd",            // cmovz  r15, r13                no environment
    b"\x49\x89\xe0",                // mov    r8, rsp                 where the stack began
    b"\x4c\x29\xe6",                // sub    rsi, r12                the vector's length
    b"\x49\x89\xf1",                // mov    r9, rsi
    b"\xb8\x0c\0\0\0",              // mov    eax, SYS_brk
    b"\x31\xff",                    // xor    edi, edi
    b"\x0f\x05",                    // syscall
    b"\x48\x83\xc9\xff",            // or     rcx, 18446744073709551615
    b"\x48\xc1\xe1\x20",            // shl    rcx, 32
    b"\x4c\x09\xc9",                // or     rcx, r9
    b"\x51",                        // push   rcx                     exe_fd -1, auxv_size
    b"\x41\x54",                    // push   r12                     auxv
    b"\x41\x55",                    // push   r13                     env_end
    b"\x41\x57",                    // push   r15                     env_start
    b"\x41\x57",                    // push   r15                     arg_end
    b"\x41\x56",                    // push   r14                     arg_start
    b"\x41\x50",                    // push   r8                      start_stack
    b"\x50",                        // push   rax                     brk
    b"\x50",                        // push   rax                     start_brk
    b"\x48\x8d\x8d\0\0\0\0",        // lea    rcx, [rbp + end of data]
    b"\x51",                        // push   rcx
    b"\x48\x8d\x8d\0\0\0\0",        // lea    rcx, [rbp + data]
    b"\x51",                        // push   rcx
    b"\x48\x8d\x8d\0\0\0\0",        // lea    rcx, [rbp + end of code]
    b"\x51",                        // push   rcx
    b"\x48\x8d\x8d\0\0\0\0",        // lea    rcx, [rbp + code]
    b"\x51",                        // push   rcx
    b"\xb8\x9d\0\0\0",              // mov    eax, SYS_prctl          for debuggers; may be refused
    b"\xbf\x23\0\0\0",              // mov    edi, PR_SET_MM
    b"\xbe\x0e\0\0\0",              // mov    esi, PR_SET_MM_MAP
    b"\x48\x89\xe2",                // mov    rdx, rsp
    b"\x41\xba\x68\0\0\0",          // mov    r10d, 13 * 8
    b"\x45\x31\xc0",                // xor    r8d, r8d
    b"\x0f\x05",                    // syscall
    b"\x48\x83\xc4\x68",            // add    rsp, 13 * 8             stay:   behind this
];

/// How a program is moved; addresses as linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mover {
    /// The first page, which holds the code.
    first: Range<u64>,
    /// What is moved before it, each a mapping of its own.
    moves: Vec<Range<u64>>,
    /// Where Go has the instructions that move the first page.
    syscall: u64,
    /// Go's code.
    code: Range<u64>,
    /// What is loaded last.
    data: Range<u64>,
}

impl Mover {
    /// Plans the moves of loaded segments; `None` where they are not as Go's linker makes them.
    pub(crate) fn plan<'s>(loads: impl Iterator<Item = &'s Segment<'s>>) -> Option<Mover> {
        let loads: Vec<_> = loads.collect();
        let mut mappings: Vec<Range<u64>> = Vec::new();
        for load in loads.iter().map(|it| &it.header).filter(|it| it.memory_size > 0) {
            let (start, end) = (load.address / PAGE * PAGE, up(load.memory().end)?);
            let file_end = up(load.address.checked_add(load.file_size)?)?;
            // Where two have parts of a page, that which is mapped last has it.
            if let Some(before) = mappings.last_mut() {
                before.end = before.end.min(start);
            }
            let parts = [start..file_end, file_end..end];
            mappings.extend(parts.into_iter().filter(|it| !it.is_empty()));
        }
        let head = mappings.first_mut()?;
        let first = head.start..head.start + PAGE;
        head.start = first.end;
        mappings.retain(|it| !it.is_empty());
        let with_code = loads.iter().find(|it| it.header.flags.contains(elf::PF_X))?;
        let behind = usize::try_from(first.end.checked_sub(with_code.header.address)?).ok()?;
        let place = memchr::memmem::find(with_code.content.get(behind..)?, SYSCALL)?;
        Some(Mover {
            syscall: with_code.header.address + (behind + place) as u64,
            code: with_code.header.memory(),
            data: loads.last()?.header.memory(),
            first,
            moves: mappings,
        })
    }

    /// Bytes of the code, and of the moves that stand elsewhere.
    pub(crate) fn size(&self) -> (u64, u64) {
        (CODE.iter().map(|it| it.len() as u64).sum(), self.moves.len() as u64 * 8)
    }

    /// True if code from `at` to `end` is in the page that is moved last.
    pub(crate) fn holds(&self, at: u64, end: u64) -> bool {
        self.first.contains(&at) && end <= self.first.end
    }

    /// Gives the machine code for `at` and the moves for `table`; `None` where something is more
    /// than 2 GiB away.
    pub(crate) fn assemble(&self, at: u64, table: u64) -> Option<(Vec<u8>, Vec<u8>)> {
        let end = self.moves.iter().chain([&self.first]).map(|it| it.end).max()?;
        let at_first = Held::Number(self.first.start);
        let held = [
            (0, Held::Distance(0)),
            (14, at_first),
            (16, Held::Number(end - self.first.start)),
            (24, Held::Distance(table)),
            (25, Held::Distance(table + self.size().1)),
            (38, at_first),
            (39, at_first),
            (40, Held::Number(PAGE)),
            (48, Held::Number(self.syscall)),
            (94, Held::Number(self.data.end)),
            (96, Held::Number(self.data.start)),
            (98, Held::Number(self.code.end)),
            (100, Held::Number(self.code.start)),
        ];
        let mut moves = Vec::new();
        for it in &self.moves {
            moves.extend(i32::try_from(it.start).ok()?.to_le_bytes());
            moves.extend(i32::try_from(it.end - it.start).ok()?.to_le_bytes());
        }
        Some((assemble(&CODE, at, &held)?, moves))
    }
}

fn up(address: u64) -> Option<u64> {
    address.checked_next_multiple_of(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use elfin_elf::image::ProgramHeader;

    /// Where an instruction of the list begins.
    fn place(index: usize) -> i64 {
        CODE[..index].iter().map(|it| it.len() as i64).sum()
    }

    #[test]
    fn jumps_go_to_where_the_comments_say() {
        let near = [(27, 38), (37, 26), (57, 55), (64, 70), (66, 70), (69, 71), (73, 62)];
        for (from, to) in near {
            let [_, distance] = *CODE[from] else { panic!("{from} is no short jump") };
            let distance = i64::from(distance.cast_signed());
            assert_eq!(place(from + 1) + distance, place(to), "instruction {from}");
        }
        for from in [9, 23] {
            let distance = i32::from_le_bytes(CODE[from][2..].try_into().unwrap());
            assert_eq!(place(from + 1) + i64::from(distance), place(CODE.len()), "to stay");
        }
        let there = i32::from_le_bytes(CODE[44][3..].try_into().unwrap());
        assert_eq!(place(45) + i64::from(there), place(50));
    }

    fn load(
        flags: elf::ProgramFlags,
        address: u64,
        file_size: u64,
        memory_size: u64,
    ) -> Segment<'static> {
        let header = ProgramHeader {
            kind: elf::PT_LOAD,
            flags,
            offset: address,
            address,
            physical: address,
            file_size,
            memory_size,
            align: PAGE,
        };
        let mut content = vec![0; usize::try_from(file_size).unwrap()];
        let end = content.len() - SYSCALL.len();
        content[end..].copy_from_slice(SYSCALL);
        Segment { header, content: content.leak() }
    }

    #[test]
    fn what_the_kernel_maps_apart_is_moved_apart() {
        let loads = [
            load(elf::PF_R | elf::PF_X, 0, 0x2800, 0x2800),
            load(elf::PF_R, 0x3000, 0x1234, 0x1234),
            load(elf::PF_R, 0x4400, 0x100, 0x100),
            load(elf::PF_R | elf::PF_W, 0x6010, 0x1000, 0x4000),
        ];
        let mover = Mover::plan(loads.iter()).unwrap();
        assert_eq!(
            mover.moves,
            [0x1000..0x3000, 0x3000..0x4000, 0x4000..0x5000, 0x6000..0x8000, 0x8000..0xb000]
        );
        assert_eq!((mover.first.clone(), mover.syscall), (0..0x1000, 0x27fd));
        assert!(mover.holds(0x900, 0x1000) && !mover.holds(0x900, 0x1001));
        assert_eq!(Mover::plan(loads[1..].iter()), None, "there is no code to move it by");
    }
}
