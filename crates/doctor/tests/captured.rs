//! Captured machines: each has what its kind of machine really shows, and the doctor sees it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use elfin_doctor::{Machine, diagnose, edits};
use elfin_process::Cancel;
use elfin_schema::{ClientCache, Diagnosis, HostKind, LimitName, Problem, Severity, SharedWith};
use std::path::{Path, PathBuf};

fn machine(name: &str) -> Machine {
    let roots = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/roots");
    Machine::captured(&roots.join(name)).unwrap()
}

fn judged(name: &str, module: &str) -> Diagnosis {
    diagnose(&machine(name), Some(Path::new(module)), &Cancel::default()).unwrap()
}

/// The ids of the findings with the line of the first evidence.
fn found(diagnosis: &Diagnosis) -> Vec<(String, Option<usize>)> {
    let ids = diagnosis.findings.iter().map(|finding| {
        let id = serde_json::to_value(&finding.problem).unwrap()["id"].as_str().unwrap().to_owned();
        (id, finding.evidence.first().and_then(|it| it.line))
    });
    ids.collect()
}

fn has(diagnosis: &Diagnosis, id: &str, line: Option<usize>) {
    let found = found(diagnosis);
    assert!(found.contains(&(id.to_owned(), line)), "no {id} at {line:?} in {found:?}");
}

#[test]
fn wsl_1_is_told_by_its_capital_and_serves_drives_as_drvfs() {
    let diagnosis = judged("wsl1", "/mnt/c/src/app");
    assert_eq!(diagnosis.host, HostKind::Wsl1);
    has(&diagnosis, "wsl1", Some(1));
    has(&diagnosis, "on-windows", Some(2));
    has(&diagnosis, "no-metadata", Some(2));
    has(&diagnosis, "windows-path", None);
}

#[test]
fn wsl_2_with_9p_has_its_settings_read_to_the_line() {
    let diagnosis = judged("wsl2-9p", "/mnt/c/src/app");
    assert_eq!((diagnosis.host, diagnosis.places[0].file_system.as_str()), (HostKind::Wsl2, "9p"));
    has(&diagnosis, "on-windows", Some(2));
    has(&diagnosis, "go-on-windows", None);
    let keys: Vec<(&str, Option<&str>, Option<usize>)> = diagnosis
        .findings
        .iter()
        .filter_map(|finding| match &finding.problem {
            Problem::UnknownKey { key, meant, .. } => {
                Some((key.as_str(), meant.as_deref(), finding.evidence[0].line))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        keys,
        [
            ("memory", Some(".wslconfig [wsl2] memory"), Some(6)),
            ("appendWindowPath", Some("[interop] appendWindowsPath"), Some(9)),
            ("systemd", Some("wsl.conf [boot] systemd"), Some(4)),
        ]
    );
    let setting = |key: &str| diagnosis.settings.iter().find(|it| it.key == key).unwrap();
    assert_eq!(
        (setting("boot.systemd").value.as_str(), setting("boot.systemd").line),
        ("true", Some(2))
    );
    assert_eq!(
        (setting("wsl2.memory").value.as_str(), setting("wsl2.swap").value.as_str()),
        ("4GB", "25%")
    );
    // What the files say is not what this machine was started with.
    let differs: Vec<(&str, &str)> = diagnosis
        .findings
        .iter()
        .filter_map(|finding| match &finding.problem {
            Problem::NotInForce { key, seen, .. } => Some((key.as_str(), seen.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(differs, [("boot.systemd", "false"), ("wsl2.memory", "16777216000")]);
    assert_eq!(diagnosis.places[0].client_cache, Some(ClientCache::Mmap));
    // Inside Linux the same machine is fine but for PATH and the keys.
    let inside = judged("wsl2-9p", "/home/me/app");
    assert!(inside.findings.iter().all(|it| !matches!(it.problem, Problem::OnWindows { .. })));
}

#[test]
fn virtiofs_is_a_drive_of_windows_by_its_tag() {
    let diagnosis = judged("wsl2-virtiofs", "/mnt/c/app");
    let ids: Vec<String> = found(&diagnosis).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["on-windows"]);
    assert_eq!(found(&judged("wsl2-virtiofs", "/home/me/app")), []);
}

#[test]
fn plain_linux_has_no_findings_of_wsl() {
    let diagnosis = judged("debian", "/home/me/app");
    assert_eq!((diagnosis.host, diagnosis.settings.len()), (HostKind::Linux, 0));
    assert_eq!(found(&diagnosis), [("few-watches".to_owned(), None)]);
}

#[test]
fn a_temporary_folder_that_forbids_to_execute_comes_first() {
    let diagnosis = judged("alpine", "/home/me/app");
    has(&diagnosis, "no-exec", Some(2));
    has(&diagnosis, "little-memory", None);
    has(&diagnosis, "on-network", Some(3));
    let severities: Vec<Severity> = diagnosis.findings.iter().map(|it| it.severity).collect();
    assert!(severities.is_sorted() && severities[0] == Severity::Wrong);
}

#[test]
fn a_container_is_told_from_the_kernel_it_runs_on() {
    let diagnosis = judged("container", "/src");
    assert_eq!(diagnosis.host, HostKind::ContainerOnWsl);
    for (id, line) in [("on-windows", Some(2)), ("slow-clock", None), ("few-open-files", Some(2))] {
        has(&diagnosis, id, line);
    }
    let ids: Vec<String> = found(&diagnosis).into_iter().map(|(id, _)| id).collect();
    assert!(!ids.contains(&"no-metadata".to_owned()), "{ids:?}");
    // Eight processors, and the time of two.
    let limit = |what| diagnosis.limits.iter().find(|it| it.what == what).unwrap();
    let jobs = limit(LimitName::Jobs);
    assert_eq!((jobs.value.as_str(), jobs.source.as_str()), ("2", "/sys/fs/cgroup/cpu.max"));
    let memory = limit(LimitName::Memory);
    assert_eq!(
        (memory.value.as_str(), memory.wanted.as_deref()),
        ("2147483648", Some(">= 1073741824"))
    );
}

#[test]
fn a_cache_that_others_use_is_named_with_them() {
    let with = |name: &str, cache: &str| {
        let mut machine = machine(name);
        machine.environment.insert("GOCACHE".into(), cache.into());
        let diagnosis = diagnose(&machine, None, &Cancel::default()).unwrap();
        diagnosis.findings.into_iter().find_map(|finding| match finding.problem {
            Problem::SharedCache { what, with, .. } if what == "GOCACHE" => Some(with),
            _ => None,
        })
    };
    assert_eq!(with("wsl2-9p", "/mnt/c/cache"), Some(SharedWith::Distributions));
    assert_eq!(with("wsl2-9p", "/mnt/wsl/cache"), Some(SharedWith::Distributions));
    assert_eq!(with("alpine", "/home/me/cache"), Some(SharedWith::Machines));
    assert_eq!(with("debian", "/home/me/cache"), None);
}

#[test]
fn what_an_edit_mends_is_one_edit_a_file_and_mends_it() {
    let diagnosis = judged("wsl2-9p", "/mnt/c/src/app");
    let edits = edits(&machine("wsl2-9p"), &diagnosis);
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0].file, "/etc/wsl.conf");
    let expected = "[automount]\noptions=\"metadata\"\nenabled = true";
    assert!(edits[0].after.contains(expected), "{}", edits[0].after);
    assert!(edits[0].after.contains("[interop]\nappendWindowsPath=false\nappendWindowPath"));
}

#[test]
fn what_is_captured_is_judged_alike_and_holds_no_secrets() {
    let mut here = machine("wsl2-9p");
    here.environment.insert("AWS_SECRET_ACCESS_KEY".into(), "secret".into());
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in here.capture() {
        let file = folder.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains("secret"));
        std::fs::write(file, content).unwrap();
    }
    let again = Machine::captured(folder.path()).unwrap();
    let module = Some(Path::new("/mnt/c/src/app"));
    let of = |machine: &Machine| {
        let findings = diagnose(machine, module, &Cancel::default()).unwrap().findings;
        // Programs are not captured.
        findings
            .into_iter()
            .filter(|it| !matches!(it.problem, Problem::GoOnWindows { .. }))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&again), of(&machine("wsl2-9p")));
}

#[test]
fn a_folder_that_is_no_capture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let says = Machine::captured(folder.path()).unwrap_err().to_string();
    assert!(says.contains("--capture"), "{says}");
}
