//! The doctor as a user meets it: exit codes, JSON, edits and their undoing, captures.

use crate::fixture::{Folder, find};
use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The doctor in a home of its own, where there is no module.
fn doctor(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elfin"));
    command.arg("doctor").args(arguments).current_dir(folder.path(""));
    command.env("HOME", folder.path("home")).timeout(std::time::Duration::from_secs(600));
    for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "GOENV", "GOTOOLCHAIN"] {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn roots() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../doctor/tests/roots")
}

#[test]
fn an_edit_is_shown_first_made_after_a_yes_and_taken_back() {
    let folder = Folder::new();
    let (file, was) = ("home/.config/go/env", "GOFLAGS=-v\nGOTOOLCHAIN=local\n");
    folder.write(file, was);
    let read = || fs::read_to_string(folder.path(file)).unwrap();
    let asked = doctor(&folder, &["--fix"]).assert().code(2).get_output().clone();
    assert!(text(&asked.stdout).contains("- GOTOOLCHAIN=local"), "{}", text(&asked.stdout));
    assert!(text(&asked.stderr).contains("nothing was changed"));
    assert_eq!(read(), was);
    doctor(&folder, &["--fix", "--yes"]).assert().success();
    assert_eq!(read(), "GOFLAGS=-v\n");
    doctor(&folder, &["--undo"]).assert().success();
    assert_eq!(read(), was);
    let again = doctor(&folder, &["--undo"]).assert().code(2).get_output().clone();
    assert!(text(&again.stderr).contains("nothing to undo"), "{}", text(&again.stderr));
    // What somebody changed meanwhile is not written over.
    doctor(&folder, &["--fix", "--yes"]).assert().success();
    folder.write(file, "GOFLAGS=-x\n");
    doctor(&folder, &["--undo"]).assert().code(2);
    assert_eq!(read(), "GOFLAGS=-x\n");
}

#[test]
fn a_captured_machine_is_judged_with_its_own_folders() {
    let root = roots().join("wsl2-9p");
    let folder = Folder::new();
    let root = root.to_str().unwrap();
    let judge = |module: &str, lang: &str| -> Value {
        let arguments = ["--root", root, module, "--json", "--lang", lang];
        let output = doctor(&folder, &arguments).assert().code(1).get_output().stdout.clone();
        serde_json::from_slice(&output).unwrap()
    };
    let on_windows = |document: &Value| {
        let findings = document["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|it| it["id"] == "on-windows" && it["what"] == "module")
    };
    let english = on_windows(&judge("/mnt/c/src/app", "en")).unwrap();
    for name in ["id", "severity", "cause", "evidence", "remedy"] {
        assert!(!english[name].is_null(), "{name}");
    }
    assert!(english["cause"].as_str().unwrap().contains("/mnt/c/src/app"));
    let chinese = on_windows(&judge("/mnt/c/src/app", "zh")).unwrap();
    assert!(chinese["remedy"].as_str().unwrap().contains("源码"));
    assert!(on_windows(&judge("/home/me/app", "en")).is_none());
    // A path that is named from where one stands is no path of that machine.
    let odd = doctor(&folder, &["--root", root, "src/app"]).assert().code(2).get_output().clone();
    assert!(text(&odd.stderr).contains("src/app"), "{}", text(&odd.stderr));
}

#[test]
fn a_capture_is_a_tar_file_that_can_be_judged() {
    let Some(tar) = find("tar") else { return };
    let folder = Folder::new();
    let captured = folder.path("it.tar");
    doctor(&folder, &["--capture", captured.to_str().unwrap()]).assert().success();
    fs::create_dir(folder.path("root")).unwrap();
    let mut unpack = Command::new(tar);
    unpack.arg("-xf").arg(&captured).arg("-C").arg(folder.path("root")).assert().success();
    let root = folder.path("root");
    let output = doctor(&folder, &["--root", root.to_str().unwrap(), "--json"]).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let here = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(document["kernel"], here.trim());
    assert!(document["surroundings"].is_null() && document["clocks"].is_null());
    assert!(!document["limits"].as_array().unwrap().is_empty());
}

/// What ntfs-3g serves until this is dropped.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).ok();
    }
}

#[test]
fn ntfs_is_tried_out_as_it_is() {
    let folder = Folder::new();
    let (image, point) = (folder.path("image"), folder.path("ntfs"));
    fs::File::create(&image).unwrap().set_len(32 << 20).unwrap();
    fs::create_dir(&point).unwrap();
    let has = |name: &str| find(name).or_else(|| find(&format!("/usr/sbin/{name}")));
    let (Some(make), Some(mount)) = (has("mkntfs"), has("ntfs-3g")) else {
        eprintln!("SKIPPED: no ntfs-3g: `cargo xtask setup --tests` installs it");
        return;
    };
    Command::new(make).args(["-F", "-f", "-q"]).arg(&image).assert().success();
    if Command::new(mount).arg(&image).arg(&point).ok().is_err() {
        eprintln!("SKIPPED: ntfs-3g may not mount here: it wants root or a setuid fusermount");
        return;
    }
    let mounted = Mounted(point.clone());
    let mut command = doctor(&folder, &["--json"]);
    let output = command.env("GOCACHE", point.join("cache")).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let places = document["places"].as_array().unwrap();
    let place = places.iter().find(|it| it["what"] == "GOCACHE").unwrap();
    // fuseblk on a device, fuse on an image.
    assert!(place["file_system"].as_str().unwrap().starts_with("fuse"), "{place}");
    let measured = &place["measured"];
    assert!(measured["create"].as_f64().unwrap() > 0.0 && measured["hard_links"] == true);
    // NTFS counts in 100 ns.
    assert_eq!(measured["mtime_step"].as_u64().unwrap() % 100, 0, "{measured}");
    assert!(measured["free"].as_u64().unwrap() < 32 << 20);
    let left = fs::read_dir(&point).unwrap().count();
    assert_eq!(left, 0, "something stayed behind");
    drop(mounted);
}
