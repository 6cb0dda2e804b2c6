//! The doctor in a guest: it sees each file system for what it is, and each by trying it.

use super::{Guest, SHARE, ext4};
use crate::demo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// Mounts, and two looks of the doctor at five file systems. There is no Go, which is a finding.
const SCRIPT: &str = "mkdir /ext4 /vfat /tmpfs /lower /over
mount -t ext4 /dev/vda /ext4
mkfs.vfat /dev/vdb
mount -t vfat /dev/vdb /vfat
mount -t tmpfs tmpfs /tmpfs
mkdir /tmpfs/up /tmpfs/work
mount -t overlay -o lowerdir=/lower,upperdir=/tmpfs/up,workdir=/tmpfs/work overlay /over
GOCACHE=/ext4 GOMODCACHE=/tmpfs/m GOTMPDIR=/over elfin doctor --json > SHARE/1.json || true
GOCACHE=SHARE GOMODCACHE=/vfat GOTMPDIR=/over elfin doctor --json > SHARE/2.json || true
ls -A /ext4 /tmpfs/m /over /vfat 2>/dev/null | grep elfin-doctor || echo clean
";

#[test]
fn real_file_systems_are_told_apart_and_tried_out() {
    let mut guest = match Guest::find() {
        Ok(guest) => guest,
        Err(error) => return eprintln!("SKIPPED: {error:#}"),
    };
    guest.add_program(&demo::elfin(&[]).unwrap(), "/bin/elfin").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("ext4"), folder.path().join("vfat"));
    ext4(&first, None, 64).unwrap();
    fs::File::create(&second).unwrap().set_len(64 << 20).unwrap();
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
            places.insert(place["file_system"].as_str().unwrap().to_owned(), place.clone());
        }
        let findings = document["findings"].as_array().unwrap();
        ids.extend(findings.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
    }
    let kinds: Vec<&str> = places.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["9p", "ext4", "overlay", "tmpfs", "vfat"]);
    for (kind, place) in &places {
        let measured = &place["measured"];
        for rate in ["create", "stat", "rename", "fsync"] {
            assert!(measured[rate].as_f64().unwrap() > 0.0, "{kind}: {measured}");
        }
        let is_unix = kind != "vfat";
        for what in ["case_sensitive", "execute_bit", "hard_links"] {
            assert_eq!(measured[what], is_unix, "{kind}: {what}");
        }
    }
    // FAT has steps of two seconds, and 9P's mode is the one that it was mounted with.
    assert_eq!(places["vfat"]["measured"]["mtime_step"], 2_000_000_000_u64);
    assert_eq!(places["9p"]["client_cache"]["mode"], "mmap", "{}", places["9p"]);
    assert!(places["ext4"]["measured"]["free"].as_u64().unwrap() < 64 << 20);
    for id in ["on-network", "case-insensitive", "no-go"] {
        assert!(ids.iter().any(|it| it == id), "{ids:?}");
    }
}
