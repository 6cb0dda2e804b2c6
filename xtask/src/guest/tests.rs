//! The doctor in a guest: it sees each file system for what it is, and each by trying it.

use super::{Guest, SHARE, ext4};
use crate::demo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// Mounts, and two looks of the doctor at five file systems. There is no Go, which is a finding.
const SCRIPT: &str = "mkdir /ext4 /coarse /tmpfs /lower /over
mount -t ext4 /dev/vda /ext4
mount -t ext4 /dev/vdb /coarse
mount -t tmpfs tmpfs /tmpfs
mkdir /tmpfs/up /tmpfs/work
mount -t overlay -o lowerdir=/lower,upperdir=/tmpfs/up,workdir=/tmpfs/work overlay /over
GOCACHE=/ext4 GOMODCACHE=/tmpfs/m GOTMPDIR=/over elfin doctor --json > SHARE/1.json || true
GOCACHE=SHARE GOMODCACHE=/coarse GOTMPDIR=/over elfin doctor --json > SHARE/2.json || true
ls -A /ext4 /tmpfs/m /over /coarse 2>/dev/null | grep elfin-doctor || echo clean
";

#[test]
fn real_file_systems_are_told_apart_and_tried_out() {
    let mut guest = match Guest::find() {
        Ok(guest) => guest,
        Err(error) => return eprintln!("SKIPPED: {error:#}"),
    };
    guest.add_program(&demo::as_tested("elfin").unwrap(), "/bin/elfin").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("ext4"), folder.path().join("coarse"));
    ext4(&first, &[], 64).unwrap();
    // Inodes of 128 bytes have no room for parts of a second.
    ext4(&second, &["-I", "128"], 64).unwrap();
    let share = folder.path().join("share");
    fs::create_dir(&share).unwrap();
    let script = SCRIPT.replace("SHARE", SHARE);
    let said = guest.run(&script, &share, &[&first, &second], Duration::from_secs(600)).unwrap();
    assert!(said.ends_with("clean"), "{said}");
    let mut places: BTreeMap<String, Value> = BTreeMap::new();
    let mut ids = Vec::new();
    for name in ["1.json", "2.json"] {
        let text = fs::read_to_string(share.join(name)).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        for place in document["places"].as_array().unwrap() {
            places.insert(place["path"].as_str().unwrap().to_owned(), place.clone());
        }
        let findings = document["findings"].as_array().unwrap();
        ids.extend(findings.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
    }
    for (path, kind) in [
        ("/ext4", "ext4"),
        ("/coarse", "ext4"),
        ("/tmpfs/m", "tmpfs"),
        ("/over", "overlay"),
        (SHARE, "9p"),
    ] {
        assert_eq!(places[path]["file_system"], kind, "{path}");
    }
    for (kind, place) in &places {
        let measured = &place["measured"];
        for rate in ["create", "stat", "rename", "fsync"] {
            assert!(measured[rate].as_f64().unwrap() > 0.0, "{kind}: {measured}");
        }
        for what in ["case_sensitive", "execute_bit", "hard_links"] {
            assert_eq!(measured[what], true, "{kind}: {what}");
        }
    }
    // And 9P's mode is the one that it was mounted with.
    let step = |path: &str| places[path]["measured"]["mtime_step"].as_u64().unwrap();
    assert!(step("/coarse") >= 1_000_000_000 && step("/ext4") < 1_000_000_000);
    assert_eq!(places[SHARE]["client_cache"]["mode"], "mmap", "{}", places[SHARE]);
    assert!(places["/ext4"]["measured"]["free"].as_u64().unwrap() < 64 << 20);
    for id in ["on-network", "no-go"] {
        assert!(ids.iter().any(|it| it == id), "{ids:?}");
    }
}
