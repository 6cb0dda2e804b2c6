//! One thread that helps to unpack, and is gone before the program begins.
//!
//! It is made by the flags by which Go makes threads, so that whoever lets Go
//! programs run lets it run too. Where it cannot be made, nobody helps.

use crate::fresh::Fresh;
use crate::system::call;
use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};

const SYS_CLONE: usize = 56;
const SYS_EXIT: usize = 60;
const SYS_FUTEX: usize = 202;
const SYS_GETPID: usize = 39;
const SYS_TGKILL: usize = 234;
const SYS_YIELD: usize = 24;
const FUTEX_WAIT: usize = 0;
/// As Go's runtime has them, and the kernel tells when the thread is gone (`CLONE_CHILD_CLEARTID`).
const FLAGS: usize = 0x100 | 0x200 | 0x400 | 0x800 | 0x4_0000 | 0x1_0000 | 0x20_0000;
/// More than unpacking a part needs.
const STACK: usize = 256 << 10;

/// A thread that helps.
pub struct Helper {
    memory: Fresh,
    id: usize,
}

/// What stands at the beginning of the thread's memory, below its stack.
#[repr(C)]
struct Shared<W> {
    runs: AtomicU32,
    work: *const W,
    help: fn(&W, &mut [u8]),
    scratch: *mut u8,
    scratch_len: usize,
}

impl Helper {
    /// Starts it; `None` where none can be made.
    pub fn start<W>(work: &W, help: fn(&W, &mut [u8]), scratch_len: usize) -> Option<Helper> {
        let memory = Fresh::new(STACK + scratch_len).ok()?;
        // SAFETY: it was just mapped.
        let bytes = unsafe { memory.bytes() };
        let base = bytes.as_mut_ptr();
        let shared = base.cast::<Shared<W>>();
        // SAFETY: the memory begins at a page, and the stack does not reach down to here.
        unsafe {
            let scratch = base.add(STACK);
            shared.write(Shared { runs: AtomicU32::new(1), work, help, scratch, scratch_len });
        }
        let top = base as usize + STACK;
        // SAFETY: the thread runs `enter` on a stack of its own and ends in it; `memory`, `work`
        // and what it refers to live until `wait` has seen it gone.
        let id = unsafe { clone(top, shared as usize, enter::<W>) };
        id.map(|id| Helper { memory, id })
    }

    /// Waits until the thread is gone.
    pub fn wait(self) {
        // SAFETY: `start` put it there; the kernel zeroes it when the thread ends.
        let runs = unsafe { AtomicU32::from_ptr(self.memory.bytes().as_mut_ptr().cast()) };
        while runs.load(Ordering::Acquire) != 0 {
            // SAFETY: it waits.
            let _ = unsafe { call(SYS_FUTEX, [runs.as_ptr() as usize, FUTEX_WAIT, 1, 0, 0, 0]) };
        }
        // The kernel has told that its stack is free, and may still count it among the threads.
        // SAFETY: signal 0 asks whether it is there.
        unsafe {
            let process = call(SYS_GETPID, [0; 6]).unwrap_or(0);
            while call(SYS_TGKILL, [process, self.id, 0, 0, 0, 0]).is_ok() {
                let _ = call(SYS_YIELD, [0; 6]);
            }
        }
    }
}

extern "C" fn enter<W>(shared: usize) -> ! {
    let shared = shared as *const Shared<W>;
    // SAFETY: `start` put it there.
    unsafe {
        let scratch = match (*shared).scratch_len {
            0 => &mut [],
            len => core::slice::from_raw_parts_mut((*shared).scratch, len),
        };
        ((*shared).help)(&*(*shared).work, scratch);
        loop {
            let _ = call(SYS_EXIT, [0; 6]);
        }
    }
}

/// Makes a thread that calls `enter` with `argument` on the stack that ends at `top`.
///
/// # Safety
/// As of the call that it is; what the thread uses must outlive it.
unsafe fn clone(top: usize, argument: usize, enter: extern "C" fn(usize) -> !) -> Option<usize> {
    let id: isize;
    // SAFETY: the caller's. The new thread goes its own way before it returns from here.
    unsafe {
        asm!(
            "syscall",
            "test eax, eax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") SYS_CLONE as isize => id,
            in("rdi") FLAGS,
            in("rsi") top,
            in("rdx") 0,
            in("r10") argument,
            in("r8") 0,
            in("r12") argument,
            in("r13") enter,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    if id > 0 { Some(id as usize) } else { None }
}
