//! What counts as the same program, and what of the user's own settings reaches it.

use crate::fixture::{Folder, HELLO, find};
use elfin_schema::{Experiment, GivenUp, Message, PickKind, RecipeRecord, Status};

fn by_name<'a>(records: &'a [RecipeRecord], recipe: &str) -> &'a RecipeRecord {
    records.iter().find(|r| r.recipe == recipe).unwrap_or_else(|| panic!("no {recipe}"))
}

fn gives_up(experiment: &Experiment, kind: PickKind) -> &[GivenUp] {
    &experiment.picks.iter().find(|pick| pick.kind == kind).unwrap().gives_up
}

#[test]
fn two_checkouts_have_the_same_sources() {
    let (here, there) = (Folder::with_program(HELLO), Folder::with_program(HELLO));
    let compared = || {
        for folder in [&here, &there] {
            folder.plan(&[]);
            folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
        }
        let other = there.path("out").display().to_string();
        here.output(&["report", "out", &other])
    };
    let says = "The sources of A and B are not the same";
    assert!(!compared().contains(says));
    there.write("main.go", &HELLO.replace("gopher", "world"));
    assert!(compared().contains(says));
}

#[test]
fn sources_that_change_while_they_are_built_stop_the_experiment() {
    let folder = Folder::with_program(HELLO);
    folder.plan(&[]);
    // A `go` during whose build somebody saves a file.
    let go = find("go").unwrap();
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = build ] && [ -f main.go ] && echo '// saved' >> main.go\nexec '{}' \"$@\"\n",
        go.display()
    );
    folder.write("bin/go", &script);
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path("bin/go"), executable).unwrap();
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").unwrap());
    let mut elfin = folder.elfin(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    let says = elfin.env("PATH", path).assert().code(2).get_output().stderr.clone();
    let says = String::from_utf8(says).unwrap();
    assert!(says.contains("its sources") && says.contains("run the same command again"), "{says}");

    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
}

#[test]
fn a_module_below_is_built_in_its_folder_with_the_users_own_flags() {
    let folder = Folder::new();
    folder.write("tools/gen/go.mod", "module example.com/gen\n\ngo 1.21\n");
    folder.write(
        "tools/gen/main.go",
        "package main\n\nimport _ \"os/user\"\n\nvar version = \"none\"\n\n\
         func main() { println(version) }\n",
    );
    folder.plan(&["ldflags(-s -w)", "upx:best-lzma"]);
    let mut elfin = folder.elfin(&["lab", "./tools/gen", "--plan", "plan.toml"]);
    elfin.env("GOFLAGS", "-buildvcs=false '-ldflags=-X main.version=1.2'").env("CGO_ENABLED", "1");
    elfin.assert().success();
    let (_, records) = folder.documents("elfin-lab/gen");

    // Without the user's flag it would print something else.
    let stripped = by_name(&records, "ldflags(-s -w)");
    assert_eq!(stripped.status, Status::Ok, "{:?}", stripped.explains);
    assert_eq!(
        stripped.commands,
        ["cd ./tools/gen", "go build '-ldflags=-X main.version=1.2 -s -w' -o app ."]
    );

    // Packed, it still asks for the C library, though nothing in the file says so.
    let packed = by_name(&records, "upx:best-lzma");
    if find("upx").is_some() {
        let linked = packed.portability.as_ref().unwrap();
        assert!(linked.before_packing && linked.interpreter.is_some(), "{linked:?}");
        assert_eq!(
            linked.needed,
            by_name(&records, "baseline").portability.as_ref().unwrap().needed
        );
    }
}

#[test]
fn a_program_that_fails_is_the_first_finding_and_cgo_is_given_up() {
    let folder = Folder::with_program(
        "package main\n\nimport (\n\t\"os\"\n\t_ \"os/user\"\n)\n\n\
         func main() { println(\"give a command\"); os.Exit(3) }\n",
    );
    folder.plan(&["cgo0", "windows/amd64+cgo0"]);
    let mut elfin = folder.elfin(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    let text = elfin.env("CGO_ENABLED", "1").assert().success().get_output().stdout.clone();
    assert!(
        String::from_utf8(text).unwrap().contains("The baseline itself ends with exit status 3")
    );

    let (experiment, records) = folder.documents("out");
    let fails = Message::BaselineFails { exit: "exit status 3".into() };
    assert_eq!(experiment.findings.first(), Some(&fails));
    let given_up = gives_up(&experiment, PickKind::Smallest);
    let packages = vec!["os/user".to_owned()];
    assert!(given_up.contains(&GivenUp::NoCgo { packages }), "{given_up:?}");

    let windows = by_name(&records, "windows/amd64+cgo0");
    assert!(windows.transfer.is_some() && windows.composition.is_none());
    assert!(windows.portability.is_none() && windows.protection.is_none());
}

#[test]
fn a_file_names_its_program_and_two_of_one_name_do_not_share_a_folder() {
    let folder = Folder::with_program(HELLO);
    folder.write("tools/main.go", &HELLO.replace("gopher", "tool"));
    folder.write("rounds.toml", "[rounds]\nwarm = 2\ncold = 1\naslr = 2\n");
    for program in ["main.go", "tools/main.go", "./main.go"] {
        folder.output(&["lab", program, "--plan", "rounds.toml"]);
    }
    let (first, _) = folder.documents("elfin-lab/main");
    let (second, _) = folder.documents("elfin-lab/tools-main");
    assert_eq!((&*first.subject.path, &*second.subject.path), ("./main.go", "tools/main.go"));
    assert_eq!((&*first.subject.name, &*first.effort.plan), ("main", "rounds"));
}
