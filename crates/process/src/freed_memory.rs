//! Gives memory back to the system as soon as it is not needed any more.
//!
//! Whoever takes large blocks one after the other and gives them up again
//! keeps, with glibc as it comes, most of them: it takes what was given up once
//! for what will be wanted soon, and raises the size from which on it asks the
//! system for a block of its own.

#![allow(unsafe_code, reason = "mallopt has no safe wrapper")]

/// Has blocks of a megabyte and more always come from the system and go back to it.
///
/// Other C libraries than glibc do that by themselves, or cannot be told.
pub fn return_freed_memory() {
    #[cfg(target_env = "gnu")]
    {
        const FROM: libc::c_int = 1 << 20;
        // SAFETY: they set numbers, under the allocator's own lock.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, FROM);
            // What one thread gives up another one takes, and touches no new memory.
            libc::mallopt(libc::M_ARENA_MAX, 1);
        }
    }
}
