//! Builds again and again: the same bytes or not, a cache with coarse times, a broken C compiler.

use super::{Ground, Seen, Unmeasured, bytes};
use crate::file::Claim;
use elfin_process::{Tool, ToolError};
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

pub(super) const REBUILDS: &[&str] = &[
    "builds",
    "build_ids",
    "distinct",
    "other_sizes",
    "spread_bytes",
    "least_changed",
    "most_changed",
    "same",
    "own_cache_same",
];
pub(super) const CACHE_TIMES: &[&str] =
    &["stale_before", "stale_after", "same", "bytes_before", "bytes_after", "files"];
pub(super) const TOOLCHAINS: &[&str] = &[
    "builds",
    "cgo1_healthy",
    "cgo1_missing",
    "cgo1_broken",
    "cgo0_healthy",
    "cgo0_missing",
    "cgo0_broken",
    "cgo1_failures",
    "cgo0_failures",
    "cgo0_percent",
    "cgo1_percent",
    "unset_failures",
];

/// A hundred links of a large program.
const REPRO_LIMIT: Duration = Duration::from_secs(3 * 3600);
/// Most builds that a claim may ask for.
const MOST: usize = 100;

/// Builds of which each has another build ID, by `elfin repro`, and the same source again with
/// another cache.
pub(super) fn rebuilds(ground: &mut Ground<'_>, claim: &Claim) -> Result<Seen, Unmeasured> {
    let asked = claim.with.get("builds").and_then(|it| it.parse().ok()).unwrap_or(10);
    let count: usize = asked.clamp(2, MOST);
    let order = ground.order;
    let package = shell_words::quote(&order.package).into_owned();
    let command = format!("elfin repro {package} --vary none --rounds {count}");
    let mut seen = Seen::of(command.as_str());
    let rounds = count.to_string();
    let tool = Tool::new(&order.elfin).args(["repro", &order.package, "--vary", "none"]);
    let tool = tool.args(["--rounds", &rounds, "--json"]).dir(&order.directory);
    // 1 is the answer that the bytes differ, and no failure.
    let output = match tool.timeout(REPRO_LIMIT).run(ground.cancel) {
        Ok(output) => output,
        Err(ToolError::Interrupted) => return Err(Unmeasured::Interrupted),
        Err(error) => return Err(Unmeasured::failed(error, &command)),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let read = |error| {
        let says = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Unmeasured::failed(if says.is_empty() { format!("{error}") } else { says }, &command)
    };
    let document = elfin_schema::read_reproduction(&text).map_err(read)?;
    if let Some(rounds) = &document.rounds {
        let sizes = rounds.rounds.iter().map(|it| it.size_change);
        let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
        let changed = rounds.rounds.iter().skip(1).map(|it| it.changed);
        seen.number("builds", rounds.rounds.len() as f64);
        seen.number("build_ids", rounds.build_ids as f64);
        seen.number("distinct", rounds.files as f64);
        seen.number("other_sizes", rounds.other_sizes as f64);
        seen.number("spread_bytes", (most - least) as f64);
        seen.number("least_changed", changed.clone().min().unwrap_or(0) as f64);
        seen.number("most_changed", changed.max().unwrap_or(0) as f64);
    }
    seen.yes("same", document.identical);
    // Everything compiled anew, of a small program: the standard library takes minutes.
    let folder = small_module(ground)?;
    let cache = |name: &str| ground.order.out.join(name);
    let mut fresh = Vec::new();
    for name in ["cache-a", "cache-b"] {
        let out = folder.join(name);
        ground.run(&small_build(&folder, &out, &cache(name)))?;
        fresh.push(bytes(&out)?);
    }
    seen.yes("own_cache_same", fresh.windows(2).all(|it| it[0] == it[1]));
    Ok(seen)
}

/// A module that needs nothing but the runtime.
fn small_module(ground: &Ground<'_>) -> Result<std::path::PathBuf, Unmeasured> {
    let folder = ground.order.out.join("small");
    let io = |error| Unmeasured::failed(error, "go build");
    fs::create_dir_all(&folder).map_err(io)?;
    fs::write(folder.join("go.mod"), "module example.com/small\n\ngo 1.21\n").map_err(io)?;
    fs::write(folder.join("main.go"), "package main\n\nfunc main() { println(\"small\") }\n")
        .map_err(io)?;
    Ok(folder)
}

fn small_build(folder: &Path, out: &Path, cache: &Path) -> Tool {
    let tool = Tool::new("go").args(["build", "-o"]).arg(out).arg(".").dir(folder);
    tool.env("GOCACHE", cache).env("CGO_ENABLED", "0").env("GOWORK", "off")
}

pub(super) fn cache_times(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    let folder = small_module(ground)?;
    let cache = ground.order.out.join("cache-a");
    let (before, after) = (folder.join("before"), folder.join("after"));
    let command =
        "find $GOCACHE -type f -exec touch -d @1700000000 {} +; go list -deps -f '{{.Stale}}' .";
    ground.run(&small_build(&folder, &before, &cache))?;
    let stale = |ground: &Ground<'_>| -> Result<f64, Unmeasured> {
        let list = Tool::new("go").args([
            "list",
            "-deps",
            "-f",
            "{{if .Stale}}{{.ImportPath}} {{.StaleReason}}{{end}}",
            ".",
        ]);
        let list =
            list.dir(&folder).env("GOCACHE", &cache).env("CGO_ENABLED", "0").env("GOWORK", "off");
        let said = ground.run(&list)?;
        let text = String::from_utf8_lossy(&said).into_owned();
        // The main package has no installed target, and is always called stale.
        let lines =
            text.lines().filter(|it| !it.trim().is_empty() && !it.contains("example.com/small"));
        Ok(lines.count() as f64)
    };
    let mut seen = Seen::of(command);
    seen.number("stale_before", stale(ground)?);
    let files = coarse(&cache).map_err(|error| Unmeasured::failed(error, command))?;
    seen.number("stale_after", stale(ground)?);
    ground.run(&small_build(&folder, &after, &cache))?;
    let (before, after) = (bytes(&before)?, bytes(&after)?);
    seen.number("bytes_before", before.len() as f64);
    seen.number("bytes_after", after.len() as f64);
    seen.yes("same", before == after);
    seen.number("files", f64::from(files));
    Ok(seen)
}

/// Cuts the times of all files down to whole seconds, as a file system with coarse times has them.
fn coarse(folder: &Path) -> std::io::Result<u32> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            count += coarse(&entry.path())?;
            continue;
        }
        let modified = entry.metadata()?.modified()?;
        let seconds = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let file = File::options().write(true).open(entry.path())?;
        file.set_times(FileTimes::new().set_modified(UNIX_EPOCH + Duration::from_secs(seconds)))?;
        count += 1;
    }
    Ok(count)
}

/// Builds with a C compiler that works, one that is not there, and one that fails.
pub(super) fn toolchains(ground: &mut Ground<'_>) -> Result<Seen, Unmeasured> {
    const ROUNDS: u32 = 2;
    let command =
        "CC=/no/such/cc CGO_ENABLED=1 go build . ; CC=/no/such/cc CGO_ENABLED=0 go build .";
    let mut seen = Seen::of(command);
    // A tag of its own, so that what needs C is not in the cache already.
    let out = ground.order.out.join("programs/toolchains");
    let compilers = [("healthy", "gcc"), ("missing", "/no/such/cc"), ("broken", "false")];
    let (mut failures, mut unbuilt) = ([0, 0], Vec::new());
    for (index, cgo) in ["0", "1"].into_iter().enumerate() {
        for (name, compiler) in compilers {
            let mut failed = 0;
            for round in 0..ROUNDS {
                let tag = format!("-tags=elfin_{name}_{round}");
                let flags = format!("-g -DELFIN={name}{round}");
                let environment = [("CGO_ENABLED", cgo), ("CC", compiler), ("CGO_CFLAGS", &flags)];
                match ground.run(&ground.go_build(&out, &[&tag], &environment)) {
                    Ok(_) => {}
                    Err(error @ Unmeasured::Failed { .. }) => {
                        failed += 1;
                        unbuilt.extend((name == "healthy" && round == 0).then_some(error));
                    }
                    Err(error) => return Err(error),
                }
            }
            seen.number(&format!("cgo{cgo}_{name}"), f64::from(failed));
            failures[index] += failed;
        }
    }
    // What is not built either way says nothing about compilers.
    if let (2, Some(error)) = (unbuilt.len(), unbuilt.pop()) {
        return Err(error);
    }
    // With nothing set, go looks for a compiler itself and goes without where there is none.
    let unset = ground.go_build(&out, &[], &[("CC", "/no/such/cc")]).env_remove("CGO_ENABLED");
    let unset = match ground.run(&unset) {
        Ok(_) => 0.0,
        Err(Unmeasured::Failed { .. }) => 1.0,
        Err(error) => return Err(error),
    };
    let all = f64::from(3 * ROUNDS);
    seen.number("unset_failures", unset);
    seen.number("builds", 2.0 * all);
    for (index, name) in ["cgo0", "cgo1"].into_iter().enumerate() {
        seen.number(&format!("{name}_failures"), f64::from(failures[index]));
        seen.number(&format!("{name}_percent"), 100.0 * f64::from(failures[index]) / all);
    }
    Ok(seen)
}
