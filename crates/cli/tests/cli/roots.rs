//! `elfin lab --root`: one source in this machine's own root and in an empty one.

use crate::fixture::Folder;
use elfin_schema::{AcrossRoots, NameOddity, Probe, RootWhy};
use std::fs;

/// A server that speaks as much HTTP as it takes; it needs `net`, and so the C library where cgo is on.
const SERVER: &str = r#"package main

import (
	"bufio"
	"fmt"
	"net"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("listening")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				if lines.Text() == "" {
					fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			}
		}()
	}
}
"#;

#[test]
fn a_program_is_built_here_and_run_where_there_is_nothing() {
    let folder = Folder::with_program(SERVER);
    fs::create_dir(folder.path("bare")).unwrap();
    let roots = ["--root", "here=/", "--root", "bare=bare"];
    let lab = ["lab", ".", "--quick", "--ready", "stdout:listening", "--out", "out", "--json"];
    let output = folder.elfin(&[&lab[..], &roots].concat()).output().unwrap();
    let says = String::from_utf8_lossy(&output.stderr);
    if says.contains("no user namespace") {
        eprintln!("SKIPPED: {says}");
        return;
    }
    assert!(output.status.success(), "{says}");
    let text = String::from_utf8(output.stdout).unwrap();
    let document = elfin_schema::read_roots(&text).unwrap();
    assert_eq!(fs::read_dir(folder.path("bare")).unwrap().count(), 0, "a root stays as it was");
    builds_and_pairs(&document);
    names(&document);
    // What is stored renders again.
    let again = folder.output(&["report", "out", "--lang", "zh"]);
    assert!(again.contains("无加载器") && again.contains("所有根，字节相同"), "{again}");
    let page = folder.read("out/report.html");
    assert!(page.contains("no loader") && page.contains("无加载器"));
    assert_eq!(folder.output(&["report", "out", "--json"]), text);
    assert!(folder.refused(&["report", "out", "--format", "csv"]).contains("--format csv"));
}

fn builds_and_pairs(document: &AcrossRoots) {
    let build = |root: &str, way: &str| {
        document.builds.iter().find(|it| it.root == root && it.way == way).unwrap()
    };
    assert_eq!(build("bare", "cgo0").same_as.as_deref(), Some("here"));
    assert!(build("here", "cgo0").interpreter.is_none());
    let loader = build("here", "cgo1").interpreter.clone().unwrap();
    assert!(build("here", "cgo1").versions.iter().any(|it| it.version.starts_with("GLIBC_2.")));
    let pair = |way: &str, root: &str| {
        document.pairs.iter().find(|it| it.way == way && it.run_in == root).unwrap()
    };
    for (way, root) in [("cgo0", "here"), ("cgo0", "bare"), ("cgo1", "here")] {
        let pair = pair(way, root);
        assert_eq!(pair.why, None, "{way} in {root}: {}", pair.says);
        assert_eq!(pair.start.as_ref().unwrap().samples, document.rounds);
        let rest = pair.rest.as_ref().and_then(Probe::value).unwrap();
        let load = pair.load.as_ref().and_then(Probe::value).unwrap();
        assert!(rest.private_dirty > 0 && load.memory.max_rss >= rest.private_dirty);
        assert!(load.answered > 0 && load.reached <= load.asked && load.status == 200);
    }
    assert_eq!(pair("cgo1", "bare").why, Some(RootWhy::NoLoader { path: loader }));
    assert!(pair("cgo1", "bare").start.is_none());
}

fn names(document: &AcrossRoots) {
    let answer = |way: &str, root: &str, forced: bool, id: NameOddity| {
        let resolver = document
            .resolvers
            .iter()
            .find(|it| it.way == way && it.run_in == root && it.forced == forced)
            .unwrap();
        let at = document.trials.iter().position(|it| it.id == id).unwrap();
        resolver.answers[at].clone()
    };
    for root in ["here", "bare"] {
        for trial in &document.trials {
            let answer = answer("cgo0", root, false, trial.id);
            assert!(answer.right, "{root} {trial:?}: {answer:?}");
        }
    }
    let plain = answer("cgo0", "bare", false, NameOddity::Plain);
    assert_eq!(plain.addresses, ["192.0.2.1"]);
    assert!(plain.asked.contains(&"name.elfin.test A".to_owned()), "{plain:?}");
    // What is searched first is asked for first.
    let ndots = answer("cgo1", "here", true, NameOddity::Ndots);
    assert!(ndots.asked[0].starts_with("name.elfin.test.elfin.test "), "{ndots:?}");
    assert_eq!(answer("cgo0", "here", false, NameOddity::FilesOnly).asked.len(), 0);
    // Go resolves by itself, until there is a word that it does not know.
    assert_ne!(answer("cgo1", "here", false, NameOddity::Plain).used, "cgo");
    assert_eq!(answer("cgo1", "here", false, NameOddity::UnknownOption).used, "cgo");
    assert_eq!(answer("cgo1", "here", true, NameOddity::Plain).used, "cgo");
}

#[test]
fn a_root_that_is_none_is_refused_with_the_way_to_give_one() {
    let folder = Folder::with_program(SERVER);
    for (arguments, part) in [
        (&["--root", "/"][..], "NAME=PATH"),
        (&["--root", "x=/no/such/folder"], "/no/such/folder"),
        (&["--root", "x=/", "--root", "x=/"], "two roots are called x"),
        (&["--root", "x=/", "--load", "status"], "begins with /"),
        (&["--load", "/"], "--root"),
        (&["--root", "x=/", "--bench", "true {}"], "--bench"),
    ] {
        let says = folder.refused(&[&["lab", "."], arguments].concat());
        assert!(says.contains(part), "{arguments:?}: {says}");
    }
    assert!(!folder.path("elfin-lab").exists());
}
