//! A packed program does what the plain one does.

use crate::programs::{Built, ended, pair, says, skipped, told};
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn it_says_and_ends_as_the_plain_one() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        for words in
            [&["hello"][..], &["exit", "0"], &["exit", "77"], &["tls"], &["load", "400"], &["info"]]
        {
            assert_eq!(says(&pair.packed, words), says(&pair.plain, words), "{built:?} {words:?}");
        }
    }
}

#[test]
fn arguments_and_environment_are_as_they_came() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        for count in [0, 500, 1000, 5000] {
            let told = |program| {
                let variables =
                    (0..count).map(|it| (format!("SOME_SERVICE_PORT_{it}"), "tcp://10.0.0.1:80"));
                told(&ended(Command::new(program).arg("env").env_clear().envs(variables)))
            };
            let (said, ..) = told(&pair.packed);
            assert!(said.starts_with(&format!("{count} variables")), "{said}");
            assert_eq!(told(&pair.packed), told(&pair.plain), "{built:?} {count}");
        }
        let odd = ["args", "", " ", "a\nb", "ünï", "--", "-x=\"y\""];
        let (said, ..) = says(&pair.packed, &odd);
        let name = |text: &str| text.replace(pair.packed.to_str().unwrap(), "NAME");
        let plain = says(&pair.plain, &odd).0.replace(pair.plain.to_str().unwrap(), "NAME");
        assert_eq!(name(&said), plain);
    }
}

#[test]
fn it_knows_its_own_path_and_starts_itself_again() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        let path = pair.packed.canonicalize().unwrap();
        assert_eq!(says(&pair.packed, &["where"]).0.trim(), path.to_str().unwrap());
        let (said, _, code) = says(&pair.packed, &["again"]);
        assert!(said.contains(r#""\xff\xfe odd \n bytes" """#), "{said}");
        assert!(said.contains(r#"["another name" "args" "exec"]"#) && code == Some(0), "{said}");
    }
}

#[test]
fn input_passes_through() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        let mut child = Command::new(&pair.packed);
        let mut child =
            child.arg("in").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
        let (said, ..) = told(&child.wait_with_output().unwrap());
        assert_eq!(said, "ONE\nTWO\n");
    }
}

#[test]
fn a_panic_is_traced_the_same() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        let (said, trace, code) = says(&pair.packed, &["panic"]);
        assert!(
            said.contains("recovered: runtime error") && trace.contains("gauntlet.go:"),
            "{trace}"
        );
        assert_eq!((said, trace, code), says(&pair.plain, &["panic"]));
    }
}

#[test]
fn it_checks_its_own_code_for_fips() {
    let Some(pair) = pair(Built::Exe) else { return };
    let fips =
        |program| told(&ended(Command::new(program).arg("fips").env("GODEBUG", "fips140=on")));
    let (said, ..) = fips(&pair.packed);
    assert_eq!(said, "fips true\n");
    assert_eq!(fips(&pair.packed), fips(&pair.plain));
}

#[test]
fn a_profile_names_functions() {
    for built in Built::PURE {
        let Some(pair) = pair(built) else { return };
        let profile = pair.packed.with_extension("profile");
        assert_eq!(says(&pair.packed, &["profile", profile.to_str().unwrap()]).2, Some(0));
        let mut go = Command::new("go");
        go.args(["tool", "pprof", "-top"]).arg(&pair.packed).arg(&profile);
        let (top, ..) = told(&ended(&mut go));
        assert!(top.contains("main.burn"), "{built:?} {top}");
    }
}

#[test]
fn cgo_finds_its_libraries_and_its_own_headers() {
    for built in Built::CGO {
        let Some(pair) = pair(built) else { return };
        let (said, _, code) = says(&pair.packed, &[]);
        assert!(said.starts_with("41 42 7 true") && code == Some(0), "{built:?} {said}");
        assert_eq!((said, code), {
            let plain = says(&pair.plain, &[]);
            (plain.0, plain.2)
        });
    }
}

#[test]
fn what_slim_made_runs_packed() {
    let Some(pair) = pair(Built::Pie) else { return };
    let plain = std::fs::read(&pair.plain).unwrap();
    for full_aslr in [false, true] {
        let options = elfin_shrink::Options { static_pie: true, full_aslr, ..Default::default() };
        let slim = elfin_shrink::slim(&plain, &options).unwrap().program.to_vec();
        let packed = elfin_pack::pack(&slim, elfin_pack::Effort::Fast).unwrap();
        assert!(elfin_pack::unpack(&packed).unwrap() == slim);
        let path = pair.packed.with_extension(format!("slim-{full_aslr}"));
        crate::programs::write(&path, &packed);
        assert_eq!(
            says(&path, &["hello"]),
            says(&pair.plain, &["hello"]),
            "full_aslr: {full_aslr}"
        );
        assert_eq!(says(&path, &["load", "200"]).2, Some(0));
    }
}

#[test]
fn hundreds_of_starts_all_come_up_and_a_pie_is_somewhere_else_each_time() {
    let Some(pair) = pair(Built::Pie) else { return };
    let held = |_: u32| {
        let mut child = Command::new(&pair.packed);
        let mut child = child.arg("wait").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = [0; 8];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.id())).unwrap();
        let threads = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap().count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!maps.contains("rwxp"), "{maps}");
        let code = maps.lines().find(|it| it.contains("r-xp") && !it.contains('/')).unwrap();
        assert!(threads < 20);
        u64::from_str_radix(code.split('-').next().unwrap(), 16).unwrap()
    };
    if !cfg!(target_arch = "x86_64") {
        return skipped("this machine is not amd64");
    }
    let places: Vec<u64> = (0..40).map(held).collect();
    let varied = places.iter().fold(0, |bits, it| bits | (it ^ places[0]));
    assert!((varied >> 12).count_ones() >= 24, "{varied:#x}");
    for _ in 0..60 {
        assert_eq!(says(&pair.packed, &["exit", "7"]).2, Some(7));
    }
}
