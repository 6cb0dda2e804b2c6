//! Makes the kernel forget a file, so that the next start reads it from the disk.
//!
//! Only that file's own pages are dropped: no other program on the machine is slowed down, and no
//! privilege is needed. What the disk's own cache still holds is out of reach.
#![allow(unsafe_code, reason = "mmap and mincore have no safe wrapper")]

use std::fs::{File, OpenOptions};
use std::io;
use std::num::NonZero;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::{SysconfVar, sysconf};

/// How often the kernel is asked.
const TRIES: usize = 10;

/// Drops the file's pages from the page cache; true if none stayed.
///
/// Pages stay while a process has them mapped; and to somebody who may not write to the file the
/// kernel does not tell, which counts as stayed. Fails where the file cannot be opened or is not a
/// regular one.
pub fn drop_page_cache(path: &Path) -> io::Result<bool> {
    // Without waiting for somebody to write, should it be a pipe.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    file.sync_all()?; // pages that are not yet written cannot be dropped
    // A page that the kernel itself holds at this moment stays, and is let go a moment later.
    for _ in 0..TRIES {
        posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
        if is_absent(&file, about.len())? {
            return Ok(true);
        }
        sleep(Duration::from_millis(10));
    }
    Ok(false)
}

/// Tells whether no page of the file is in memory.
fn is_absent(file: &File, length: u64) -> io::Result<bool> {
    // A part at a time: of a huge file the answer alone, a byte per page, would be large.
    const PART: usize = 64 << 20;
    let page = sysconf(SysconfVar::PAGE_SIZE)?.and_then(|size| usize::try_from(size).ok());
    let page = page.filter(|size| *size > 0).unwrap_or(4096);
    let mut resident = vec![0; PART.div_ceil(page)];
    for start in (0..length).step_by(PART) {
        let size = usize::try_from(length - start).unwrap_or(PART).min(PART);
        residency(file, start, size, &mut resident)?;
        if resident[..size.div_ceil(page)].iter().any(|flags| flags & 1 != 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Asks the kernel about each page of a part; `resident` has room for a byte per page.
fn residency(file: &File, start: u64, size: usize, resident: &mut [u8]) -> io::Result<()> {
    let (Some(length), Ok(offset)) = (NonZero::new(size), i64::try_from(start)) else {
        return Ok(());
    };
    // SAFETY: the kernel picks an address that is free; the mapping is never read, so that a file
    // that shrinks meanwhile does no harm.
    let part = unsafe {
        mmap(None, length, ProtFlags::PROT_NONE, MapFlags::MAP_SHARED, file.as_fd(), offset)?
    };
    // SAFETY: the part is mapped, and `resident` has room for a byte for each of its pages.
    let asked = unsafe { libc::mincore(part.as_ptr(), size, resident.as_mut_ptr()) };
    let asked = Errno::result(asked);
    // SAFETY: this is the mapping made above, and nothing refers into it.
    unsafe { munmap(part, size)? };
    asked?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{drop_page_cache, is_absent};
    use std::fs::{self, File};
    use std::path::Path;

    #[test]
    fn drops_a_file_that_was_just_written() {
        // Beside the test's own binary, since /tmp may itself be memory.
        let binary = std::env::current_exe().unwrap();
        let folder = tempfile::tempdir_in(binary.parent().unwrap()).unwrap();
        let path = folder.path().join("file");
        fs::write(&path, vec![7; 3 << 20]).unwrap();
        let file = File::open(&path).unwrap();
        assert!(!is_absent(&file, 3 << 20).unwrap(), "just written, so cached");
        assert!(drop_page_cache(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), vec![7; 3 << 20]);
        assert!(!is_absent(&file, 3 << 20).unwrap(), "just read, so cached again");
    }

    #[test]
    fn an_empty_file_is_never_cached() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(drop_page_cache(file.path()).unwrap());
    }

    #[test]
    fn refuses_what_is_no_file() {
        assert!(drop_page_cache(Path::new("/")).is_err());
        assert!(drop_page_cache(Path::new("/dev/null")).is_err());
        assert!(drop_page_cache(Path::new("/no/such/file")).is_err());
    }
}
