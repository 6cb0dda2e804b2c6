//! Writes a tar file of a few small texts.
//!
//! Format: POSIX.1-1988 ustar, as in golang/go src/archive/tar/format.go (go1.26).

use anyhow::{Result, ensure};
use std::io::Write;

const BLOCK: usize = 512;

/// Appends a file.
///
/// Fails for a name of more than 100 bytes.
pub(super) fn append(archive: &mut Vec<u8>, name: &str, content: &[u8]) -> Result<()> {
    ensure!(name.len() <= 100, "{name}: its name is too long for a tar file");
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..].as_mut().write_all(text.as_bytes());
    put(0, name)?;
    put(100, "0000644\0")?;
    put(108, "0000000\0")?;
    put(116, "0000000\0")?;
    put(124, &format!("{:011o}\0", content.len()))?;
    put(136, "00000000000\0")?;
    // The checksum is taken over spaces in its own place.
    put(148, "        ")?;
    put(156, "0")?;
    put(257, "ustar\x0000")?;
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..].as_mut().write_all(format!("{sum:06o}\0 ").as_bytes())?;
    archive.extend(header);
    archive.extend(content);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    Ok(())
}

/// Ends the archive.
pub(super) fn end(archive: &mut Vec<u8>) {
    archive.resize(archive.len() + 2 * BLOCK, 0);
}
