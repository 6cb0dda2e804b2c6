//! Where the kernel enters, and where the program is entered.

use core::arch::global_asm;

// The packer writes the distance from the file's first byte to this code behind the first jump.
// The program finds the stack and `rdx` (nothing to call at the exit) as the kernel leaves them.
global_asm!(
    ".section .text.entry, \"ax\", @progbits",
    ".global _start",
    "_start:",
    "jmp 2f",
    ".balign 8",
    "3: .quad 0",
    "2:",
    "mov rbx, rsp",
    "mov rdi, rsp",
    "lea rsi, [rip + _start]",
    "sub rsi, qword ptr [rip + 3b]",
    "xor ebp, ebp",
    "and rsp, -16",
    "call {start}",
    "mov rsp, rbx",
    "xor edx, edx",
    "xor ebx, ebx",
    "jmp rax",
    start = sym crate::start,
);
