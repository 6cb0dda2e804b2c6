//! Memory of the loader's own, given back when it is done with.

use crate::failure::Failure;
use crate::system;

/// Fresh memory, all zero.
pub struct Fresh {
    address: usize,
    len: usize,
}

impl Fresh {
    /// Maps it.
    pub fn new(len: usize) -> Result<Fresh, Failure> {
        if len == 0 {
            return Ok(Fresh { address: 0, len });
        }
        let says = |errno| Failure::System("there is not enough memory", errno);
        Ok(Fresh { address: system::map_fresh(0, len).map_err(says)?, len })
    }

    /// Gives its bytes.
    ///
    /// # Safety
    /// Nobody else holds them.
    #[expect(clippy::mut_from_ref, reason = "that is what is not safe about it")]
    pub unsafe fn bytes(&self) -> &mut [u8] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `new` mapped as many.
        unsafe { core::slice::from_raw_parts_mut(self.address as *mut u8, self.len) }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.len > 0 {
            system::unmap(self.address, self.len);
        }
    }
}
