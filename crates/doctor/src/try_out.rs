//! Tries out a file system: how fast it is, and what it keeps of a file.

use elfin_schema::Measured;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Enough files for a rate, few enough for a drive of Windows.
const FILES: usize = 64;
const SYNCS: usize = 8;
/// No step takes longer, however slow the file system is.
const LIMIT: Duration = Duration::from_millis(500);

/// Tries out the file system of a folder, or of the nearest folder above that is there.
///
/// `None` where nothing can be written; nothing stays behind.
pub(crate) fn try_out(path: &Path) -> Option<Measured> {
    let folder = path.ancestors().find(|it| it.is_dir())?;
    let scratch = tempfile::Builder::new().prefix(".elfin-doctor-").tempdir_in(folder).ok()?;
    measure(scratch.path()).ok()
}

fn measure(folder: &Path) -> io::Result<Measured> {
    let name = |index: usize| folder.join(format!("file-{index}"));
    let moved = |index: usize| folder.join(format!("moved-{index}"));
    let (made, create) = rate(FILES, |index| File::create(name(index))?.write_all(b"package x\n"))?;
    let (_, stat) = rate(made, |index| fs::metadata(name(index)).map(drop))?;
    let times = (0..made).map(|index| modified(&name(index))).collect::<io::Result<Vec<i64>>>()?;
    let mtime_ahead = ahead(&folder.join("now"))?;
    let (_, rename) = rate(made, |index| fs::rename(name(index), moved(index)))?;
    let mut file = File::create(folder.join("synced"))?;
    let (_, fsync) = rate(SYNCS, |_| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    })?;
    let lower = folder.join("case");
    fs::write(&lower, b"")?;
    let mode = |bits: u32| -> io::Result<bool> {
        fs::set_permissions(&lower, Permissions::from_mode(bits))?;
        Ok(fs::metadata(&lower)?.permissions().mode() & 0o111 == bits & 0o111)
    };
    let room = elfin_process::free_room(folder)?;
    Ok(Measured {
        create,
        stat,
        rename,
        fsync,
        mtime_step: step(&times),
        mtime_ordered: times.is_sorted(),
        mtime_ahead,
        case_sensitive: !folder.join("CASE").exists(),
        execute_bit: mode(0o755).unwrap_or(false) && mode(0o644).unwrap_or(false),
        hard_links: fs::hard_link(&lower, folder.join("second")).is_ok(),
        reflinks: File::create(folder.join("copy"))
            .and_then(|copy| elfin_process::reflink(&File::open(folder.join("synced"))?, &copy))
            .is_ok(),
        free: room.bytes,
        free_inodes: room.inodes,
    })
}

/// When a file was changed, nanoseconds since 1970.
fn modified(file: &Path) -> io::Result<i64> {
    let data = fs::metadata(file)?;
    Ok(data.mtime().saturating_mul(1_000_000_000).saturating_add(data.mtime_nsec()))
}

/// Seconds that the time of a new file is ahead of this machine's clock; a server may have its own.
fn ahead(file: &Path) -> io::Result<f64> {
    fs::write(file, b"now")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(modified(file)? as f64 / 1e9 - now.as_secs_f64())
}

/// How often in a second something can be done, and how often it was.
fn rate(times: usize, mut work: impl FnMut(usize) -> io::Result<()>) -> io::Result<(usize, f64)> {
    let began = Instant::now();
    let mut done = 0;
    while done < times && began.elapsed() < LIMIT {
        work(done)?;
        done += 1;
    }
    Ok((done, done as f64 / began.elapsed().as_secs_f64().max(1e-9)))
}

/// The step that all times are multiples of, seconds at the most.
fn step(times: &[i64]) -> u64 {
    const STEPS: [i64; 10] = [
        2_000_000_000,
        1_000_000_000,
        100_000_000,
        10_000_000,
        1_000_000,
        100_000,
        10_000,
        1000,
        100,
        10,
    ];
    let step = STEPS.iter().find(|step| times.iter().all(|time| time % **step == 0));
    step.copied().unwrap_or(1).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_is_tried_out_and_left_clean() {
        let folder = tempfile::tempdir().unwrap();
        let tried = try_out(&folder.path().join("not/there/yet")).unwrap();
        assert!(tried.create > 0.0 && tried.stat > 0.0 && tried.rename > 0.0 && tried.fsync > 0.0);
        assert!(tried.case_sensitive && tried.execute_bit && tried.mtime_ordered && tried.free > 0);
        assert!(tried.mtime_ahead < 1.0, "{tried:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(try_out(Path::new("/proc/self")).is_none());
    }

    #[test]
    fn the_step_is_what_all_times_share() {
        assert_eq!(step(&[4_000_000_000, 6_000_000_000]), 2_000_000_000);
        assert_eq!(step(&[1_000_000_000, 3_000_000_000]), 1_000_000_000);
        assert_eq!(step(&[1_000_000_100, 1_000_000_300]), 100);
        assert_eq!(step(&[123_456_789]), 1);
    }
}
