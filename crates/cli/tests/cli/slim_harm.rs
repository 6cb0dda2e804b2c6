//! What happens to files when slimming is stopped, has no room, or would take rights or signatures.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]

use crate::slim::folder;
use elfin_schema::{SlimOutcome, SlimRefusal, SlimRemark, SlimStepName};
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

const ELFIN: &str = env!("CARGO_BIN_EXE_elfin");
/// `cap_net_bind_service=ep` as the kernel keeps it: revision 2 with the effective bit, then the
/// low words of permitted and inheritable, then the high ones (linux/capability.h).
const CAPABILITY: [u8; 20] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn whoever_is_killed_at_any_moment_leaves_the_old_program_or_the_new() {
    let Some(folder) = folder() else { return };
    let old = fs::read(folder.path("app")).unwrap();
    let began = Instant::now();
    folder.output(&["slim", "app", "--in-place"]);
    let whole = began.elapsed();
    let new = fs::read(folder.path("app")).unwrap();
    let mut left = [0, 0];
    for part in 0..24 {
        fs::write(folder.path("app"), &old).unwrap();
        let _ = fs::remove_file(folder.path("app.debug"));
        let mut slim = Command::new(ELFIN);
        slim.current_dir(folder.path(".")).args(["slim", "app", "--in-place"]);
        let mut slim = slim.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(whole * part / 20);
        slim.kill().unwrap(); // kill -9
        slim.wait().unwrap();
        let is = fs::read(folder.path("app")).unwrap();
        assert!(is == old || is == new, "neither of the two after {part}/20");
        left[usize::from(is == new)] += 1;
        if is == new {
            folder.output(&["unslim", "app", "-o", "again"]);
            assert!(fs::read(folder.path("again")).unwrap() == old, "after {part}/20");
        }
    }
    assert!(left[0] > 0, "never stopped before its end: {left:?}");
}

#[test]
fn without_room_on_the_disk_nothing_is_left_and_the_input_is_as_it_was() {
    let Some(folder) = folder() else { return };
    let before = fs::read(folder.path("app")).unwrap();
    fs::create_dir(folder.path("small")).unwrap();
    let orders = format!(
        "mount -t tmpfs -o size=600k none small || exit 77
        {ELFIN} slim app -o small/app; echo \"ends with $?\"; ls -A small"
    );
    let mut shell = Command::new("unshare");
    shell.current_dir(folder.path(".")).args(["--map-root-user", "--mount", "sh", "-c", &orders]);
    let output = match shell.output() {
        Ok(output) if output.status.success() => output,
        why => {
            eprintln!("SKIPPED: a small file system cannot be mounted: {why:?}");
            return;
        }
    };
    let (said, why) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(said, "ends with 2\n");
    assert!(why.contains("No space left on device") && why.contains("small/app"), "{why}");
    assert!(fs::read(folder.path("app")).unwrap() == before);
}

#[test]
fn capabilities_stay_with_the_file_and_a_signature_is_not_made_wrong() {
    let Some(folder) = folder() else { return };
    let path = folder.path("app");
    if let Err(why) = xattr::set(&path, "security.capability", &CAPABILITY) {
        eprintln!("SKIPPED: capabilities cannot be given here: {why}");
        return;
    }
    let says = folder.output(&["slim", "app", "-o", "copy"]);
    assert!(says.contains("file capabilities"), "{says}");
    let of = |name: &str, attribute| xattr::get(folder.path(name), attribute).unwrap();
    assert_eq!(of("copy", "security.capability"), None);
    folder.output(&["slim", "app", "--in-place"]);
    assert_eq!(of("app", "security.capability").as_deref(), Some(&CAPABILITY[..]));

    if let Err(why) = xattr::set(&path, "security.ima", &[3, 2, 4]) {
        eprintln!("SKIPPED: a signature cannot be given here: {why}");
        return;
    }
    let before = fs::read(&path).unwrap();
    let says = folder.refused(&["strip", "-s", "app", "--in-place"]);
    assert!(says.contains("signed (security.ima)"), "{says}");
    assert!(fs::read(&path).unwrap() == before);
    folder.output(&["strip", "-s", "app", "-o", "copy"]);
    assert_eq!(of("copy", "security.ima"), None, "a signature is of the bytes that it was made of");
}

#[test]
fn a_program_is_not_packed_for_a_library_that_is_too_old_and_what_it_needs_is_said() {
    let Some(folder) = folder() else { return };
    fs::copy(ELFIN, folder.path("elfin")).unwrap();
    let outcome = |arguments: &[&str]| {
        let call = [&["slim", "elfin", "--dry-run", "--json"], arguments].concat();
        let document = elfin_schema::read_slimming(&folder.output(&call)).unwrap();
        let step = document.steps.iter().find(|it| it.step == SlimStepName::Relocations);
        (step.unwrap().outcome, document.remarks.contains(&SlimRemark::NeedsNewerLibc))
    };
    let refused = SlimOutcome::Refused(SlimRefusal::LoaderOld);
    assert_eq!(outcome(&["--target", "glibc-2.35"]), (refused, false));
    let (done, said) = outcome(&[]);
    // Who links it on a newer system needs newer symbols of the library anyway.
    let bytes = fs::read(ELFIN).unwrap();
    let needs = elfin_elf::ElfFile::parse(&bytes).unwrap().version_needs();
    let minor = |it: &str| it.strip_prefix("GLIBC_2.")?.split('.').next()?.parse().ok();
    let new = needs.iter().filter_map(|it| minor(&it.version)).any(|it: u32| it >= 36);
    // How elfin is laid out changes with its code; where nothing was packed, nothing new is needed.
    assert_eq!(said, done == SlimOutcome::Done && !new);
}
