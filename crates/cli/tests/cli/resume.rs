//! kill -9 at any moment, and two runs at once.

use crate::fixture::{Folder, HELLO, shim};
use elfin_schema::{Message, Status};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RECIPES: [&str; 3] = ["strip:s", "ldflags(-s -w)", "strip:s > pie"];
const LAB: [&str; 6] = ["lab", ".", "--plan", "plan.toml", "--out", "out"];

/// Calls of `go build` for the user's program, without the second build of each variant.
fn first_builds(log: &str) -> usize {
    log.lines().filter(|line| line.starts_with("go build")).count()
}

#[test]
fn killed_again_and_again_it_ends_where_one_run_ends_and_loses_one_step_a_kill() {
    let folder = Folder::with_program(HELLO);
    folder.plan(&RECIPES);
    let log = folder.path("calls.log");
    for tool in ["go", "strip"] {
        shim(&folder.path("bin"), tool, &log);
    }
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());

    // At random points, which lie further and further on, so that kills fall into every phase.
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut kills, mut longest) = (0, 100);
    loop {
        let pause = Duration::from_millis(random.u64(20..longest));
        let mut elfin = Command::new(env!("CARGO_BIN_EXE_elfin"));
        elfin.args(LAB).current_dir(folder.path("")).env("PATH", &path);
        let mut elfin = elfin.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let began = Instant::now();
        let ended = loop {
            if let Some(status) = elfin.try_wait().unwrap() {
                break Some(status);
            }
            if began.elapsed() > pause {
                break None;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        match ended {
            Some(status) => {
                assert!(status.success());
                break;
            }
            None => {
                elfin.kill().unwrap(); // SIGKILL
                elfin.wait().unwrap();
                kills += 1;
                longest += longest / 4;
            }
        }
        assert!(kills < 60, "it never ends");
    }
    assert!(kills >= 5, "only {kills} kills: nothing was tested");

    let (experiment, records) = folder.documents("out");
    assert!(experiment.finished);
    let statuses: Vec<_> = records.iter().map(|r| (r.recipe.as_str(), r.status)).collect();
    use Status::{Impossible, Ok};
    assert_eq!(
        statuses,
        [("baseline", Ok), ("strip:s", Ok), ("ldflags(-s -w)", Ok), ("strip:s > pie", Impossible)]
    );

    // Two variants and their probe programs, each once, and two second builds: a kill loses one.
    let calls = folder.read("calls.log");
    assert!(first_builds(&calls) <= 6 + kills, "{kills} kills:\n{calls}");
    let strips = calls.lines().filter(|line| line.starts_with("strip -s")).count();
    assert!(strips <= 2 + kills, "{kills} kills:\n{calls}");
    // Every start was written down once: 3 files, 3 warm and 2 cold rounds.
    let journals: Vec<String> = std::fs::read_dir(folder.path("out/store"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert_eq!(journals.iter().map(|text| text.lines().count()).sum::<usize>(), 15);

    // A run after the end makes and measures nothing, and gives the same figures.
    let before = folder.read("out/record.jsonl");
    std::fs::remove_file(&log).unwrap();
    folder.elfin(&LAB).env("PATH", &path).assert().success();
    assert_eq!(first_builds(&folder.read("calls.log")), 0);
    // What a busy machine measured, a quiet one measures again.
    if !experiment.findings.iter().any(|finding| matches!(finding, Message::Load { .. })) {
        assert_eq!(folder.read("out/record.jsonl"), before);
    }

    // A change of the source is noticed.
    folder.write("main.go", &HELLO.replace("gopher", "marmot"));
    folder.elfin(&LAB).env("PATH", &path).assert().success();
    assert_eq!(first_builds(&folder.read("calls.log")), 4, "two variants, twice each");
}

#[test]
fn two_runs_in_one_folder_do_not_meet() {
    let folder = Folder::with_program(
        "package main\n\nimport \"time\"\n\nfunc main() { time.Sleep(300 * time.Millisecond) }\n",
    );
    folder.plan(&[]);
    let mut first = Command::new(env!("CARGO_BIN_EXE_elfin"));
    first.args(LAB).current_dir(folder.path("")).stdout(Stdio::null()).stderr(Stdio::null());
    let mut first = first.spawn().unwrap();
    while !folder.path("out/store").exists() {
        assert!(first.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    let says = folder.refused(&LAB);
    assert!(says.contains("another elfin works in"), "{says}");
    assert!(first.wait().unwrap().success());
}
