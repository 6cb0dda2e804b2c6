//! Asks the processor for memory before it is needed.

/// Has the byte at a place fetched, if there is one; elsewhere than on amd64 it waits until it is read.
#[inline(always)]
pub(crate) fn fetch(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(byte) = bytes.get(at) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[allow(unsafe_code, reason = "it takes a pointer, which is that of a byte that is there")]
        // SAFETY: fetching changes nothing, and the byte is there.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(byte).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}
