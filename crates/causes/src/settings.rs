//! The settings of two builds, and what each of them that differs may be the cause of.

use elfin_schema::{Build, Cause, CauseEvidence};
use std::collections::BTreeSet;

/// A setting that differs, with what it may cause; `None` for what shows in build information alone.
pub(crate) type Setting = (Option<Cause>, CauseEvidence);

/// Lists the settings that differ.
pub(crate) fn differing(from: &Build, to: &Build) -> Vec<Setting> {
    let names: BTreeSet<&String> = from.settings.keys().chain(to.settings.keys()).collect();
    let mut all = Vec::new();
    for name in names {
        let value = |build: &Build| build.settings.get(name).cloned().unwrap_or_default();
        let (from, to) = (value(from), value(to));
        if from == to {
            continue;
        }
        // What has no build information is not of another processor for that.
        let is_unsaid = from.is_empty() || to.is_empty();
        let causes = match &name[..] {
            "GOARCH" | "GOOS" if is_unsaid => Vec::new(),
            _ => causes(name, &from, &to),
        };
        let evidence = CauseEvidence::Setting { name: name.clone(), from, to };
        if causes.is_empty() {
            all.push((None, evidence.clone()));
        }
        all.extend(causes.into_iter().map(|cause| (Some(cause), evidence.clone())));
    }
    all
}

/// What a setting may cause that differs so.
pub(crate) fn causes(name: &str, from: &str, to: &str) -> Vec<Cause> {
    match name {
        "GOARCH" | "GOOS" => vec![Cause::Architecture],
        "GOAMD64" | "GOARM" | "GOARM64" | "GO386" | "GOMIPS" | "GOMIPS64" | "GOPPC64"
        | "GORISCV64" | "GOWASM" => vec![Cause::CpuLevel],
        "-race" | "-msan" | "-asan" | "-cover" | "-covermode" => vec![Cause::Instrumentation],
        "-buildmode" => vec![Cause::BuildMode],
        "-trimpath" => vec![Cause::Paths],
        "-tags" => vec![Cause::BuildTags],
        "-pgo" => vec![Cause::Inlining],
        "CGO_ENABLED" | "CGO_CFLAGS" | "CGO_CPPFLAGS" | "CGO_CXXFLAGS" | "CGO_LDFLAGS" => {
            vec![Cause::Cgo]
        }
        "GOEXPERIMENT" | "-asmflags" | "GOFIPS140" => vec![Cause::CompilerFlags],
        "-gcflags" => compiler(from, to),
        "-ldflags" => linker(from, to),
        _ => Vec::new(),
    }
}

/// The words that only one of two values has.
pub(crate) fn words<'t>(from: &'t str, to: &'t str) -> BTreeSet<&'t str> {
    let words = |text: &'t str| text.split([' ', '\'', '"']).filter(|it| !it.is_empty());
    let (from, to): (BTreeSet<_>, BTreeSet<_>) = (words(from).collect(), words(to).collect());
    from.symmetric_difference(&to).copied().collect()
}

fn compiler(from: &str, to: &str) -> Vec<Cause> {
    let words = words(from, to);
    // A pattern of packages stands before the first flag.
    let flag =
        |word: &str| word.rsplit_once("=-").map_or(word.to_owned(), |it| format!("-{}", it.1));
    let (inlining, others): (Vec<String>, Vec<String>) =
        words.into_iter().map(flag).partition(|it| matches!(it.as_str(), "-l" | "-l=4" | "-N"));
    let inlining = (!inlining.is_empty()).then_some(Cause::Inlining);
    inlining.into_iter().chain((!others.is_empty()).then_some(Cause::CompilerFlags)).collect()
}

fn linker(from: &str, to: &str) -> Vec<Cause> {
    let words = words(from, to);
    let has =
        |starts: &[&str]| words.iter().any(|it| starts.iter().any(|start| it.starts_with(start)));
    let mut causes = Vec::new();
    // Whether C's library is in the file stands in the flags of its linker.
    if words.iter().any(|it| it.ends_with("-static") || it.ends_with("-static-pie")) {
        causes.push(Cause::Libc);
    } else if has(&["-linkmode", "-extld", "-fuse-ld"]) {
        causes.push(Cause::Linkage);
    }
    if has(&["-funcalign"]) {
        causes.push(Cause::FunctionAlignment);
    }
    if has(&["-R"]) {
        causes.push(Cause::Padding);
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_told_apart() {
        assert_eq!(compiler("", "all=-l"), [Cause::Inlining]);
        assert_eq!(compiler("all=-N -l", "all=-N -l -B"), [Cause::CompilerFlags]);
        assert_eq!(linker("-s -w", "-s -w -linkmode=external"), [Cause::Linkage]);
        assert_eq!(linker("", "-linkmode=external '-extldflags=-static'"), [Cause::Libc]);
        assert_eq!(linker("-s", "-s -w"), []);
    }
}
