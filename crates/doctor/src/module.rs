//! A module: files from the future, and whether Go's package index still tells the truth.
//!
//! cmd/go indexes packages by the names, sizes and times of their files (golang/go
//! src/cmd/go/internal/modindex/read.go, dirHash). Where times are pinned or rolled back, an index
//! can be that of other files, and a build then takes the wrong ones and exits with status 0.

use elfin_process::{Cancel, Exit, Tool, ToolError};
use elfin_schema::{Evidence, Finding, ModuleState, Problem, Severity, Stale};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The most files that are looked at for their times.
const FILES: usize = 20_000;
/// cmd/go itself takes files younger than two seconds for fresh.
const SOON: Duration = Duration::from_secs(2);

pub(crate) fn findings(module: &Path, cancel: &Cancel) -> Result<Vec<Finding>, ToolError> {
    Ok(future(module).into_iter().chain(stale_index(module, cancel)?).collect())
}

/// Which packages a build would make again, and why, in go's own words.
pub(crate) fn state(module: &Path, cancel: &Cancel) -> Result<Option<ModuleState>, ToolError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Package {
        import_path: String,
        #[serde(default)]
        stale_reason: String,
    }
    let tool = Tool::new("go").dir(module).args(["list", "-e", "-json=ImportPath,StaleReason"]);
    let output = tool.arg("./...").run(cancel)?;
    let listed: Result<Vec<Package>, _> =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect();
    let Some(packages) = listed.ok().filter(|_| output.exit == Exit::Code(0)) else {
        return Ok(None);
    };
    let mut stale: Vec<Stale> = Vec::new();
    for package in packages.iter().filter(|it| !it.stale_reason.is_empty()) {
        // What a package needs is named in the reason; it is the same reason nevertheless.
        let reason = package.stale_reason.split(':').next().unwrap_or_default().trim();
        match stale.iter_mut().find(|it| it.reason == reason) {
            Some(stale) => stale.packages += 1,
            None => stale.push(Stale {
                reason: reason.to_owned(),
                packages: 1,
                first: package.import_path.clone(),
            }),
        }
    }
    stale.sort_by_key(|it| std::cmp::Reverse(it.packages));
    Ok(Some(ModuleState { packages: packages.len(), stale }))
}

fn found(severity: Severity, source: String, text: String, problem: Problem) -> Finding {
    Finding { problem, severity, evidence: vec![Evidence { source, line: None, text }] }
}

fn future(module: &Path) -> Option<Finding> {
    let now = SystemTime::now() + SOON;
    let mut folders = vec![module.to_owned()];
    let (mut seen, mut files, mut first) = (0, 0, None);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(data) = entry.metadata() else { continue };
            seen += 1;
            if seen > FILES {
                break;
            }
            if data.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if data.is_file() && data.modified().is_ok_and(|time| time > now) {
                files += 1;
                first.get_or_insert(entry.path());
            }
        }
    }
    let (path, first) = (module.display().to_string(), first?.display().to_string());
    Some(found(Severity::Note, first, String::new(), Problem::FutureFiles { path, files }))
}

/// What `go list -json` says of a package that an index could have wrong.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    import_path: String,
    #[serde(flatten)]
    lists: BTreeMap<String, serde_json::Value>,
}

/// The fields that an index holds.
const INDEXED: &[&str] = &[
    "CFiles",
    "CXXFiles",
    "CgoFiles",
    "EmbedPatterns",
    "GoFiles",
    "HFiles",
    "IgnoredGoFiles",
    "Imports",
    "Name",
    "SFiles",
    "SysoFiles",
    "TestEmbedPatterns",
    "TestGoFiles",
    "TestImports",
    "XTestGoFiles",
    "XTestImports",
];

fn stale_index(module: &Path, cancel: &Cancel) -> Result<Option<Finding>, ToolError> {
    let fields = format!("-json=ImportPath,{}", INDEXED.join(","));
    let list = |index: &str| -> Result<Option<Vec<Listed>>, ToolError> {
        let tool = Tool::new("go").dir(module).env("GODEBUG", format!("goindex={index}"));
        let output = tool.args(["list", "-e", &fields, "./..."]).run(cancel)?;
        let listed: Result<Vec<Listed>, _> =
            serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect();
        Ok(listed.ok().filter(|_| output.exit == Exit::Code(0)))
    };
    let (Some(with), Some(without)) = (list("1")?, list("0")?) else { return Ok(None) };
    let truth: BTreeMap<&str, &Listed> =
        without.iter().map(|it| (it.import_path.as_str(), it)).collect();
    let wrong = with.iter().filter(|it| truth.get(it.import_path.as_str()) != Some(it));
    let packages: Vec<String> = wrong.map(|it| it.import_path.clone()).collect();
    if packages.is_empty() {
        return Ok(None);
    }
    let text = packages.join(", ");
    let source = "go list -json".to_owned();
    Ok(Some(found(Severity::Wrong, source, text, Problem::StaleIndex { packages })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(file: &Path, text: &str, time: SystemTime) {
        fs::write(file, text).unwrap();
        fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    }

    /// The swap by which a go build of 1.21, 1.24 and 1.27 took the old file and exited with 0.
    #[test]
    fn a_swap_that_the_index_does_not_see_is_seen_here() {
        let cancel = Cancel::default();
        if elfin_process::find("go").is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800);
        write(&at("go.mod"), "module m\n\ngo 1.21\n", old);
        write(&at("main.go"), "package main\n\nfunc main() { println(which) }\n", old);
        let file = |system: &str, letter: &str| {
            format!("//go:build {system}\n\npackage main\n\nconst which = \"{letter}\"\n")
        };
        write(&at("a.go"), &file("linux", "A"), old);
        write(&at("b.go"), &file("plan9", "B"), old);
        assert!(stale_index(folder.path(), &cancel).unwrap().is_none());
        write(&at("a.go"), &file("plan9", "A"), old);
        write(&at("b.go"), &file("linux", "B"), old);
        let found = stale_index(folder.path(), &cancel).unwrap().unwrap();
        assert_eq!(found.problem, Problem::StaleIndex { packages: vec!["m".into()] });
        assert_eq!(found.severity, Severity::Wrong);
        // What helps, helps.
        for name in ["a.go", "b.go"] {
            let now = SystemTime::now() - Duration::from_secs(60);
            fs::File::options().write(true).open(at(name)).unwrap().set_modified(now).unwrap();
        }
        assert!(stale_index(folder.path(), &cancel).unwrap().is_none());
        let state = state(folder.path(), &cancel).unwrap().unwrap();
        assert_eq!((state.packages, state.stale.len()), (1, 1), "{state:?}");
    }
}
