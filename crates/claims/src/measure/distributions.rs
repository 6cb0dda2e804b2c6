//! One program in a root of glibc and in one of musl: what `elfin lab --root` tells of both.

use super::{Ground, Seen, Unmeasured};
use crate::file::Claim;
use elfin_process::Tool;
use elfin_schema::{AcrossRoots, NameOddity, Probe, Resolver, RootPair, RootPlace};
use std::time::Duration;

/// `glibc_…` is the program with cgo in the root of glibc, `musl_…` that without cgo in the root of
/// musl, `same_…` that without cgo in the root of glibc.
pub(super) const GIVES: &[&str] = &[
    "glibc_root",
    "musl_root",
    "glibc_ms",
    "musl_ms",
    "same_ms",
    "ratio",
    "same_ratio",
    "glibc_mb",
    "musl_mb",
    "same_mb",
    "memory_ratio",
    "same_memory_ratio",
    "glibc_loaded_mb",
    "musl_loaded_mb",
    "resolves",
    "netgo_resolves",
    "needs_netgo",
    "right",
    "netgo_right",
    "trials",
];

/// Two cold caches of the standard library and a large program.
const LIMIT: Duration = Duration::from_secs(3600);

pub(super) fn measure(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let order = ground.order;
    if order.roots.is_empty() {
        return Err(Unmeasured::NotHere { command: ground.command(claim) });
    }
    let mut tool = Tool::new(&order.elfin).args(["lab", &order.package, "--json"]);
    let ready = order.ready.to_string();
    tool = tool.args(["--run", &order.run, "--ready", &ready]).arg("--out");
    tool = tool.arg(order.out.join("roots")).dir(&order.directory).timeout(LIMIT);
    for (name, path) in &order.roots {
        tool = tool.arg("--root").arg(format!("{name}={}", path.display()));
    }
    let command = "elfin lab PACKAGE --root glibc=DIR --root musl=DIR".to_owned();
    let printed = ground.run(&tool)?;
    let document = elfin_schema::read_roots(&String::from_utf8_lossy(&printed))
        .map_err(|error| Unmeasured::failed(error, &command))?;
    Ok(of(&document, command))
}

/// What the document tells, as far as there is a root of each libc.
fn of(document: &AcrossRoots, command: String) -> Seen {
    let mut seen = Seen::of(command);
    let with = |libc: &str| document.roots.iter().find(|it| it.libc.starts_with(libc));
    let (Some(glibc), Some(musl)) = (with("glibc"), with("musl")) else { return seen };
    let named = |it: &RootPlace| format!("{} ({})", it.name, it.libc);
    seen.text("glibc_root", named(glibc));
    seen.text("musl_root", named(musl));
    let pair = |built: &RootPlace, way: &str, run: &RootPlace| -> Option<&RootPair> {
        let build = document.builds.iter().find(|it| it.root == built.name && it.way == way)?;
        let first = build.same_as.as_ref().unwrap_or(&build.root);
        document.pairs.iter().find(|it| {
            it.built_in == *first && it.way == way && it.run_in == run.name && it.why.is_none()
        })
    };
    let pairs = [
        ("glibc", pair(glibc, "cgo1", glibc)),
        ("musl", pair(musl, "cgo0", musl)),
        ("same", pair(musl, "cgo0", glibc)),
    ];
    for (name, pair) in pairs {
        let Some(pair) = pair else { continue };
        if let Some(start) = &pair.start {
            seen.number(&format!("{name}_ms"), start.median);
        }
        if let Some(rest) = pair.rest.as_ref().and_then(Probe::value) {
            seen.number(&format!("{name}_mb"), rest.max_rss as f64 / 1e6);
        }
        if let Some(load) = pair.load.as_ref().and_then(Probe::value) {
            seen.number(&format!("{name}_loaded_mb"), load.memory.max_rss as f64 / 1e6);
        }
    }
    for (ratio, one, other) in [
        ("ratio", "glibc_ms", "musl_ms"),
        ("same_ratio", "same_ms", "musl_ms"),
        ("memory_ratio", "glibc_mb", "musl_mb"),
        ("same_memory_ratio", "same_mb", "musl_mb"),
    ] {
        if let (Some(one), Some(other)) = (number(&seen, one), number(&seen, other)) {
            seen.number(ratio, one / other);
        }
    }
    names(document, musl, &mut seen);
    seen.values.remove("same_loaded_mb");
    seen
}

fn number(seen: &Seen, name: &str) -> Option<f64> {
    match seen.values.get(name) {
        Some(elfin_schema::ClaimValue::Number(number)) => Some(*number),
        _ => None,
    }
}

/// How a program without cgo resolves names where there is musl, without the tag and with it.
fn names(document: &AcrossRoots, musl: &RootPlace, seen: &mut Seen) {
    let resolver = |way: &str| -> Option<&Resolver> {
        document.resolvers.iter().find(|it| it.way == way && it.run_in == musl.name && !it.forced)
    };
    let plain = document.trials.iter().position(|it| it.id == NameOddity::Plain);
    let (Some(plain), Some(without)) = (plain, resolver("cgo0")) else { return };
    let right = |of: &Resolver| of.answers.iter().filter(|it| it.right).count() as f64;
    let resolves = |of: &Resolver| of.answers.get(plain).is_some_and(|it| it.right);
    seen.number("trials", document.trials.len() as f64);
    seen.number("right", right(without));
    seen.yes("resolves", resolves(without));
    seen.yes("needs_netgo", !resolves(without));
    if let Some(with) = document.resolvers.iter().find(|it| {
        it.run_in == musl.name
            && !it.forced
            && it.way.starts_with("cgo0")
            && it.way.contains("netgo")
    }) {
        seen.number("netgo_right", right(with));
        seen.yes("netgo_resolves", resolves(with));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `elfin lab --root` writes it, with what is not asked left out.
    fn document(musl_libc: &str) -> AcrossRoots {
        let place = |name: &str, libc: &str| {
            serde_json::json!({
                "name": name, "path": "/", "system": "", "libc": libc, "compilers": [],
            })
        };
        let build = |root: &str, way: &str, same: Option<&str>| {
            serde_json::json!({
                "root": root, "way": way, "command": "", "content": "x", "bytes": 1,
                "needed": [], "versions": [], "same_as": same,
            })
        };
        let series = |ms: f64| {
            serde_json::json!({
                "samples": 6, "median": ms, "interval": { "low": ms, "high": ms }, "mean": ms,
                "deviation": 0.0, "min": ms, "max": ms,
            })
        };
        let pair = |built: &str, way: &str, run: &str, ms: f64, rss: u64| {
            serde_json::json!({
                "built_in": built, "way": way, "run_in": run, "says": "", "start": series(ms),
                "rest": { "outcome": "measured", "value": { "max_rss": rss, "private_dirty": 1 } },
            })
        };
        let answer = |right: bool| {
            serde_json::json!({
                "right": right, "addresses": [], "says": "", "used": "", "ms": 1.0, "asked": [],
            })
        };
        let trial = serde_json::json!({
            "id": "plain", "name": "x", "hosts": "", "addresses": [],
        });
        let resolver = |way: &str, right: bool| {
            serde_json::json!({
                "built_in": "a", "way": way, "run_in": "b", "forced": false, "answers": [answer(right)],
            })
        };
        let machine = serde_json::json!({
            "host": "", "wsl": null, "distribution": "", "kernel": "", "arch": "amd64", "cpu": "",
            "cpus": 2, "memory": 1, "load": 0.0, "governor": null, "clock_source": "",
            "virtual_machine": false, "file_system": "",
        });
        serde_json::from_value(serde_json::json!({
            "schema": elfin_schema::ROOTS_SCHEMA, "elfin": "0", "started": "", "seconds": 1.0,
            "program": "app", "package": ".", "go": "go1", "arguments": [], "ready": "exit",
            "rounds": 6, "machine": machine, "findings": [],
            "roots": [place("a", "glibc 2.36"), place("b", musl_libc)],
            "builds": [
                build("a", "cgo0", None), build("a", "cgo1", None), build("b", "cgo0", Some("a")),
            ],
            "pairs": [
                pair("a", "cgo0", "a", 4.0, 8_000_000), pair("a", "cgo0", "b", 4.0, 8_000_000),
                pair("a", "cgo1", "a", 6.0, 10_000_000),
            ],
            "trials": [trial],
            "resolvers": [resolver("cgo0", true), resolver("cgo0+tags(netgo)", true)],
        }))
        .unwrap()
    }

    #[test]
    fn a_document_tells_of_both_libcs() {
        let seen = of(&document("musl 1.2.3"), String::new());
        let numbers = ["ratio", "same_ratio", "memory_ratio", "right", "netgo_right"]
            .map(|it| number(&seen, it));
        assert_eq!(numbers, [Some(1.5), Some(1.0), Some(1.25), Some(1.0), Some(1.0)]);
        assert_eq!(seen.values["needs_netgo"], elfin_schema::ClaimValue::Bool(false));
        assert!(seen.values.keys().all(|it| GIVES.contains(&it.as_str())), "{:?}", seen.values);
    }

    #[test]
    fn without_a_root_of_musl_nothing_is_said() {
        assert!(of(&document("glibc 2.41"), String::new()).values.is_empty());
    }
}
