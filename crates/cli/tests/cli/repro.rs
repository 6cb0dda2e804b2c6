//! The same source in other worlds, each program really built: what breaks it is found and mended.

use crate::fixture::{Folder, find};
use elfin_schema::{
    Kind, NotTried, RemedyTried, ReproCause, ReproEvidence, Reproduction, Untold, Varied, Vary,
    World,
};
use std::process::Command;

/// The smallest program there is, so that a world takes a second or two.
const SMALL: &str = "package main\n\nfunc main() { println(\"small\") }\n";

/// `elfin repro`, without settings of whoever runs the tests; the document, and the exit status.
fn repro(folder: &Folder, arguments: &[&str], set: &[(&str, &str)]) -> (Reproduction, i32) {
    let mut elfin = folder.elfin(&["repro"]);
    elfin.args(arguments).arg("--json").env("GOENV", "off").env_remove("GOFLAGS");
    let output = elfin.envs(set.iter().copied()).output().unwrap();
    let says = String::from_utf8(output.stderr).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let document = elfin_schema::read_reproduction(&text);
    (document.unwrap_or_else(|error| panic!("{error}: {says}")), output.status.code().unwrap())
}

fn run(folder: &Folder, program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.current_dir(folder.path("")).env("GOENV", "off").env_remove("GOFLAGS");
    assert!(command.args(arguments).status().unwrap().success(), "{program} {arguments:?}");
}

fn commit(folder: &Folder) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    run(folder, "git", &["init", "-q"]);
    run(folder, "git", &["add", "."]);
    run(folder, "git", &[&identity[..], &["commit", "-q", "-m", "one"]].concat());
}

fn row<'d>(document: &'d Reproduction, world: &World) -> &'d Varied {
    let found = document.varied.iter().find(|it| it.world == *world);
    found.unwrap_or_else(|| panic!("{world:?} in {document:#?}"))
}

/// What differs is mended by exactly this, which was built with.
fn assert_mended(varied: &Varied, remedy: &str) {
    assert_eq!(varied.identical, Some(false), "{varied:#?}");
    assert_eq!(varied.remedies[0].set, [remedy], "{varied:#?}");
    assert_eq!(varied.remedies[0].tried, RemedyTried::Identical, "{varied:#?}");
    assert!(varied.bytes > 0);
    assert_eq!(varied.parts.iter().map(|it| it.bytes).sum::<u64>(), varied.bytes);
}

#[test]
fn what_breaks_the_bytes_is_found_and_mended_and_the_rest_is_the_same() {
    let folder = Folder::with_program(SMALL);
    commit(&folder);
    let vary = ["--vary", "path,git,umask,mtime,user,cc", "--rounds", "2"];
    let (document, status) = repro(&folder, &[&["."][..], &vary].concat(), &[]);
    assert_eq!((document.identical, status), (false, 1));
    assert_eq!(row(&document, &World::Same).identical, Some(true), "nothing varied");

    let other = row(&document, &World::OtherFolder);
    assert_mended(other, "-trimpath");
    assert_eq!(other.because, Some(ReproCause::SourceFolder));
    let names = other.parts.iter().find(|it| it.kind == Some(Kind::FileTable)).unwrap();
    assert_eq!(names.section.as_deref(), Some(".gopclntab"));
    assert_eq!(names.owner.as_deref(), Some("main"));
    assert!(other.evidence.iter().any(
        |it| matches!(it, ReproEvidence::Path { path, times: 1.. } if path.ends_with("/alt"))
    ));

    let dirty = row(&document, &World::UncommittedFile);
    assert_mended(dirty, "-buildvcs=false");
    let settings = vec!["vcs.modified".to_owned()];
    assert_eq!(dirty.because, Some(ReproCause::VersionControl { settings }));
    assert_mended(row(&document, &World::OtherCommit), "-buildvcs=false");
    assert_mended(row(&document, &World::NoGit), "-buildvcs=false");

    for one in &document.varied {
        let same = [Vary::Umask, Vary::Mtime].contains(&one.what);
        let refused = matches!(one.not_tried, Some(NotTried::NoNamespace { .. }));
        if same || (one.what == Vary::User && !refused) {
            assert_eq!(one.identical, Some(true), "{one:#?}");
        }
    }
    if find("gcc").is_some() {
        let without = row(&document, &World::NoCompiler);
        assert_mended(without, "CGO_ENABLED=0");
        assert!(matches!(without.because, Some(ReproCause::CgoSwitched { .. })), "{without:#?}");
    }
    let rounds = document.rounds.unwrap();
    assert_eq!((rounds.rounds.len(), rounds.build_ids, rounds.files), (3, 3, 3));
    assert!(rounds.rounds[1].changed > 0 && rounds.rounds[0].changed == 0);
    assert_eq!(folder.read("main.go"), SMALL, "the user's files stay as they are");
}

#[test]
fn link_time_optimization_is_never_the_same_and_is_named() {
    if find("gcc").is_none() {
        eprintln!("SKIPPED: no gcc");
        return;
    }
    let folder = Folder::with_program(
        "package main\n\n// static int one(void) { return 1; }\nimport \"C\"\n\n\
         func main() { println(C.one()) }\n",
    );
    let set = [("CGO_CFLAGS", "-O1 -flto"), ("CGO_LDFLAGS", "-flto"), ("CC", "gcc")];
    let (document, status) = repro(&folder, &[".", "--vary", "none"], &set);
    assert_eq!((document.identical, status), (false, 1));
    let again = row(&document, &World::Same);
    let Some(ReproCause::LinkTimeOptimization { places }) = &again.because else {
        panic!("{again:#?}")
    };
    assert_eq!(places, &["CGO_CFLAGS", "CGO_LDFLAGS"]);
    assert_eq!(again.remedies[0].set, ["CGO_CFLAGS=-O1", "CGO_LDFLAGS="]);
    assert_eq!(again.remedies[0].tried, RemedyTried::Identical);
    assert_eq!(document.with, again.remedies[0].set, "the other worlds are built with it");
}

#[test]
fn a_date_in_c_code_is_found_by_a_clock_that_is_ahead() {
    if find("gcc").is_none() || !cfg!(target_arch = "x86_64") {
        eprintln!("SKIPPED: no gcc, or a processor on which clocks are not shifted");
        return;
    }
    let folder = Folder::with_program(
        "package main\n\n// static const char *day(void) { return __DATE__; }\nimport \"C\"\n\n\
         func main() { println(C.GoString(C.day())) }\n",
    );
    let (document, status) = repro(&folder, &[".", "--vary", "time"], &[("CC", "gcc")]);
    let time = &document.varied[1];
    if let Some(NotTried::ClockUnmoved { says }) = &time.not_tried {
        eprintln!("SKIPPED: {says}");
        return;
    }
    assert_eq!(status, 1);
    assert_mended(time, "SOURCE_DATE_EPOCH=1");
    assert_eq!(time.because, Some(ReproCause::BuildTime));
}

#[test]
fn what_was_shipped_is_built_again_from_its_own_build_information() {
    let folder =
        Folder::with_program("package main\n\nvar v = \"a\"\n\nfunc main() { println(v) }\n");
    commit(&folder);
    let set = [("CGO_ENABLED", "0")];
    let build = |out: &str, flags: &str| {
        let flags = format!("-ldflags={flags}");
        let mut go = Command::new("go");
        go.current_dir(folder.path("")).env("GOENV", "off").env_remove("GOFLAGS");
        go.envs(set).args(["build", "-trimpath", &flags, "-o", out, "."]);
        assert!(go.status().unwrap().success());
    };
    let shipped = Folder::new();
    let at = |name: &str| shipped.path(name).display().to_string();
    build(&at("app"), "-s -w");
    build(&at("set"), "-X main.v=bb");
    // The folder goes on; what was shipped is at the commit that it names.
    folder.write("main.go", "package main\n\nfunc main() { println(\"later\") }\n");
    let rebuilt = |name: &str| {
        let source = folder.path("").display().to_string();
        repro(&folder, &["--binary", &at(name), "--source", &source], &[])
    };
    let (document, status) = rebuilt("app");
    assert_eq!((document.identical, status), (true, 0), "{document:#?}");
    let notes = document.shipped.unwrap();
    assert_eq!(notes.inferred, ["-ldflags=-s -w"]);
    assert!(notes.told.contains(&("CGO_ENABLED".into(), "0".into())));
    assert!(notes.untold.contains(&Untold::LinkerFlags));

    let (document, status) = rebuilt("set");
    assert_eq!((document.identical, status), (false, 1));
    let parts = &document.varied[0].parts;
    assert!(parts.iter().any(|it| it.owner.as_deref() == Some("main")), "{parts:#?}");
    assert!(
        document.varied[0].evidence.iter().any(|it| matches!(
            it,
            ReproEvidence::BuildId { inputs: false, code: false, link: true }
        ))
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    let folder = Folder::with_program("package main\n\nfunc main() { oh }\n");
    assert!(folder.refused(&["repro", "."]).contains("undefined: oh"));
    assert!(folder.refused(&["repro", "./none"]).contains("./none"));
    assert!(folder.refused(&["repro", ".", "--vary", "moon"]).contains("parallel"));
    folder.write("text", "no program");
    let says = folder.refused(&["repro", "--binary", "text", "--source", "."]);
    assert!(says.contains("no ELF file"), "{says}");
}
