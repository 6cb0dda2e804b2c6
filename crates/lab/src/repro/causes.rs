//! Why two builds differ, from what the files say of themselves.
//!
//! What was varied is a hint and no proof: a difference that shows only in the stamped state of the
//! repository is the repository's, whatever was varied. Paths are looked for in the file.

use super::build_id;
use super::compare::Inventory;
use super::scene::Scene;
use super::subject::Subject;
use elfin_schema::{DifferingPart, Kind, ReproCause, ReproEvidence, Varied, Vary, Weighing};
use std::collections::{BTreeMap, BTreeSet};

/// The two scenes.
pub(super) struct Places<'a> {
    pub(super) here: &'a Scene,
    pub(super) there: &'a Scene,
    pub(super) subject: &'a Subject,
}

/// Lists what two files say of themselves that is not the same, and the folders that they name.
pub(super) fn evidence(
    from: &Inventory<'_>,
    to: &Inventory<'_>,
    places: &Places<'_>,
) -> Vec<ReproEvidence> {
    let mut all = Vec::new();
    if let (Some(from), Some(to)) = (&from.weighing, &to.weighing) {
        all.extend(said(from, to));
    }
    let ids = build_id::of(from.data).zip(build_id::of(to.data));
    all.extend(ids.and_then(|(from, to)| build_id::differences(&from, &to)));
    let (here, there) = (folders(places.here, places), folders(places.there, places));
    for ((mine, theirs), _) in here.into_iter().zip(there).zip(0..) {
        if mine == theirs {
            continue;
        }
        for (inventory, path) in [(from, mine), (to, theirs)] {
            let times = inventory.count(&path);
            if times > 0 {
                all.push(ReproEvidence::Path { path, times });
            }
        }
    }
    all
}

/// The folders that may leak: of the sources, of Go, of modules, of temporary files.
fn folders(scene: &Scene, places: &Places<'_>) -> [String; 4] {
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let go = if scene.go == places.here.go {
        places.subject.env("GOROOT").to_owned()
    } else {
        scene.go.ancestors().nth(2).map(text).unwrap_or_default()
    };
    let home = scene.environment.iter().rfind(|(name, _)| name == "HOME");
    let modules = match home {
        Some((_, Some(home))) => format!("{home}/go/pkg/mod"),
        _ => places.subject.env("GOMODCACHE").to_owned(),
    };
    [text(&scene.directory), go, modules, text(&scene.temporary)]
}

/// What build information and the ELF file say that is not the same.
pub(super) fn said(from: &Weighing, to: &Weighing) -> Vec<ReproEvidence> {
    let mut all = Vec::new();
    if let (Some(one), Some(two)) = (&from.go, &to.go) {
        if one.version != two.version {
            let (from, to) = (one.version.clone(), two.version.clone());
            all.push(ReproEvidence::GoVersion { from, to });
        }
        let modules = |go: &elfin_schema::GoProgram| {
            let pairs = go.modules.iter().map(|it| (it.path.clone(), it.version.clone()));
            pairs.collect::<BTreeMap<_, _>>()
        };
        let make = |path, from, to| ReproEvidence::Module { path, from, to };
        all.extend(differing(&modules(one), &modules(two), make));
    }
    let make = |name, from, to| ReproEvidence::Setting { name, from, to };
    all.extend(differing(&from.build.settings, &to.build.settings, make));
    if from.file.symbols != to.file.symbols {
        all.push(ReproEvidence::Symbols { from: from.file.symbols });
    }
    all
}

fn differing(
    from: &BTreeMap<String, String>,
    to: &BTreeMap<String, String>,
    make: impl Fn(String, String, String) -> ReproEvidence,
) -> Vec<ReproEvidence> {
    let names: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let value = |of: &BTreeMap<String, String>, name| of.get(name).cloned().unwrap_or_default();
    let all = names.into_iter().map(|name| (name, value(from, name), value(to, name)));
    all.filter(|(_, from, to)| from != to)
        .map(|(name, from, to)| make(name.clone(), from, to))
        .collect()
}

/// Names the cause.
pub(super) fn find(varied: &Varied, places: &Places<'_>, with: &[String]) -> ReproCause {
    let lto = lto_places(places, with);
    if varied.what == Vary::Again && !lto.is_empty() {
        return ReproCause::LinkTimeOptimization { places: lto };
    }
    if let Some(cause) = from_evidence(&varied.evidence) {
        return cause;
    }
    let (here, there) = (folders(places.here, places), folders(places.there, places));
    let named = |path: &str| {
        let is =
            |it: &ReproEvidence| matches!(it, ReproEvidence::Path { path: it, .. } if it == path);
        varied.evidence.iter().any(is)
    };
    let causes = [
        ReproCause::SourceFolder,
        ReproCause::GoFolder,
        ReproCause::ModuleFolder,
        ReproCause::TemporaryFolder,
    ];
    for ((mine, theirs), cause) in here.iter().zip(&there).zip(causes) {
        if mine != theirs && (named(mine) || named(theirs)) {
            return cause;
        }
    }
    match varied.what {
        Vary::Time => ReproCause::BuildTime,
        Vary::Path => ReproCause::SourceFolder,
        Vary::Goroot => ReproCause::GoFolder,
        Vary::Home => ReproCause::ModuleFolder,
        Vary::Tmpdir => ReproCause::TemporaryFolder,
        Vary::Cc => ReproCause::OtherCompiler,
        _ => last_resort(&varied.parts),
    }
}

/// A cause that build information alone tells.
pub(super) fn from_evidence(evidence: &[ReproEvidence]) -> Option<ReproCause> {
    let mut stamped = Vec::new();
    let mut names = Vec::new();
    let mut modules = Vec::new();
    for one in evidence {
        match one {
            ReproEvidence::GoVersion { .. } => return Some(ReproCause::GoRelease),
            ReproEvidence::Setting { name, from, to } if name == "CGO_ENABLED" => {
                let (from, to) = (from.clone(), to.clone());
                return Some(ReproCause::CgoSwitched { from, to });
            }
            ReproEvidence::Setting { name, .. } if name == "vcs" || name.starts_with("vcs.") => {
                stamped.push(name.clone());
            }
            ReproEvidence::Setting { name, .. } => names.push(name.clone()),
            ReproEvidence::Module { path, .. } => modules.push(path.clone()),
            _ => {}
        }
    }
    if !names.is_empty() {
        return Some(ReproCause::Settings { names });
    }
    // The main module's version is made from the repository too.
    if !stamped.is_empty() {
        return Some(ReproCause::VersionControl { settings: stamped });
    }
    (!modules.is_empty()).then_some(ReproCause::Modules { paths: modules })
}

/// What is left to say where nothing tells.
pub(super) fn last_resort(parts: &[DifferingPart]) -> ReproCause {
    let only =
        |kinds: &[Kind]| parts.iter().all(|it| it.kind.is_some_and(|it| kinds.contains(&it)));
    match () {
        () if only(&[Kind::Note]) => ReproCause::OnlyIds,
        () if parts.iter().any(|it| it.kind == Some(Kind::Code)) => ReproCause::Code,
        () => ReproCause::Unknown,
    }
}

/// Where `-flto` is asked for, and not taken back by what is set in all worlds.
pub(super) fn lto_places(places: &Places<'_>, with: &[String]) -> Vec<String> {
    let asks =
        |flags: &str| flags.split_whitespace().any(|it| it == "-flto" || it.starts_with("-flto="));
    let set = |name: &str| with.iter().any(|it| it.starts_with(&format!("{name}=")));
    let variables = ["CGO_CFLAGS", "CGO_CXXFLAGS", "CGO_CPPFLAGS", "CGO_LDFLAGS"];
    let variables = variables.into_iter().filter(|it| !set(it) && asks(places.subject.env(it)));
    let lines = places.subject.cgo_flags.iter().filter(|(_, flags)| asks(&flags.join(" ")));
    let lines = lines.map(|(package, _)| package.clone());
    if places.subject.cgo.is_empty() {
        return Vec::new();
    }
    variables.map(str::to_owned).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str) -> ReproEvidence {
        ReproEvidence::Setting { name: name.into(), from: "a".into(), to: "b".into() }
    }

    #[test]
    fn the_repository_is_told_from_other_settings() {
        let module =
            ReproEvidence::Module { path: "m".into(), from: "v1".into(), to: "v1+dirty".into() };
        let settings = vec!["vcs.modified".to_owned()];
        assert_eq!(
            from_evidence(&[module.clone(), setting("vcs.modified")]),
            Some(ReproCause::VersionControl { settings })
        );
        let paths = vec!["m".to_owned()];
        assert_eq!(from_evidence(&[module]), Some(ReproCause::Modules { paths }));
        let names = vec!["-tags".to_owned()];
        assert_eq!(
            from_evidence(&[setting("-tags"), setting("vcs.time")]),
            Some(ReproCause::Settings { names })
        );
        assert_eq!(from_evidence(&[]), None);
    }
}
