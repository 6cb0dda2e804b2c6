//! How much room a file system has left.

use std::io;
use std::path::Path;

/// The room that is left to this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// Inodes; `None` where the file system does not count them.
    pub inodes: Option<u64>,
}

/// Asks the file system that holds a path.
///
/// Fails where the path is not there.
pub fn free_room(path: &Path) -> io::Result<Room> {
    let told = nix::sys::statvfs::statvfs(path)?;
    let bytes = told.blocks_available().saturating_mul(told.fragment_size());
    Ok(Room { bytes, inodes: (told.files() > 0).then(|| told.files_available()) })
}
