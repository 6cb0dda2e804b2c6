//! What differs between two machines, and which causes of a difference it speaks for.
//!
//! A receipt adds no cause by itself, with one exception: where C's tools had a part in both
//! programs and are others now, what they made is a cause, although nothing in the files may say so.

use crate::circumstances::Circumstances;
use crate::settings;
use elfin_schema::{
    Build, BuildPlace, Cause, CauseEvidence, CompilerHere, GoHere, LibcHere, MachineDifference,
    MachineFact, Message, Receipt, Weighing,
};
use std::collections::{BTreeMap, BTreeSet};

/// Settings that are said in other ways too.
const SAID_ELSEWHERE: [&str; 4] = ["CGO_ENABLED", "GOARCH", "GOOS", "GOTOOLCHAIN"];

/// Lists what differs.
pub(crate) fn differences([from, to]: [&Receipt; 2]) -> Vec<MachineDifference> {
    let mut all = Vec::new();
    let mut put = |what: MachineFact, from: String, to: String| {
        if from != to {
            all.push(MachineDifference { what, from, to });
        }
    };
    let mut both = |what: MachineFact, of: &dyn Fn(&Receipt) -> String| put(what, of(from), of(to));
    let name = |it: &Receipt| serde_name(it);
    both(MachineFact::Host, &name);
    both(MachineFact::Kernel, &|it| it.kernel.clone());
    both(MachineFact::Distribution, &|it| it.distribution.clone());
    both(MachineFact::Processor, &|it| it.arch.clone());
    let go =
        |of: fn(&GoHere) -> String| move |it: &Receipt| it.go.as_ref().map(of).unwrap_or_default();
    both(MachineFact::Go, &go(|it| it.version.clone()));
    both(MachineFact::GoRoot, &go(|it| it.root.clone()));
    both(MachineFact::CgoEnabled, &|it| setting(it, "CGO_ENABLED"));
    let compiler = |of: fn(&CompilerHere) -> String| {
        move |it: &Receipt| it.compiler.as_ref().map(of).unwrap_or_default()
    };
    both(MachineFact::Compiler, &compiler(|it| it.version.clone()));
    both(MachineFact::Linker, &compiler(|it| it.linker.clone()));
    both(MachineFact::LinkDefaults, &compiler(link_defaults));
    both(MachineFact::Libc, &|it| it.libc.as_ref().map(libc).unwrap_or_default());
    let go_settings =
        |it: &Receipt| it.go.as_ref().map(|it| it.settings.clone()).unwrap_or_default();
    let (before, after) = (go_settings(from), go_settings(to));
    for name in names(&before, &after).filter(|it| !SAID_ELSEWHERE.contains(&it.as_str())) {
        let of = |all: &BTreeMap<String, String>| all.get(name).cloned().unwrap_or_default();
        put(MachineFact::GoSetting { name: name.clone() }, of(&before), of(&after));
    }
    for name in names(&from.variables, &to.variables) {
        // What Go takes of the environment it says itself.
        if !before.contains_key(name) && !after.contains_key(name) {
            let of = |all: &BTreeMap<String, String>| all.get(name).cloned().unwrap_or_default();
            let what = MachineFact::Variable { name: name.clone() };
            put(what, of(&from.variables), of(&to.variables));
        }
    }
    let places = |it: &Receipt| -> BTreeMap<String, String> {
        it.places.iter().map(|it| (it.what.clone(), shown(it))).collect()
    };
    let (before, after) = (places(from), places(to));
    for name in names(&before, &after).filter(|it| *it != "GOROOT") {
        let of = |all: &BTreeMap<String, String>| all.get(name).cloned().unwrap_or_default();
        put(MachineFact::Folder { name: name.clone() }, of(&before), of(&after));
    }
    let wsl = |it: &Receipt| -> BTreeMap<String, String> {
        it.settings.iter().map(|it| (format!("{} {}", it.file, it.key), it.value.clone())).collect()
    };
    let (before, after) = (wsl(from), wsl(to));
    for name in names(&before, &after) {
        let of = |all: &BTreeMap<String, String>| all.get(name).cloned().unwrap_or_default();
        put(MachineFact::WslSetting { name: name.clone() }, of(&before), of(&after));
    }
    all
}

fn names<'a>(
    from: &'a BTreeMap<String, String>,
    to: &'a BTreeMap<String, String>,
) -> impl Iterator<Item = &'a String> {
    from.keys().chain(to.keys()).collect::<BTreeSet<_>>().into_iter()
}

fn setting(receipt: &Receipt, name: &str) -> String {
    let settings = receipt.go.as_ref().map(|it| &it.settings);
    settings.and_then(|it| it.get(name)).cloned().unwrap_or_default()
}

/// The kind of machine, as the document has it.
fn serde_name(receipt: &Receipt) -> String {
    use elfin_schema::HostKind;
    match receipt.host {
        HostKind::Linux => "Linux",
        HostKind::Container => "container",
        HostKind::Wsl1 => "WSL 1",
        HostKind::Wsl2 => "WSL 2",
        HostKind::ContainerOnWsl => "container on WSL 2",
    }
    .to_owned()
}

fn link_defaults(compiler: &CompilerHere) -> String {
    let loader = compiler.interpreter.iter().map(|it| format!("-dynamic-linker {it}"));
    compiler.defaults.iter().cloned().chain(loader).collect::<Vec<_>>().join(" ")
}

fn libc(libc: &LibcHere) -> String {
    format!("{} {}", libc.name, libc.version)
}

fn shown(place: &BuildPlace) -> String {
    format!("{} ({})", place.path, place.file_system)
}

/// Adds what differs between machines to the causes that it can be behind.
pub(crate) fn speak(
    differences: &[MachineDifference],
    builds: [&Build; 2],
    there: &mut Circumstances,
) {
    let cgo = |build: &Build| {
        build.settings.get("CGO_ENABLED").is_some_and(|it| it == "1") || build.linked_externally
    };
    let external = builds.iter().all(|it| it.linked_externally);
    let has_c = builds.iter().all(|it| cgo(it));
    // A file whose C code is static names no libc, and yet has it.
    let of_libc = builds.iter().all(|it| it.interpreter.is_some() || it.linked_externally);
    let mut spoken = BTreeSet::new();
    // The one exception: C's tools that both programs went through.
    for it in differences {
        let cause = match &it.what {
            MachineFact::Libc if has_c && of_libc => Cause::Libc,
            MachineFact::Linker | MachineFact::LinkDefaults if external => Cause::Linkage,
            MachineFact::Compiler if has_c => Cause::Cgo,
            _ => continue,
        };
        there.add(cause.clone(), CauseEvidence::Machine(it.clone()));
        spoken.insert(cause);
    }
    for it in differences {
        let evidence = CauseEvidence::Machine(it.clone());
        for cause in behind(it) {
            if there.has(&cause) && !there.evidence(&cause).contains(&evidence) {
                there.add(cause.clone(), evidence.clone());
                spoken.insert(cause);
            }
        }
    }
    let of_c = [Cause::Libc, Cause::Linkage, Cause::Cgo];
    for cause in of_c.into_iter().filter(|it| has_c && spoken.contains(it)) {
        there.add(cause, CauseEvidence::NotWithoutCgo);
    }
}

/// The causes that a difference of machines can be behind.
fn behind(difference: &MachineDifference) -> Vec<Cause> {
    let MachineDifference { what, from, to } = difference;
    match what {
        MachineFact::Processor => vec![Cause::Architecture],
        MachineFact::Go => vec![Cause::GoVersion],
        MachineFact::GoRoot => vec![Cause::Paths],
        MachineFact::CgoEnabled => vec![Cause::Cgo],
        MachineFact::Compiler => vec![Cause::Cgo, Cause::Libc, Cause::Linkage],
        MachineFact::Linker | MachineFact::LinkDefaults => {
            vec![Cause::Linkage, Cause::Libc, Cause::BuildMode]
        }
        MachineFact::Libc => vec![Cause::Libc, Cause::Linkage],
        MachineFact::Distribution => vec![Cause::Libc, Cause::Linkage, Cause::Cgo],
        MachineFact::Folder { name } if matches!(name.as_str(), "module" | "GOMODCACHE") => {
            vec![Cause::Paths]
        }
        MachineFact::GoSetting { name } if matches!(name.as_str(), "CC" | "CXX" | "AR") => {
            vec![Cause::Cgo, Cause::Libc, Cause::Linkage]
        }
        MachineFact::GoSetting { name } | MachineFact::Variable { name } if name == "GOFLAGS" => {
            of_flags(from, to)
        }
        MachineFact::GoSetting { name } | MachineFact::Variable { name } => {
            settings::causes(name, from, to)
        }
        MachineFact::Host
        | MachineFact::Kernel
        | MachineFact::Folder { .. }
        | MachineFact::WslSetting { .. } => Vec::new(),
    }
}

/// What the flags in GOFLAGS that differ can cause.
fn of_flags(from: &str, to: &str) -> Vec<Cause> {
    let mut causes = BTreeSet::new();
    for word in settings::words(from, to) {
        // The flags of the linker and the compiler stand in one word with the first of them.
        match word.split_once('=').unwrap_or((word, "")) {
            (name @ ("-ldflags" | "-gcflags"), value) => {
                causes.extend(settings::causes(name, "", value));
                causes.extend(of_linker(value));
            }
            (name, value) => {
                causes.extend(settings::causes(name, "", value));
                causes.extend(settings::causes("-ldflags", "", word));
                causes.extend(of_linker(word));
            }
        }
    }
    causes.into_iter().collect()
}

fn of_linker(word: &str) -> Option<Cause> {
    match word {
        "-s" => Some(Cause::SymbolTable),
        "-w" => Some(Cause::Dwarf),
        _ => None,
    }
}

/// Says so where a receipt is not of the Go that built the program.
pub(crate) fn other_go(w: &Weighing, receipt: &Receipt) -> Option<Message> {
    let built = w.go.as_ref().map(|it| it.version.split([' ', '-']).next().unwrap_or_default())?;
    let here = receipt.go.as_ref().map_or("", |it| it.version.as_str());
    let here = here.split([' ', '-']).next().unwrap_or_default();
    (built.starts_with("go1") && built != here).then(|| Message::ReceiptOfOtherGo {
        name: w.file.name.clone(),
        built: built.to_owned(),
        receipt: here.to_owned(),
    })
}
