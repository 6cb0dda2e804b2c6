//! What is wrong is said, with the exit code of the design.

use crate::fixture::{Folder, HELLO};
use std::fs;

#[test]
fn what_is_no_package_is_told_in_gos_own_words() {
    let folder = Folder::with_program(HELLO);
    let says = folder.refused(&["lab", "./nowhere"]);
    assert!(says.contains("./nowhere is not a Go package"), "{says}");
    assert!(says.contains("directory not found") || says.contains("no such file"), "{says}");
    assert!(!folder.path("elfin-lab").exists(), "a wrong package leaves nothing behind");
}

#[test]
fn a_library_is_not_a_command() {
    let folder = Folder::with_program("package app\n");
    let says = folder.refused(&["lab", "."]);
    assert!(says.contains("package app, not a command"), "{says}");
}

#[test]
fn a_compile_error_is_gos_own_message() {
    let folder = Folder::with_program("package main\n\nfunc main() { undefined() }\n");
    folder.plan(&["ldflags(-s -w)"]);
    let says = folder.refused(&["lab", ".", "--plan", "plan.toml"]);
    assert!(says.contains("main.go:3:15: undefined: undefined"), "{says}");
}

#[test]
fn a_variant_that_does_not_compile_is_a_row_and_the_others_go_on() {
    let folder = Folder::with_program(HELLO);
    folder.write("broken.go", "//go:build wrong\n\npackage main\n\nvar x = undefined\n");
    folder.plan(&["tags(wrong)", "ldflags(-s -w)"]);
    folder.output(&["lab", ".", "--plan", "plan.toml", "--out", "out"]);
    let (_, records) = folder.documents("out");
    let statuses: Vec<_> = records.iter().map(|r| (r.recipe.as_str(), r.status)).collect();
    use elfin_schema::Status::{Failed, Ok};
    assert_eq!(statuses, [("baseline", Ok), ("tags(wrong)", Failed), ("ldflags(-s -w)", Ok)]);
    let says = records[1].says.as_deref().unwrap();
    assert!(says.contains("undefined: undefined"), "{says}");
}

#[test]
fn a_file_that_is_no_program_is_named_with_what_is_wrong() {
    let folder = Folder::new();
    folder.write("notes.txt", "not a program");
    let says = folder.refused(&["lab", "--binary", "notes.txt"]);
    assert!(says.contains("notes.txt") && says.contains("ELF"), "{says}");

    fs::copy("/bin/true", folder.path("plain")).unwrap();
    let plain = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(folder.path("plain"), plain).unwrap();
    let says = folder.refused(&["lab", "--binary", "plain"]);
    assert!(says.contains("not executable (chmod +x)"), "{says}");
}

#[test]
fn a_program_that_never_gets_ready_is_shown_with_its_output() {
    let source = "package main\n\nimport (\"fmt\"; \"time\")\n\n\
        func main() { fmt.Println(\"waiting for godot\"); time.Sleep(time.Hour) }\n";
    let folder = Folder::with_program(source);
    folder.plan(&[]);
    let says = folder.refused(&["lab", ".", "--plan", "plan.toml", "--timeout", "1"]);
    assert!(says.contains("| waiting for godot"), "{says}");
    assert!(says.contains("--ready"), "{says}");
}

#[test]
fn a_cause_is_told_once() {
    let folder = Folder::with_program(HELLO);
    folder.write("plan.toml", "recipes = [");
    let says = folder.refused(&["lab", ".", "--plan", "plan.toml"]);
    assert_eq!(says.matches("TOML parse error").count(), 1, "{says}");
    assert!(says.contains("plan.toml: the plan is not understood: "), "{says}");
}

#[test]
fn a_server_that_says_so_on_the_other_stream_is_told() {
    let source = "package main\n\nimport \"time\"\n\n\
        func main() { println(\"listening on 8080\"); time.Sleep(time.Hour) }\n";
    let folder = Folder::with_program(source);
    folder.plan(&[]);
    let ready = ["--ready", "stdout:listening", "--timeout", "1"];
    let says = folder.refused(&[&["lab", ".", "--plan", "plan.toml"], &ready[..]].concat());
    assert!(says.contains("on standard error"), "{says}");
}

#[test]
fn a_benchmark_that_does_not_run_the_program_is_refused() {
    let folder = Folder::with_program(HELLO);
    let says = folder.refused(&["lab", ".", "--bench", "wrk localhost"]);
    assert!(says.contains("--bench") && says.contains("{}"), "{says}");
}

#[test]
fn somebody_elses_folder_is_left_alone() {
    let folder = Folder::with_program(HELLO);
    folder.write("thesis/chapter1.txt", "mine");
    let says = folder.refused(&["lab", ".", "--out", "thesis"]);
    assert!(says.contains("thesis holds files that elfin did not write"), "{says}");
    assert_eq!(fs::read_dir(folder.path("thesis")).unwrap().count(), 1);
}

#[test]
fn a_plan_with_a_wrong_recipe_is_refused_before_anything_is_built() {
    let folder = Folder::with_program(HELLO);
    folder.plan(&["pie > shrink"]);
    let says = folder.refused(&["lab", ".", "--plan", "plan.toml"]);
    assert!(says.contains("plan.toml") && says.contains("\"shrink\" is not a stage"), "{says}");
}

#[test]
fn a_folder_without_an_experiment_is_told() {
    let folder = Folder::new();
    let says = folder.refused(&["report", "."]);
    assert!(says.contains("experiment.json") && says.contains("elfin lab"), "{says}");
}

#[test]
fn a_record_of_another_schema_is_refused_by_name() {
    let folder = Folder::new();
    folder.write("experiment.json", "{\"schema\": \"elfin.lab.experiment/99\"}");
    let says = folder.refused(&["report", "."]);
    assert!(says.contains("elfin.lab.experiment/99"), "{says}");
}
