//! What does not stay as it was: programs that fail now and then, limits that change, a disk that
//! fills up, a user who has had enough.

use crate::fixture::Folder;
use elfin_schema::{Message, Probe, Status};
use std::process::{Command, Stdio};
use std::time::Duration;

const LAB: [&str; 6] = ["lab", ".", "--plan", "plan.toml", "--out", "out"];

/// A program that goes another way, `otherwise`, where its own symbol table is gone; `starts`
/// counts the starts in the current folder by then.
fn stripped_otherwise(otherwise: &str) -> Folder {
    let folder = Folder::with_program(&format!(
        r#"package main

import (
	"debug/elf"
	"fmt"
	"os"
	"time"
)

func main() {{
	if file, err := elf.Open("/proc/self/exe"); err == nil && file.Section(".symtab") == nil {{
		log, _ := os.OpenFile("starts.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		log.WriteString("x")
		text, _ := os.ReadFile("starts.log")
		starts, second := len(text), time.Second
		{otherwise}
		_, _ = starts, second
	}}
	fmt.Println("hello, gopher")
}}
"#
    ));
    folder.plan(&["strip:s", "ldflags(-w)"]);
    folder
}

#[test]
fn a_program_that_stops_starting_is_broken_and_the_others_go_on() {
    // Once judged, four times looked at, once started before the clock: then it has enough.
    let folder = stripped_otherwise("if starts > 6 { os.Exit(3) }");
    folder.output(&LAB);
    let (experiment, records) = folder.documents("out");
    assert!(experiment.finished);
    let statuses: Vec<_> = records.iter().map(|r| (r.recipe.as_str(), r.status)).collect();
    use Status::{Broken, Ok};
    assert_eq!(statuses, [("baseline", Ok), ("strip:s", Broken), ("ldflags(-w)", Ok)]);
    let expected =
        Message::ExitDiffers { expected: "exit status 0".into(), found: "exit status 3".into() };
    assert_eq!(records[1].explains, Some(expected));
    assert!(records[1].start.is_none());
    assert_eq!(records[2].start.as_ref().unwrap().warm.samples, 3);
}

#[test]
fn a_start_that_fails_once_is_repeated_and_said() {
    let folder = stripped_otherwise("if starts == 7 { os.Exit(3) }");
    folder.output(&LAB);
    let (experiment, records) = folder.documents("out");
    assert_eq!(records[1].status, Status::Ok);
    assert_eq!(records[1].start.as_ref().unwrap().warm.samples, 3);
    let said = Message::StartsFailed { recipe: "strip:s".into(), failed: 1 };
    assert!(experiment.findings.contains(&said), "{:?}", experiment.findings);
}

#[test]
fn what_failed_for_want_of_patience_is_tried_again_with_more() {
    let folder = stripped_otherwise("time.Sleep(2 * second)");
    folder.plan(&["strip:s"]);
    let impatient = [&LAB[..], &["--timeout", "1"]].concat();
    folder.output(&impatient);
    assert_eq!(folder.documents("out").1[1].status, Status::Broken);
    folder.output(&LAB);
    assert_eq!(folder.documents("out").1[1].status, Status::Ok);
}

#[test]
fn a_benchmark_that_failed_is_tried_again() {
    let folder = stripped_otherwise("");
    folder.plan(&[]);
    let bench = [&LAB[..], &["--bench", "test -e input && {}"]].concat();
    folder.output(&bench);
    let of = |folder: &Folder| folder.documents("out").1[0].bench.clone();
    assert!(matches!(of(&folder), Some(Probe::Failed { .. })), "{:?}", of(&folder));
    folder.write("input", "");
    folder.output(&bench);
    assert!(matches!(of(&folder), Some(Probe::Measured { .. })), "{:?}", of(&folder));
}

#[test]
fn ctrl_c_ends_it_with_the_word_how_to_go_on() {
    let folder = stripped_otherwise("");
    let mut elfin = Command::new(env!("CARGO_BIN_EXE_elfin"));
    elfin.args(LAB).current_dir(folder.path("")).stdout(Stdio::null()).stderr(Stdio::piped());
    let elfin = elfin.spawn().unwrap();
    while !folder.path("out/store").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let interrupt = Command::new("kill").args(["-INT", &elfin.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    let output = elfin.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let says = String::from_utf8(output.stderr).unwrap();
    assert!(says.contains("stopped; the same command goes on from here"), "{says}");
    let scratch = std::fs::read_dir(folder.path("out/store/scratch")).unwrap();
    assert_eq!(scratch.count(), 0, "what was half made is gone");
    folder.output(&LAB);
}

#[test]
fn a_full_disk_is_named_and_the_next_run_goes_on() {
    let folder = stripped_otherwise("");
    folder.write("disk/keep", "");
    // A file system of 3 MiB, which a build of a Go program fills, in a namespace of our own.
    let script = "mount -t tmpfs -o size=3m elfin disk && shift && \"$0\" \"$@\"; said=$?; \
                  echo \"ended $said\"; mount -o remount,size=200m disk && \"$0\" \"$@\"";
    let unshare = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(env!("CARGO_BIN_EXE_elfin"))
        .args(["-", "lab", ".", "--plan", "plan.toml", "--out", "disk/out"])
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&unshare.stdout), String::from_utf8_lossy(&unshare.stderr));
    assert!(unshare.status.success(), "{out}\n{err}");
    assert!(out.starts_with("ended 2\n"), "{out}\n{err}");
    assert!(err.contains("no space left for"), "{err}");
    assert!(out.contains("baseline"), "the second run: {out}");
}
