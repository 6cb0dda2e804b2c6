//! Programs that UPX has packed: recognized, and nothing more.

use elfin_elf::ElfFile;

/// True if UPX has packed the file: it has no sections, and the packer's mark stands behind its
/// program headers, where its loader looks for it.
pub(crate) fn by_upx(file: &ElfFile<'_>) -> bool {
    /// The mark stands within the loader's own headers.
    const REACH: usize = 1024;
    let head = file.data().get(..REACH).unwrap_or(file.data());
    file.sections().is_empty() && head.windows(4).any(|it| it == b"UPX!")
}
