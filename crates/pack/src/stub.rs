//! The loaders that this build made, as bytes.

use crate::Effort;

/// What the packer knows of the loader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stub {
    /// Position independent code, entered at its first byte.
    pub code: &'static [u8],
}

/// Where in its code the distance from the file's first byte goes.
pub(crate) const DISTANCE: usize = 8;

/// The loader for amd64 of what is packed with this effort; `None` if elfin was built where none can be made.
pub(crate) fn amd64(effort: Effort) -> Option<Stub> {
    let code: &[u8] = match effort {
        Effort::Fast => include_bytes!(concat!(env!("OUT_DIR"), "/fast/stub.bin")),
        Effort::Small => include_bytes!(concat!(env!("OUT_DIR"), "/small/stub.bin")),
    };
    (!code.is_empty()).then_some(Stub { code })
}
