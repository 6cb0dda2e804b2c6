//! The parts of the image, unpacked into the program's memory.

use crate::failure::Failure;
use crate::system;
use elfin_pack_format::Damaged;
use elfin_pack_format::container::Header;
use elfin_pack_format::image::{Parts, unpack_part};

/// Unpacks all parts and puts what the file keeps readable among them.
pub fn unpack(header: &Header, file: &[u8], image: &mut [u8]) -> Result<(), Failure> {
    let parts = Parts::parse(header.image_bytes(file)?)?;
    let most = (0..parts.len()).map(|i| parts.scratch(i)).max().unwrap_or(0);
    let scratch = Scratch::new(most)?;
    for i in 0..parts.len() {
        let output = image.get_mut(parts.part(i).output);
        let output = output.ok_or(Damaged("a part is outside of the program"))?;
        // SAFETY: only this part uses it now.
        let scratch = unsafe { scratch.bytes(parts.scratch(i)) };
        unpack_part(&parts, i, output, scratch)?;
    }
    header.put_kept(file, image)?;
    Ok(())
}

/// Memory that parts are unpacked with; given back at the end.
struct Scratch {
    address: usize,
    len: usize,
}

impl Scratch {
    fn new(len: usize) -> Result<Scratch, Failure> {
        if len == 0 {
            return Ok(Scratch { address: 0, len });
        }
        let says = |errno| Failure::System("there is not enough memory", errno);
        Ok(Scratch { address: system::map_fresh(0, len).map_err(says)?, len })
    }

    /// # Safety
    /// Nobody else holds them.
    unsafe fn bytes(&self, len: usize) -> &mut [u8] {
        if len == 0 {
            return &mut [];
        }
        // SAFETY: `new` mapped as many as the largest part needs.
        unsafe { core::slice::from_raw_parts_mut(self.address as *mut u8, len.min(self.len)) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.len > 0 {
            system::unmap(self.address, self.len);
        }
    }
}
