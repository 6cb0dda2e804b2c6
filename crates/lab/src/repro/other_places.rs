//! Other file systems that are at hand, and copies of Go elsewhere.

use super::subject::Subject;
use super::{ReproError, Workshop};
use crate::machine::file_system_of;
use elfin_process::Tool;
use elfin_schema::NotTried;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a build cache and temporary files of a large program take, bytes.
const ROOM: u64 = 1 << 30;
/// A step of dates from which on they are coarse, nanoseconds.
pub(super) const COARSE: u64 = 1_000_000;

/// A folder on another file system; it is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pub(super) folder: tempfile::TempDir,
    pub(super) file_system: String,
    /// Of its dates, nanoseconds.
    pub(super) step: u64,
}

/// Makes a folder on a file system that is not the workshop's.
pub(super) fn other_file_system(workshop: &Workshop<'_>) -> Option<Elsewhere> {
    let here = fs::metadata(workshop.root.path()).ok()?.dev();
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let known = [set("XDG_RUNTIME_DIR"), set("HOME"), std::env::current_dir().ok()];
    let usual = ["/dev/shm", "/var/tmp", "/tmp", "/run/lock", "/mnt"].map(PathBuf::from);
    let other = |folder: &PathBuf| fs::metadata(folder).is_ok_and(|it| it.dev() != here);
    let all = usual.into_iter().chain(known.into_iter().flatten());
    all.filter(|it| other(it) && has_room(it)).find_map(|it| within(&it))
}

fn has_room(folder: &Path) -> bool {
    elfin_process::free_room(folder).is_ok_and(|it| it.bytes >= ROOM)
}

/// Makes a folder in a folder.
pub(super) fn within(folder: &Path) -> Option<Elsewhere> {
    let folder = folder.canonicalize().ok()?;
    let made = tempfile::Builder::new().prefix("elfin-repro-").tempdir_in(&folder).ok()?;
    let step = step(made.path())?;
    let file_system = file_system_of(&folder);
    Some(Elsewhere { folder: made, file_system, step })
}

/// The step in which a file system keeps dates, as far as one date shows it.
fn step(folder: &Path) -> Option<u64> {
    let path = folder.join("date");
    let file = File::create(&path).ok()?;
    // Even in seconds, for what keeps every second one; every digit behind it says something.
    let wanted = Duration::new(1_600_000_001, 987_654_321);
    file.set_modified(UNIX_EPOCH + wanted).ok()?;
    let kept = file.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let _ = fs::remove_file(&path);
    let lost = wanted.as_nanos().abs_diff(kept.as_nanos());
    let steps = [1, 100, 1_000, 1_000_000, 10_000_000, 1_000_000_000, 2_000_000_000];
    steps.into_iter().find(|step| lost < u128::from(*step))
}

/// A command that runs another where a file system with dates of one second is mounted.
pub(super) struct Mounted {
    pub(super) wrapper: Vec<String>,
    pub(super) cache: PathBuf,
}

/// Makes an ext4 with small inodes, which have no room for less than seconds, to be mounted in a
/// mount namespace of each command's own.
pub(super) fn coarse_mount(
    workshop: &Workshop<'_>,
    seed: Option<&Path>,
) -> Result<Result<Mounted, NotTried>, ReproError> {
    let image = workshop.folder("coarse.img");
    let point = workshop.folder("coarse");
    let write = |source| ReproError::io("write", &image, source);
    fs::create_dir_all(&point).map_err(write)?;
    File::create(&image).and_then(|it| it.set_len(4 * ROOM)).map_err(write)?;
    let not = |says: String| Ok(Err(NotTried::NoCoarseDates { says }));
    // Not in the PATH of every user.
    let folders = ["/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4", "mkfs.ext4"];
    let Some(make) = folders.into_iter().find_map(elfin_process::find) else {
        return not("mkfs.ext4: not found".into());
    };
    let make = Tool::new(make).args(["-q", "-F", "-I", "128", "-O", "^has_journal"]).arg(&image);
    let script = "mount -o loop \"$1\" \"$2\" && { [ -z \"$3\" ] || cp -r \"$3\"/. \"$2\"; } && \
                  shift 3 && exec \"$@\"";
    let seed = seed.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let texts = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"];
    let mut wrapper: Vec<String> = texts.map(str::to_owned).to_vec();
    wrapper.extend([&image, &point].map(|it| it.to_string_lossy().into_owned()));
    wrapper.push(seed);
    let script = "touch -d @1600000001.987654321 \"$0/date\" && stat -c %.9Y \"$0/date\"";
    let words = wrapper.iter().skip(1).cloned();
    let probe = Tool::new(&wrapper[0]).args(words).args(["sh", "-c", script]).arg(&point);
    let mut says = String::new();
    for tool in [make, probe] {
        let output = match tool.run(workshop.cancel) {
            Err(elfin_process::ToolError::Interrupted) => return Err(ReproError::Stopped),
            Err(error) => return not(error.to_string()),
            Ok(output) => output,
        };
        if !output.exit.success() {
            return not(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        says = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    }
    if !says.ends_with(".000000000") {
        return not(format!("the date of a small inode was kept as {says}"));
    }
    Ok(Ok(Mounted { wrapper, cache: point }))
}

/// A folder with all that PATH finds but some programs; links, so that it takes no room.
pub(super) fn path_without(
    workshop: &Workshop<'_>,
    name: &str,
    leave_out: &dyn Fn(&str) -> bool,
) -> Result<PathBuf, ReproError> {
    let folder = workshop.folder(name);
    let write = |source| ReproError::io("write", &folder, source);
    fs::create_dir_all(&folder).map_err(write)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    for place in std::env::split_paths(&path).filter(|it| it.is_absolute()) {
        let Ok(entries) = fs::read_dir(&place) else { continue };
        for entry in entries.flatten() {
            let left_out = entry.file_name().to_str().is_none_or(leave_out);
            let link = folder.join(entry.file_name());
            if !left_out && !link.is_symlink() && is_program(&entry.path()) {
                symlink(entry.path(), &link).map_err(write)?;
            }
        }
    }
    Ok(folder)
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// Copies what of Go a build needs, and gives the new GOROOT.
pub(super) fn copy_go(workshop: &Workshop<'_>, subject: &Subject) -> Result<PathBuf, ReproError> {
    let from = PathBuf::from(subject.env("GOROOT"));
    let to = workshop.folder("another/place/go");
    for name in ["bin", "pkg", "src", "lib", "VERSION", "go.env"] {
        copy_all(&from.join(name), &to.join(name))?;
    }
    Ok(to)
}

fn copy_all(from: &Path, to: &Path) -> Result<(), ReproError> {
    let read = |source| ReproError::io("copy", from, source);
    if !from.is_dir() {
        if from.is_file() {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(read)?;
            }
            fs::copy(from, to).map_err(read)?;
            // With dates of its own the package index would be another, and files of a copy that
            // are all of one moment are what it cannot tell apart.
            let date = fs::metadata(from).and_then(|it| it.modified()).map_err(read)?;
            let _ = File::open(to).and_then(|it| it.set_modified(date));
        }
        return Ok(());
    }
    fs::create_dir_all(to).map_err(read)?;
    for entry in fs::read_dir(from).map_err(read)? {
        let entry = entry.map_err(read)?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Lets folders of a module cache be taken away: Go makes them read-only.
pub(super) fn make_writable(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o755));
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// The first second of a year, in UTC.
pub(super) fn year(year: i64) -> SystemTime {
    // Days from 1970, with one more for each leap year from 1972 on.
    let leaps =
        (year - 1969).div_euclid(4) - (year - 1901).div_euclid(100) + (year - 1601).div_euclid(400);
    let days = (year - 1970) * 365 + leaps;
    UNIX_EPOCH + Duration::from_secs(u64::try_from(days * 24 * 3600).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_when_they_begin() {
        for (number, seconds) in
            [(1970, 0), (1985, 473_385_600), (2000, 946_684_800), (2040, 2_208_988_800)]
        {
            assert_eq!(year(number), UNIX_EPOCH + Duration::from_secs(seconds), "{number}");
        }
    }

    #[test]
    fn the_step_of_dates_is_one_that_file_systems_have() {
        let folder = tempfile::tempdir().unwrap();
        assert!(step(folder.path()).is_some());
    }
}
