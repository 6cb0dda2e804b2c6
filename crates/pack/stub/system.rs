//! The system calls that the loader makes, and nothing else of the operating system.

use crate::failure::Failure;
use core::arch::asm;

/// Bytes of a page.
pub const PAGE: usize = 4096;

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;
const MADV_HUGEPAGE: usize = 14;
const MADV_POPULATE_WRITE: usize = 23;

pub const READ: usize = 1;
pub const WRITE: usize = 2;
pub const EXECUTE: usize = 4;

pub const PRIVATE: usize = 2;
pub const FIXED: usize = 0x10;
pub const ANONYMOUS: usize = 0x20;
pub const FIXED_NOREPLACE: usize = 0x10_0000;

const SYS_READ: usize = 0;
const SYS_WRITE: usize = 1;
const SYS_OPEN: usize = 2;
const SYS_CLOSE: usize = 3;
const SYS_MMAP: usize = 9;
const SYS_MPROTECT: usize = 10;
const SYS_MUNMAP: usize = 11;
const SYS_MADVISE: usize = 28;
const SYS_GETAFFINITY: usize = 204;
const SYS_FUTEX: usize = 202;
const SYS_EXIT_GROUP: usize = 231;

/// Makes a system call; gives what it gives, or the error's number.
///
/// # Safety
/// As the call itself.
pub unsafe fn call(number: usize, arguments: [usize; 6]) -> Result<usize, i32> {
    let [a, b, c, d, e, f] = arguments;
    let result: isize;
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    if (-4095..0).contains(&result) { Err(-(result as i32)) } else { Ok(result as usize) }
}

/// Maps fresh memory; at `address` exactly if it is not 0, and only where nothing is mapped.
pub fn map_fresh(address: usize, len: usize) -> Result<usize, i32> {
    let flags = PRIVATE | ANONYMOUS | if address == 0 { 0 } else { FIXED_NOREPLACE };
    // SAFETY: it takes no memory away from anybody.
    let got = unsafe { call(SYS_MMAP, [address, len, READ | WRITE, flags, usize::MAX, 0]) }?;
    if address != 0 && got != address {
        unmap(got, len); // A kernel before 4.17 takes the address for a wish.
        return Err(17);
    }
    Ok(got)
}

/// Maps a part of a file.
///
/// # Safety
/// With [`FIXED`] it takes away what is mapped there.
pub unsafe fn map_file(
    address: usize,
    len: usize,
    protection: usize,
    flags: usize,
    file: usize,
    offset: usize,
) -> Result<usize, i32> {
    // SAFETY: the caller's.
    unsafe { call(SYS_MMAP, [address, len, protection, PRIVATE | flags, file, offset]) }
}

/// Maps fresh memory over what is there.
///
/// # Safety
/// It takes away what is mapped there.
pub unsafe fn map_over(address: usize, len: usize, protection: usize) -> Result<usize, i32> {
    let flags = PRIVATE | ANONYMOUS | FIXED;
    // SAFETY: the caller's.
    unsafe { call(SYS_MMAP, [address, len, protection, flags, usize::MAX, 0]) }
}

/// Protects memory.
pub fn protect(address: usize, len: usize, protection: usize) -> Result<(), Failure> {
    // SAFETY: what the loader works with stays readable and writable until it is done with it.
    let done = unsafe { call(SYS_MPROTECT, [address, len, protection, 0, 0, 0]) };
    done.map(|_| ())
        .map_err(|errno| Failure::System("the kernel refuses to protect its memory", errno))
}

/// Gives memory back; what cannot be given back stays.
pub fn unmap(address: usize, len: usize) {
    // SAFETY: the callers give back what they mapped and what nobody reads any more.
    let _ = unsafe { call(SYS_MUNMAP, [address, len, 0, 0, 0, 0]) };
}

/// Asks for huge pages where they are wholly inside; a kernel that has none goes on without.
pub fn ask_for_huge_pages(address: usize, len: usize) {
    let start = address.next_multiple_of(HUGE);
    let end = (address + len) & !(HUGE - 1);
    if start < end {
        // SAFETY: it changes how memory is mapped, and not what it holds.
        let _ = unsafe { call(SYS_MADVISE, [start, end - start, MADV_HUGEPAGE, 0, 0, 0]) };
    }
}

/// Asks for all pages at once, which takes less than one after the other when they are touched; a kernel
/// before 5.14 gives them when they are touched.
pub fn populate(address: usize, len: usize) {
    let start = address & !(PAGE - 1);
    // SAFETY: it changes nothing of what memory holds.
    let _ = unsafe { call(SYS_MADVISE, [start, address + len - start, MADV_POPULATE_WRITE, 0, 0, 0]) };
}

/// True if memory that a file is mapped to can be read up to its end: if the file has not been cut
/// off meanwhile. The kernel reads a word of the last page for us, and tells where we would be killed.
pub fn is_readable(bytes: &[u8]) -> bool {
    const FAULT: i32 = 14;
    const FUTEX_WAIT_PRIVATE: usize = 128;
    let at = (bytes.as_ptr() as usize + bytes.len() - 1) & !(PAGE - 1);
    let at_once = [0_u64; 2];
    let time = at_once.as_ptr() as usize;
    // SAFETY: it reads a word of memory, and waits for no time at all.
    let read = unsafe { call(SYS_FUTEX, [at, FUTEX_WAIT_PRIVATE, 0, time, 0, 0]) };
    read != Err(FAULT)
}

/// How many processors the process may run on.
pub fn processors() -> u32 {
    let mut mask = [0_u64; 128];
    let len = size_of_val(&mask);
    // SAFETY: it writes into the mask alone.
    let got = unsafe { call(SYS_GETAFFINITY, [0, len, mask.as_mut_ptr() as usize, 0, 0, 0]) };
    if got.is_err() { 1 } else { mask.iter().map(|it| it.count_ones()).sum() }
}

/// Opens a file to read; its path ends with a zero.
pub fn open(path: &[u8]) -> Result<usize, i32> {
    const CLOEXEC: usize = 0o2_000_000;
    debug_assert!(path.ends_with(&[0]));
    // SAFETY: the path ends.
    unsafe { call(SYS_OPEN, [path.as_ptr() as usize, CLOEXEC, 0, 0, 0, 0]) }
}

/// Reads the beginning of a file.
pub fn read(file: usize, into: &mut [u8]) -> Result<usize, i32> {
    // SAFETY: it writes into `into` alone.
    unsafe { call(SYS_READ, [file, into.as_mut_ptr() as usize, into.len(), 0, 0, 0]) }
}

/// Closes a file.
pub fn close(file: usize) {
    // SAFETY: it is ours.
    let _ = unsafe { call(SYS_CLOSE, [file, 0, 0, 0, 0, 0]) };
}

/// Writes to standard error, as far as that goes.
pub fn complain(text: &[u8]) {
    // SAFETY: it reads `text` alone.
    let _ = unsafe { call(SYS_WRITE, [2, text.as_ptr() as usize, text.len(), 0, 0, 0]) };
}

/// Ends the process.
pub fn exit(status: usize) -> ! {
    loop {
        // SAFETY: nothing comes after it.
        let _ = unsafe { call(SYS_EXIT_GROUP, [status, 0, 0, 0, 0, 0]) };
    }
}
