//! The loader that this build made, as bytes.

/// What the packer knows of the loader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stub {
    /// Position independent code, entered at its first byte.
    pub code: &'static [u8],
}

/// Where in its code the distance from the file's first byte goes.
pub(crate) const DISTANCE: usize = 8;

/// The loader for amd64; `None` if elfin was built where none can be made.
pub(crate) fn amd64() -> Option<Stub> {
    let code: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stub.bin"));
    (!code.is_empty()).then_some(Stub { code })
}
