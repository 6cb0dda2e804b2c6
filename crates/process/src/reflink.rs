//! Copies of files that share their blocks.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Makes `to` a copy of `from` that takes no room until one of them changes.
///
/// Fails where the file system cannot, as most cannot, or the files lie on two of them.
#[allow(unsafe_code, reason = "an ioctl that no crate in use offers")]
pub fn reflink(from: &File, to: &File) -> io::Result<()> {
    // SAFETY: both descriptors are open for as long as the call lasts, and FICLONE takes the
    // source's descriptor by value.
    let status = unsafe { libc::ioctl(to.as_raw_fd(), libc::FICLONE as _, from.as_raw_fd()) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_reflink_is_a_copy_or_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, b"content").unwrap();
        let (from, file) =
            (std::fs::File::open(from).unwrap(), std::fs::File::create(&to).unwrap());
        let made = super::reflink(&from, &file);
        let content = std::fs::read(&to).unwrap();
        assert_eq!(content.as_slice(), if made.is_ok() { &b"content"[..] } else { b"" });
    }
}
