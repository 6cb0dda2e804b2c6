//! What others read in a slim program: Go's own tools, profilers, checkers of ELF.

use crate::programs::{Built, Folder, build, program};
use crate::slims::{packed, static_pie, with_debug};
use elfin_shrink::{Options, slim};

/// What a tool says about two files, each in the place of the other.
fn both(folder: &Folder, files: [&[u8]; 2], tool: &str, call: &[&str]) -> Option<[String; 2]> {
    let said = files.map(|bytes| {
        folder.write("program", bytes);
        let output = folder.run(tool, call)?;
        let text = [output.stdout, output.stderr].concat();
        Some(String::from_utf8_lossy(&text).into_owned())
    });
    let [Some(was), Some(is)] = said else { return None };
    Some([was, is])
}

fn slimmed(data: &[u8], options: &Options<'_>) -> Vec<u8> {
    slim(data, options).unwrap().program.to_vec()
}

/// A program with each way of slimming it.
fn cases() -> [(Built, Options<'static>); 4] {
    [
        (Built::Exe, with_debug()),
        (Built::CgoPie, with_debug()),
        (Built::Pie, packed()),
        (Built::Pie, static_pie()),
    ]
}

#[test]
fn go_finds_modules_and_lines_in_a_slim_program() {
    let folder = Folder::new();
    for (built, options) in cases() {
        let Some(data) = program(built) else { return };
        let slim = slimmed(&data, &options);
        let version = both(&folder, [&data, &slim], "go", &["version", "-m", "program"]);
        let Some([was, is]) = version else { return };
        assert_eq!(is, was, "{built:?}");
        assert!(is.contains("\tpath\t"), "{is}");

        if built == Built::CgoPie {
            continue; // Behind the C library's code, Go's reader finds lines by symbols alone.
        }
        folder.write("program", &data);
        let names = folder.run("go", &["tool", "nm", "program"]).unwrap().stdout;
        let names = String::from_utf8_lossy(&names).into_owned();
        let line = names.lines().find(|it| it.ends_with(" main.main")).unwrap();
        let address = line.split_whitespace().next().unwrap().to_owned();
        folder.write("program", &slim);
        let ask = format!("echo 0x{address} | go tool addr2line program");
        let said = folder.run("sh", &["-c", &ask]).unwrap();
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.starts_with("main.main\n") && said.contains("main.go:"), "{built:?}: {said}");
    }
}

fn is_digit(character: char) -> bool {
    character.is_ascii_hexdigit()
}

#[test]
fn a_panic_has_the_same_trace() {
    let folder = Folder::new();
    for (built, options) in [
        (Built::Panics, with_debug()),
        (Built::PanicsPie, packed()),
        (Built::PanicsPie, static_pie()),
    ] {
        let Some(data) = program(built) else { return };
        let slim = slimmed(&data, &options);
        let [was, is] = both(&folder, [&data, &slim], "./program", &[]).unwrap();
        // Arguments that were in registers are whatever is in their place now.
        let calls = |said: &str| -> Vec<String> {
            said.split("0x").map(|it| it.trim_start_matches(is_digit).to_owned()).collect()
        };
        let (was, is) = (calls(&was), calls(&is));
        assert_eq!(is, was, "{built:?}");
        assert!(is.concat().contains("panics.go:9"), "{is:?}");
    }
}

/// Complaints without the numbers of sections and program headers, which change.
fn complaints(said: &str) -> Vec<String> {
    let lines = said.lines().filter(|it| *it != "No errors");
    let plain = |it: &str| it.chars().filter(|it| !it.is_ascii_digit()).collect::<String>();
    lines.map(|it| plain(it).replace("[ ", "[")).collect()
}

#[test]
fn a_strict_checker_finds_nothing_new() {
    // elfutils knows RELR since 0.189, and takes the name of ld's own section for that of a REL.
    const UNKNOWN: &str = "section [] '.relr.dyn' has wrong type: expected REL";
    let folder = Folder::new();
    for (built, options) in cases() {
        let Some(data) = program(built) else { return };
        let slim = slimmed(&data, &options);
        let Some([was, is]) = both(&folder, [&data, &slim], "eu-elflint", &["--gnu-ld", "program"])
        else {
            return;
        };
        let before = complaints(&was);
        for new in complaints(&is).iter().filter(|it| !before.contains(it)) {
            assert!(new.starts_with(UNKNOWN), "{built:?}: {new}");
        }
    }
}

#[test]
fn perf_names_functions_by_the_debug_file() {
    const PIE: &[&str] = &["-buildmode=pie"];
    const COMMAND: &str =
        "perf --buildid-dir cache record -N -q -e cpu-clock:u -o data ./program &&
        perf --buildid-dir cache report --stdio -q -F overhead,symbol -i data";
    for (arguments, options) in [(&[][..], packed()), (PIE, packed()), (PIE, static_pie())] {
        let Some(data) = build("spins", arguments, &["CGO_ENABLED=0"]) else { return };
        let slimmed = slim(&data, &options).unwrap();
        let folder = Folder::new();
        folder.write("program", &slimmed.program.to_vec());
        let Some(bare) = folder.run("perf", &["version"]).and(folder.run("sh", &["-c", COMMAND]))
        else {
            return;
        };
        if !bare.status.success() {
            eprintln!("SKIPPED: perf: {}", String::from_utf8_lossy(&bare.stderr));
            return;
        }
        assert!(!String::from_utf8_lossy(&bare.stdout).contains("main.spin"), "from nowhere?");
        folder.write("program.debug", &slimmed.debug.unwrap().to_vec());
        let output = folder.run("sh", &["-c", COMMAND]).unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let first = said.lines().find(|it| it.contains('%')).unwrap_or_default();
        assert!(first.contains("main.spin"), "{arguments:?} {options:?}: {said}");
    }
}
