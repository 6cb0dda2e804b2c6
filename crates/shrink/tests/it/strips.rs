//! Each letter of strip does what GNU strip's does.

use crate::programs::{Built, Folder, program};
use elfin_shrink::{Strip, strip};
use std::collections::BTreeSet;

const LETTERS: [(&str, Strip); 4] = [
    ("-s", Strip::All),
    ("-x", Strip::Locals),
    ("-g", Strip::Debug),
    ("--strip-unneeded", Strip::Unneeded),
];

/// The names of sections, or value, kind, binding and name of symbols.
fn listed(folder: &Folder, arguments: &[&str], columns: &[usize]) -> BTreeSet<String> {
    let output = folder.run("readelf", arguments).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap().replace("[ ", "[");
    let rows = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let picked = rows.map(|row| columns.iter().filter_map(|at| row.get(*at).copied()).collect());
    picked.collect::<BTreeSet<Vec<&str>>>().into_iter().map(|row| row.join(" ")).collect()
}

#[test]
fn the_letters_leave_what_gnu_strip_leaves() {
    for built in [Built::Exe, Built::CgoPie] {
        let Some(data) = program(built) else { return };
        let folder = Folder::new();
        folder.write("input", &data);
        for (letter, what) in LETTERS {
            let ours = strip(&data, what).unwrap().to_vec();
            folder.write("ours", &ours);
            let Some(done) = folder.run("strip", &[letter, "-o", "gnu", "input"]) else { return };
            assert!(done.status.success());
            let sections = |file| listed(&folder, &["-SW", file], &[1, 2]);
            let names = |file| -> BTreeSet<String> {
                sections(file).into_iter().filter(|it| it.starts_with('.')).collect()
            };
            assert_eq!(names("ours"), names("gnu"), "{built:?} {letter}");
            let symbols = |file| listed(&folder, &["-sW", file], &[1, 3, 4, 7]);
            assert_eq!(symbols("ours"), symbols("gnu"), "{built:?} {letter}");
            assert_eq!(folder.says(&ours, ""), folder.says(&data, ""), "{built:?} {letter}");
            let gnu = folder.run("cat", &["gnu"]).unwrap().stdout.len();
            assert!(ours.len() <= gnu, "{built:?} {letter}: {} {gnu}", ours.len());
        }
    }
}
